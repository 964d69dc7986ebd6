/**
 * The cost of one training step on the CPU: the full exact MAMA step against the plain contrastive one, and both against
 * the same steps in PyTorch, interleaved in one run. Same tower, sizes and settings as the reference's bench.
 * Run: npm run bench -- step [--rounds 3] [--timed 10] [--threads 2] [--wait 30] [--ours-only]
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createRandom, floatTensor, sizeOf, type TensorMap } from '../../main/base/index.ts'
import { createRuntime, type GraphSession, type Runtime } from '../../main/runtime/index.ts'
import { adamFeeds, defaultAdam } from '../../main/training/adam.ts'
import { buildStep, momentShapes } from '../../main/training/mama-step.ts'
import { initialWeightNet } from '../../main/training/sample-weights.ts'
import { temporalTower } from '../../main/training/towers.ts'

const size = { batch: 64, meta: 64, frames: 8, width: 384, blocks: 2, heads: 6, mlpRatio: 4, textHidden: 1024 }
const weightNetHidden = 64
const warmUpSteps = 3

const { values } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== 'step'),
  options: {
    rounds: { type: 'string', default: '3' },
    timed: { type: 'string', default: '10' },
    threads: { type: 'string', default: '2' },
    wait: { type: 'string', default: '30' },
    'ours-only': { type: 'boolean', default: false },
  },
})
const rounds = Number(values.rounds)
const timed = Number(values.timed)
const threads = Number(values.threads)
const waitSeconds = Number(values.wait)

const bench = fileURLToPath(new URL('../../../shared/reference/bench_torch.py', import.meta.url))
/** The first Python that has torch: Debian's package is not seen by a Python of another origin. */
const python = ['python3', '/usr/bin/python3'].find(
  (command) => spawnSync(command, ['-c', 'import torch']).status === 0,
)
const missing = !existsSync(bench)
  ? `${bench} is not there`
  : python === undefined
    ? 'Python with torch is not installed (apt-get install python3-torch libopenblas0-pthread)'
    : undefined
if (missing !== undefined) console.log(`The comparison with PyTorch is skipped: ${missing}.`)
const withPeer = missing === undefined && !values['ours-only']

type Case = 'infonce' | 'mama'
/** `contended`: other processes kept more than a tenth of a core busy meanwhile, so the times are not usable. */
type Timed = { readonly medianMs: number; readonly bestMs: number; readonly contended: boolean }

const tower = temporalTower({ ...size, masked: false })
const random = createRandom(1)
const adam = { ...defaultAdam, weightDecay: 0.01 }

function batchOf(prefix: string, rows: number): TensorMap {
  return Object.fromEntries(
    Object.entries(tower.batchShapes).map(([name, shape]) => {
      const full = [rows, ...shape]
      return [
        `${prefix}.${name}`,
        floatTensor(
          full,
          Float32Array.from({ length: sizeOf(full) }, () => random.normal()),
        ),
      ]
    }),
  )
}

async function openCase(runtime: Runtime, name: Case): Promise<(number: number) => Promise<void>> {
  const weights = name === 'mama'
  const step = buildStep(tower, {
    ...{ batchSize: size.batch, metaBatchSize: size.meta, weights, marginMode: 'hinge', attachedWeights: false },
    ...{ weightNetHidden, fixedLogitScale: 20, maxLogitScale: 100, parameterAdam: adam, weightNetAdam: defaultAdam },
  })
  const session: GraphSession = await runtime.createSession(step.model, { label: name, state: step.state })
  const zeros: TensorMap = {}
  for (const [key, shape] of Object.entries(momentShapes(step))) {
    zeros[key] = floatTensor(shape, new Float32Array(sizeOf(shape)))
  }
  const phi: TensorMap = {}
  if (weights) {
    const start = initialWeightNet(weightNetHidden, random.fork('weights'))
    for (const [key, value] of Object.entries(start)) phi[`phi.${key}`] = value
  }
  await session.writeState({
    ...tower.initialParameters(random),
    ...phi,
    ...zeros,
  })
  const batches = { ...batchOf('train', size.batch), ...(weights ? batchOf('meta', size.meta) : {}) }
  const scalars = (number: number): Record<string, number> => ({
    ...{ margin: weights ? 0.2 : 0, ...adamFeeds('theta', adam, 1e-4, number) },
    ...(weights && { metaMargin: 0, lookAheadRate: 1e-2, ...adamFeeds('phi', defaultAdam, 1e-4, number) }),
  })
  const outputs = ['perSample', 'trainLoss', ...(weights ? ['rawWeights', 'metaLoss'] : [])]
  return async (number) => {
    const feeds: TensorMap = { ...batches }
    for (const [key, value] of Object.entries(scalars(number))) feeds[key] = floatTensor([], [value])
    await session.run(feeds, { outputs })
  }
}

