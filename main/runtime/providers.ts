/** Which execution providers work on this machine, for the doctor and for choosing a device. */
import { AppError } from '../contract/index.ts'
import { providerFailure } from './failures.ts'
import type { Provider } from './types.ts'
import { startWorker } from './worker-client.ts'

/** Every provider that we know, the surest first. */
export const providers: readonly Provider[] = ['cpu', 'webgpu', 'cuda', 'dml', 'coreml']

export type ProviderStatus = { provider: Provider; available: boolean; /** One sentence, when not. */ reason?: string }

/** Tries each provider with a tiny graph, in a thread of its own. Takes about a second. */
export async function availableProviders(): Promise<ProviderStatus[]> {
  const statuses: ProviderStatus[] = []
  const worker = startWorker({ provider: 'cpu' })
  for (const provider of providers) {
    try {
      await worker.ask('probe', { provider })
      statuses.push({ provider, available: true })
    } catch (error) {
      const failure = error instanceof AppError ? error : providerFailure(provider, (error as Error).message)
      statuses.push({ provider, available: false, reason: String(failure.params.reason) })
    }
  }
  await worker.close()
  return statuses
}
