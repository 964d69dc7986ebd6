/** One conversation with the footage: what is asked, of what, the newest answer, and what was said about it. */
import type { App } from '../../state/app.svelte.ts'
import { Resource } from '../../state/resource.svelte.ts'
import { choicesIn } from './sentences.ts'
import type { Answer, Correction, Kept, QuestionScope } from './shapes.ts'

export type Asker = 'own' | 'endpoint'

/** What was sent, so that it can be sent again, or to another model. */
export type Asked = {
  readonly question: string
  readonly scope: QuestionScope
  readonly choices: readonly string[]
  readonly by: Asker
  readonly allowNetwork: boolean
}

export class Asking {
  question = $state('')
  scope = $state.raw<QuestionScope>({ kind: 'all' })
  choices = $state.raw<readonly string[]>([])
  /** Typed, but not yet one of the choices. */
  typedChoice = $state('')
  by = $state<Asker>('own')
  asked = $state.raw<Asked | undefined>()
  /** The right answer, once it is kept; undefined before, and after it was taken back. */
  kept = $state.raw<Kept | undefined>()
  isCorrecting = $state(false)
  isKeeping = $state(false)
  readonly #answer = new Resource<{ readonly answer: Answer; readonly asked: Asked }>()
  readonly #app: App

  constructor(app: App, scope: QuestionScope = { kind: 'all' }) {
    this.#app = app
    this.scope = scope
  }

  /** Nothing once a newer question failed: the answer to another one must not be taken for its. */
  get answer(): Answer | undefined {
    return this.#answer.error === undefined ? this.#answer.value?.answer : undefined
  }

  /** What that is the answer to: a newer question may be on its way. */
  get answered(): Asked | undefined {
    return this.#answer.value?.asked
  }

  get error(): unknown {
    return this.#answer.error
  }

  get isLoading(): boolean {
    return this.#answer.isLoading
  }

  /** What is missing before it can be asked; undefined: nothing. */
  get missing(): 'question' | 'video' | 'query' | undefined {
    if (this.question.trim() === '') return 'question'
    if (this.scope.kind === 'video' && this.scope.video === '') return 'video'
    return this.scope.kind === 'query' && this.scope.query.trim() === '' ? 'query' : undefined
  }

  takeTypedChoices(): void {
    this.choices = choicesIn(this.typedChoice, this.choices)
    this.typedChoice = ''
  }

  /** Asks what the box says. */
  async ask(): Promise<void> {
    this.takeTypedChoices()
    if (this.missing !== undefined) return
    const { question, scope, choices, by } = this
    await this.#send({ question: question.trim(), scope, choices, by, allowNetwork: false })
  }

  /** The same question again. */
  async again(change: Partial<Pick<Asked, 'by' | 'allowNetwork'>> = {}): Promise<void> {
    if (this.asked !== undefined) await this.#send({ ...this.asked, allowNetwork: false, ...change })
  }

  /** Back to the beginning; an answer that is on its way is not waited for. */
  clear(): void {
    this.question = ''
    this.asked = undefined
    this.kept = undefined
    this.isCorrecting = false
    this.#answer.clear()
  }

  dispose(): void {
    this.#answer.clear()
  }

  /** Keeps the right answer to what was asked. @returns what an undo needs */
  async keep(right: string): Promise<Correction | undefined> {
    const { answer, answered } = this
    const about = answer?.about
    if (answer === undefined || answered === undefined || about === undefined || about === null || this.isKeeping)
      return undefined
    this.isKeeping = true
    const kept = await this.#app.attempt(() =>
      this.#app.client.correctAnswer({
        ...{ question: answer.question, answer: right, choices: [...answered.choices], about },
      }),
    )
    this.isKeeping = false
    if (kept === undefined) return undefined
    // Another question may have been asked meanwhile.
    if (this.answer === answer) {
      this.kept = { id: kept.id, answer: right }
      this.isCorrecting = false
    }
    return kept
  }

  /** @returns how many trusted questions are left */
  async takeBack({ id, replaced }: Correction): Promise<number | undefined> {
    const left = await this.#app.attempt(() => this.#app.client.undoCorrection({ id, replaced }))
    if (left !== undefined && this.kept?.id === id) this.kept = undefined
    return left?.trusted
  }

  async #send(asked: Asked): Promise<void> {
    const { question, scope, choices, by, allowNetwork } = asked
    this.asked = asked
    this.kept = undefined
    this.isCorrecting = false
    await this.#answer.load(async (signal) => {
      const answer = await this.#app.client.ask(
        {
          ...{ question, choices: [...choices] },
          ...(scope.kind === 'video' ? { video: scope.video } : {}),
          ...(scope.kind === 'query' ? { query: scope.query.trim() } : {}),
          ...(by === 'endpoint' ? { model: 'endpoint' as const, allowNetwork } : {}),
        },
        { signal },
      )
      return { answer, asked }
    })
  }
}
