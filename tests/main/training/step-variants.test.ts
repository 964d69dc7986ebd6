/**
 * The cheaper steps against the exact one. Bounds: 1e-5 relative where two graphs compute the same numbers in another
 * order, in float32; bit-equal where they are the same graph.
 */
import { describe, expect, it } from 'vitest'
import { createRandom, floatTensor, sizeOf, type TensorMap } from '../../../main/base/index.ts'
import { adamFeeds, defaultAdam } from '../../../main/training/adam.ts'
import { buildStep, momentShapes, type WholeStepConfig } from '../../../main/training/mama-step.ts'
import { batchFeeds } from '../../../main/training/pair-set.ts'
import { initialWeightNet } from '../../../main/training/sample-weights.ts'
import { openStepRunner, buildSteps, type StepRunner } from '../../../main/training/step-runner.ts'
import { temporalTower } from '../../../main/training/towers.ts'
import { trainTowers, type TrainedTowers } from '../../../main/training/train-towers.ts'
import type { TrainingConfig } from '../../../main/training/config.ts'
import { useRuntime } from '../graph/runtime-in-tests.ts'
import { largestDifference, tinyConfig, tinyTower, tinyWorld } from './training-world.ts'

const shared = useRuntime()
const train = (config: Partial<TrainingConfig>): Promise<TrainedTowers> =>
  trainTowers({ runtime: shared.runtime, ...tinyWorld(), config: { ...tinyConfig, ...config } })

const stepConfig: WholeStepConfig = {
  ...{ batchSize: 8, metaBatchSize: 5, weights: true, marginMode: 'hinge', attachedWeights: false },
  ...{ weightNetHidden: 6, maxLogitScale: 100, clipNorm: 1 },
  ...{ parameterAdam: { ...defaultAdam, weightDecay: 0.01 }, weightNetAdam: defaultAdam },
}
const { pairs, metaSet } = tinyWorld()
const rows = [0, 3, 4, 7, 9, 14, 18, 20]

function startOf(step: Parameters<typeof momentShapes>[0]): TensorMap {
  const random = createRandom(11)
  const start: TensorMap = {}
  // Not the zero-shot start, where many gradients are zero.
  for (const [name, shape] of Object.entries(step.parameterShapes)) {
    const draw = random.fork(name)
    start[name] = floatTensor(
      shape,
      Float32Array.from({ length: sizeOf(shape) }, () => 0.3 * draw.normal()),
    )
  }
  for (const [name, value] of Object.entries(initialWeightNet(6, random))) start[`phi.${name}`] = value
  start['phi.W2'] = floatTensor(
    [1, 6],
    Float32Array.from({ length: 6 }, () => 0.4 * random.normal()),
  )
  start['log_scale'] = floatTensor([], [Math.log(12)])
  start['margin'] = floatTensor([], [0.05])
  for (const [name, shape] of Object.entries(momentShapes(step))) {
    start[name] = floatTensor(shape, new Float32Array(sizeOf(shape)))
  }
  return start
}

const shapes = temporalTower(tinyTower).batchShapes

function feedsOf(number: number, movesWeights = true, phiRate = 0.05): Parameters<StepRunner['run']>[0] {
  return {
    movesWeights,
    train: batchFeeds(pairs, rows, 'train', shapes),
    meta: batchFeeds(metaSet, [0, 1, 3, 5, 6], 'meta', shapes),
    scalars: {
      ...{ margin: 0.05, metaMargin: 0, lookAheadRate: 0.5, 'margin.learningRate': 0.01 },
      ...adamFeeds('theta', defaultAdam, 1e-2, number),
      ...adamFeeds('phi', defaultAdam, phiRate, number),
    },
  }
}

