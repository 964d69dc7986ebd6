/** Model versions as people name them: by name, `active`, `zero-shot`, or the beginning of an id. */
import { z } from 'zod'
import {
  AppError,
  judgementSchema,
  objectives,
  type ModelVersion as ListedVersion,
  type ProcedureOutput,
} from '../../contract/index.ts'
import type { Library, ModelVersion } from '../../storage/index.ts'
import { blockSettingsSchema, type BlockSettings } from '../../training/index.ts'

export const zeroShotName = 'zero-shot'

/** What train.ts keeps with a version; read back leniently, since older versions may have written less. */
export const modelMetricsSchema = z.object({
  heldOutScore: z.number().nullable().catch(null),
  /** Whether it won on the held-out exemplars when it was trained. */
  won: z.boolean().nullable().catch(null),
  /** How it did beside the version that was in use then. */
  judgement: judgementSchema.nullable().catch(null),
})
export const modelConfigSchema = z.looseObject({
  objective: z.enum(objectives).optional().catch(undefined),
  seed: z.number().nullable().catch(null),
  tower: z.unknown(),
  /** Blocks of the encoder that were trained too. */
  blocks: blockSettingsSchema.nullable().catch(null),
  /** Words of the library's own. */
  lexicon: z.object({ words: z.number().int(), rare: z.number().int() }).optional().catch(undefined),
})

/** Which blocks of its encoder a version trained; null: none. */
export function blocksOf(model: Pick<ModelVersion, 'config'>): BlockSettings | null {
  return modelConfigSchema.safeParse(model.config ?? {}).data?.blocks ?? null
}

type Named = Pick<ModelVersion, 'id' | 'encoderId' | 'config'>

/** Under what the features are kept that a version's own blocks make; null for a version without. */
export function ownIdOf(model: Named): string | null {
  return blocksOf(model) === null ? null : `${model.encoderId}+${model.id}`
}

/** Whether pictures have to be read again for a version: it trained blocks of the encoder of pictures. */
export function seesWithOwnBlocks(model: Pick<ModelVersion, 'config'>): boolean {
  return (blocksOf(model)?.blocks ?? 0) > 0
}

/** Under what the features of pictures are kept that a version reads: those of its encoder, or of its own blocks. */
export function featuresIdOf(model: Named): string {
  return (seesWithOwnBlocks(model) ? ownIdOf(model) : null) ?? model.encoderId
}

/** The same for features of texts. */
export function textsIdOf(model: Named): string {
  return ((blocksOf(model)?.texts ?? 0) > 0 ? ownIdOf(model) : null) ?? model.encoderId
}

/** Whether a version has blocks of its own that have seen nothing yet. */
export function isUnread(library: Library, model: Named): boolean {
  const segments = seesWithOwnBlocks(model) ? library.segments.count() : 0
  return segments > 0 && library.features.segmentsWithout(featuresIdOf(model)).length === segments
}

/** @throws AppError `model.missing` */
export function resolveModel(library: Library, encoderId: string, choice: string): ModelVersion {
  const zeroShot = (): ModelVersion =>
    library.models.all().find((model) => !model.hasWeights && model.encoderId === encoderId) ??
    (library.readOnly ? unwrittenZeroShot(encoderId) : library.models.ensureZeroShot(encoderId))
  if (choice === zeroShotName) return zeroShot()
  // A version of another encoder cannot read these features.
  const models = library.models.all().filter((model) => model.encoderId === encoderId)
  if (choice === 'active') {
    return library.models.active(encoderId) ?? zeroShot()
  }
  const matches = models.filter(({ id, name }) => id === choice || name === choice)
  const found = matches.length > 0 ? matches : models.filter(({ id }) => choice.length >= 4 && id.startsWith(choice))
  if (found.length === 1) return found[0]!
  const message = `There is no model version "${choice}". Run mama models to see them.`
  throw new AppError('model.missing', message, { model: choice })
}

/** For a library that another process writes to, and that nobody has searched yet. */
function unwrittenZeroShot(encoderId: string): ModelVersion {
  return {
    ...{ id: zeroShotName, parentId: null, encoderId, runId: null, name: zeroShotName, status: 'kept', active: false },
    ...{ hasWeights: false, config: null, metrics: null, createdAtMs: 0 },
  }
}

/** What people call a version. */
export function nameOf(model: ModelVersion): string {
  return model.hasWeights ? model.name : zeroShotName
}

/** The next free name for a version: `mama-3`. */
export function nextName(library: Library, objective: string): string {
  const names = new Set(library.models.all().map(({ name }) => name))
  let number = 1
  while (names.has(`${objective}-${number}`)) number += 1
  return `${objective}-${number}`
}

/** Versions of one encoder: those of others cannot be used until the library goes back to theirs. */
export function listModels(library: Library, encoderId: string): ProcedureOutput<'models'> {
  const active = resolveModel(library, encoderId, 'active').id
  const all = library.models.all()
  const listed = all
    .filter((model) => model.hasWeights && model.encoderId === encoderId)
    .map((model): ListedVersion => {
      const config = modelConfigSchema.safeParse(model.config ?? {}).data
      const parent = all.find(({ id }) => id === model.parentId)
      return {
        id: model.name,
        objective: config?.objective ?? 'mama',
        active: model.id === active,
        state: model.id === active ? 'active' : model.status,
        parent: parent === undefined ? null : nameOf(parent),
        run: model.runId,
        createdAt: new Date(model.createdAtMs).toISOString(),
        seed: config?.seed ?? null,
        ...(config?.blocks && {
          blocks: {
            count: config.blocks.blocks,
            texts: config.blocks.texts ?? 0,
            rank: config.blocks.rank,
            unreadShots: seesWithOwnBlocks(model) ? library.features.segmentsWithout(featuresIdOf(model)).length : 0,
          },
        }),
        ...(config?.lexicon && config.lexicon.words > 0 && { lexicon: config.lexicon }),
        heldOutScore: modelMetricsSchema.safeParse(model.metrics ?? {}).data?.heldOutScore ?? null,
      }
    })
  const zeroShot: ListedVersion = {
    ...{ id: zeroShotName, objective: zeroShotName, active: !listed.some((model) => model.active) },
    state: listed.some((model) => model.active) ? 'kept' : 'active',
    ...{ parent: null, run: null, createdAt: null, seed: null, heldOutScore: null },
  }
  return { models: [...listed, zeroShot] }
}

/** Those of its encoder stay. */
export function forgetOwnFeatures(library: Library, model: Named): void {
  const own = ownIdOf(model)
  if (own !== null) library.features.removeEncoder(own)
}

/** @throws AppError `model.missing`; `usage` for the active version and the zero-shot one */
export function discardModel(library: Library, encoderId: string, choice: string): ProcedureOutput<'discardModel'> {
  const model = resolveModel(library, encoderId, choice)
  if (!model.hasWeights) {
    throw new AppError('usage', 'The untrained model is part of the app and cannot be discarded.', { model: choice })
  }
  if (model.id === resolveModel(library, encoderId, 'active').id) {
    const message = `${nameOf(model)} is in use. Promote another version or roll back first, then discard it.`
    throw new AppError('usage', message, { model: choice })
  }
  library.models.discard(model.id)
  forgetOwnFeatures(library, model)
  return listModels(library, encoderId)
}