function median(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** CPU seconds that the whole machine has spent, and this process of them. NaN where the system does not say. */
function busySeconds(): { all: number; own: number } {
  const { user, system } = process.cpuUsage()
  const own = (user + system) / 1e6
  if (!existsSync('/proc/stat')) return { all: NaN, own }
  const fields = readFileSync('/proc/stat', 'utf8').split('\n')[0]!.trim().split(/\s+/).slice(1).map(Number)
  return { all: [0, 1, 2, 5, 6, 7].reduce((sum, i) => sum + fields[i]!, 0) / 100, own }
}

/** Cores that other processes kept busy while `work` ran. */
async function otherLoad(work: () => Promise<unknown>): Promise<number> {
  const [start, before] = [performance.now(), busySeconds()]
  await work()
  const [seconds, after] = [(performance.now() - start) / 1000, busySeconds()]
  return (after.all - before.all - (after.own - before.own)) / seconds
}

/** Waits for a quiet machine, at most `limitSeconds`. */
async function waitUntilQuiet(limitSeconds: number): Promise<void> {
  const deadline = performance.now() + 1000 * limitSeconds
  while ((await otherLoad(() => setTimeout(2000))) > 0.05 && performance.now() < deadline);
}

/** Runs one of our steps: a fresh runtime each time, so that nothing of ours works while the peer is timed. */
async function timeOurs(name: Case): Promise<Timed> {
  const runtime = await createRuntime({ threads, spinning: true })
  try {
    const step = await openCase(runtime, name)
    await waitUntilQuiet(waitSeconds)
    for (let number = 1; number <= warmUpSteps; number++) await step(number)
    const times: number[] = []
    const load = await otherLoad(async () => {
      for (let number = warmUpSteps + 1; number <= warmUpSteps + timed; number++) {
        const start = performance.now()
        await step(number)
        times.push(performance.now() - start)
      }
    })
    return { medianMs: median(times), bestMs: Math.min(...times), contended: load > 0.1 }
  } finally {
    await runtime.dispose()
  }
}

function timePeer(name: string): Timed {
  const args = [bench, '--case', name, '--timed', String(timed), '--warmup', String(warmUpSteps)]
  const run = spawnSync(python!, [...args, '--wait', String(waitSeconds), '--attempts', '2'], {
    encoding: 'utf8',
    env: { ...process.env, BENCH_THREADS: String(threads) },
  })
  const line = run.stdout.split('\n').find((text) => text.startsWith('{"case"'))
  if (line === undefined) throw new Error(`the peer's bench failed: ${run.stderr}`)
  const { ms_median, ms_min, contended } = JSON.parse(line) as {
    ms_median: number
    ms_min: number
    contended: boolean
  }
  return { medianMs: ms_median, bestMs: ms_min, contended }
}

const cases = {
  'ours infonce': () => timeOurs('infonce'),
  'ours mama': () => timeOurs('mama'),
  ...(withPeer && {
    'torch plain': () => timePeer('plain_B64'),
    'torch mama_reuse': () => timePeer('mama_reuse_B64_meta64'),
  }),
}
const results = new Map<string, Timed[]>()
for (let round = 1; round <= rounds; round++) {
  for (const [name, run] of Object.entries(cases)) {
    const result = await run()
    results.set(name, [...(results.get(name) ?? []), result])
    console.log(JSON.stringify({ case: name, round, threads, timed, ...size, ...rounded(result) }))
  }
}

function rounded<T extends Timed>(result: T): T {
  return { ...result, medianMs: Number(result.medianMs.toFixed(1)), bestMs: Number(result.bestMs.toFixed(1)) }
}

/** Median over the rounds of the medians within them; of the rounds on a quiet machine where there are any. */
function of(name: string): number {
  const all = results.get(name)!
  const quiet = all.filter(({ contended }) => !contended)
  return median((quiet.length > 0 ? quiet : all).map(({ medianMs }) => medianMs))
}
const neverQuiet = [...results].filter(([, all]) => all.every(({ contended }) => contended)).map(([name]) => name)
const ratio = (above: string, below: string): number => Number((of(above) / of(below)).toFixed(2))
console.log(
  JSON.stringify({
    bench: 'step',
    ...(neverQuiet.length > 0 && { neverQuiet }),
    ratios: {
      'ours mama / ours infonce': ratio('ours mama', 'ours infonce'),
      ...(withPeer && {
        'ours mama / torch mama_reuse': ratio('ours mama', 'torch mama_reuse'),
        'ours infonce / torch plain': ratio('ours infonce', 'torch plain'),
        'torch mama_reuse / torch plain': ratio('torch mama_reuse', 'torch plain'),
      }),
    },
    limits: { 'ours mama / ours infonce': 3.3, 'ours mama / torch mama_reuse': 1 },
  }),
)
