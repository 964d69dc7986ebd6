/**
 * Entry of a process that tries execution providers: those that its argument lists, in order, one message each. It must not be
 * imported; providers.ts starts it by its URL. It ends with the process that started it.
 */
import { openEngine } from './engines.ts'
import { runProbe } from './probe-model.ts'
import type { ProbeAnswer } from './protocol.ts'
import type { Provider } from './types.ts'

process.on('disconnect', () => process.exit(0))

async function tryProvider(provider: Provider): Promise<ProbeAnswer> {
  try {
    const engine = await openEngine({ provider, threads: 1 })
    await runProbe(engine)
    return { engine: engine.name }
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) }
  }
}

for (const provider of JSON.parse(process.argv[2] ?? '[]') as Provider[]) {
  const answer = await tryProvider(provider)
  process.send?.(answer)
}
