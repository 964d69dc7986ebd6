/** Which execution providers work on this machine, for the doctor and for choosing a device. */
import { AppError } from '../contract/index.ts'
import { providerFailure } from './failures.ts'
import type { Provider } from './types.ts'
import { startWorker } from './worker-client.ts'

/** Every provider that we know, the surest first. */
export const providers: readonly Provider[] = ['cpu', 'webgpu', 'cuda', 'dml', 'coreml', 'tensorflow']

export type ProviderStatus = {
  provider: Provider
  available: boolean
  /** What does the work, with its version, where it is available. */
  engine?: string
  /** One sentence, when not. */
  reason?: string
}

/** Tries each provider with a tiny graph, in a thread of its own. Takes about a second. */
export async function availableProviders(): Promise<ProviderStatus[]> {
  const statuses: ProviderStatus[] = []
  const worker = startWorker({ provider: 'cpu' })
  for (const provider of providers) {
    try {
      const { engine } = await worker.ask('probe', { provider })
      statuses.push({ provider, available: true, engine })
    } catch (error) {
      const failure = error instanceof AppError ? error : providerFailure(provider, (error as Error).message)
      statuses.push({ provider, available: false, reason: String(failure.params.reason) })
    }
  }
  await worker.close()
  return statuses
}
