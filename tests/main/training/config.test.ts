import { expect, it } from 'vitest'
import { defaultTrainingConfig, epochsFor } from '../../../main/training/index.ts'

it('a large catalogue gets the default number of epochs', () => {
  expect(epochsFor(100_000, defaultTrainingConfig)).toBe(defaultTrainingConfig.epochs)
})

it('a small catalogue gets more epochs, so that it has enough steps, up to five times the default', () => {
  expect(epochsFor(302, defaultTrainingConfig)).toBe(94) // 3 steps an epoch
  expect(epochsFor(20, defaultTrainingConfig)).toBe(5 * defaultTrainingConfig.epochs)
})
