export { createRuntime } from './create-runtime.ts'
export {
  probeInProcess,
  probeInThread,
  providers,
  requireProvider,
  type ProbeProviders,
  type ProviderStatus,
} from './providers.ts'
export { createRuntimePool, type RuntimePool } from './runtime-pool.ts'
export type {
  GraphSession,
  ModelSource,
  Provider,
  RunOptions,
  Runtime,
  RuntimeOptions,
  SessionOptions,
  ValueInfo,
} from './types.ts'
