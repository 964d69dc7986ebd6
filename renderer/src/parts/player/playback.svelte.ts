/** How one video can be played: as it is, through a preview that is made while one waits, or not at all. */
import { sentenceOf } from '../../i18n/sentence.ts'
import type { App } from '../../state/app.svelte.ts'
import type { PlaybackEvent } from '../../state/news.svelte.ts'
import { isAbort } from '../../state/resource.svelte.ts'

export type Phase =
  | { readonly kind: 'asking' }
  | { readonly kind: 'ready'; readonly converted: boolean }
  | { readonly kind: 'preparing'; readonly reason: string; readonly fraction: number | null }
  | { readonly kind: 'failed'; readonly message: string }

export class Playback {
  phase = $state.raw<Phase>({ kind: 'asking' })
  /** Changes with every new source, even under the same address: the video element begins anew. */
  source = $state('')
  /** Changes less often than the phase, whose fraction grows while one waits. */
  readonly isPreparing = $derived(this.phase.kind === 'preparing')
  #video = ''
  #attempts = 0
  readonly #app: Pick<App, 'client' | 't'>

  constructor(app: Pick<App, 'client' | 't'>) {
    this.#app = app
  }

  async open(video: string): Promise<void> {
    this.#video = video
    this.phase = { kind: 'asking' }
    await this.ask(false)
  }

  /** @param mustConvert the window has tried to play the file itself and could not */
  async ask(mustConvert: boolean): Promise<void> {
    const video = this.#video
    try {
      const answer = await this.#app.client.playback({ video, mustConvert })
      if (video !== this.#video) return
      if (answer.state === 'ready') {
        this.phase = { kind: 'ready', converted: answer.converted }
        this.source = `${video}-${(this.#attempts += 1)}`
      } else if (answer.state === 'preparing') {
        this.phase = { kind: 'preparing', reason: answer.reason, fraction: answer.fraction }
      } else this.phase = { kind: 'failed', message: answer.message }
    } catch (error) {
      if (!isAbort(error)) this.phase = { kind: 'failed', message: sentenceOf(error, this.#app.t) }
    }
  }

  /** What the engine tells of the preview that is waited for. */
  hear(news: PlaybackEvent): void {
    if (news.video !== this.#video || this.phase.kind !== 'preparing') return
    if (news.state !== 'preparing') void this.ask(true)
    else this.phase = { ...this.phase, fraction: news.fraction }
  }

  /** The video element has given up: a preview may play; a preview that does not play is the end. */
  giveUp(): void {
    if (this.phase.kind === 'ready' && this.phase.converted) {
      this.phase = { kind: 'failed', message: this.#app.t.errors.unknown }
    } else void this.ask(true)
  }
}
