import { expect, it } from 'vitest'
import { batchSizeFor, defaultTrainingConfig, epochsFor } from '../../../main/training/config.ts'

it('a large catalogue gets the default number of epochs, and large batches', () => {
  expect(epochsFor(100_000, defaultTrainingConfig)).toBe(defaultTrainingConfig.epochs)
  expect(batchSizeFor(100_000)).toBe(128)
})

it('a small catalogue gets more epochs of smaller batches, so that it has enough steps, up to a hundred', () => {
  const small = { ...defaultTrainingConfig, batchSize: batchSizeFor(302) }
  expect(small.batchSize).toBe(64)
  expect(epochsFor(302, small)).toBe(28) // 5 steps an epoch
  expect(epochsFor(20, small)).toBe(100)
})
