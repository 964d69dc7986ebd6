/** Model versions: listed, brought into use and out of it, discarded, written out. */
import { AppError, type CallContext, type FailedFile, type FeatureHandlers } from '../../contract/index.ts'
import type { Library, ModelVersion } from '../../storage/index.ts'
import type { Jobs, News, Work, WorkTally } from '../jobs/index.ts'
import type { VideoReader } from '../library/index.ts'
import type { LibraryAccess } from '../shared/library-access.ts'
import type { BundleStore, FeatureEncoder } from '../shared/ports.ts'
import {
  estimatePromotion,
  promoteModel,
  promoteVersion,
  refuseUnread,
  rollbackModel,
  type PromoteParts,
} from './choose-version.ts'
import { exportModel } from './export-model.ts'
import { discardModel, listModels, modelConfigSchema, nameOf, resolveModel } from './model-versions.ts'
import { framesPerShot, type Tower, type Towers } from './ports.ts'
import { createVersionEncoders, readForVersion, type VersionEncoders } from './version-encoders.ts'
import { createZeroShotTower } from './zero-shot-tower.ts'

export {
  featuresIdOf,
  forgetOwnFeatures,
  isUnread,
  modelConfigSchema,
  modelMetricsSchema,
  nameOf,
  nextName,
  resolveModel,
  seesWithOwnBlocks,
} from './model-versions.ts'
export { framesPerShot, type Tower, type Towers } from './ports.ts'
export { readForVersion, type VersionEncoders } from './version-encoders.ts'

export type ModelsParts = {
  readonly access: LibraryAccess
  readonly jobs: Jobs
  readonly news: News
  readonly tally: WorkTally
  readonly reader: VideoReader
  readonly bundles: BundleStore
  readonly trainer: Towers
  /** The encoder in use. */
  readonly encoder: () => Promise<FeatureEncoder>
  /** Its id, without loading it. */
  readonly encoderId: () => Promise<string>
  /** An open encoder by its id. */
  readonly openedEncoder: (encoderId: string) => FeatureEncoder | undefined
  /** The encoder in use, as estimates want to know it. */
  readonly encoderFacts: () => Promise<Parameters<typeof estimatePromotion>[1]>
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** Model versions as the other features use them. */
export type Models = {
  readonly handlers: FeatureHandlers<'models'>
  readonly work: (library: Library) => Pick<Work, 'promote'>
  readonly versions: VersionEncoders
  openTower(library: Library, model: ModelVersion): Promise<Tower>
  /**
   * A version that can be searched with, and what it sees and reads with.
   * @throws AppError `model.missing`, `model.unread`
   */
  choose(library: Library, choice: string): Promise<{ readonly model: ModelVersion; readonly encoder: FeatureEncoder }>
  /** What people call the version in use. */
  activeName(library: Library): Promise<string>
  /** Reads what blocks of the version in use have not seen. @returns what they could not read */
  readForActive(
    library: Library,
    trunk: FeatureEncoder,
    context: Pick<CallContext, 'signal' | 'onEvent'>,
  ): Promise<readonly FailedFile[]>
}

export function createModels(parts: ModelsParts): Models {
  const { access, jobs, news, tally, reader, bundles, trainer, encoder, encoderId, now } = parts
  const { view, change } = access
  const versions = createVersionEncoders(bundles, trainer)
  const promoting = async (library: Library): Promise<PromoteParts> => ({
    ...{ library, reader, now, encoderId: await encoderId() },
    encoderOf: async (model) => versions.of(library, model, await encoder()),
  })

  return {
    handlers: {
      models: async () => listModels(access.open('read'), await encoderId()),
      promote: async (input, context) => {
        const reading = await promoting(access.open('write'))
        const result = await tally.during('encoder', () => promoteModel(reading, input, context))
        news.changed('models', 'runs')
        return result
      },
      estimatePromotion: async ({ model }) => estimatePromotion(view(), await parts.encoderFacts(), model),
      startPromotion: async (input) => {
        change()
        return { job: jobs.queue().start('promote', input) }
      },
      rollback: async () => {
        const result = rollbackModel(access.open('write'), await encoderId())
        news.changed('models', 'runs')
        return result
      },
      discardModel: async ({ model }) => {
        if (jobs.queue().isPromoting(model)) {
          const message = `Videos are being read so that ${model} can be used. Cancel that first, then discard it.`
          throw new AppError('work.running', message, { model })
        }
        const result = discardModel(change(), await encoderId(), model)
        news.changed('models', 'runs')
        return result
      },
      exportModel: async (input) =>
        exportModel({ library: access.open('read'), encoderId: await encoderId(), bundles, trainer, versions }, input),
    },
    work: (library) => ({
      async promote(input, context) {
        const reading = await promoting(library)
        // It may read videos, as a change of the encoder does.
        return tally.during('encoder', () => promoteVersion(reading, input, context))
      },
    }),
    versions,
    async openTower(library, model) {
      // The encoder may be changed while a search with the old one is at work.
      const { dim } = parts.openedEncoder(model.encoderId) ?? (await encoder())
      const weights = model.hasWeights ? library.models.weights(model.id) : null
      if (weights === null) return createZeroShotTower(dim, framesPerShot)
      const config = modelConfigSchema.parse(model.config ?? {}).tower
      return trainer.openTower({ weights, config, dim, frameCount: framesPerShot })
    },
    async choose(library, choice) {
      const trunk = await encoder()
      const model = resolveModel(library, trunk.id, choice)
      refuseUnread(library, model)
      return { model, encoder: versions.of(library, model, trunk) }
    },
    activeName: async (library) => nameOf(resolveModel(library, await encoderId(), 'active')),
    async readForActive(library, trunk, context) {
      const model = library.models.active(trunk.id)
      if (model === undefined) return []
      const own = versions.of(library, model, trunk)
      return (await readForVersion({ library, reader, now }, { model, encoder: own }, context)).failed
    },
  }
}
