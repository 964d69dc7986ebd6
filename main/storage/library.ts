/** A library: one folder with a database, thumbnails and checkpoints, opened by one writer at a time. Runs in the engine. */
import type { ConceptStore } from './concepts.ts'
import type { DescriptionStore } from './descriptions.ts'
import type { EmbeddingStore } from './embeddings.ts'
import type { ExemplarStore } from './exemplars.ts'
import type { FeatureStore } from './features.ts'
import type { JobRows } from './job-rows.ts'
import type { KeywordSearch } from './keyword-search.ts'
import type { ModelStore } from './models.ts'
import type { PairRecordStore } from './pair-records.ts'
import type { RunStore } from './runs.ts'
import type { SearchLog } from './search-log.ts'
import type { SegmentStore } from './segments.ts'
import type { SettingStore } from './settings.ts'
import type { VideoStore } from './videos.ts'

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
  readonly segments: SegmentStore
  readonly features: FeatureStore
  readonly descriptions: DescriptionStore
  readonly exemplars: ExemplarStore
  readonly concepts: ConceptStore
  readonly models: ModelStore
  readonly embeddings: EmbeddingStore
  readonly runs: RunStore
  readonly pairRecords: PairRecordStore
  /** Rows for the queue of main/jobs. */
  readonly jobs: JobRows
  readonly settings: SettingStore
  readonly searchLog: SearchLog
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

/**
 * Opens the library in `dir`, making folder and database when they are missing and bringing an older database up to date
 * (a copy is put aside first).
 * @throws AppError library.locked, library.newer, library.older (read-only), library.missing, library.damaged
 */
export function openLibrary(_dir: string, _options: LibraryOptions): Library {
  throw new Error('internal: not built yet')
}
