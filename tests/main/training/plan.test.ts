import { describe, expect, it } from 'vitest'
import {
  defaultTrainingConfig,
  isEarlierPlan,
  planTraining,
  readPlan,
  workFor,
  type PlanWishes,
} from '../../../main/training/index.ts'

const wishes: PlanWishes = { objective: 'mama', seed: 3, pairs: 302, metaSet: 20, dim: 128, frameCount: 8 }

describe('the plan of a run', () => {
  it('holds every setting, filled in', () => {
    const { config, tower } = planTraining(wishes)
    const own = { objective: 'mama', seed: 3, batchSize: 64, epochs: 24 } // 302 pairs and 3 x 20 trusted ones: 6 steps an epoch
    expect(config).toEqual({ ...defaultTrainingConfig, ...own })
    expect(tower).toMatchObject({ width: 128, frames: 8, heads: 4, textHidden: 256 })
  })

  it('takes what was asked for; an objective without a margin has none', () => {
    const asked = { ...wishes, epochs: 7, marginRadians: 0.03 }
    expect(planTraining(asked).config).toMatchObject({ epochs: 7, marginRadians: 0.03 })
    expect(planTraining({ ...asked, objective: 'infonce' }).config.marginRadians).toBe(0)
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
    expect([{ ...plan, format: 2 }, plan, { ...plan, format: 99 }, null].map(isEarlierPlan)).toEqual([
      ...[true, false],
      ...[false, false],
    ])
    expect(readPlan(null)).toBeUndefined()
  })
})

describe('the work that a request comes to', () => {
  it('is that of its plan, trusted pairs as often as an epoch repeats them included', () => {
    const asked = { objective: 'mama', seed: 1, pairs: 40, metaSet: 10, epochs: 30 } as const
    expect(workFor(asked)).toEqual({ epochs: 30, stepsPerEpoch: 2, batchSize: 64 })
    expect(workFor({ ...asked, metaSet: 0 })).toEqual({ epochs: 30, stepsPerEpoch: 1, batchSize: 40 })
    const open = { ...asked, epochs: undefined }
    expect(workFor(open).epochs).toBe(planTraining({ ...open, dim: 8, frameCount: 2 }).config.epochs)
  })
})
