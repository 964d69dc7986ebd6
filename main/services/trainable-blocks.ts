/** How many blocks of an encoder can be trained: found once by looking through its graph, and remembered in the library. */
import { z } from 'zod'
import { AppError, type ProcedureOutput } from '../contract/index.ts'
import type { Library } from '../storage/index.ts'
import { framesPerShot } from './embed.ts'
import type { BlockCosts } from './ports.ts'

const knownSchema = z.object({
  /** Another version of the app may find more. */
  appVersion: z.string(),
  count: z.number().int(),
  obstacle: z.enum(['noneFound', 'notImportable']).nullable(),
})

/** @throws AppError `encoder.missing` */
export async function trainableBlocks(
  { library, blockCosts, appVersion }: { library: Library; blockCosts: BlockCosts; appVersion: string },
  encoder: { readonly id: string; readonly bundle: string; readonly dim: number },
): Promise<ProcedureOutput<'trainableBlocks'>> {
  const setting = `trainableBlocks ${encoder.id}`
  const known = knownSchema.safeParse(library.settings.get(setting)).data
  if (known?.appVersion === appVersion) {
    return { encoder: encoder.bundle, count: known.count, obstacle: known.obstacle }
  }
  const found = await lookThrough(blockCosts, encoder)
  if (!library.readOnly) library.settings.set(setting, { appVersion, ...found })
  return { encoder: encoder.bundle, ...found }
}

async function lookThrough(
  blockCosts: BlockCosts,
  { bundle, dim }: { readonly bundle: string; readonly dim: number },
): Promise<Omit<z.infer<typeof knownSchema>, 'appVersion'>> {
  const sizes = { dim, frameCount: framesPerShot, pairs: 1, metaSet: 1, texts: [] }
  try {
    const { found } = await blockCosts.of(bundle, {
      ...{ objective: 'infonce', seed: 0, ...sizes },
      blocks: { blocks: 1, rank: null, rateFactor: 1 },
    })
    const count = found.pictures ?? 0
    return { count, obstacle: count === 0 ? 'noneFound' : null }
  } catch (error) {
    if (error instanceof AppError && error.code === 'encoder.invalid') return { count: 0, obstacle: 'notImportable' }
    throw error
  }
}
