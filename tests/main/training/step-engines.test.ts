/**
 * The same training step on every engine: against the float64 values of the reference, and, for every objective, against
 * ONNX Runtime on the CPU over four steps with resident state. Bound: 1e-3 of the largest entry of each tensor, in float32.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  createRandom,
  floatTensor,
  float32Data,
  sizeOf,
  type Tensor,
  type TensorMap,
} from '../../../main/base/index.ts'
import { objectives, type Objective } from '../../../main/contract/index.ts'
import { createRuntime, type Runtime } from '../../../main/runtime/index.ts'
import { adamFeeds, defaultAdam } from '../../../main/training/adam.ts'
import { partsOf } from '../../../main/training/config.ts'
import { buildStep } from '../../../main/training/mama-step.ts'
import { initialWeightNet } from '../../../main/training/sample-weights.ts'
import { temporalTower } from '../../../main/training/towers.ts'
import { otherEngines } from '../runtime/engines-in-tests.ts'
import { cases, runCase, scalars, withoutKeyBias, zeroMoments } from './meta-step-cases.ts'
import { flat, relativeError, tensorOf } from './reference.ts'

const tower = { width: 16, frames: 4, blocks: 1, heads: 2, mlpRatio: 2, textHidden: 24, masked: true }
const steps = 4
/** Milliseconds: a GPU that is software compiles each kernel at its first use. */
const long = 120_000
/**
 * Adam divides a gradient by its own size, so that one which is 0 but for rounding moves its parameter as far as any other.
 * With this epsilon the update is smooth, and what is compared is the engines' arithmetic. The cases of the reference have
 * Adam as it is.
 */
const adam = { ...defaultAdam, epsilon: 1e-3 }
const [batchSize, metaBatchSize] = [12, 6]

function random(shape: readonly number[], seed: string): Tensor {
  const numbers = createRandom(5).fork(seed)
  return floatTensor(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => numbers.normal()),
  )
}

function batch(prefix: string, count: number, seed: string): TensorMap {
  const { width, frames } = tower
  const mask = new Float32Array(count * frames).fill(1)
  for (let i = 0; i < count; i += 3) mask[i * frames + frames - 1] = 0
  return {
    [`${prefix}.frames`]: random([count, frames, width], `${seed} frames`),
    [`${prefix}.mask`]: floatTensor([count, frames], mask),
    [`${prefix}.text`]: random([count, width], `${seed} text`),
  }
}

/** Losses and weights of each step, and all resident tensors after the last. */
async function train(runtime: Runtime, objective: Objective): Promise<TensorMap> {
  const { weights, margin } = partsOf(objective)
  const step = buildStep(temporalTower(tower), {
    ...{ batchSize, metaBatchSize, weights, marginMode: 'reflect', attachedWeights: false, weightNetHidden: 8 },
    ...{
      maxLogitScale: 100,
      clipNorm: 1,
      parameterAdam: { ...adam, weightDecay: 0.01 },
      weightNetAdam: adam,
    },
  })
  const session = await runtime.createSession(step.model, { label: objective, state: step.state })
  const seeds = createRandom(3)
  const phi = weights ? initialWeightNet(8, seeds.fork('weights')) : {}
  await session.writeState({
    ...temporalTower(tower).initialParameters(seeds),
    log_scale: floatTensor([], [Math.log(10)]),
    ...Object.fromEntries(Object.entries(phi).map(([name, value]) => [`phi.${name}`, value])),
    ...zeroMoments(step),
  })
  const kept: TensorMap = {}
  for (let i = 1; i <= steps; i++) {
    const out = await session.run({
      ...batch('train', batchSize, `train ${i}`),
      ...(weights && batch('meta', metaBatchSize, `meta ${i}`)),
      ...scalars({
        margin: margin ? 0.2 : 0,
        ...adamFeeds('theta', adam, 0.01, i),
        ...(weights && { metaMargin: 0.1, lookAheadRate: 0.5, ...adamFeeds('phi', adam, 0.05, i) }),
      }),
    })
    for (const [name, value] of Object.entries(out)) kept[`step ${i}: ${name}`] = value
  }
  Object.assign(kept, await session.readState())
  await session.dispose()
  return kept
}

/** Of the largest expected entry; entries whose exact value is 0 (the key bias and its moments) are left out. */
function difference(name: string, actual: Tensor, expected: Tensor): number {
  const [a, b] = [actual, expected].map((value) => withoutKeyBias(name, [...float32Data(value)])) as [
    number[],
    number[],
  ]
  expect(a.length).toBe(b.length)
  const worst = Math.max(...b.map((value, i) => Math.abs(value - a[i]!)))
  return worst === 0 ? 0 : worst / Math.max(...b.map(Math.abs))
}

let cpu: Runtime
const expected = new Map<Objective, TensorMap>()
beforeAll(async () => {
  cpu = await createRuntime({ threads: 1 })
  for (const objective of objectives) expected.set(objective, await train(cpu, objective))
})
afterAll(async () => {
  await cpu.dispose()
})

describe.each(otherEngines())('a training step on $name', ({ options }) => {
  let runtime: Runtime
  beforeAll(async () => {
    runtime = await createRuntime(options)
  })
  afterAll(async () => {
    await runtime.dispose()
  })

  it.each(objectives)(
    'has the numbers of the CPU over four steps: %s',
    async (objective) => {
      const actual = await train(runtime, objective)
      const wanted = expected.get(objective)!
      expect(Object.keys(actual).sort()).toEqual(Object.keys(wanted).sort())
      for (const [name, value] of Object.entries(wanted)) {
        expect(difference(name, actual[name]!, value), name).toBeLessThan(1e-3)
      }
    },
    long,
  )

  it.each(cases)(
    'equals the reference over three steps: $name',
    async (test) => {
      const { results, finalState } = await runCase(runtime, test)
      test.each_step.forEach((wanted, i) => {
        expect(relativeError(results[i]!['perSample']!, wanted.per_sample)).toBeLessThan(1e-3)
        expect(relativeError(results[i]!['metaLoss']!, wanted.meta_loss)).toBeLessThan(1e-3)
        expect(relativeError(results[i]!['weights']!, wanted.new_weights)).toBeLessThan(1e-3)
      })
      for (const [name, wanted] of Object.entries(test.params_after_3)) {
        const actual = tensorOf(withoutKeyBias(name, [...float32Data(finalState[name]!)]))
        expect(relativeError(actual, withoutKeyBias(name, flat(wanted))), name).toBeLessThan(1e-3)
      }
      for (const [name, wanted] of Object.entries(test.phi_after_3)) {
        expect(relativeError(finalState[`phi.${name}`]!, wanted), name).toBeLessThan(1e-3)
      }
    },
    long,
  )
})
