/** Bringing a version into use: at once, or after videos have been read for it, which is asked about first. */
import { AppError } from '../../../../main/contract/index.ts'
import type { App } from '../../state/app.svelte.ts'

export class VersionUse {
  /** The version whose videos have to be read first, while the customer is asked. */
  asking = $state<string | undefined>()
  readonly #app: App

  constructor(app: App) {
    this.#app = app
  }

  /** Says how it went in a short message, or asks. */
  async use(model: string): Promise<void> {
    const { t, client, toasts } = this.#app
    const answer = await this.#unlessUnread(() => client.promote({ model }))
    if (answer !== undefined) toasts.show(t.models.now(nameFor(answer.active, t.app.zeroShot)), { tone: 'good' })
  }

  /** Goes back to the version before, which may have to read what came meanwhile. */
  async rollback(): Promise<void> {
    const { t, client, toasts } = this.#app
    const answer = await this.#unlessUnread(() => client.rollback({}))
    if (answer !== undefined) toasts.show(t.train.rolledBack(nameFor(answer.active, t.app.zeroShot)), { tone: 'good' })
  }

  /** Reads as a job; its progress is shown among the models. @returns whether it was begun */
  async start(model: string, leaveOut = false): Promise<boolean> {
    this.asking = undefined
    const answer = await this.#app.attempt(() => this.#app.client.startPromotion({ model, leaveOut }))
    if (answer !== undefined) this.#app.news.setJob(answer.job)
    return answer !== undefined
  }

  async #unlessUnread<T>(work: () => Promise<T>): Promise<T | undefined> {
    return this.#app.attempt(async () => {
      try {
        return await work()
      } catch (error) {
        const model = error instanceof AppError && error.code === 'model.unread' ? error.params['model'] : undefined
        if (typeof model !== 'string') throw error
        this.asking = model
        return undefined
      }
    })
  }
}

function nameFor(model: string, zeroShot: string): string {
  return model === 'zero-shot' ? zeroShot : model
}
