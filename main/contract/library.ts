/** The library: importing videos and tables of descriptions, the grid, one video, its backup. */
import { z } from 'zod'
import { jobSchema } from './jobs.ts'
import { call, stream } from './procedure.ts'
import { countsSchema, failedFileSchema, ignoreFolders, rowProblemSchema } from './shapes.ts'

const id = z.string().min(1)
const path = z.string().min(1)
const empty = z.strictObject({})
const job = z.object({ job: jobSchema })

export const videoStatuses = ['indexed', 'failed', 'pending'] as const

/** One cell of the grid. Times are seconds, dates ISO 8601. */
export const videoRowSchema = z.object({
  id: z.string(),
  fileName: z.string(),
  status: z.enum(videoStatuses),
  /** Why it could not be indexed; `reason` is from the closed list in main/media. */
  failure: z.object({ reason: z.string(), message: z.string() }).nullable(),
  durationSeconds: z.number().nullable(),
  title: z.string().nullable(),
  sku: z.string().nullable(),
  category: z.string().nullable(),
  /** The most trusted text; null when there is none. */
  description: z.string().nullable(),
  /** Its picture is `/media/poster/<this>`; null without one. */
  posterSegment: z.string().nullable(),
  /** Segments whose pictures scrub through the video, in order of time, at most 12. */
  posters: z.array(z.string()),
  segments: z.number().int(),
  exemplars: z.number().int(),
  addedAt: z.string(),
})

export const videoSegmentSchema = z.object({
  id: z.string(),
  start: z.number(),
  end: z.number(),
  hasPoster: z.boolean(),
  /** Decoded times of the frames that the model saw, seconds. */
  frameTimes: z.array(z.number()),
})

export const descriptionSourceSchema = z.enum(['user', 'csv', 'sidecar', 'generated', 'filename'])

export const gradeSchema = z.enum(['exact', 'partial', 'wrong'])

export const exemplarSchema = z.object({
  id: z.string(),
  video: z.string(),
  segment: z.string().nullable(),
  start: z.number(),
  end: z.number(),
  text: z.string(),
  grade: gradeSchema,
  concept: z.string().nullable(),
})

export const videoFilterSchema = z.strictObject({
  statuses: z.array(z.enum(videoStatuses)).min(1).optional(),
  /** Names of categories; '' means videos without one. */
  categories: z.array(z.string()).min(1).optional(),
  minSeconds: z.number().min(0).optional(),
  maxSeconds: z.number().min(0).optional(),
  /** With or without a text, with or without an exemplar. */
  described: z.boolean().optional(),
  labelled: z.boolean().optional(),
})

/** Columns of a description table and which column of the file fills each; '' where none does. */
export const columnMappingSchema = z.strictObject({
  file: z.string().default(''),
  sku: z.string().default(''),
  title: z.string().default(''),
  description: z.string().default(''),
  category: z.string().default(''),
})

/** A table on disk, or its text where the window has only that (a file dropped in a browser). */
/** Of a table, by the names of the platform's decoder; without one it is found out. */
export const textEncodings = [
  'utf-8',
  'utf-16le',
  'utf-16be',
  'windows-1252',
  'windows-1250',
  'windows-1251',
  'shift_jis',
] as const

const encoding = z.string().optional()

/** A file of this computer, or the bytes of one that only the page has. */
export const tableSourceSchema = z.union([
  z.strictObject({ path, encoding }),
  z.strictObject({ name: z.string(), base64: z.base64().max(64_000_000), encoding }),
])

const tableOutcome = {
  /** Rows below the header. */
  rows: z.number().int(),
  /** Rows that name a video and a text. */
  usable: z.number().int(),
  /** Videos that get a text. */
  videos: z.number().int(),
  problems: z.array(rowProblemSchema),
}

