/**
 * The weighting network against an independent reference in float64 (weighting.json), its edge cases, and the gradient
 * of the meta loss with respect to it against finite differences.
 *
 * We compute in float32; the bound is 1e-4 relative to the largest entry (at least 1). Raw weights are held to 2e-5 of
 * their own size, however small (an output of -40 is known to 4e-6): normalising makes ratios of them.
 */
import { describe, expect, it } from 'vitest'
import {
  createRandom,
  float32Data,
  floatTensor,
  sizeOf,
  type Random,
  type Tensor,
  type TensorMap,
} from '../../../main/base/index.ts'
import { Graph, gradients, mul, reduceMean, reduceSum, toModel, type Value } from '../../../main/graph/index.ts'
import { adamFeeds, defaultAdam } from '../../../main/training/adam.ts'
import { buildStep, momentShapes, type StepGraph } from '../../../main/training/mama-step.ts'
import {
  initialWeightNet,
  lossCoefficients,
  sampleWeights,
  weightedLoss,
  weightNetShapes,
  type WeightReading,
} from '../../../main/training/sample-weights.ts'
import { linearTower } from '../../../main/training/towers.ts'
import { readCases, relativeError, tensorOf, type Nested } from './reference.ts'
import { runOnce, useRuntime } from '../graph/runtime-in-tests.ts'

const phiNames = ['W1', 'b1', 'W2', 'b2'] as const
type Phi = Record<(typeof phiNames)[number], Nested>

type Case = {
  name: string
  H: number
  phi: Phi
  losses: number[]
  probe: number[]
  raw_weights: number[]
  weights: number[]
  d_probe_dot_raw: Phi & { losses: Nested }
  d_probe_dot_weights: Phi & { losses: Nested }
  train_loss: number
  coefficients_detached: number[]
  coefficients_attached: number[]
}

const cases = readCases<Case>('weighting.json')

const shared = useRuntime()

/** Everything that the reference stores for one network and one batch of losses. */
async function compute(
  hidden: number,
  phi: TensorMap,
  losses: readonly number[],
  probe: readonly number[],
  reading: WeightReading = {},
): Promise<TensorMap> {
  const graph = new Graph()
  const parameters = Object.fromEntries(
    Object.entries(weightNetShapes(hidden)).map(([name, shape]) => [name, graph.input(name, 'float32', shape)]),
  )
  const input = (name: string): Value => graph.input(name, 'float32', [losses.length])
  const l = input('losses')
  const weights = sampleWeights(parameters, l, reading)
  const outputs: Record<string, Value> = {
    raw: weights.raw,
    normalised: weights.normalised,
    detached: lossCoefficients(parameters, l, false, reading),
    attached: lossCoefficients(parameters, l, true, reading),
    trainLoss: weightedLoss(parameters, l, false, reading).objective,
  }
  for (const of of ['raw', 'normalised'] as const) {
    const along = reduceSum(mul(input('probe'), weights[of]))
    const slopes = gradients(along, [...phiNames.map((name) => parameters[name]!), l])
    slopes.forEach((slope, i) => (outputs[`${of}.${phiNames[i] ?? 'losses'}`] = slope))
  }
  const feeds = { ...phi, losses: tensorOf([...losses]), probe: tensorOf([...probe]) }
  return runOnce(shared.runtime, toModel(outputs), feeds, { label: 'weighting test', graphOptimizationLevel: 'basic' })
}

const phiOf = (phi: Phi): TensorMap => Object.fromEntries(phiNames.map((name) => [name, tensorOf(phi[name])]))
const numbers = (value: Tensor): number[] => Array.from(value.data, Number)

describe('against the reference', () => {
  it.each(cases)('$name', async (test) => {
    const results = await compute(test.H, phiOf(test.phi), test.losses, test.probe)
    expect(relativeError(results['raw']!, test.raw_weights, 1e-30)).toBeLessThan(2e-5)
    expect(relativeError(results['normalised']!, test.weights)).toBeLessThan(1e-4)
    expect(relativeError(results['trainLoss']!, test.train_loss)).toBeLessThan(1e-4)
    expect(relativeError(results['detached']!, test.coefficients_detached)).toBeLessThan(1e-4)
    expect(relativeError(results['attached']!, test.coefficients_attached)).toBeLessThan(1e-4)
    for (const name of [...phiNames, 'losses'] as const) {
      expect(relativeError(results[`raw.${name}`]!, test.d_probe_dot_raw[name]), `raw ${name}`).toBeLessThan(1e-4)
      expect(relativeError(results[`normalised.${name}`]!, test.d_probe_dot_weights[name]), name).toBeLessThan(1e-4)
    }
  })

  it('has the case of a sum of exactly 0, where the weights stay 0 and nothing becomes infinite', () => {
    const zero = cases.find(({ name }) => name.startsWith('sum_is_exactly_zero'))!
    expect(zero.weights).toEqual([0, 0, 0, 0, 0])
  })
})

