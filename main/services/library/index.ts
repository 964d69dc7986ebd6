/** The handlers of the procedures that windows use, over what handlers.ts holds open for them. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { AppError, type CallContext, type Handlers, type ProcedureName } from '../../contract/index.ts'
import { changeSettings, readSettings } from '../shared/app-settings.ts'
import { auditOverview, auditPairs, auditTable, retrainPreview } from '../audit/audit.ts'
import { browse } from './browse.ts'
import { countsOf } from './counts.ts'
import { cutClips } from '../search/cut-clips.ts'
import { diagnostics } from '../settings/diagnostics.ts'
import { performEdit, stepHistory } from '../labelling/edit-labels.ts'
import { exportMoments, saveText } from '../search/export-moments.ts'
import { lastLinesOf } from '../settings/last-lines.ts'
import { createAgreements, labelQueue, labelsPage } from '../labelling/label-queue.ts'
import { listVideos, videoDetail } from './list-videos.ts'
import { locateVideo, removeVideos } from './manage-videos.ts'
import { nameOf, resolveModel } from '../models/model-versions.ts'
import type { Playback } from './playback.ts'
import type { MediaTools } from '../shared/ports.ts'
import { editSearches, listSearches } from '../search/search-memory.ts'
import { similarMoments } from '../search/search.ts'
import { clearStorage, storageUse } from '../settings/storage-use.ts'
import { importTable, previewTable } from './table-import.ts'
import { createTrainingHandlers, type TrainingHandlerParts } from '../training/index.ts'
import type { WorkQueue } from '../jobs/work-queue.ts'

/** What the command line has handlers for; the rest is here. */
export type CommandHandlers =
  | 'import'
  | 'describe'
  | 'label'
  | 'train'
  | 'evaluate'
  | 'audit'
  | 'models'
  | 'promote'
  | 'rollback'
  | 'exportModel'
  | 'doctor'
  | 'devices'
  | 'counts'
  | 'backup'
  | 'restore'
  | 'search'
  | 'encoders'
  | 'addEncoder'
  | 'removeEncoder'
  | 'encoderSource'
  | 'downloadEncoder'
  | 'estimateEncoder'
  | 'measureEncoder'
  | 'useEncoder'

export type WindowParts = Omit<TrainingHandlerParts, 'queue' | 'isTraining'> & {
  /** Null while the library is read-only. */
  readonly queue: () => WorkQueue | null
  readonly playback: Playback
  readonly mediaTools: MediaTools
  readonly doctor: (context: CallContext) => ReturnType<Handlers['doctor']>
  readonly hashContent: Parameters<typeof locateVideo>[1]
  readonly browseRoots: readonly string[]
  readonly logFile: string | null
  /** Aborted when the engine closes. */
  readonly closing: AbortSignal
  readonly now: () => number
  readonly newId: () => string
}

