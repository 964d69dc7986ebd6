import { describe, expect, it } from 'vitest'
import {
  defaultTrainingConfig,
  epochsFor,
  marginCandidates,
  planTraining,
  readPlan,
  weightingCandidates,
  workFor,
  type PlanWishes,
} from '../../../main/training/index.ts'

const wishes: PlanWishes = { objective: 'mama', seed: 3, pairs: 302, dim: 128, frameCount: 8 }

describe('the plan of a run', () => {
  it('holds every setting, filled in', () => {
    const { config, margins, weightings, tower } = planTraining(wishes)
    const epochs = epochsFor(302, defaultTrainingConfig)
    const chosenByTheRun = { ...weightings[0], marginRadians: defaultTrainingConfig.marginRadians }
    expect({ ...config, ...chosenByTheRun }).toEqual({ ...defaultTrainingConfig, objective: 'mama', seed: 3, epochs })
    expect(margins).toEqual(marginCandidates)
    expect(weightings).toEqual(weightingCandidates)
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

  it('with blocks of the encoder takes smaller steps, in pieces, and is read back with them', () => {
    const blocks = { blocks: 2, rank: 8, rateFactor: 1 }
    const plan = planTraining({ ...wishes, blocks })
    expect(plan.trained).toEqual(blocks)
    expect(plan.config).toMatchObject({ batchSize: 64, metaBatchSize: 32, encodeChunk: 8 })
    expect(plan.config.epochs).toBe(workFor({ ...wishes, blocks }).epochs)
    expect(workFor({ ...wishes, blocks }).batchSize).toBe(64)
    expect(readPlan(JSON.parse(JSON.stringify(plan)))).toEqual(plan)
    expect('trained' in planTraining(wishes)).toBe(false)
  })

  it('with blocks of texts encodes larger pieces, and names no texts where there are none', () => {
    const blocks = { blocks: 0, rank: null, rateFactor: 0.1, texts: 2 }
    const plan = planTraining({ ...wishes, blocks })
    expect(plan.config).toMatchObject({ batchSize: 64, metaBatchSize: 32, encodeChunk: 32 })
    expect(planTraining({ ...wishes, blocks: { ...blocks, blocks: 1 } }).config.encodeChunk).toBe(8)
    expect(readPlan(JSON.parse(JSON.stringify(plan)))).toEqual(plan)
    expect(readPlan({ ...plan, trained: { ...blocks, texts: undefined } })).toBeUndefined()
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
    expect(readPlan({ ...plan, format: 1 })).toBeUndefined()
    expect(readPlan(null)).toBeUndefined()
  })
})

describe('the work that a request comes to', () => {
  it('is that of its plan: trials only where the run has something to choose', () => {
    const asked = { objective: 'mama', seed: 1, pairs: 40, epochs: 30 } as const
    const trialEpochsOf = (change: object): number => workFor({ ...asked, ...change }).trialEpochs
    expect(workFor(asked)).toEqual({ epochs: 30, trialEpochs: 4 * 10, batchSize: 40 })
    expect(trialEpochsOf({ marginRadians: 0.01 })).toBe(2 * 10)
    expect(trialEpochsOf({ objective: 'reweight' })).toBe(2 * 10)
    expect(trialEpochsOf({ objective: 'angular' })).toBe(3 * 10)
    expect(trialEpochsOf({ objective: 'infonce' })).toBe(0)
    expect(workFor({ ...asked, epochs: undefined }).epochs).toBe(
      planTraining({ ...asked, epochs: undefined, dim: 8, frameCount: 2 }).config.epochs,
    )
  })
})
