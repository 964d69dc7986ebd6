/** What a session is inside the worker thread, whichever engine runs it, and the checks that the engines share. */
import { assert, type TensorMap } from '../base/index.ts'
import type { ModelSource, SessionOptions, ValueInfo } from './types.ts'

export interface WorkerSession {
  readonly inputs: ValueInfo[]
  readonly outputs: ValueInfo[]
  /** The result owns its memory and may be moved to another thread. A failed run leaves the resident tensors alone. */
  run(feeds: TensorMap, outputs?: readonly string[]): Promise<TensorMap>
  write(values: TensorMap): Promise<void>
  read(names?: readonly string[]): Promise<TensorMap>
  release(): Promise<void>
}

export interface WorkerEngine {
  /**
   * Builds a session; throws what the engine throws.
   *
   * @param sharesWith a session of this engine whose resident tensors the new one uses too
   */
  open(
    source: ModelSource,
    options: Omit<SessionOptions, 'sharesStateOf'>,
    sharesWith?: WorkerSession,
  ): Promise<WorkerSession>
}

/** Which inputs are resident, and which outputs replace them. */
export type ResidentNames = {
  /** Input -> the output that replaces it after a run. */
  readonly state: ReadonlyMap<string, string>
  readonly stateOutputs: ReadonlySet<string>
  /** State and constants. */
  readonly inputs: ReadonlySet<string>
}

/** @throws Error when a name is not one of the graph's */
export function residentNames(
  options: Omit<SessionOptions, 'sharesStateOf'>,
  inputs: readonly ValueInfo[],
  outputs: readonly ValueInfo[],
): ResidentNames {
  const state = new Map(Object.entries(options.state ?? {}))
  const stateOutputs = new Set(state.values())
  const names = new Set([...state.keys(), ...(options.constants ?? [])])
  checkNames('input', names, inputs)
  checkNames('output', stateOutputs, outputs)
  assert(stateOutputs.size === state.size, `graph "${options.label}": one output replaces two state tensors`)
  return { state, stateOutputs, inputs: names }
}

/** The outputs that a run returns when none are named: all that are not state. */
export function plainOutputs(outputs: readonly ValueInfo[], { stateOutputs }: ResidentNames): string[] {
  return outputs.map(({ name }) => name).filter((name) => !stateOutputs.has(name))
}

/** Names that a write may use. */
export function checkResident(values: TensorMap, { inputs }: ResidentNames): void {
  checkNames(
    'resident input',
    Object.keys(values),
    [...inputs].map((name) => ({ name })),
  )
}

export function checkNames(kind: string, names: Iterable<string>, known: readonly { name: string }[]): void {
  for (const name of names) {
    if (known.some((value) => value.name === name)) continue
    const list = known.map((value) => value.name).join(', ')
    throw new Error(`There is no ${kind} "${name}"; the graph has: ${list || 'none'}.`)
  }
}