export function createWindowHandlers(parts: WindowParts): Pick<Handlers, Exclude<ProcedureName, CommandHandlers>> {
  const { view, write, encoderId, news, playback, mediaTools, withReady, now, newId } = parts
  const agreements = createAgreements()
  /** @throws AppError `library.locked` */
  const queue = (): WorkQueue => {
    const library = write()
    const ready = parts.queue()
    if (ready !== null) return ready
    throw new AppError('library.locked', `Another process is working on the library ${library.dir}. Wait for it.`, {
      dir: library.dir,
    })
  }
  const isTraining = (): boolean => parts.queue()?.isTraining() ?? false
  const editing = () => ({ library: write(), newId, now })

  return {
    // The app
    watch: async (_, { signal, onEvent }) => {
      const stop = news.listen(onEvent)
      try {
        onEvent({ kind: 'listening' })
        // Who comes late, or again, learns what is going on.
        for (const job of parts.queue()?.list() ?? []) {
          if (['pending', 'running', 'paused'].includes(job.state)) onEvent({ kind: 'job', job })
        }
        await aborted(AbortSignal.any([signal, parts.closing]))
        signal.throwIfAborted()
        return {}
      } finally {
        stop()
      }
    },
    settings: async () => readSettings(view()),
    changeSettings: async (changes) => {
      const settings = changeSettings(write(), changes)
      news.changed('settings')
      return settings
    },
    reportPower: async ({ onBattery }) => parts.queue()?.reportPower(onBattery) ?? { held: 0, released: 0 },
    storage: async () => storageUse(view()),
    clearStorage: async (input) => clearStorage(write(), input),
    diagnostics: async (_, context) => {
      const library = view()
      return diagnostics({
        ...{ library, appVersion: parts.appVersion, encoderId: await encoderId().catch(() => 'none'), now },
        ...{ settings: readSettings(library), jobs: parts.queue()?.list() ?? [] },
        ...{ doctor: await parts.doctor(context), storage: await storageUse(library) },
        log: parts.logFile === null ? [] : await lastLinesOf(parts.logFile),
      })
    },

    // The library
    overview: async () => {
      const library = view()
      const { totalSeconds, longestSeconds } = library.videoList.footage()
      return {
        ...{ counts: countsOf(library), footageSeconds: totalSeconds, longestSeconds },
        categories: library.videoList.categories(),
        activeModel: nameOf(resolveModel(library, await encoderId(), 'active')),
        jobs: parts.queue()?.list() ?? [],
        ...{ canUndo: library.edits.canUndo(), canRedo: library.edits.canRedo(), readOnly: library.readOnly },
      }
    },
    listVideos: async (input) => listVideos(view(), input),
    video: async ({ video }) => videoDetail(view(), await encoderId(), video),
    frameTimes: async ({ video, start, end }, { signal }) => {
      const stretch = { start, end: Math.min(end, start + longestStretchSeconds) }
      return { times: await playback.frameTimes(view(), video, stretch, signal) }
    },
    playback: async ({ video, mustConvert }, { signal }) => playback.stateOf(view(), video, { mustConvert, signal }),
    retryVideos: async ({ videos }) => {
      const retried = write().videos.retry(videos)
      news.changed('videos')
      return { retried, job: queue().start('index', {}) }
    },
    locateVideo: async (input, { signal }) => {
      const library = write()
      const video = await locateVideo(library, parts.hashContent, input, signal)
      if (video.status === 'pending') queue().start('index', {})
      news.changed('videos')
      return { video }
    },
    removeVideos: async ({ videos }) => {
      const removed = removeVideos(write(), videos)
      news.changed('videos', 'texts', 'labels')
      return { removed }
    },
    startImport: async ({ paths, sidecars }) => {
      const missing = paths.find((path) => !existsSync(path))
      if (missing !== undefined) {
        throw new AppError('input.missing', `${missing} does not exist. Check the path.`, { path: missing })
      }
      return { job: queue().start('import', { paths, sidecars }) }
    },
    importSample: async () => ({ job: queue().start('sample', {}) }),
    browse: ({ folder }) => browse(parts.browseRoots, folder),
    previewTable: (input) => previewTable(view(), input),
    importTable: async (input) => {
      const result = await importTable(write(), input)
      news.changed('videos', 'texts')
      return result
    },
    jobs: async () => ({ jobs: view() && (parts.queue()?.list() ?? []) }),
    controlJob: async (input) => ({ job: await queue().control(input) }),

    // Encoders
    startUseEncoder: async (input) => ({ job: queue().start('encoder', input) }),

    // Search
    similar: async (input, context) => {
      const library = view()
      return withReady(library, input.model, context.signal, (ready, trunk) =>
        similarMoments({ library, encoder: trunk, ready, now }, mediaTools, input, context),
      )
    },
    searches: async (input) => listSearches(view(), input),
    editSearches: async (input) => {
      const result = editSearches(write(), input)
      news.changed('searches')
      return result
    },
    exportMoments: (input) => exportMoments(view(), input),
    cutClips: (input, context) => cutClips(view(), mediaTools, input, context, now),

    // Labels
    labelQueue: async (input, { signal }) => {
      const library = view()
      return withReady(library, 'active', signal, (ready, trunk) =>
        labelQueue({ library, encoder: trunk, ready, agreements }, input),
      )
    },
    edit: async (request) => {
      const outcome = performEdit(editing(), request)
      news.changed(request.action === 'describe' ? 'texts' : 'labels', 'videos')
      return outcome
    },
    history: async (input) => {
      const outcome = stepHistory(editing(), input)
      news.changed('texts', 'labels', 'videos')
      return outcome
    },
    labels: async (input) => labelsPage(view(), input),

    ...createTrainingHandlers({ ...parts, write, queue, isTraining }),

    // Audit
    auditOverview: async (input) => auditOverview(view(), input),
    auditPairs: async (input) => auditPairs(view(), input),
    retrainPreview: async (input) => retrainPreview(view(), await encoderId(), input),
    auditExport: async ({ run, path }) => {
      const { fileName, text } = auditTable(view(), run)
      return saveText(fileName, text, path)
    },
  }
}

/** Longer stretches would list more frames than anybody steps through. */
const longestStretchSeconds = 600

/** The files of the sample catalogue. */
export function sampleFiles(dir: string): { videos: string; descriptions: string; exemplars: string } {
  return {
    videos: join(dir, 'videos'),
    descriptions: join(dir, 'catalogue.csv'),
    exemplars: join(dir, 'exemplars.csv'),
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
