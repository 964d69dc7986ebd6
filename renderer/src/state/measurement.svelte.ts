/** A measurement that takes some seconds and can be stopped: not begun, running, done, stopped or failed. */
import type { ProcedureEvent } from '../../../main/contract/index.ts'
import { isAbort } from './resource.svelte.ts'

type Listening = { readonly signal: AbortSignal; readonly onEvent: (event: ProcedureEvent) => void }

export class Measurement<T> {
  state = $state<'none' | 'running' | 'done' | 'stopped' | 'failed'>('none')
  value = $state.raw<T | undefined>()
  error = $state.raw<unknown>()
  /** Of what was tried so far. */
  tried = $state(0)
  #stop: AbortController | undefined

  /** Does nothing while it runs. */
  async start(measure: (listening: Listening) => Promise<T>): Promise<void> {
    if (this.state === 'running') return
    const stop = new AbortController()
    this.#stop = stop
    this.state = 'running'
    this.tried = 0
    const onEvent = (event: ProcedureEvent): void => {
      if (event.kind === 'progress') this.tried = event.done
    }
    try {
      this.value = await measure({ signal: stop.signal, onEvent })
      this.state = 'done'
    } catch (error) {
      if (!stop.signal.aborted && !isAbort(error)) this.error = error
      this.state = stop.signal.aborted || isAbort(error) ? 'stopped' : 'failed'
    }
  }

  stop(): void {
    this.#stop?.abort()
  }
}
