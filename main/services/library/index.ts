/** The library: videos and their texts come in, are listed, played, looked after and backed up. */
import { existsSync, mkdirSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { AppError, type CallContext, type FeatureHandlers, type ProcedureInput } from '../../contract/index.ts'
import type { Library } from '../../storage/index.ts'
import type { Jobs, News, Work, WorkTally } from '../jobs/index.ts'
import type { LibraryAccess } from '../shared/library-access.ts'
import { uploadsDirOf } from '../shared/library-folders.ts'
import { browse } from './browse.ts'
import { countsOf } from './counts.ts'
import { importVideos, type ImportParts } from './import.ts'
import { listVideos, videoDetail } from './list-videos.ts'
import { locateVideo, removeVideos } from './manage-videos.ts'
import { createPlayback, type PlaybackState } from './playback.ts'
import type { MediaTools } from './ports.ts'
import { describeVideos, importTable, previewTable } from './tables/index.ts'

export { countsOf } from './counts.ts'
export { conceptNames, existingVideo, toExemplar } from './list-videos.ts'
export { previewsDir } from './playback.ts'
export type { MediaTools, VideoReader } from './ports.ts'
export {
  createFeatureWriter,
  readVideosFor,
  readingTime,
  secondsOf,
  videosUnseenBy,
  type CatalogueRead,
  type ReadParts,
} from './reading/index.ts'
export {
  createVideoFinder,
  exemplarColumns,
  findVideo,
  momentOf,
  planExemplars,
  rateOf,
  readSource,
  readTable,
  tableWith,
  readTextFile,
  saveExemplars,
  type TableRow,
} from './tables/index.ts'

export type LibraryParts = Omit<ImportParts, 'library'> & {
  readonly access: LibraryAccess
  readonly jobs: Jobs
  readonly news: News
  readonly tally: WorkTally
  readonly mediaTools: MediaTools
  /** Of the encoder in use, without loading it. */
  readonly encoderId: () => Promise<string>
  /** What people call the version in use. */
  readonly activeModel: (library: Library) => Promise<string>
  /** Takes the exemplars of a table. */
  readonly readExemplars: (library: Library, input: { readonly file: string }, context: CallContext) => Promise<unknown>
  readonly restoreLibrary: (file: string) => { readonly keptAside: string | null }
  /** Stops what works with the library, before it is replaced. */
  readonly stopWork: () => Promise<void>
  /** Folder of the sample catalogue. */
  readonly sampleDir: string
  /** Where a window without a file dialog begins to look. */
  readonly browseRoots: readonly string[]
  /** A new unique id; letters, digits and dashes. */
  readonly newId: () => string
}

/** Files of the library that a host serves to players and pictures, by id. */
export type LibraryFiles = {
  /** Null for an unknown id. */
  poster(segmentId: string): string | null
  /** Null for an unknown id; a state when there is nothing to play yet. */
  video(videoId: string, signal: AbortSignal): Promise<{ readonly path: string } | PlaybackState | null>
  /** A new, empty folder of the library for a file that a browser hands over. */
  uploadFolder(): string
}

/** Longer stretches would list more frames than anybody steps through. */
const longestStretchSeconds = 600

export function createLibraryFeature(parts: LibraryParts): {
  readonly handlers: FeatureHandlers<'library'>
  readonly work: (library: Library) => Pick<Work, 'import' | 'index' | 'sample'>
  readonly files: LibraryFiles
  close(): Promise<void>
} {
  const { access, jobs, news, encoderId, now, newId } = parts
  const { view, change } = access
  const playback = createPlayback({ tools: parts.mediaTools, news, now })
  const runImport = (library: Library, input: ProcedureInput<'import'>, context: CallContext) =>
    parts.tally.during('import', () => importVideos({ ...parts, library }, input, context))
  const sample = sampleFiles(parts.sampleDir)

  return {
    handlers: {
      import: (input, context) => runImport(access.open('create'), input, context),
      describe: async (input, context) => {
        const result = await describeVideos(access.open('write'), input, context)
        news.changed('videos', 'texts')
        return result
      },
      counts: async () => countsOf(access.open('read')),
      backup: async ({ file }) => {
        const path = resolve(file)
        await access.open('read').backup(path)
        return { file: path, sizeBytes: (await stat(path)).size }
      },
      restore: async ({ file }) => {
        await parts.stopWork()
        access.close()
        const { keptAside } = parts.restoreLibrary(resolve(file))
        const counts = countsOf(access.open('write'))
        news.changed('videos', 'texts', 'labels', 'models', 'runs', 'searches', 'settings')
        return { file: resolve(file), keptAs: keptAside, counts }
      },
      overview: async () => {
        const library = view()
        const { totalSeconds, longestSeconds } = library.videoList.footage()
        return {
          ...{ counts: countsOf(library), footageSeconds: totalSeconds, longestSeconds },
          categories: library.videoList.categories(),
          activeModel: await parts.activeModel(library),
          jobs: jobs.queueIfWritable()?.list() ?? [],
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
        const retried = change().videos.retry(videos)
        news.changed('videos')
        return { retried, job: jobs.queue().start('index', {}) }
      },
      locateVideo: async (input, { signal }) => {
        const library = change()
        const video = await locateVideo(library, parts.hashContent, input, signal)
        if (video.status === 'pending') jobs.queue().start('index', {})
        news.changed('videos')
        return { video }
      },
      removeVideos: async ({ videos }) => {
        const removed = removeVideos(change(), videos)
        news.changed('videos', 'texts', 'labels')
        return { removed }
      },
      startImport: async ({ paths, sidecars }) => {
        const missing = paths.find((path) => !existsSync(path))
        if (missing !== undefined) {
          throw new AppError('input.missing', `${missing} does not exist. Check the path.`, { path: missing })
        }
        return { job: jobs.queue().start('import', { paths, sidecars }) }
      },
      importSample: async () => ({ job: jobs.queue().start('sample', {}) }),
      browse: ({ folder }) => browse(parts.browseRoots, folder),
      previewTable: (input) => previewTable(view(), input),
      importTable: async (input) => {
        const result = await importTable(change(), input)
        news.changed('videos', 'texts')
        return result
      },
    },
    work: (library) => ({
      import: (input, context) => runImport(library, input, context),
      index: (_, context) => runImport(library, { paths: [], sidecars: false }, context),
      async sample(_, context) {
        const result = await runImport(library, { paths: [sample.videos], sidecars: false }, context)
        await describeVideos(library, { file: sample.descriptions }, context)
        await parts.readExemplars(library, { file: sample.exemplars }, context)
        return { ...result, counts: countsOf(library) }
      },
    }),
    files: {
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
      uploadFolder() {
        const folder = join(uploadsDirOf(view().dir), newId())
        mkdirSync(folder, { recursive: true })
        return folder
      },
    },
    close: () => playback.close(),
  }
}

/** The files of the sample catalogue. */
function sampleFiles(dir: string): { videos: string; descriptions: string; exemplars: string } {
  return {
    videos: join(dir, 'videos'),
    descriptions: join(dir, 'catalogue.csv'),
    exemplars: join(dir, 'exemplars.csv'),
  }
}
