/**
 * The cost of one training step on the CPU: the MAMA step, exact, lagging and with the weighting network resting between
 * updates, against the plain contrastive one, and all against the same steps in PyTorch, interleaved in one run. Same
 * tower, sizes and settings as the reference's bench. Also says how much of the machine's own rate of matrix products the
 * plain step reaches.
 * Run: npm run bench -- step [--batches 64,128] [--rounds 3] [--timed 12] [--threads 2] [--wait 30] [--ours-only]
 *   [--cases "exact,torch reuse"]: only these, for many short rounds where the machine's speed changes every few seconds.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createRandom, floatTensor, sizeOf, type TensorMap } from '../../main/base/index.ts'
import { Graph, matMul, matMulFlops, toModel } from '../../main/graph/index.ts'
import { createRuntime, type Runtime } from '../../main/runtime/index.ts'
import { adamFeeds, defaultAdam } from '../../main/training/adam.ts'
import { momentShapes } from '../../main/training/mama-step.ts'
import { initialWeightNet } from '../../main/training/sample-weights.ts'
import type { WeightStep } from '../../main/training/step-parts.ts'
import { buildSteps, openStepRunner } from '../../main/training/step-runner.ts'
import { temporalTower } from '../../main/training/towers.ts'

const size = { meta: 64, frames: 8, width: 384, blocks: 2, heads: 6, mlpRatio: 4, textHidden: 1024 }
const weightNetHidden = 64
const warmUpSteps = 4

const { values } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== 'step'),
  options: {
    rounds: { type: 'string', default: '3' },
    batches: { type: 'string', default: '64,128' },
    timed: { type: 'string', default: '12' },
    threads: { type: 'string', default: '2' },
    wait: { type: 'string', default: '30' },
    'ours-only': { type: 'boolean', default: false },
    cases: { type: 'string' },
  },
})
const rounds = Number(values.rounds)
/** A multiple of four, so that every case has as many updates of the weighting network as it should. */
const timed = 4 * Math.ceil(Number(values.timed) / 4)
const batches = values.batches.split(',').map(Number)
const threads = Number(values.threads)
const waitSeconds = Number(values.wait)
/** Undefined: all. */
const chosen = values.cases?.split(',').map((name) => name.trim())
const isChosen = ([name]: readonly [string, unknown]): boolean => chosen?.includes(name) ?? true

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
let withPeer = missing === undefined && !values['ours-only']

/** `every`: the weighting network moves in the first of so many steps. */
type Case = { readonly weights: boolean; readonly weightStep: WeightStep; readonly every: number }
const kinds: Readonly<Record<string, Case>> = {
  infonce: { weights: false, weightStep: 'exact', every: 1 },
  exact: { weights: true, weightStep: 'exact', every: 1 },
  lagged: { weights: true, weightStep: 'lagged', every: 1 },
  fourth: { weights: true, weightStep: 'exact', every: 4 },
  'lagged fourth': { weights: true, weightStep: 'lagged', every: 4 },
}

/** `contended`: other processes kept more than a tenth of a core busy meanwhile, so the times are not usable. */
type Timed = {
  /** Of a step; of the mean of four where the weighting network rests between updates. */
  readonly medianMs: number
  readonly bestMs: number
  /** Processor time of a step, all threads together: hardly changes when others use the machine. */
  readonly cpuMs: number
  readonly contended: boolean
}

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

function graphsOf({ weights, weightStep, every }: Case, batchSize: number): ReturnType<typeof buildSteps> {
  return buildSteps({
    tower,
    restsBetween: every > 1,
    config: {
      ...{ batchSize, metaBatchSize: size.meta, weights, weightStep, marginMode: 'hinge', attachedWeights: false },
      ...{ weightNetHidden, fixedLogitScale: 20, maxLogitScale: 100, parameterAdam: adam, weightNetAdam: defaultAdam },
    },
  })
}

type Step = { run(number: number): Promise<void>; dispose(): Promise<void> }

