/** Which of an encoder's last blocks a run trains with the tower, and how; part of its plan and of the version it makes. */
import { z } from 'zod'
import type { SplitModel } from '../graph/index.ts'
import type { TrainingConfig } from './config.ts'
import type { TrainedPart } from './encoder-tower.ts'

export const blockSettingsSchema = z.strictObject({
  /** How many of the last blocks of the encoder of pictures. */
  blocks: z.number().int().min(1),
  /** Of low-rank updates of the blocks' matrices; null: all weights are trained. */
  rank: z.number().int().min(1).nullable(),
  /** What the learning rate is multiplied by for the blocks, which know something already. */
  rateFactor: z.number().gt(0),
})

export type BlockSettings = Readonly<z.infer<typeof blockSettingsSchema>>

/**
 * Steps of a run that trains blocks: every pair brings eight frames of many places each through the blocks, so batches are
 * smaller, and encoded a few pairs at a time with the gradient of the whole batch.
 */
export const blockSteps = {
  batchSize: 64,
  metaBatchSize: 32,
  encodeChunk: 8,
} as const satisfies Partial<TrainingConfig>

export function trainedPart(model: SplitModel, { rank, rateFactor }: BlockSettings): TrainedPart {
  return { model, rateFactor, adaptation: rank === null ? { kind: 'all' } : { kind: 'lowRank', rank, scale: rank } }
}
