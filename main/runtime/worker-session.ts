/** One ONNX Runtime session with its resident tensors. Runs in the worker thread, where blocking is allowed. */
import { InferenceSession, type Tensor as OrtTensor } from 'onnxruntime-node'
import { assert, defined, type TensorMap } from '../base/index.ts'
import { emptyLike, fromOrt, toOrt, valueInfos } from './ort-values.ts'
import type { WorkerConfig } from './protocol.ts'
import { copyData } from './transfer.ts'
import type { ModelSource, SessionOptions, ValueInfo } from './types.ts'

/**
 * Resident tensors by name. A state tensor has two buffers: a run reads one and writes the other, then they change
 * places.
 */
export type ResidentTensors = { readonly current: Map<string, OrtTensor>; readonly spare: Map<string, OrtTensor> }

export type WorkerSession = {
  readonly resident: ResidentTensors
  readonly inputs: ValueInfo[]
  readonly outputs: ValueInfo[]
  /** The result owns its memory and may be moved to another thread. */
  run(feeds: TensorMap, outputs?: readonly string[]): Promise<TensorMap>
  write(values: TensorMap): void
  read(names?: readonly string[]): TensorMap
  release(): Promise<void>
}

/**
 * Builds the session; throws what ONNX Runtime throws.
 *
 * @param resident tensors of another session, used together with it; by default the session has its own
 */
export async function openWorkerSession(
  source: ModelSource,
  options: Omit<SessionOptions, 'sharesStateOf'>,
  config: WorkerConfig,
  resident: ResidentTensors = { current: new Map(), spare: new Map() },
): Promise<WorkerSession> {
  const threads = options.threads ?? config.threads
  const settings: InferenceSession.SessionOptions = {
    executionProviders: [config.provider],
    graphOptimizationLevel: options.graphOptimizationLevel ?? 'all',
    executionMode: 'sequential',
    // The same shapes come again and again, so one planned arena a session is both fast and bounded. DirectML plans its
    // own memory and refuses a session that has the pattern switched on.
    enableCpuMemArena: true,
    enableMemPattern: config.provider !== 'dml',
    logSeverityLevel: 4,
    logId: options.label,
    extra: { session: { intra_op: { allow_spinning: config.spinning === true ? '1' : '0' } } },
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
  }
  const session = await ('path' in source
    ? InferenceSession.create(source.path, settings)
    : InferenceSession.create(source, settings))
  const inputs = valueInfos(session.inputMetadata)
  const outputs = valueInfos(session.outputMetadata)
  const state = Object.entries(options.state ?? {})
  const stateOutputs = new Set(state.map(([, output]) => output))
  const residentNames = new Set([...state.map(([input]) => input), ...(options.constants ?? [])])
  checkNames('input', residentNames, inputs)
  checkNames('output', stateOutputs, outputs)
  assert(stateOutputs.size === state.length, `graph "${options.label}": one output replaces two state tensors`)

  const { current, spare } = resident

  /** The buffer that a run writes a state tensor's next value into. */
  function spareOf(input: string): OrtTensor {
    const buffer = spare.get(input) ?? emptyLike(defined(current.get(input), `a value of the state ${input}`))
    spare.set(input, buffer)
    return buffer
  }

  return {
    resident,
    inputs,
    outputs,
    async run(feeds, wanted) {
      const names = wanted ?? outputs.map((output) => output.name).filter((name) => !stateOutputs.has(name))
      const all: Record<string, OrtTensor> = {}
      for (const { name } of inputs) {
        const value = residentNames.has(name) ? current.get(name) : feeds[name] && toOrt(feeds[name])
        if (value === undefined) throw new Error(`The input "${name}" has no value.`)
        all[name] = value
      }
      checkNames('input', Object.keys(feeds), inputs)
      const fetches: Record<string, OrtTensor | null> = {}
      for (const name of names) fetches[name] = null
      for (const [input, output] of state) fetches[output] = spareOf(input)
      checkNames('output', Object.keys(fetches), outputs)
      const results = await session.run(all, fetches)
      for (const [input, output] of state) {
        spare.set(input, defined(current.get(input), input))
        current.set(input, defined(fetches[output], output))
      }
      return Object.fromEntries(
        names.map((name) => {
          const value = fromOrt(name, defined<OrtTensor>(fetches[name] ?? results[name], name))
          return [name, stateOutputs.has(name) ? { ...value, data: copyData(value.data) } : value]
        }),
      )
    },
    write(values) {
      checkNames(
        'resident input',
        Object.keys(values),
        [...residentNames].map((name) => ({ name })),
      )
      for (const [name, value] of Object.entries(values)) {
        const tensor = toOrt(value)
        current.set(name, tensor)
        // The next run makes a buffer of the right size; a session that shares the state may have made one before.
        spare.delete(name)
      }
    },
    read(names = state.map(([input]) => input)) {
      return Object.fromEntries(
        names.map((name) => {
          const value = current.get(name)
          if (value === undefined) throw new Error(`The resident tensor "${name}" has no value.`)
          const read = fromOrt(name, value)
          return [name, { ...read, data: copyData(read.data) }]
        }),
      )
    },
    async release() {
      await session.release()
    },
  }
}

function checkNames(kind: string, names: Iterable<string>, known: readonly { name: string }[]): void {
  for (const name of names) {
    if (known.some((value) => value.name === name)) continue
    const list = known.map((value) => value.name).join(', ')
    throw new Error(`There is no ${kind} "${name}"; the graph has: ${list || 'none'}.`)
  }
}
