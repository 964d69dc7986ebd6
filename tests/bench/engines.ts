/**
 * Milliseconds of the step that `auto` measures, on every engine and provider that is present here.
 * Run: npx tsx tests/bench/engines.ts [threads]
 */
import { createRuntime, providers, type RuntimeOptions } from '../../main/runtime/index.ts'
import { measureStep } from '../../main/training/index.ts'

const threads = Number(process.argv[2] ?? 2)
const backends = ['gpu', 'native', 'wasm', 'javascript'] as const
const wanted: RuntimeOptions[] = [
  ...providers.filter((provider) => provider !== 'tensorflow').map((provider) => ({ provider, threads })),
  ...backends.map((tensorFlowBackend) => ({ provider: 'tensorflow' as const, tensorFlowBackend })),
]
for (const options of wanted) {
  const name = [options.provider, options.tensorFlowBackend].filter(Boolean).join(' ')
  try {
    const runtime = await createRuntime(options)
    const times: number[] = []
    for (let i = 0; i < 3; i++) times.push(await measureStep(runtime, { now: () => performance.now() }))
    await runtime.dispose()
    console.log(`${name}: ${Math.min(...times).toFixed(1)} ms, best of ${times.length} (${runtime.engine})`)
  } catch (error) {
    console.log(`${name}: ${(error as Error).message}`)
  }
}