async function openCase(runtime: Runtime, kind: Case, batchSize: number): Promise<Step> {
  const graphs = graphsOf(kind, batchSize)
  const runner = await openStepRunner(runtime, graphs, 'bench')
  const start: TensorMap = { ...tower.initialParameters(random) }
  for (const [key, shape] of Object.entries(momentShapes(graphs.moving))) {
    start[key] = floatTensor(shape, new Float32Array(sizeOf(shape)))
  }
  for (const [key, value] of Object.entries(initialWeightNet(weightNetHidden, random.fork('weights')))) {
    start[`phi.${key}`] = value
  }
  await runner.writeState(Object.fromEntries(runner.stateNames.map((name) => [name, start[name]!])))
  const [train, meta] = [batchOf('train', batchSize), batchOf('meta', size.meta)]
  const copyOf = (batch: TensorMap): TensorMap =>
    Object.fromEntries(Object.entries(batch).map(([name, value]) => [name, { ...value, data: value.data.slice() }]))
  return {
    async run(number) {
      const movesWeights = kind.weights && (number - 1) % kind.every === 0
      await runner.run({
        ...{ movesWeights, train: copyOf(train), meta: movesWeights ? copyOf(meta) : {} },
        scalars: {
          ...{ margin: kind.weights ? 0.2 : 0, metaMargin: 0, lookAheadRate: 1e-2 },
          ...adamFeeds('theta', adam, 1e-4, number),
          ...adamFeeds('phi', defaultAdam, 1e-4, number),
        },
      })
    },
    dispose: () => runner.dispose(),
  }
}

