/** Which engine runs a provider. Each is loaded when it is first asked for. Runs in the worker thread. */
import type { WorkerConfig } from './protocol.ts'
import type { WorkerEngine } from './worker-session.ts'

/** `name` says what does the work, with its version. */
export type OpenedEngine = WorkerEngine & { readonly name: string }

export async function openEngine(config: WorkerConfig): Promise<OpenedEngine> {
  if (config.provider === 'tensorflow') {
    const { createTensorFlowEngine } = await import('./tensorflow/engine.ts')
    const engine = await createTensorFlowEngine(config.tensorFlowBackend)
    return { ...engine, name: `TensorFlow.js ${engine.tf.version_core}, ${engine.backend}` }
  }
  const { createOnnxEngine, onnxRuntimeVersion } = await import('./onnx-session.ts')
  return { ...createOnnxEngine(config), name: `ONNX Runtime ${onnxRuntimeVersion}` }
}