/** A runner at its start, closed after `use`. */
async function withRunner<T>(
  config: Partial<WholeStepConfig>,
  use: (runner: StepRunner) => Promise<T>,
  restsBetween = false,
): Promise<T> {
  const graphs = buildSteps({
    tower: temporalTower(tinyTower),
    config: { ...stepConfig, ...config },
    restsBetween,
  })
  const runner = await openStepRunner(shared.runtime, graphs, 'variant')
  try {
    const start = startOf(graphs.moving)
    await runner.writeState(Object.fromEntries(runner.stateNames.map((name) => [name, start[name]!])))
    return await use(runner)
  } finally {
    await runner.dispose()
  }
}

describe('the hypergradient in forward mode', () => {
  it.each([
    ['detached weights, hinge', {}],
    ['attached weights', { attachedWeights: true }],
    ['reflect', { marginMode: 'reflect' as const }],
    ['the scale left where it is', { scaleLooksAhead: false }],
    ['weights relative to the batch', { centresWeights: true }],
    ['attached weights relative to the batch', { centresWeights: true, attachedWeights: true }],
  ])('equals the reverse of the reverse: %s', async (_, config) => {
    const results: TensorMap[] = []
    for (const hypergradient of ['forward', 'reverse'] as const) {
      const step = buildStep(temporalTower(tinyTower), { ...stepConfig, ...config, hypergradient, trace: true })
      const session = await shared.runtime.createSession(step.model, { label: hypergradient, state: step.state })
      const start = startOf(step)
      await session.writeState(Object.fromEntries(Object.keys(step.state).map((name) => [name, start[name]!])))
      const { train: batch, meta, scalars } = feedsOf(1)
      const numbers = Object.entries(scalars).map(([name, value]) => [name, floatTensor([], [value])] as const)
      const asked = new Set(session.inputs.map(({ name }) => name))
      const all = Object.entries({ ...batch, ...meta, ...Object.fromEntries(numbers) })
      results.push(await session.run(Object.fromEntries(all.filter(([name]) => asked.has(name)))))
      await session.dispose()
    }
    const [forward, reverse] = results as [TensorMap, TensorMap]
    const hyper = Object.keys(forward).filter((name) => name.startsWith('g_phi.') || name === 'marginGradient')
    expect(hyper).toHaveLength(5)
    const only = (from: TensorMap): TensorMap => Object.fromEntries(hyper.map((name) => [name, from[name]!]))
    expect(largestDifference(only(forward), only(reverse), 1e-6)).toBeLessThan(1e-4)
    expect(Math.abs(Number(forward['marginGradient']!.data[0]))).toBeGreaterThan(1e-5)
  })
})

describe('weights that lag one step', () => {
  it('train as exact ones where the weighting network does not move', async () => {
    const [exact, lagged] = [
      await train({ weightNetLearningRate: 0 }),
      await train({ weightNetLearningRate: 0, weightUpdate: 'lagged' }),
    ]
    expect(largestDifference(exact.last, lagged.last)).toBeLessThan(1e-5)
  })

  it('are those of the network before it moves; exact ones are those after', async () => {
    const weightsOf = (weightStep: 'exact' | 'lagged', phiRate: number): Promise<Float32Array[]> =>
      withRunner({ weightStep }, async (runner) => {
        const first = await runner.run(feedsOf(1, true, phiRate))
        return [first.rawWeights!, (await runner.run(feedsOf(2, true, phiRate))).rawWeights!]
      })
    const largest = (a: Float32Array, b: Float32Array): number =>
      a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i]!)), 0)
    const [lagged, still] = [await weightsOf('lagged', 0.05), await weightsOf('lagged', 0)]
    const exact = await weightsOf('exact', 0.05)
    expect(largest(lagged[0]!, still[0]!)).toBeLessThan(1e-6) // as if the network had not moved
    expect(largest(lagged[1]!, still[1]!)).toBeGreaterThan(1e-3) // one step later it counts
    expect(largest(exact[0]!, still[0]!)).toBeGreaterThan(1e-3)
  })

  it('move the network exactly as exact ones do, since the look-ahead is the same', async () => {
    const phiAfter = (weightStep: 'exact' | 'lagged'): Promise<TensorMap> =>
      withRunner({ weightStep }, async (runner) => {
        await runner.run(feedsOf(1))
        return runner.readState(['phi.W1', 'phi.b1', 'phi.W2', 'phi.b2'])
      })
    expect(largestDifference(await phiAfter('exact'), await phiAfter('lagged'))).toBeLessThan(1e-5)
  })
})