/** GFLOP/s of the runtime's own matrix product, the best of several shapes of the step. */
async function gemmRate(): Promise<number> {
  const runtime = await createRuntime({ threads, spinning: true })
  try {
    let best = 0
    for (const [rows, inner, columns] of [
      [512, 384, 1536],
      [1024, 384, 1536],
      [1024, 1024, 1024],
    ] as const) {
      const graph = new Graph()
      const [a, b] = [graph.input('a', 'float32', [rows, inner]), graph.input('b', 'float32', [inner, columns])]
      const session = await runtime.createSession(toModel({ y: matMul(a, b) }), {
        label: 'product',
        constants: ['a', 'b'],
      })
      const draw = (shape: readonly number[]) =>
        floatTensor(
          shape,
          Float32Array.from({ length: sizeOf(shape) }, () => random.normal()),
        )
      await session.writeState({ a: draw(a.shape), b: draw(b.shape) })
      for (let i = 0; i < 30; i++) {
        const start = performance.now()
        await session.run({}, { outputs: ['y'] })
        best = Math.max(best, (2 * rows * inner * columns) / (performance.now() - start) / 1e6)
      }
      await session.dispose()
    }
    return best
  } finally {
    await runtime.dispose()
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
async function timeOurs(kind: Case, batchSize: number): Promise<Timed> {
  const runtime = await createRuntime({ threads, spinning: true })
  try {
    const step = await openCase(runtime, kind, batchSize)
    await waitUntilQuiet(waitSeconds)
    for (let number = 1; number <= warmUpSteps; number++) await step.run(number)
    const times: number[] = []
    const cpuBefore = busySeconds().own
    const load = await otherLoad(async () => {
      for (let group = 0; group < timed / kind.every; group++) {
        const start = performance.now()
        for (let i = 1; i <= kind.every; i++) await step.run(warmUpSteps + group * kind.every + i)
        times.push((performance.now() - start) / kind.every)
      }
    })
    const cpuMs = (1000 * (busySeconds().own - cpuBefore)) / timed
    await step.dispose()
    return { medianMs: median(times), bestMs: Math.min(...times), cpuMs, contended: load > 0.1 }
  } finally {
    await runtime.dispose()
  }
}

/** Undefined, and the comparison is given up, when the peer's bench says that it cannot run here. */
function timePeer(name: string): Timed | undefined {
  const args = [bench, '--case', name, '--timed', String(timed), '--warmup', String(warmUpSteps)]
  const run = spawnSync(python!, [...args, '--wait', String(waitSeconds), '--attempts', '2'], {
    encoding: 'utf8',
    env: { ...process.env, BENCH_THREADS: String(threads) },
  })
  const line = run.stdout.split('\n').find((text) => text.startsWith('{"case"'))
  if (line === undefined) {
    console.log(`The comparison with PyTorch is given up: ${run.stderr.trim().split('\n').at(-1)}`)
    return undefined
  }
  const { ms_median, ms_min, cpu_per_wall, contended } = JSON.parse(line) as {
    ms_median: number
    ms_min: number
    cpu_per_wall: number
    contended: boolean
  }
  return { medianMs: ms_median, bestMs: ms_min, cpuMs: ms_median * cpu_per_wall, contended }
}

const peers = (batch: number): Record<string, string> => ({
  'torch plain': `plain_B${batch}`,
  'torch textbook': `mama_textbook_B${batch}_meta${size.meta}`,
  'torch reuse': `mama_reuse_B${batch}_meta${size.meta}`,
  'torch forward mode': `mama_forward_B${batch}_meta${size.meta}`,
})
const results = new Map<string, Timed[]>()
const rates: number[] = []
for (let round = 1; round <= rounds; round++) {
  await waitUntilQuiet(waitSeconds)
  rates.push(await gemmRate())
  for (const batch of batches) {
    const ours = Object.entries(kinds).map(([name, kind]) => [name, () => timeOurs(kind, batch)] as const)
    const theirs = withPeer
      ? Object.entries(peers(batch)).map(([name, peer]) => [name, () => timePeer(peer)] as const)
      : []
    for (const [name, run] of [...ours, ...theirs].filter(isChosen)) {
      const result = await run()
      if (result === undefined) {
        withPeer = false
        break
      }
      const key = `${name} B${batch}`
      results.set(key, [...(results.get(key) ?? []), result])
      console.log(JSON.stringify({ case: name, batch, round, threads, timed, ...rounded(result) }))
    }
  }
}

function rounded(result: Timed): Timed {
  const tenth = (value: number): number => Number(value.toFixed(1))
  return { ...result, medianMs: tenth(result.medianMs), bestMs: tenth(result.bestMs), cpuMs: tenth(result.cpuMs) }
}

/** Median over the rounds of a figure; of the rounds on a quiet machine where there are any. */
function of(key: string, figure: 'medianMs' | 'cpuMs'): number {
  const all = results.get(key)!
  const quiet = all.filter(({ contended }) => !contended)
  return median((quiet.length > 0 ? quiet : all).map((result) => result[figure]))
}

const neverQuiet = [...results].filter(([, all]) => all.every(({ contended }) => contended)).map(([key]) => key)
const gemmGflops = median(rates)
for (const batch of batches) {
  const wasTimed = (name: string): boolean => results.has(`${name} B${batch}`)
  const ratiosOf = (figure: 'medianMs' | 'cpuMs'): Record<string, number> => {
    const exactPeers = ['torch textbook', 'torch reuse', 'torch forward mode'].filter(wasTimed)
    const fastest = exactPeers.toSorted((a, b) => of(`${a} B${batch}`, figure) - of(`${b} B${batch}`, figure))[0]
    const ratios: readonly (readonly [label: string, above: string, below: string])[] = [
      ...['exact', 'lagged', 'fourth', 'lagged fourth'].map((name) => [`${name} / infonce`, name, 'infonce'] as const),
      ...(fastest === undefined ? [] : [[`exact / fastest exact torch (${fastest})`, 'exact', fastest] as const]),
      ['infonce / torch plain', 'infonce', 'torch plain'],
    ]
    return Object.fromEntries(
      ratios
        .filter(([, above, below]) => wasTimed(above) && wasTimed(below))
        .map(([label, above, below]) => [
          label,
          Number((of(`${above} B${batch}`, figure) / of(`${below} B${batch}`, figure)).toFixed(2)),
        ]),
    )
  }
  const gflop = matMulFlops(Object.values(graphsOf(kinds['infonce']!, batch).moving.outputs)) / 1e9
  const exactGflop = matMulFlops(Object.values(graphsOf(kinds['exact']!, batch).moving.outputs)) / 1e9
  console.log(
    JSON.stringify({
      bench: 'step',
      batch,
      ...(neverQuiet.length > 0 && { neverQuiet }),
      ratios: ratiosOf('medianMs'),
      ratiosOfProcessorTime: ratiosOf('cpuMs'),
      limits: { 'exact / infonce': 3, 'lagged / infonce': 2.4, 'fourth / infonce': 1.6, 'exact / torch': 0.85 },
      matrixProducts: {
        gemmGflops: Math.round(gemmGflops),
        infonceGflop: Number(gflop.toFixed(2)),
        exactOverInfonce: Number((exactGflop / gflop).toFixed(2)),
        ...(wasTimed('infonce') && {
          shareOfRate: Number((gflop / (of(`infonce B${batch}`, 'medianMs') / 1000) / gemmGflops).toFixed(2)),
        }),
      },
    }),
  )
}
