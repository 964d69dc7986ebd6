/** How many blocks of an encoder can be trained: found once by looking through its graphs, and remembered in the library. */
import { z } from 'zod'
import { AppError, trainableHalfSchema, type ProcedureOutput, type TrainableHalf } from '../../../contract/index.ts'
import type { Library } from '../../../storage/index.ts'
import { framesPerShot } from '../../models/index.ts'
import type { BlockCosts } from '../ports.ts'

const knownSchema = z.object({
  /** Another version of the app may find more. */
  appVersion: z.string(),
  pictures: trainableHalfSchema,
  texts: trainableHalfSchema,
})

type EncoderToLookThrough = { readonly id: string; readonly bundle: string; readonly dim: number }

/** @throws AppError `encoder.missing` */
export async function trainableBlocks(
  { library, blockCosts, appVersion }: { library: Library; blockCosts: BlockCosts; appVersion: string },
  encoder: EncoderToLookThrough,
): Promise<ProcedureOutput<'trainableBlocks'>> {
  const setting = `trainableBlocks ${encoder.id}`
  const known = knownSchema.safeParse(library.settings.get(setting)).data
  if (known?.appVersion === appVersion) {
    return { encoder: encoder.bundle, pictures: known.pictures, texts: known.texts }
  }
  const found = {
    pictures: await lookThrough(blockCosts, encoder, 'pictures'),
    texts: await lookThrough(blockCosts, encoder, 'texts'),
  }
  if (!library.readOnly) library.settings.set(setting, { appVersion, ...found })
  return { encoder: encoder.bundle, ...found }
}

/** Each half by itself: one that cannot be trained says nothing about the other. */
async function lookThrough(
  blockCosts: BlockCosts,
  { bundle, dim }: EncoderToLookThrough,
  half: 'pictures' | 'texts',
): Promise<TrainableHalf> {
  const sizes = { dim, frameCount: framesPerShot, pairs: 1, metaSet: 1, texts: [] }
  const blocks = half === 'pictures' ? { blocks: 1 } : { blocks: 0, texts: 1 }
  try {
    const { found } = await blockCosts.of(bundle, {
      ...{ objective: 'infonce', seed: 0, ...sizes },
      blocks: { ...blocks, rank: null, rateFactor: 1 },
    })
    const count = found[half] ?? 0
    return { count, obstacle: count === 0 ? 'noneFound' : null }
  } catch (error) {
    if (error instanceof AppError && error.code === 'encoder.invalid') return { count: 0, obstacle: 'notImportable' }
    throw error
  }
}
