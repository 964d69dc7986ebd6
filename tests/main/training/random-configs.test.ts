/** Any valid settings train ten steps to finite numbers. Seeded, so that a failure can be had again by its number. */
import { expect, it } from 'vitest'
import { createRandom, type Random } from '../../../main/base/index.ts'
import { defaultTrainingConfig, type TrainingConfig } from '../../../main/training/config.ts'
import { trainTowers } from '../../../main/training/train-towers.ts'
import type { TemporalTowerConfig } from '../../../main/training/towers.ts'
import { useRuntime } from '../graph/runtime-in-tests.ts'
import { drawPairs } from './training-world.ts'

const shared = useRuntime()

function oneOf<T>(values: readonly T[], random: Random): T {
  return values[random.integer(values.length)]!
}

/** From `low` to `high`, evenly over the orders of magnitude. */
function between(low: number, high: number, random: Random): number {
  return low * (high / low) ** random.uniform()
}

function randomTower(random: Random): TemporalTowerConfig {
  const heads = oneOf([1, 2, 4], random)
  return {
    ...{ heads, width: heads * oneOf([2, 3], random), frames: 1 + random.integer(4), blocks: random.integer(3) },
    ...{ mlpRatio: oneOf([1, 2, 4], random), textHidden: 1 + random.integer(12), masked: random.uniform() < 0.7 },
  }
}

function randomConfig(random: Random, pairs: number): TrainingConfig {
  const batchSize = 2 + random.integer(pairs)
  const low = random.uniform() * 0.1
  return {
    ...defaultTrainingConfig,
    ...{ batchSize, epochs: Math.ceil(10 / Math.ceil(pairs / Math.min(batchSize, pairs))) },
    ...{ objective: oneOf(['infonce', 'angular', 'reweight', 'mama', 'mama'] as const, random) },
    ...{ marginRadians: oneOf([0, between(1e-3, 3, random)], random), marginMode: oneOf(['hinge', 'reflect'], random) },
    ...{ metaMarginRadians: oneOf([0, between(1e-3, 1, random)], random), lookAheadRate: between(1e-3, 5, random) },
    ...{ attachedWeights: random.uniform() < 0.5, weightUpdate: oneOf(['exact', 'lagged'], random) },
    ...{ weightUpdateEvery: 1 + random.integer(4), metaBatchSize: 2 + random.integer(8) },
    ...{ marginLearningRate: oneOf([0, between(1e-4, 0.1, random)], random), marginBoundsRadians: [low, low + 0.1] },
    ...{ learningRate: between(1e-5, 0.3, random), weightNetLearningRate: between(1e-5, 0.3, random) },
    ...{ weightDecay: oneOf([0, 0.3], random), clipNorm: between(1e-3, 100, random) },
    ...{ warmUpFraction: random.uniform(), initialLogitScale: between(1, 100, random), maxLogitScale: 100 },
    ...{ weightNetHidden: 1 + random.integer(16), seed: random.integer(1000) },
  }
}

it.each(Array.from({ length: 16 }, (_, i) => i + 1))(
  'settings %i train ten steps without a step back',
  async (seed) => {
    const random = createRandom(seed).fork('config')
    const tower = randomTower(random)
    const count = 3 + random.integer(12)
    const config = randomConfig(random, count)
    let steps = 0
    const { last, recoveries } = await trainTowers({
      ...{ runtime: shared.runtime, tower, config },
      pairs: drawPairs(count, random.fork('pairs'), tower),
      metaSet: drawPairs(2 + random.integer(6), random.fork('meta'), tower),
      onStep: ({ done }) => (steps = done),
    })
    const said = JSON.stringify({ tower, config })
    expect(recoveries, said).toEqual([])
    expect(steps).toBeGreaterThanOrEqual(10)
    for (const { data } of Object.values(last)) expect((data as Float32Array).every(Number.isFinite), said).toBe(true)
  },
)
