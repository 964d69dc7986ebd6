/** Public door of storage: the library and its stores. */
export { openLibrary, type CatalogueCounts, type Library, type LibraryOptions } from './library.ts'
export { restoreLibrary } from './backup.ts'
export { hashContent } from './content-hash.ts'
export type { Concept, ConceptStore } from './concepts.ts'
export { descriptionSources, type Description, type DescriptionSource, type DescriptionStore } from './descriptions.ts'
export type { EmbeddingMatrix, EmbeddingStore } from './embeddings.ts'
export { exemplarGrades, type Exemplar, type ExemplarGrade, type ExemplarStore, type NewExemplar } from './exemplars.ts'
export type { FeatureStore, FrameBatch } from './features.ts'
export type { JobRow, JobRows, JobRowState } from './job-rows.ts'
export type { KeywordHit, KeywordSearch } from './keyword-search.ts'
export type { ModelStatus, ModelStore, ModelVersion, NewModel } from './models.ts'
export type { EpochRecord, PairRecordStore, RunPair } from './pair-records.ts'
export type { Run, RunEpoch, RunState, RunStore } from './runs.ts'
export type { LoggedSearch, SearchLog } from './search-log.ts'
export type { IndexedSegment, IndexedVideo, Segment, SegmentStore, SegmentWithPath } from './segments.ts'
export type { SettingStore } from './settings.ts'
export type {
  FoundFile,
  RegisterOutcome,
  Video,
  VideoFailure,
  VideoFilter,
  VideoStatus,
  VideoStore,
} from './videos.ts'