describe('a weighting network that moves in every n-th step', () => {
  it('with n = 1 is the exact run, to the bit', async () => {
    expect((await train({ weightUpdateEvery: 1 })).last).toEqual((await train({})).last)
  })

  it.each(['exact', 'lagged'] as const)(
    'trains as one that moves always where its rate is 0: %s',
    async (weightUpdate) => {
      const common = { weightNetLearningRate: 0, weightUpdate }
      const [every, third] = [await train(common), await train({ ...common, weightUpdateEvery: 3 })]
      expect(largestDifference(every.last, third.last)).toBeLessThan(1e-5)
    },
  )

  it('moves in the first of n steps only, and the towers in all of them, on the same tensors', async () => {
    await withRunner(
      {},
      async (runner) => {
        const read = async (): Promise<TensorMap> => runner.readState(['phi.W2', 'text.w1'])
        const states = [await read()]
        for (const [i, movesWeights] of [true, false, false, true].entries()) {
          const { metaLoss } = await runner.run(feedsOf(i + 1, movesWeights))
          expect(metaLoss === null).toBe(!movesWeights)
          states.push(await read())
        }
        const moves = (name: string): boolean[] =>
          states.slice(1).map((state, i) => largestDifference({ x: state[name]! }, { x: states[i]![name]! }) > 1e-6)
        expect(moves('phi.W2')).toEqual([true, false, false, true])
        expect(moves('text.w1')).toEqual([true, true, true, true])
      },
      true,
    )
  })
})

describe('a margin that is learned on the meta-set', () => {
  const bounds = [0.01, 0.08] as const
  it('moves against its hypergradient and stays within its bounds', async () => {
    const margins = await withRunner({ marginBounds: bounds }, async (runner) => {
      const seen: number[] = []
      for (let number = 1; number <= 20; number++) {
        await runner.run(feedsOf(number))
        seen.push(Number((await runner.readState(['margin']))['margin']!.data[0]))
      }
      return seen
    })
    expect(Math.abs(margins[0]! - 0.05)).toBeCloseTo(0.01, 4) // Adam's first step is the rate
    const float32 = (value: number): number => Math.fround(value)
    expect(Math.min(...margins)).toBeGreaterThanOrEqual(float32(bounds[0]))
    expect(Math.max(...margins)).toBeLessThanOrEqual(float32(bounds[1]))
    expect(margins).toContain(margins.at(-1)! > 0.05 ? float32(bounds[1]) : float32(bounds[0]))
  })

  it('ends within its bounds in a run, is in its checkpoint, and rate 0 leaves it alone', async () => {
    const checkpoints: Uint8Array[] = []
    const options = {
      ...{ runtime: shared.runtime, ...tinyWorld() },
      config: { ...tinyConfig, marginRadians: 0.05, marginLearningRate: 0.004, marginBoundsRadians: bounds },
    }
    const whole = await trainTowers({ ...options, onCheckpoint: (bytes) => checkpoints.push(bytes) })
    expect(whole.marginRadians).not.toBeCloseTo(0.05, 4)
    expect(whole.marginRadians).toBeGreaterThanOrEqual(Math.fround(bounds[0]))
    expect(whole.marginRadians).toBeLessThanOrEqual(Math.fround(bounds[1]))
    expect((await trainTowers({ ...options, checkpoint: checkpoints[0]! })).marginRadians).toBe(whole.marginRadians)
    expect((await train({ marginRadians: 0.05 })).marginRadians).toBe(0.05)
  })
})
