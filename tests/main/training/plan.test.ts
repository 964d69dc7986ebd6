import { describe, expect, it } from 'vitest'
import {
  defaultTrainingConfig,
  epochsFor,
  marginCandidates,
  planTraining,
  readPlan,
  weightNetRateFor,
  workFor,
  type PlanWishes,
} from '../../../main/training/index.ts'

const wishes: PlanWishes = { objective: 'mama', seed: 3, pairs: 302, dim: 128, frameCount: 8 }

describe('the plan of a run', () => {
  it('holds every setting, filled in', () => {
    const { config, margins, tower } = planTraining(wishes)
    const { marginRadians: _, ...defaults } = defaultTrainingConfig
    const epochs = epochsFor(302, defaultTrainingConfig)
    const weightNetLearningRate = weightNetRateFor(epochs, defaults)
    expect(config).toEqual({ ...defaults, objective: 'mama', seed: 3, epochs, weightNetLearningRate })
    expect(margins).toEqual(marginCandidates)
    expect(tower).toMatchObject({ width: 128, frames: 8, heads: 4, textHidden: 256 })
  })

  it('takes what was asked for; an objective without a margin has none', () => {
    expect(planTraining({ ...wishes, epochs: 7, marginRadians: 0.03 })).toMatchObject({
      config: { epochs: 7 },
      margins: [0.03],
    })
    expect(planTraining({ ...wishes, objective: 'infonce', marginRadians: 0.03 }).margins).toEqual([0])
    expect(planTraining(wishes).shares.length).toBeGreaterThan(1)
    expect(planTraining({ ...wishes, learnedShare: 1 }).shares).toEqual([1])
  })

  it('heads divide the width', () => {
    const headsOf = (dim: number): number => planTraining({ ...wishes, dim }).tower.heads
    expect([8, 6, 5].map(headsOf)).toEqual([4, 2, 1])
  })

  it('is read back from JSON as it was written', () => {
    const plan = planTraining(wishes)
    expect(readPlan(JSON.parse(JSON.stringify(plan)))).toEqual(plan)
  })

  it('with a setting more, one less, another format or none is not understood', () => {
    const plan = planTraining(wishes)
    const { learningRate: _, ...less } = plan.config
    expect(readPlan({ ...plan, config: { ...plan.config, momentum: 0.9 } })).toBeUndefined()
    expect(readPlan({ ...plan, config: less })).toBeUndefined()
    expect(readPlan({ ...plan, format: 2 })).toBeUndefined()
    expect(readPlan(null)).toBeUndefined()
  })
})

describe('the work that a request comes to', () => {
  it('is that of its plan: trials only where the run chooses its margin', () => {
    const asked = { objective: 'mama', seed: 1, pairs: 40, epochs: 30 } as const
    expect(workFor(asked)).toEqual({ epochs: 30, trialEpochs: 4 * 10, batchSize: 40 })
    expect(workFor({ ...asked, marginRadians: 0.01 }).trialEpochs).toBe(0)
    expect(workFor({ ...asked, objective: 'infonce' }).trialEpochs).toBe(0)
    expect(workFor({ ...asked, epochs: undefined }).epochs).toBe(
      planTraining({ ...asked, epochs: undefined, dim: 8, frameCount: 2 }).config.epochs,
    )
  })
})

it('the weighting network moves faster in a run that sees its pairs more often, up to five times', () => {
  const rateFor = (epochs: number): number => weightNetRateFor(epochs, { epochs: 20, weightNetLearningRate: 3e-3 })
  expect([5, 20, 40, 100, 1000].map(rateFor).map((rate) => Number(rate.toFixed(6)))).toEqual([
    0.003, 0.003, 0.006, 0.015, 0.015,
  ])
})