describe('edges', () => {
  /** A network whose output is the bias alone. */
  const biased = (bias: number): TensorMap => ({
    W1: floatTensor([1, 1], [1]),
    b1: floatTensor([1], [0]),
    W2: floatTensor([1, 1], [0]),
    b2: floatTensor([1], [bias]),
  })

  it.each([-1e4, -800, -100, -90, -75, -60, -18, 0, 18, 100, 1e4])(
    'an output of %d gives finite weights and gradients',
    async (bias) => {
      const results = await compute(1, biased(bias), [0.5, 1, 4], [1, -2, 3])
      for (const [name, value] of Object.entries(results)) {
        expect(numbers(value).every(Number.isFinite), name).toBe(true)
      }
      // 1e-30 is e^-69: below that a batch counts as having no weight at all.
      const expected = bias > -69 ? 1 / 3 : 0
      for (const weight of numbers(results['normalised']!)) expect(weight).toBeCloseTo(expected, 6)
    },
  )

  it('centred weights know nothing of what all outputs share, and hear the meta-set however far that has drifted', async () => {
    const phi = { ...initialWeightNet(8, createRandom(5)), W2: floatTensor([1, 8], [1, -1, 2, 0.5, -2, 1, 1, -0.5]) }
    const [losses, probe] = [
      [0.5, 1, 4],
      [1, -2, 3],
    ]
    const at = (bias: number, centred: boolean): Promise<TensorMap> =>
      compute(8, { ...phi, b2: floatTensor([1], [bias]) }, losses, probe, { centred })
    const [near, far, plain] = [await at(0, true), await at(60, true), await at(60, false)]
    for (const name of ['raw', 'detached', 'normalised.W2', 'attached']) {
      expect(relativeError(far[name]!, numbers(near[name]!)), name).toBeLessThan(1e-4)
    }
    expect(numbers(far['raw.b2']!)[0]).toBeCloseTo(0, 6)
    const largest = (results: TensorMap): number => Math.max(...numbers(results['normalised.W2']!).map(Math.abs))
    expect(largest(far)).toBeGreaterThan(1e-2)
    expect(largest(plain)).toBeLessThan(1e-6)
  })

  it('the weight of a network without output is one half, with the slope of a sigmoid, one quarter', async () => {
    const results = await compute(1, biased(0), [0.5, 1, 4], [1, 0, 0])
    expect(numbers(results['raw']!)).toEqual([0.5, 0.5, 0.5])
    expect(numbers(results['raw.b2']!)).toEqual([0.25])
  })

  it('the starting network weighs every pair the same, which is the plain mean', async () => {
    const losses = [0.1, 2, 0.7, 5, 9]
    const results = await compute(16, initialWeightNet(16, createRandom(3)), losses, losses)
    for (const weight of numbers(results['normalised']!)) expect(weight).toBeCloseTo(1 / 5, 6)
    expect(relativeError(results['trainLoss']!, losses.reduce((sum, loss) => sum + loss) / 5)).toBeLessThan(1e-6)
    for (const coefficient of numbers(results['attached']!)) expect(coefficient).toBeCloseTo(1 / 5, 6)
  })

  it('equal weights give the gradient of the plain mean', async () => {
    const graph = new Graph()
    const phi = Object.fromEntries(
      Object.entries(weightNetShapes(4)).map(([name, shape]) => [name, graph.input(name, 'float32', shape)]),
    )
    const x = graph.input('x', 'float32', [3])
    const losses = mul(x, x)
    const [weighted] = gradients(weightedLoss(phi, losses, false).objective, [x])
    const [plain] = gradients(reduceMean(losses), [x])
    const model = toModel({ weighted: weighted!, plain: plain! })
    const feeds = { ...initialWeightNet(4, createRandom(1)), x: floatTensor([3], [1, -2, 3]) }
    const results = await runOnce(shared.runtime, model, feeds, { label: 'means' })
    expect(relativeError(results['weighted']!, numbers(results['plain']!))).toBeLessThan(1e-6)
  })
})

