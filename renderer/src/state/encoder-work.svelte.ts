/** One encoder on its way into the library, from a file or from the hub. It goes on while other screens are shown. */
import type { Client, EncoderFinding, EncoderInfo, ProcedureEvent } from '../../../main/contract/index.ts'
import { isAbort } from './resource.svelte.ts'

export type Wish =
  | { readonly kind: 'add'; readonly name: string; readonly sourceOf: (signal: AbortSignal) => Promise<string> }
  | { readonly kind: 'download'; readonly name: string; readonly precision?: string }

export type Arrived = {
  readonly encoder: EncoderInfo
  readonly findings: readonly EncoderFinding[]
  readonly wasThere: boolean
}

export type Step = {
  /** As the engine names it; `uploading` while a browser hands over the file. */
  readonly stage: string
  readonly done: number
  /** Null: unknown. */
  readonly total: number | null
}

export class EncoderWork {
  wish = $state.raw<Wish | undefined>()
  step = $state.raw<Step | undefined>()
  isStopping = $state(false)
  arrived = $state.raw<Arrived | undefined>()
  error = $state.raw<unknown>()
  readonly #client: Client
  #stop: AbortController | undefined

  constructor(client: Client) {
    this.#client = client
  }

  get isBusy(): boolean {
    return this.step !== undefined
  }

  /** Does nothing while another one is on its way. */
  async begin(wish: Wish): Promise<void> {
    if (this.isBusy) return
    const stop = new AbortController()
    this.#stop = stop
    this.dismiss()
    this.wish = wish
    this.step = { stage: '', done: 0, total: null }
    try {
      this.arrived = await this.#bring(wish, stop.signal)
    } catch (error) {
      if (stop.signal.aborted || isAbort(error)) this.wish = wish.kind === 'download' ? wish : undefined
      else this.error = error
    } finally {
      this.step = undefined
      this.isStopping = false
    }
  }

  /** The same again: a download goes on from what arrived. */
  async again(): Promise<void> {
    if (this.wish !== undefined) await this.begin(this.wish)
  }

  cancel(): void {
    this.isStopping = this.isBusy
    this.#stop?.abort()
  }

  dismiss(): void {
    this.wish = undefined
    this.arrived = undefined
    this.error = undefined
  }

  async #bring(wish: Wish, signal: AbortSignal): Promise<Arrived> {
    const onEvent = (event: ProcedureEvent): void => {
      if (event.kind === 'progress') this.step = { stage: event.stage, done: event.done, total: event.total }
    }
    if (wish.kind === 'download') {
      const { name, precision } = wish
      return this.#client.downloadEncoder(
        { name, ...(precision === undefined ? {} : { precision }) },
        { signal, onEvent },
      )
    }
    this.step = { stage: 'uploading', done: 0, total: null }
    return this.#client.addEncoder({ source: await wish.sourceOf(signal) }, { signal, onEvent })
  }
}
