/** Which execution providers work on this machine, for the doctor and for choosing a device. */
import { fork } from 'node:child_process'
import { providerFailure } from './failures.ts'
import type { ProbeAnswer } from './protocol.ts'
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

/** Tries each provider with a tiny graph, in the order given. Takes about a second. */
export type ProbeProviders = (wanted?: readonly Provider[]) => Promise<ProviderStatus[]>

/**
 * Tries them in a process of its own. What graphics drivers print while they are looked for ends there (they write to the
 * standard error by themselves, and cannot be asked not to), and a driver that crashes takes only that process with it.
 */
export const probeInProcess: ProbeProviders = async (wanted = providers) => {
  const statuses: ProviderStatus[] = []
  // A process that died has left the rest untried.
  while (statuses.length < wanted.length) statuses.push(...(await probeInOneProcess(wanted.slice(statuses.length))))
  return statuses
}

/** At least one status: of those that answered and, when the process died, of the one that it was at. */
function probeInOneProcess(wanted: readonly Provider[]): Promise<ProviderStatus[]> {
  const here = import.meta.url
  const fromSource = here.endsWith('.ts')
  const child = fork(new URL(fromSource ? './probe-host.ts' : './probe-host.js', here), [JSON.stringify(wanted)], {
    // From source: the process needs a TypeScript loader of its own.
    execArgv: fromSource ? ['--import', new URL('../typescript-loader.mjs', here).href] : [],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  return new Promise((resolve) => {
    const statuses: ProviderStatus[] = []
    let ending: string | undefined
    const end = (reason: string): void => {
      const untried = wanted[statuses.length]
      resolve(untried === undefined ? statuses : [...statuses, statusOf(untried, { failure: reason })])
    }
    // Answers may still be on their way when a process has ended.
    const endWhenRead = (): void => void (ending !== undefined && !child.connected && end(ending))
    child.on('message', (answer: ProbeAnswer) => {
      statuses.push(statusOf(wanted[statuses.length]!, answer))
      if (statuses.length < wanted.length) return
      child.disconnect()
      resolve(statuses)
    })
    child.on('error', (error) => end(`The process that tries it could not be started: ${error.message}`))
    child.on('exit', (code, signal) => {
      ending = `The process that tried it ended (${signal ?? `code ${code}`}).`
      endWhenRead()
    })
    child.on('disconnect', endWhenRead)
  })
}

/** Tries them in a thread, for a host that cannot start a process of plain Node. */
export const probeInThread: ProbeProviders = async (wanted = providers) => {
  const statuses: ProviderStatus[] = []
  const worker = startWorker({ provider: 'cpu' })
  for (const provider of wanted) {
    try {
      statuses.push(statusOf(provider, await worker.ask('probe', { provider })))
    } catch (error) {
      statuses.push(statusOf(provider, { failure: (error as Error).message }))
    }
  }
  await worker.close()
  return statuses
}

/**
 * Tries a provider before a thread of this process does; the processor needs no trial.
 * @throws AppError `runtime.unavailable`
 */
export async function requireProvider(provider: Provider, probe: ProbeProviders): Promise<void> {
  if (provider === 'cpu') return
  const [status] = await probe([provider])
  if (status?.available !== true) throw providerFailure(provider, status?.reason ?? '')
}

function statusOf(provider: Provider, answer: ProbeAnswer): ProviderStatus {
  if ('engine' in answer) return { provider, available: true, engine: answer.engine }
  return { provider, available: false, reason: String(providerFailure(provider, answer.failure).params.reason) }
}
