/** What the rest of the engine sees of the runtime: sessions that run ONNX graphs away from the caller's thread. */
import type { DType, TensorMap } from '../base/index.ts'
import type { TensorFlowBackend } from './tensorflow/backends.ts'

/**
 * What computes: an execution provider of ONNX Runtime, or `tensorflow`, the second engine. `cpu` is always there; the
 * others depend on the machine.
 */
export type Provider = 'cpu' | 'webgpu' | 'cuda' | 'dml' | 'coreml' | 'tensorflow'

export type RuntimeOptions = {
  /** Default `cpu`. */
  provider?: Provider
  /** Threads that one operator may use; default: one per physical core. */
  threads?: number
  /**
   * Whether threads that wait for work keep their core busy (default false). Spinning starts the many small operators of
   * a graph a few microseconds sooner, but takes time from ffmpeg and everything else that shares the cores.
   */
  spinning?: boolean
  /** Of `tensorflow`; default: the fastest that is installed. */
  tensorFlowBackend?: TensorFlowBackend
}

export type SessionOptions = {
  /** Names the graph in error messages. */
  label: string
  /** Threads that one operator may use; default: as the runtime. */
  threads?: number
  /**
   * Resident tensors that a run replaces: input name -> output name. The input is fed from the resident value and
   * becomes the output after every successful run; neither appears in `feeds` or, unless asked for, in the results.
   */
  state?: Readonly<Record<string, string>>
  /** Resident inputs that no run changes, such as a matrix that every query is held against. */
  constants?: readonly string[]
  /**
   * Another session of the same runtime whose resident tensors this one uses too, by name: what either of them replaces
   * the other sees. They stay until the last of the sessions is disposed of.
   */
  sharesStateOf?: GraphSession
  /** Default `all`. Lower levels build faster and are for graphs that run once or twice. */
  graphOptimizationLevel?: 'disabled' | 'basic' | 'extended' | 'all'
}

/** A graph's input or output. A dimension is a size, or the name of a size that is known only when it runs. */
export type ValueInfo = { readonly name: string; readonly dtype: DType; readonly shape: readonly (number | string)[] }

export type RunOptions = {
  /** Outputs to return; default: all that are not state. */
  outputs?: readonly string[]
  /** A waiting run is dropped on abort; one that has begun completes (and updates the state), its result is dropped. */
  signal?: AbortSignal
  /** Move the feeds' buffers to the worker instead of copying them: the caller's arrays are empty afterwards. */
  transfer?: boolean
}

export interface GraphSession {
  /** All inputs of the graph, resident ones included. */
  readonly inputs: readonly ValueInfo[]
  readonly outputs: readonly ValueInfo[]
  /**
   * Runs the graph once. Runs of one runtime happen in the order in which they were asked for. A failed run leaves the
   * state as it was.
   * @throws AppError `runtime.failed`, with graph and, where known, node; an AbortError when `signal` aborts
   */
  run(feeds: TensorMap, options?: RunOptions): Promise<TensorMap>
  /** Sets resident tensors (state or constants); names left out keep their value. */
  writeState(values: TensorMap, options?: { transfer?: boolean }): Promise<void>
  /** Copies of resident tensors; default: all state, without the constants. */
  readState(names?: readonly string[]): Promise<TensorMap>
  /** Frees the session after the calls that were already made. */
  dispose(): Promise<void>
}

/**
 * The bytes of an ONNX model, or where its file is: a model whose weights lie in files beside it can only be opened from
 * its file.
 */
export type ModelSource = Uint8Array | { readonly path: string }

export interface Runtime {
  readonly provider: Provider
  /** What does the work, with its version, such as `ONNX Runtime 1.30.0`. */
  readonly engine: string
  /** False once its thread has ended, on purpose or not. */
  readonly isAlive: boolean
  /** @throws AppError `runtime.failed` when the model is not valid or the provider cannot build it */
  createSession(model: ModelSource, options: SessionOptions): Promise<GraphSession>
  /** Ends the worker thread after the calls that were already made. Sessions cannot be used afterwards. */
  dispose(): Promise<void>
}
