/** One handler for each procedure of the contract, over the collaborators that main/services.ts builds or a test fakes. */
import { resolve } from 'node:path'
import { stat } from 'node:fs/promises'
import type { Handlers } from '../contract/index.ts'
import type { ProviderStatus } from '../runtime/index.ts'
import type { VectorIndex } from '../search/index.ts'
import type { FoundFile, Library, ModelVersion } from '../storage/index.ts'
import { auditRun } from './audit.ts'
import { countsOf } from './counts.ts'
import { describeVideos } from './describe.ts'
import { examine } from './doctor.ts'
import { framesPerShot } from './embed.ts'
import { evaluateModel } from './evaluate.ts'
import { importVideos } from './import.ts'
import { labelMoments } from './label.ts'
import { createLibraryAccess, type OpenLibrary } from './library-access.ts'
import { listModels, modelConfigSchema, promoteModel, resolveModel, rollbackModel } from './model-versions.ts'
import type { FeatureEncoder, Tower, Trainer, VideoReader } from './ports.ts'
import { searchMoments } from './search.ts'
import { trainModel } from './train.ts'
import { createZeroShotTower } from './zero-shot-tower.ts'

export type ServiceParts = {
  readonly libraryDir: string
  readonly openLibrary: OpenLibrary
  readonly restoreLibrary: (file: string) => { keptAside: string | null }
  readonly hashContent: (path: string, options: { signal: AbortSignal }) => Promise<Omit<FoundFile, 'path'>>
  readonly reader: VideoReader
  /** Asked for when first needed; the services dispose of what it returned. */
  readonly openEncoder: () => Promise<FeatureEncoder>
  readonly openVectorIndex: (dim: number) => Promise<VectorIndex>
  readonly trainer: Trainer
  readonly availableProviders: () => Promise<ProviderStatus[]>
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export type Services = { readonly handlers: Handlers; close(): Promise<void> }

export function createServices(parts: ServiceParts): Services {
  const { libraryDir, reader, trainer, now } = parts
  const access = createLibraryAccess(libraryDir, parts.openLibrary)
  let opening: Promise<FeatureEncoder> | undefined
  const encoder = (): Promise<FeatureEncoder> => {
    opening ??= parts.openEncoder().catch((error: unknown) => {
      opening = undefined // the next call may find the bundle
      throw error
    })
    return opening
  }
  const openTower = async (library: Library, model: ModelVersion): Promise<Tower> => {
    const { dim } = await encoder()
    const weights = library.models.weights(model.id)
    if (weights === null) return createZeroShotTower(dim, framesPerShot)
    const config = modelConfigSchema.parse(model.config ?? {}).tower
    return trainer.openTower({ weights, config, dim, frameCount: framesPerShot })
  }
  /** What most procedures over a model version need. */
  const withModel = async (library: Library, choice: string) => {
    const trunk = await encoder()
    return {
      library,
      encoder: trunk,
      model: resolveModel(library, trunk.id, choice),
      openTower: (model: ModelVersion) => openTower(library, model),
      openVectorIndex: parts.openVectorIndex,
    }
  }

  const handlers: Handlers = {
    import: (input, context) =>
      importVideos(
        { library: access.open('create'), reader, encoder, hashContent: parts.hashContent, now },
        input,
        context,
      ),
    describe: async (input, context) => describeVideos(access.open('write'), input, context),
    label: async (input, context) => labelMoments(access.open('write'), input, context),
    train: async (input, context) => {
      const library = access.open('write')
      const trunk = await encoder()
      return trainModel(
        { library, encoder: trunk, trainer, openTower: (model) => openTower(library, model), now },
        input,
        context,
      )
    },
    search: async (input, context) =>
      searchMoments({ ...(await withModel(access.open('read'), input.model)), now }, input, context),
    evaluate: async (input, context) =>
      evaluateModel(await withModel(access.open('read'), input.model), input, context),
    audit: async (input) => auditRun(access.open('read'), input),
    models: async () => listModels(access.open('read'), (await encoder()).id),
    promote: async ({ model }) => promoteModel(access.open('write'), (await encoder()).id, model),
    rollback: async () => rollbackModel(access.open('write'), (await encoder()).id),
    doctor: (_, context) =>
      examine(
        {
          libraryDir,
          reader,
          encoder,
          openLibrary: () => access.open('read'),
          availableProviders: parts.availableProviders,
        },
        context,
      ),
    counts: async () => countsOf(access.open('read')),
    backup: async ({ file }) => {
      const path = resolve(file)
      await access.open('read').backup(path)
      return { file: path, sizeBytes: (await stat(path)).size }
    },
    restore: async ({ file }) => {
      access.close()
      const { keptAside } = parts.restoreLibrary(resolve(file))
      return { file: resolve(file), keptAs: keptAside, counts: countsOf(access.open('write')) }
    },
  }
  return {
    handlers,
    async close() {
      access.close()
      const opened = await opening?.catch(() => undefined) // its failure went to whoever asked
      await opened?.dispose()
    },
  }
}
