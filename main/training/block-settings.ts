/** Which of an encoder's last blocks a run trains with the tower, and how; part of its plan and of the version it makes. */
import { z } from 'zod'
import { defined } from '../base/index.ts'
import type { SplitModel } from '../graph/index.ts'
import type { TrainingConfig } from './config.ts'
import type { Half, TrainedPart, TrainedParts } from './encoder-tower.ts'

export const blockSettingsSchema = z
  .strictObject({
    /** How many of the last blocks of the encoder of pictures. */
    blocks: z.number().int().min(0),
    /** Of low-rank updates of the blocks' matrices; null: all weights are trained. */
    rank: z.number().int().min(1).nullable(),
    /** What the learning rate is multiplied by for the blocks, which know something already. */
    rateFactor: z.number().gt(0),
    /** How many of the last blocks of the encoder of texts; left out: none, as in everything that was recorded before there were any. */
    texts: z.number().int().min(1).optional(),
  })
  .refine(({ blocks, texts = 0 }) => blocks + texts > 0, 'no blocks')

export type BlockSettings = Readonly<z.infer<typeof blockSettingsSchema>>

/**
 * Steps of a run that trains blocks: every pair brings many places through the blocks, so batches are smaller, and encoded a
 * few pairs at a time with the gradient of the whole batch. A pair brings eight frames, or one text only.
 */
export function blockSteps({ blocks }: BlockSettings): Partial<TrainingConfig> {
  return { batchSize: 64, metaBatchSize: 32, encodeChunk: blocks > 0 ? 8 : 32 }
}

/** What lies above the cuts of the halves whose blocks are trained. */
export type UpperModels = { readonly [H in Half]?: SplitModel | undefined }

export function trainedPart(model: SplitModel, { rank, rateFactor }: BlockSettings): TrainedPart {
  return { model, rateFactor, adaptation: rank === null ? { kind: 'all' } : { kind: 'lowRank', rank, scale: rank } }
}

/** @param upper of the halves that the settings name; undefined settings: no blocks are trained */
export function trainedParts(upper: UpperModels, settings: BlockSettings | undefined): TrainedParts {
  if (settings === undefined) return {}
  const part = (half: Half): TrainedPart =>
    trainedPart(defined(upper[half], `what lies above the cut of ${half}`), settings)
  const { blocks, texts = 0 } = settings
  return { ...(blocks > 0 && { vision: part('vision') }), ...(texts > 0 && { text: part('text') }) }
}