export const libraryProcedures = {
  import: stream(
    'Add videos (files or folders): probe, cut into shots, index. Importing the same content again changes nothing.',
    z.strictObject({ paths: z.array(path).min(1), sidecars: z.boolean().default(true) }),
    z.object({
      /** Files that the probe took for videos, by what became of them. */
      imported: z.number().int(),
      alreadyThere: z.number().int(),
      failed: z.array(failedFileSchema),
      /** Files that are plainly not media (tables, texts) and links that lead out of the folder. */
      skipped: z.number().int(),
      segments: z.number().int(),
      frames: z.number().int(),
      sidecars: z.number().int(),
      elapsedSeconds: z.number(),
      videoSeconds: z.number(),
      counts: countsSchema,
    }),
  ),
  describe: stream(
    'Import descriptions from a table with the header file,sku,title,description,category.',
    z.strictObject({ file: path, encoding, ignoreFolders }),
    z.object({
      rows: z.number().int(),
      described: z.number().int(),
      videos: z.number().int(),
      withoutDescription: z.number().int(),
      problems: z.array(rowProblemSchema),
    }),
  ),
  counts: call('How many videos are eligible, indexed, failed and pending.', empty, countsSchema),
  backup: call(
    'Write the whole library into one file.',
    z.strictObject({ file: path }),
    z.object({ file: z.string(), sizeBytes: z.number() }),
  ),
  restore: call(
    'Replace the library by a backup; the library that was there is kept beside it.',
    z.strictObject({ file: path }),
    z.object({ file: z.string(), keptAs: z.string().nullable(), counts: countsSchema }),
  ),
  overview: call(
    'What a window shows before anything is asked: counts, categories, running jobs, the active model.',
    empty,
    z.object({
      counts: countsSchema,
      /** Seconds of footage in indexed videos, and the longest one. */
      footageSeconds: z.number(),
      longestSeconds: z.number(),
      categories: z.array(z.object({ name: z.string(), videos: z.number().int() })),
      activeModel: z.string(),
      jobs: z.array(jobSchema),
      canUndo: z.boolean(),
      canRedo: z.boolean(),
      /** True when another process writes to the library: everything can be seen and nothing changed. */
      readOnly: z.boolean(),
    }),
  ),
  listVideos: call(
    'One page of the library, sorted and filtered.',
    z.strictObject({
      filter: videoFilterSchema.default({}),
      /** Part of a file name, title, SKU or category. */
      text: z.string().default(''),
      sort: z.enum(['name', 'added', 'duration', 'status']).default('name'),
      descending: z.boolean().default(false),
      offset: z.number().int().min(0).default(0),
      limit: z.number().int().min(1).max(500).default(100),
    }),
    z.object({
      /** Videos that pass the filter. */
      total: z.number().int(),
      videos: z.array(videoRowSchema),
    }),
  ),
  video: call(
    'One video with its shots, descriptions and exemplars.',
    z.strictObject({ video: id }),
    videoRowSchema.extend({
      path: z.string(),
      /** Other places where the same content was found. */
      copies: z.array(z.string()),
      /** False when the file is not at its path now. */
      isThere: z.boolean(),
      sizeBytes: z.number(),
      codec: z.string().nullable(),
      width: z.number().nullable(),
      height: z.number().nullable(),
      framesPerSecond: z.number().nullable(),
      descriptions: z.array(
        z.object({
          id: z.string(),
          text: z.string(),
          source: descriptionSourceSchema,
          /** Of what a model has written: the stretch that it was shown, the model, what it was asked and when. */
          generated: z
            .object({ start: z.number(), end: z.number(), model: z.string(), prompt: z.string(), at: z.string() })
            .nullable(),
        }),
      ),
      shots: z.array(videoSegmentSchema),
      labels: z.array(exemplarSchema),
    }),
  ),
  frameTimes: call(
    'Times of the frames of a stretch of a video, as decoded: what a player steps by.',
    z.strictObject({ video: id, start: z.number().min(0), end: z.number().min(0) }),
    z.object({ times: z.array(z.number()) }),
  ),
  playback: call(
    'How to play a video: as it is, or through a preview that is made now when the window cannot play the original.',
    /** `mustConvert`: the window tried the original and failed. */
    z.strictObject({ video: id, mustConvert: z.boolean().default(false) }),
    z.discriminatedUnion('state', [
      /** Play `/media/video/<id>`; `converted` says that it is a preview of less quality. */
      z.object({ state: z.literal('ready'), converted: z.boolean() }),
      /** `reason` in words, such as `ProRes video`; a `playback` event follows when it is ready. */
      z.object({ state: z.literal('preparing'), reason: z.string(), fraction: z.number().nullable() }),
      z.object({ state: z.literal('failed'), message: z.string() }),
    ]),
  ),
  retryVideos: call(
    'Try failed videos again (all, or the named ones) and index what is pending.',
    z.strictObject({ videos: z.array(id).min(1).optional() }),
    job.extend({ retried: z.number().int() }),
  ),
  locateVideo: call(
    'Tell where the file of a video is now. It is accepted when its content is the same.',
    z.strictObject({ video: id, path }),
    z.object({ video: videoRowSchema }),
  ),
  removeVideos: call(
    'Take videos out of the library. Their files are never touched.',
    z.strictObject({ videos: z.array(id).min(1) }),
    z.object({ removed: z.number().int() }),
  ),
  startImport: call(
    'Import files and folders as a job that can be paused and goes on after a crash.',
    z.strictObject({ paths: z.array(path).min(1), sidecars: z.boolean().default(true) }),
    job,
  ),
  importSample: call('Import the built-in sample catalogue with its descriptions and exemplars.', empty, job),
  browse: call(
    'Folders and files of this computer, to choose from where the window has no file dialog.',
    /** Without a folder: the places to begin with. */
    z.strictObject({ folder: path.optional() }),
    z.object({
      folder: z.string().nullable(),
      parent: z.string().nullable(),
      entries: z.array(z.object({ name: z.string(), path: z.string(), kind: z.enum(['folder', 'file']) })),
      /** True when there were more than are listed. */
      isCut: z.boolean(),
    }),
  ),
  previewTable: call(
    'What importing a table of descriptions would do: its columns, a mapping, its first rows, its problems.',
    /** Without a mapping, one is guessed from the names of the columns. */
    z.strictObject({ source: tableSourceSchema, mapping: columnMappingSchema.optional(), ignoreFolders }),
    z.object({
      columns: z.array(z.string()),
      mapping: columnMappingSchema.required(),
      /** The first rows as they are, each as long as `columns`, with the video that each means. */
      sample: z.array(z.object({ row: z.number().int(), cells: z.array(z.string()), fileName: z.string().nullable() })),
      ...tableOutcome,
    }),
  ),
  importTable: call(
    'Import a table of descriptions with a mapping of its columns.',
    z.strictObject({ source: tableSourceSchema, mapping: columnMappingSchema, ignoreFolders }),
    z.object(tableOutcome),
  ),
} as const

export type VideoRow = z.infer<typeof videoRowSchema>
export type VideoFilter = z.infer<typeof videoFilterSchema>
export type VideoSegment = z.infer<typeof videoSegmentSchema>
export type ColumnMapping = z.infer<typeof columnMappingSchema>
export type TableSource = z.infer<typeof tableSourceSchema>
export type Grade = z.infer<typeof gradeSchema>
export type Exemplar = z.infer<typeof exemplarSchema>
