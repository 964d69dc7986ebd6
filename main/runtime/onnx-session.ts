/** Sessions of ONNX Runtime with their resident tensors. Runs in the worker thread, where blocking is allowed. */
import { env, InferenceSession, type Tensor as OrtTensor } from 'onnxruntime-node'
import { defined, type Tensor } from '../base/index.ts'
import { createGpuTransfer, type GpuTransfer } from './gpu-transfer.ts'
import { fromOrt, toOrt, valueInfos } from './ort-values.ts'
import type { WorkerConfig } from './protocol.ts'
import { gpuTensors, hostTensors, type ResidentTensors } from './resident-tensors.ts'
import { sinesAndCosines } from './trigonometry.ts'
import type { ModelSource, SessionOptions } from './types.ts'
import {
  checkNames,
  checkResident,
  plainOutputs,
  residentNames,
  type WorkerEngine,
  type WorkerSession,
} from './worker-session.ts'

// Failures reach the caller as exceptions; the native log would print them a second time.
env.logLevel = 'fatal'

export const onnxRuntimeVersion = env.versions.node ?? env.versions.common

export function createOnnxEngine(config: WorkerConfig): WorkerEngine {
  const stores = new WeakMap<WorkerSession, ResidentTensors>()
  let transfer: GpuTransfer | undefined
  const newStore = (): ResidentTensors =>
    config.provider === 'webgpu' ? gpuTensors((transfer ??= createGpuTransfer())) : hostTensors()
  return {
    async open(source, options, sharesWith) {
      const resident = sharesWith === undefined ? newStore() : defined(stores.get(sharesWith), 'the shared state')
      const session = await openSession(source, options, config, resident)
      stores.set(session, resident)
      return session
    },
  }
}

function executionProvider(source: ModelSource, { provider }: WorkerConfig): InferenceSession.ExecutionProviderConfig {
  const onProcessor = provider === 'webgpu' ? sinesAndCosines(source) : []
  return onProcessor.length === 0 ? provider : { name: 'webgpu', forceCpuNodeNames: onProcessor }
}

function settingsFor(
  source: ModelSource,
  options: Omit<SessionOptions, 'sharesStateOf'>,
  config: WorkerConfig,
  { location }: ResidentTensors,
): InferenceSession.SessionOptions {
  const stateOutputs = Object.values(options.state ?? {})
  const threads = options.threads ?? config.threads
  return {
    executionProviders: [executionProvider(source, config)],
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
    ...(location === 'gpu-buffer' && stateOutputs.length > 0
      ? { preferredOutputLocation: Object.fromEntries(stateOutputs.map((name) => [name, location])) }
      : {}),
  }
}

async function openSession(
  source: ModelSource,
  options: Omit<SessionOptions, 'sharesStateOf'>,
  config: WorkerConfig,
  resident: ResidentTensors,
): Promise<WorkerSession> {
  const settings = settingsFor(source, options, config, resident)
  const session = await ('path' in source
    ? InferenceSession.create(source.path, settings)
    : InferenceSession.create(source, settings))
  const inputs = valueInfos(session.inputMetadata)
  const outputs = valueInfos(session.outputMetadata)
  const names = residentNames(options, inputs, outputs)
  const leavesOnGpu = settings.preferredOutputLocation !== undefined
  resident.retain()

  return {
    inputs,
    outputs,
    async run(feeds, wanted = plainOutputs(outputs, names)) {
      const all: Record<string, OrtTensor> = {}
      for (const { name } of inputs) {
        const value = names.inputs.has(name) ? resident.get(name) : feeds[name] && toOrt(feeds[name])
        if (value === undefined) throw new Error(`The input "${name}" has no value.`)
        all[name] = value
      }
      checkNames('input', Object.keys(feeds), inputs)
      const fetches: Record<string, OrtTensor | null> = {}
      // A session that leaves outputs on the GPU gives all or none: what was not asked for is dropped below.
      const fetched = leavesOnGpu ? outputs.map(({ name }) => name) : wanted
      checkNames('output', wanted, outputs)
      for (const name of fetched) fetches[name] = null
      for (const [input, output] of names.state) fetches[output] = resident.target(input)
      const results = await session.run(all, fetches)
      const valueOf = (name: string): OrtTensor => defined<OrtTensor>(fetches[name] ?? results[name], name)
      for (const [input, output] of names.state) resident.replace(input, valueOf(output))
      const returned: Record<string, Tensor> = {}
      for (const name of wanted) {
        const value = valueOf(name)
        returned[name] = names.stateOutputs.has(name) ? await resident.copyOf(name, value) : fromOrt(name, value)
      }
      return returned
    },
    async write(values) {
      checkResident(values, names)
      for (const [name, value] of Object.entries(values)) await resident.set(name, value)
    },
    async read(wanted = [...names.state.keys()]) {
      const read: Record<string, Tensor> = {}
      for (const name of wanted) {
        const value = resident.get(name)
        if (value === undefined) throw new Error(`The resident tensor "${name}" has no value.`)
        read[name] = await resident.copyOf(name, value)
      }
      return read
    },
    async release() {
      resident.release()
      await session.release()
    },
  }
}
