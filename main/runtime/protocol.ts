/** The messages between the engine's thread and a runtime's worker thread. Everything in them can be cloned. */
import type { TensorMap } from '../base/index.ts'
import type { TensorFlowBackend } from './tensorflow/backends.ts'
import type { ModelSource, Provider, SessionOptions, ValueInfo } from './types.ts'

/** What of `SessionOptions` can be cloned; the session whose state is shared goes by its number. */
export type WorkerSessionOptions = Omit<SessionOptions, 'sharesStateOf'> & { sharesStateOf?: number }

export type WorkerConfig = {
  provider: Provider
  threads?: number
  spinning?: boolean
  tensorFlowBackend?: TensorFlowBackend
}

/** What a provider's trial gave: what does the work, or why it does not. */
export type ProbeAnswer = { engine: string } | { failure: string }

/** What the worker can be asked for, and what it answers. */
export type Calls = {
  /** Builds and runs a tiny graph on a provider; throws when that does not work. Answers what does the work. */
  probe: { ask: { provider: Provider }; answer: { engine: string } }
  create: {
    ask: { session: number; model: ModelSource; options: WorkerSessionOptions }
    answer: { inputs: ValueInfo[]; outputs: ValueInfo[] }
  }
  run: { ask: { session: number; feeds: TensorMap; outputs?: readonly string[] }; answer: TensorMap }
  write: { ask: { session: number; values: TensorMap }; answer: null }
  read: { ask: { session: number; names?: readonly string[] }; answer: TensorMap }
  release: { ask: { session: number }; answer: null }
  shutdown: { ask: Record<never, never>; answer: null }
}

export type CallName = keyof Calls

export type Request = { [K in CallName]: { id: number; call: K; ask: Calls[K]['ask'] } }[CallName]

/** Sent to the worker: a request, or the wish to drop one that has not begun. */
export type ToWorker = Request | { cancel: number }

export type Reply = { id: number; value: unknown } | { id: number; failure: string }
