/**
 * Steps in pieces against whole ones: the same losses, weights, gradients and parameters. Bound 1e-3 relative to the largest
 * entry, in float32, after three steps; Adam makes full steps of rounding noise where a gradient is 0 (the key bias), so
 * that one is left out.
 */
import { describe, expect, it } from 'vitest'
import type { TensorMap } from '../../../main/base/index.ts'
import { defaultTrainingConfig, type TrainingConfig } from '../../../main/training/config.ts'
import { planSteps } from '../../../main/training/plan-steps.ts'
import { temporalTower } from '../../../main/training/towers.ts'
import { trainTowers, type TrainedEpoch, type TrainedTowers } from '../../../main/training/train-towers.ts'
import { useRuntime } from '../graph/runtime-in-tests.ts'
import { largestDifference, tinyConfig, tinyWorld } from './training-world.ts'

const shared = useRuntime()

/** One epoch of three steps of eight pairs, from a start where every part of the tower has a gradient. */
async function train(config: Partial<TrainingConfig>): Promise<TrainedTowers & { epoch: TrainedEpoch }> {
  const epochs: TrainedEpoch[] = []
  const trained = await trainTowers({
    ...{ runtime: shared.runtime, ...tinyWorld() },
    config: { ...tinyConfig, epochs: 1, ...config },
    onEpoch: (epoch) => epochs.push(epoch),
  })
  return { ...trained, epoch: epochs[0]! }
}

/**
 * Pairs start with equal weights, and weights are normalised: so the gradient of their common level, the output's bias, is 0
 * at the start and Adam moves it along rounding noise, twice before the last weights are seen, either way, by 3e-3 times
 * the sigmoid's slope of 1/4. What differs between pairs shows in the losses, which are held to 5e-5.
 */
const weightBound = 2 * 2 * tinyConfig.weightNetLearningRate * 0.25

const withoutKeyBias = (parameters: TensorMap): TensorMap =>
  Object.fromEntries(Object.entries(parameters).filter(([name]) => !name.endsWith('bqkv')))

describe.each([
  ['infonce', {}],
  ['angular', { marginRadians: 0.05 }],
  ['mama', { marginRadians: 0.05 }],
  ['mama', { weightUpdate: 'lagged' }],
  ['mama', { weightUpdateEvery: 2 }],
  ['mama', { attachedWeights: true, weightUpdateEvery: 2 }],
  ['mama', { marginLearningRate: 0.004 }],
] as const)('%s with %o', (objective, settings) => {
  it.each([3, 4])('in chunks of %i trains as at once', async (encodeChunk) => {
    const common = { objective, ...settings, learningRate: 0.01 }
    const [whole, chunked] = [await train(common), await train({ ...common, encodeChunk })]
    expect(largestDifference(withoutKeyBias(chunked.last), withoutKeyBias(whole.last), 0.1)).toBeLessThan(1e-3)
    expect(largestDifference(withoutKeyBias(whole.last), withoutKeyBias(whole.start), 0.1)).toBeGreaterThan(1e-2)
    whole.epoch.loss.forEach((value, i) => expect(chunked.epoch.loss[i]).toBeCloseTo(value, 4))
    whole.epoch.weight.forEach((value, i) =>
      expect(Math.abs(chunked.epoch.weight[i]! - value)).toBeLessThan(weightBound),
    )
    expect(chunked.marginRadians).toBeCloseTo(whole.marginRadians, 5)
    if (objective === 'mama') expect(chunked.epoch.meanMetaLoss).toBeCloseTo(whole.epoch.meanMetaLoss!, 3)
  })
})

it('a run in chunks goes on from its checkpoint to the same bits', async () => {
  const options = { runtime: shared.runtime, ...tinyWorld(), config: { ...tinyConfig, encodeChunk: 3 } }
  const checkpoints: Uint8Array[] = []
  const whole = await trainTowers({ ...options, onCheckpoint: (bytes) => checkpoints.push(bytes) })
  expect((await trainTowers({ ...options, checkpoint: checkpoints[0]! })).last).toEqual(whole.last)
})

it('needs memory by the chunk, not by the batch', () => {
  const tower = { width: 256, frames: 8, blocks: 1, heads: 4, mlpRatio: 2, textHidden: 512, masked: true }
  const bytes = (batchSize: number, encodeChunk: number): number =>
    planSteps(
      temporalTower(tower),
      tower.width,
      { ...defaultTrainingConfig, batchSize, encodeChunk },
      { pairs: 1e6, metaSet: 64 },
    ).memory.activationBytes
  const growth = (encodeChunk: number): number => bytes(256, encodeChunk) - bytes(128, encodeChunk)
  // What still grows: embeddings [B, D] and similarities [B, B].
  expect(growth(32) / growth(0)).toBeLessThan(0.4)
  expect(bytes(256, 32) / bytes(256, 0)).toBeLessThan(0.8)
})