describe('the meta gradient', () => {
  const hidden = 6
  const [batch, meta, width] = [6, 5, 4]
  const margin = 0.1
  const stepWith = (attachedWeights: boolean): StepGraph =>
    buildStep(linearTower(width, width, width), {
      batchSize: batch,
      metaBatchSize: meta,
      weights: true,
      marginMode: 'hinge',
      attachedWeights,
      weightNetHidden: hidden,
      fixedLogitScale: 8,
      maxLogitScale: 100,
      parameterAdam: defaultAdam,
      weightNetAdam: defaultAdam,
      trace: true,
    })
  const step = stepWith(false)

  const normal = (shape: readonly number[], random: Random, deviation = 1): Tensor =>
    floatTensor(
      shape,
      Float32Array.from({ length: sizeOf(shape) }, () => deviation * random.normal()),
    )
  const random = createRandom(7)
  const state = Object.fromEntries(
    Object.entries({ ...step.parameterShapes, ...step.metaLearnedShapes }).map(([name, shape]) => [
      name,
      normal(shape, random.fork(name), 0.7),
    ]),
  )
  // Losses are positive: four hidden units are on and two are off for all of them, far from the kink.
  Object.assign(state, {
    'phi.W1': floatTensor([hidden, 1], [0.5, 0.8, -0.6, 1.1, 0.3, -0.9]),
    'phi.b1': floatTensor([hidden], [0.4, 0.2, -0.3, 0.6, 0.9, -0.5]),
    'phi.W2': floatTensor([1, hidden], [0.4, -0.5, 0.3, -0.2, 0.3, 0.5]),
    'phi.b2': floatTensor([1], [-0.3]),
  })
  const moments = Object.fromEntries(
    Object.entries(momentShapes(step)).map(([name, shape]) => [
      name,
      floatTensor(shape, new Float32Array(sizeOf(shape))),
    ]),
  )
  const numbersFed = {
    margin,
    metaMargin: 0,
    lookAheadRate: 1,
    ...adamFeeds('theta', defaultAdam, 1e-3, 1),
    ...adamFeeds('phi', defaultAdam, 1e-3, 1),
  }
  const feeds: TensorMap = {
    ...Object.fromEntries(Object.entries(numbersFed).map(([name, value]) => [name, floatTensor([], [value])])),
    'train.x_v': normal([batch, width], random.fork('train.v')),
    'train.x_t': normal([batch, width], random.fork('train.t')),
    'meta.x_v': normal([meta, width], random.fork('meta.v')),
    'meta.x_t': normal([meta, width], random.fork('meta.t')),
  }

  /**
   * Bound 5e-3 of the largest derivative: with a step of 0.02 the five-point formula keeps the rounding of a loss of about 2
   * in float32 (1e-7 / 0.02 = 1e-5) well below that, for derivatives of about 0.02.
   */
  it.each([
    ['detached', false],
    ['attached', true],
  ])('of %s weights agrees with finite differences of the meta loss', async (_, attached) => {
    const session = await shared.runtime.createSession(stepWith(attached).model, { label: 'meta gradient' })
    const metaLossAt = async (values: TensorMap): Promise<number> => {
      const { metaLoss } = await session.run({ ...feeds, ...moments, ...state, ...values }, { outputs: ['metaLoss'] })
      return float32Data(metaLoss!)[0]!
    }
    const analytic = await session.run({ ...feeds, ...moments, ...state })
    const h = 0.02
    const differences: { name: string; expected: number; actual: number }[] = []
    const compare = async (name: string, values: Tensor, index: number, actual: number): Promise<void> => {
      const at = (steps: number): Promise<number> => {
        const data = float32Data(values).slice()
        data[index] = data[index]! + steps * h
        return metaLossAt({ [name]: floatTensor(values.shape, data) })
      }
      const [a, b, c, d] = await Promise.all([at(-2), at(-1), at(1), at(2)])
      differences.push({ name: `${name} ${index}`, expected: (a - 8 * b + 8 * c - d) / (12 * h), actual })
    }
    for (const name of phiNames) {
      const slopes = float32Data(analytic[`g_phi.${name}`]!)
      for (const [i, slope] of slopes.entries()) await compare(`phi.${name}`, state[`phi.${name}`]!, i, slope)
    }
    const groups = [differences]
    if (attached) {
      // Detached weights do not follow the margin by definition, while those of the differences do.
      await compare('margin', feeds['margin']!, 0, float32Data(analytic['marginGradient']!)[0]!)
      groups.push(differences.splice(-1))
    }
    for (const group of groups) {
      const largest = Math.max(...group.map(({ expected }) => Math.abs(expected)))
      expect(largest).toBeGreaterThan(1e-3)
      for (const { name, expected, actual } of group) {
        expect(Math.abs(actual - expected) / largest, `${name}: ${actual}, by differences ${expected}`).toBeLessThan(
          5e-3,
        )
      }
    }
    await session.dispose()
  })
})
