/** A library: one folder with a database, thumbnails and checkpoints, opened by one writer at a time. Runs in the engine. */
import { existsSync, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { assert } from '../base/index.ts'
import { AppError } from '../contract/index.ts'
import { backupTo, findProblems } from './backup.ts'
import { createConceptStore, type ConceptStore } from './concepts.ts'
import { openConnection, type Connection } from './connection.ts'
import { createDescriptionStore, type DescriptionStore } from './descriptions.ts'
import { createEditStore, type EditStore } from './edits.ts'
import { createEmbeddingStore, type EmbeddingStore } from './embeddings.ts'
import { createExemplarStore, type ExemplarStore } from './exemplars.ts'
import { createFeatureStore, type FeatureStore } from './features.ts'
import { createJobRows, type JobRows } from './job-rows.ts'
import { createKeywordSearch, type KeywordSearch } from './keyword-search.ts'
import { appliedMigrations, migrate, planMigrations, shippedMigrations, type Migration } from './migrations.ts'
import { createModelStore, type ModelStore } from './models.ts'
import { createPairRecordStore, type PairRecordStore } from './pair-records.ts'
import { createQuestionStore, type QuestionStore } from './questions.ts'
import { createRunStore, type RunStore } from './runs.ts'
import { createSavedSearches, type SavedSearchStore } from './saved-searches.ts'
import { createSearchLog, type SearchLog } from './search-log.ts'
import { createSegmentStore, type SegmentStore } from './segments.ts'
import { createReadings, type Readings } from './readings.ts'
import { createSettingStore, type SettingStore } from './settings.ts'
import { createVideoList, type VideoList } from './video-list.ts'
import type { VideoStore } from './video.ts'
import { createVideoStore } from './videos.ts'
import { takeWriterLock } from './writer-lock.ts'

export type LibraryOptions = {
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** A new unique id; letters, digits and dashes. */
  readonly newId: () => string
  /** Opens without the writer's lock; every write then fails. Default false. */
  readonly readOnly?: boolean
  /** When false, a folder without a library is refused with `library.missing`. Default true (ignored when read-only). */
  readonly create?: boolean
  /** Path of the compiled SQLite binding for a host with another ABI; default: the one for plain Node. */
  readonly nativeBinding?: string
  /** Default: the ones that ship. */
  readonly migrations?: readonly Migration[]
}

/** The promise shown to the user: eligible = indexed + failed + pending. */
export type CatalogueCounts = {
  /** Videos known, counted apart from their state. */
  readonly eligible: number
  readonly indexed: number
  readonly failed: number
  readonly pending: number
  /** Further paths with the content of a counted video. */
  readonly copies: number
  readonly segments: number
  readonly descriptions: number
  readonly exemplars: number
}

export type Library = {
  readonly dir: string
  readonly thumbnailsDir: string
  readonly readOnly: boolean
  readonly videos: VideoStore
  /** Pages of videos for a window. */
  readonly videoList: VideoList
  readonly segments: SegmentStore
  readonly features: FeatureStore
  readonly descriptions: DescriptionStore
  readonly exemplars: ExemplarStore
  readonly concepts: ConceptStore
  readonly questions: QuestionStore
  /** Changes of labels and texts that can be undone. */
  readonly edits: EditStore
  readonly models: ModelStore
  readonly embeddings: EmbeddingStore
  readonly runs: RunStore
  readonly pairRecords: PairRecordStore
  /** Rows for the queue of main/jobs. */
  readonly jobs: JobRows
  readonly settings: SettingStore
  /** Videos that an older version read wrongly. */
  readonly readings: Readings
  readonly searchLog: SearchLog
  readonly savedSearches: SavedSearchStore
  readonly keywords: KeywordSearch
  counts(): CatalogueCounts
  /** Problems found, as SQLite words them; empty when the library is sound. */
  integrityCheck(): string[]
  /** Copies the database to a file while the library stays usable. Thumbnails and checkpoints can be remade and are left out. */
  backup(file: string): Promise<void>
  /** Several edits as one: all or nothing. `work` must not be async. */
  transaction<T>(work: () => T): T
  /** Gives the writer's lock back. Calling it twice is fine. */
  close(): void
}

/** The database file of a library. */
export function databaseFile(dir: string): string {
  return join(dir, 'catalogue.db')
}

/**
 * Opens the library in `dir`, making folder and database when they are missing and bringing an older database up to date
 * (a copy is put aside first).
 * @throws AppError library.locked, library.newer, library.older (read-only), library.missing, library.damaged
 */
export function openLibrary(dir: string, options: LibraryOptions): Library {
  const folder = resolve(dir)
  const readOnly = options.readOnly ?? false
  const file = databaseFile(folder)
  if ((readOnly || options.create === false) && !existsSync(file)) {
    throw new AppError('library.missing', `There is no library in ${folder}. Import videos to make one.`, {
      dir: folder,
    })
  }
  if (!readOnly) mkdirSync(join(folder, 'thumbnails'), { recursive: true })
  const lock = readOnly ? null : takeWriterLock(folder, options)
  let connection: Connection | undefined
  try {
    connection = openConnection(file, options)
    if (readOnly) refuseOlder(connection, options, folder)
    else migrate(connection, options)
    return buildLibrary(folder, connection, options, () => lock?.release())
  } catch (error) {
    connection?.close()
    lock?.release()
    throw error
  }
}

function refuseOlder(connection: Connection, options: LibraryOptions, dir: string): void {
  const missing = planMigrations(appliedMigrations(connection), options.migrations ?? shippedMigrations())
  if (missing.length === 0) return
  throw new AppError(
    'library.older',
    `The library in ${dir} was written by an older version of the app. Open it for writing once to bring it up to date.`,
    { dir },
  )
}

function buildLibrary(dir: string, connection: Connection, options: LibraryOptions, release: () => void): Library {
  const { now, newId } = options
  const features = createFeatureStore(connection)
  const descriptions = createDescriptionStore(connection, { now, newId })
  const count = (sql: string): number => connection.get<{ n: number }>(`SELECT count(*) AS n FROM ${sql}`)?.n ?? 0
  return {
    dir,
    thumbnailsDir: join(dir, 'thumbnails'),
    readOnly: options.readOnly ?? false,
    videos: createVideoStore(connection, { now, newId }),
    videoList: createVideoList(connection),
    segments: createSegmentStore(connection, { dir, now, newId, features }),
    features,
    descriptions,
    exemplars: createExemplarStore(connection, { now, newId }),
    concepts: createConceptStore(connection, { newId }),
    questions: createQuestionStore(connection, { now, newId }),
    edits: createEditStore(connection, { now, newId, descriptions }),
    models: createModelStore(connection, { now, newId }),
    embeddings: createEmbeddingStore(connection),
    runs: createRunStore(connection, { dir, now, newId }),
    pairRecords: createPairRecordStore(connection),
    jobs: createJobRows(connection),
    settings: createSettingStore(connection),
    readings: createReadings(createSettingStore(connection)),
    searchLog: createSearchLog(connection, { now }),
    savedSearches: createSavedSearches(connection, { now, newId }),
    keywords: createKeywordSearch(connection),
    counts: () => ({
      eligible: count('videos'),
      indexed: count("videos WHERE status = 'indexed'"),
      failed: count("videos WHERE status = 'failed'"),
      pending: count("videos WHERE status = 'pending'"),
      copies: count('video_paths p JOIN videos v ON v.id = p.video_id WHERE p.path <> v.path'),
      segments: count('segments'),
      descriptions: count('descriptions'),
      exemplars: count('exemplars'),
    }),
    integrityCheck: () => findProblems(connection),
    backup: (file) => backupTo(connection, file),
    transaction: (work) =>
      connection.write(() => {
        const result = work()
        assert(!(result instanceof Promise), 'the work of a transaction must not be async')
        return result
      }),
    close() {
      connection.close()
      release()
    },
  }
}
