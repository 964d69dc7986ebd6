/**
 * One handler for each procedure of the contract, over the collaborators that main/services.ts builds or a test fakes.
 * The procedures of the command line are here, those of windows in window-handlers.ts.
 */
import { existsSync, mkdirSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { AppError, type CallContext, type Handlers, type ProcedureInput } from '../contract/index.ts'
import type { VectorIndex } from '../search/index.ts'
import type { FoundFile, Library, ModelVersion, SettingStore } from '../storage/index.ts'
import { readSettings } from './app-settings.ts'
import { auditRun } from './audit.ts'
import { countsOf } from './counts.ts'
import { promoteModel, promoteVersion, refuseUnread, rollbackModel, type PromoteParts } from './choose-version.ts'
import { clipFile } from './cut-clips.ts'
import { describeVideos } from './describe.ts'
import { listDevices } from './device-list.ts'
import { chooseDevice, type DeviceParts } from './devices.ts'
import { examine } from './doctor.ts'
import { framesPerShot } from './embed.ts'
import { evaluateModel } from './evaluate.ts'
import { importVideos } from './import.ts'
import { labelMoments } from './label.ts'
import { createLibraryAccess, type OpenLibrary } from './library-access.ts'
import { uploadsDirOf } from './library-folders.ts'
import { exportModel } from './export-model.ts'
import { listModels, modelConfigSchema, resolveModel } from './model-versions.ts'
import { createEncoderSet } from './encoder-set.ts'
import { knownSpeed, machineOf, type Machine } from './encoder-speed.ts'
import { addEncoder, downloadEncoder, encoderSource, listEncoders, removeEncoder } from './encoders.ts'
import { measureEncoder } from './measure-encoder.ts'
import { createNews } from './news.ts'
import { createPlayback, type PlaybackState } from './playback.ts'
import type { BlockCosts, BundleStore, FeatureEncoder, MediaTools, Tower, Trainer, VideoReader } from './ports.ts'
import { createSearchIndexes, type ReadyModel } from './search-index.ts'
import { searchMoments } from './search.ts'
import { estimateSwitch, useEncoder } from './switch-encoder.ts'
import { trainModel } from './train.ts'
import { trainOnDevice } from './train-on-device.ts'
import type { EncoderFacts } from './training-handlers.ts'
import { createVersionEncoders } from './version-encoders.ts'
import { createWindowHandlers, sampleFiles, type CommandHandlers } from './window-handlers.ts'
import { createWorkQueue, type WorkQueue } from './work-queue.ts'
import { createWorkTally } from './work-tally.ts'
import { createZeroShotTower } from './zero-shot-tower.ts'

export type ServiceParts = DeviceParts & {
  readonly libraryDir: string
  readonly openLibrary: OpenLibrary
  readonly restoreLibrary: (file: string) => { keptAside: string | null }
  readonly hashContent: (path: string, options: { signal: AbortSignal }) => Promise<Omit<FoundFile, 'path'>>
  readonly reader: VideoReader
  readonly mediaTools: MediaTools
  /** Encoders are opened when first needed; the services dispose of them. */
  readonly bundles: BundleStore
  readonly openVectorIndex: (dim: number) => Promise<VectorIndex>
  readonly trainer: Trainer
  readonly blockCosts: BlockCosts
  /** Bytes of memory that are free now. */
  readonly availableMemory: () => number
  /** Folder of the sample catalogue. */
  readonly sampleDir: string
  /** Where a window without a file dialog begins to look. */
  readonly browseRoots: readonly string[]
  readonly appVersion: string
  /** Null where the host keeps none. */
  readonly logFile: string | null
  /** Name and processor cores of this computer. */
  readonly computer: { readonly name: string; readonly cores: number }
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** A new unique id; letters, digits and dashes. */
  readonly newId: () => string
}

/** Files that a host serves to players and pictures, by id. */
export type MediaFiles = {
  /** Null for an unknown id. */
  poster(segmentId: string): string | null
  /** Null for an unknown id; a state when there is nothing to play yet. */
  video(videoId: string, signal: AbortSignal): Promise<{ readonly path: string } | PlaybackState | null>
  clip(clipId: string): string | null
  /** A new, empty folder of the library for a file that a browser hands over. */
  uploadFolder(): string
}

export type Services = {
  readonly handlers: Handlers
  readonly mediaFiles: MediaFiles
  /** Threads of computations that the settings ask for; null: the runtime's own choice, also without a library. */
  threads(): number | null
  close(): Promise<void>
}

export function createServices(parts: ServiceParts): Services {
  const { libraryDir, reader, mediaTools, trainer, bundles, now, newId } = parts
  const access = createLibraryAccess(libraryDir, parts.openLibrary)
  const libraryIfThere = (): Library | null => {
    try {
      return access.open('read')
    } catch {
      return null // whoever needs the library says what is wrong with it
    }
  }
  const threads = (): number | null => {
    const library = libraryIfThere()
    return library === null ? null : readSettings(library).threads
  }
  const machine = (): Machine => machineOf(parts.computer, threads())
  const encoders = createEncoderSet(bundles, libraryIfThere, machine)
  const encoder = encoders.active
  const encoderId = encoders.activeId
  const versions = createVersionEncoders(bundles, trainer)
  const openTower = async (library: Library, model: ModelVersion): Promise<Tower> => {
    // The encoder may be changed while a search with the old one is at work.
    const { dim } = encoders.opened(model.encoderId) ?? (await encoder())
    const weights = model.hasWeights ? library.models.weights(model.id) : null
    if (weights === null) return createZeroShotTower(dim, framesPerShot)
    const config = modelConfigSchema.parse(model.config ?? {}).tower
    return trainer.openTower({ weights, config, dim, frameCount: framesPerShot })
  }
  const closing = new AbortController()
  const news = createNews(() => countsOf(access.open('read')))
  const playback = createPlayback({
    ...{ tools: mediaTools, news, now },
    maxBytes: (library) => readSettings(library).previewCacheBytes,
  })

  let work: { readonly library: Library; readonly queue: WorkQueue } | undefined
  const indexes = createSearchIndexes({
    ...{ openTower, openVectorIndex: parts.openVectorIndex, now },
    mayLag: () => work?.queue.isIndexing() ?? false,
  })
  const withReady = async <T>(
    library: Library,
    choice: string,
    signal: AbortSignal,
    use: (ready: ReadyModel, encoder: FeatureEncoder) => Promise<T>,
  ): Promise<T> => {
    const trunk = await encoder()
    const model = resolveModel(library, trunk.id, choice)
    refuseUnread(library, model)
    const own = versions.of(library, model, trunk)
    return indexes.use(library, own, model, signal, (ready) => use(ready, own))
  }
  /** For windows, which begin without a library. */
  const view = (): Library => {
    try {
      return access.open('read')
    } catch (error) {
      if (error instanceof AppError && error.code === 'library.missing') return access.open('create')
      throw error
    }
  }

  const tally = createWorkTally()
  const { processorTimes } = parts
  const runImport = (library: Library, input: ProcedureInput<'import'>, context: CallContext) =>
    tally.during('import', () =>
      importVideos({ library, reader, encoder, versions, hashContent: parts.hashContent, now }, input, context),
    )
  const switching = (library: Library) => ({
    ...{ library, encoders, versions, reader, machine: machine(), now, processorTimes },
  })
  const runSwitch = (library: Library, input: ProcedureInput<'useEncoder'>, context: CallContext) =>
    tally.during('encoder', () => useEncoder(switching(library), input, context))
  const bundled = (library: Library) => ({ library, bundles, encoders, machine: machine() })
  const train: Handlers['train'] = async (input, context) => {
    const library = access.open('write')
    const trunk = await encoder()
    const towers = (model: ModelVersion): Promise<Tower> => openTower(library, model)
    const onDevice = trainOnDevice(trainer, (signal) => chooseDevice(parts, library.settings, { signal }))
    const activeBundle = await encoders.activeBundle()
    return tally.during('training', () =>
      trainModel(
        {
          ...{ library, encoder: trunk, trainer: onDevice, openTower: towers, reader, now },
          ...{ cut: (blocks) => bundles.cut(activeBundle, blocks), machine: parts.machine },
          cutTexts: (blocks, texts) => bundles.cutTexts(activeBundle, blocks, texts),
          encoderOf: (model) => versions.of(library, model, trunk),
        },
        input,
        context,
      ),
    )
  }
  const promoting = async (library: Library): Promise<PromoteParts> => ({
    ...{ library, reader, now, encoderId: await encoderId() },
    encoderOf: async (model) => versions.of(library, model, await encoder()),
  })
  const encoderFacts = async (): Promise<EncoderFacts> => {
    const [{ id, dim }, bundle] = [await encoder(), await encoders.activeBundle()]
    return { id, dim, bundle, picturesPerSecond: knownSpeed(view(), id, machine())?.picturesPerSecond ?? null }
  }
  /** Begins with the first window: the command line leaves unfinished work of windows alone. */
  const queue = (): WorkQueue | null => {
    const library = view()
    if (library.readOnly) return null
    if (work?.library === library) return work.queue
    const files = sampleFiles(parts.sampleDir)
    const started = createWorkQueue({
      ...{ library, news, now, newId },
      waitsForMains: () => readSettings(library).indexWhen === 'mains',
      work: {
        import: (input, context) => runImport(library, input, context),
        index: (_, context) => runImport(library, { paths: [], sidecars: false }, context),
        train,
        encoder: (input, context) => runSwitch(library, input, context),
        promote: async (input, context) => {
          const reading = await promoting(library)
          // It may read videos, as a change of the encoder does.
          return tally.during('encoder', () => promoteVersion(reading, input, context))
        },
        async sample(_, context: CallContext) {
          const result = await runImport(library, { paths: [files.videos], sidecars: false }, context)
          await describeVideos(library, { file: files.descriptions }, context)
          await labelMoments(library, { file: files.exemplars }, context)
          return { ...result, counts: countsOf(library) }
        },
      },
    })
    work = { library, queue: started }
    // What an older version read wrongly is read anew in the background, once.
    const isOutdated = !library.readings.isCurrent() && library.counts().indexed > 0
    if (isOutdated || library.readings.waiting().length > 0) started.start('index', {})
    return started
  }
  const stopWork = async (): Promise<void> => {
    const stopping = work?.queue
    work = undefined
    await stopping?.close()
    await indexes.clear()
  }

  /** Without a library nothing is remembered. */
  const settingsIfThere = (): Pick<SettingStore, 'get' | 'set'> => {
    try {
      return access.open('write').settings
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'library.missing') throw error
      return { get: () => undefined, set: () => undefined }
    }
  }

  const doctor = (context: CallContext): ReturnType<Handlers['doctor']> =>
    examine(
      {
        ...{ libraryDir, reader, encoder, availableProviders: parts.availableProviders },
        openLibrary: () => access.open('read'),
      },
      context,
    )
  const commands: Pick<Handlers, CommandHandlers> = {
    import: (input, context) => runImport(access.open('create'), input, context),
    describe: async (input, context) => {
      const result = await describeVideos(access.open('write'), input, context)
      news.changed('videos', 'texts')
      return result
    },
    label: async (input, context) => {
      const result = await labelMoments(access.open('write'), input, context)
      news.changed('videos', 'labels')
      return result
    },
    train,
    search: async (input, context) => {
      const library = access.open('read')
      return withReady(library, input.model, context.signal, (ready, trunk) =>
        searchMoments({ library, encoder: trunk, ready, now }, input, context),
      )
    },
    evaluate: async (input, context) => {
      const library = access.open('read')
      const trunk = await encoder()
      const model = resolveModel(library, trunk.id, input.model)
      refuseUnread(library, model)
      return evaluateModel(
        {
          ...{ library, encoder: versions.of(library, model, trunk), model },
          ...{ openTower: (version) => openTower(library, version), openVectorIndex: parts.openVectorIndex },
        },
        input,
        context,
      )
    },
    audit: async (input) => auditRun(access.open('read'), input),
    models: async () => listModels(access.open('read'), await encoderId()),
    promote: async (input, context) => {
      const reading = await promoting(access.open('write'))
      const result = await tally.during('encoder', () => promoteModel(reading, input, context))
      news.changed('models', 'runs')
      return result
    },
    exportModel: async (input) =>
      exportModel({ library: access.open('read'), encoderId: await encoderId(), bundles, trainer, versions }, input),
    rollback: async () => {
      const result = rollbackModel(access.open('write'), await encoderId())
      news.changed('models', 'runs')
      return result
    },
    doctor: (_, context) => doctor(context),
    devices(input, { signal }) {
      const list = () => listDevices(parts, settingsIfThere(), { ...input, signal })
      return input.measure ? tally.undisturbed('a training step', list) : list()
    },
    encoders: () => listEncoders(bundled(access.open('read'))),
    addEncoder: async (input, context) => {
      const result = await addEncoder(bundled(access.open('create')), input, context)
      news.changed('encoders')
      return result
    },
    encoderSource: (input, context) => encoderSource({ library: libraryIfThere(), bundles }, input, context),
    downloadEncoder: async (input, context) => {
      const result = await downloadEncoder(bundled(access.open('create')), input, context)
      news.changed('encoders')
      return result
    },
    removeEncoder: async (input) => {
      const result = await removeEncoder(bundled(access.open('write')), input)
      news.changed('encoders')
      return result
    },
    estimateEncoder: async (input, { signal }) => {
      const estimate = await estimateSwitch(switching(access.open('read')), input, signal)
      news.changed('encoders') // its speed is known now
      return estimate
    },
    measureEncoder: async (input, context) => {
      const library = access.open('write')
      const measuring = { library, bundles, encoders, work: tally, machine: machine(), now, processorTimes }
      const measured = await measureEncoder(measuring, input, context)
      news.changed('encoders')
      return measured
    },
    useEncoder: async (input, context) => {
      const result = await runSwitch(access.open('write'), input, context)
      news.changed('encoders', 'models', 'searches')
      return result
    },
    counts: async () => countsOf(access.open('read')),
    backup: async ({ file }) => {
      const path = resolve(file)
      await access.open('read').backup(path)
      return { file: path, sizeBytes: (await stat(path)).size }
    },
    restore: async ({ file }) => {
      await stopWork()
      access.close()
      const { keptAside } = parts.restoreLibrary(resolve(file))
      const counts = countsOf(access.open('write'))
      news.changed('videos', 'texts', 'labels', 'models', 'runs', 'searches', 'settings')
      return { file: resolve(file), keptAs: keptAside, counts }
    },
  }

  return {
    handlers: {
      ...commands,
      ...createWindowHandlers({
        ...{ view, write: () => view() && access.open('write'), encoderId, queue, news, playback },
        ...{ mediaTools, trainer, withReady, doctor, devices: parts, hashContent: parts.hashContent, now, newId },
        ...{ encoderFacts, blockCosts: parts.blockCosts, availableMemory: parts.availableMemory },
        ...{ browseRoots: parts.browseRoots, appVersion: parts.appVersion, logFile: parts.logFile },
        closing: closing.signal,
      }),
    },
    mediaFiles: {
      poster(segmentId) {
        const library = view()
        const segment = library.segments.get(segmentId)
        const file = segment === undefined ? null : library.segments.posterFile(segment)
        return file !== null && existsSync(file) ? file : null
      },
      async video(videoId, signal) {
        const library = view()
        return library.videos.get(videoId) === undefined ? null : playback.fileOf(library, videoId, signal)
      },
      clip: (clipId) => clipFile(view(), clipId),
      uploadFolder() {
        const folder = join(uploadsDirOf(view().dir), newId())
        mkdirSync(folder, { recursive: true })
        return folder
      },
    },
    threads,
    async close() {
      closing.abort()
      await stopWork()
      await playback.close()
      news.close()
      access.close()
      await encoders.close()
    },
  }
}
