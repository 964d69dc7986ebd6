/** Public door of storage: the library and its stores. */
export { openLibrary, type CatalogueCounts, type Library, type LibraryOptions } from './library.ts'
export { restoreLibrary } from './backup.ts'
export { hashContent, hashWhole, isSampled } from './content-hash.ts'
export type { Concept, ConceptStore } from './concepts.ts'
export {
  descriptionSources,
  type Description,
  type DescriptionSource,
  type DescriptionStore,
  type Generated,
} from './descriptions.ts'
export type { Edit, EditKind, EditStore, ExemplarState, Patch } from './edits.ts'
export type { EmbeddingMatrix, EmbeddingStore } from './embeddings.ts'
export { exemplarGrades, type Exemplar, type ExemplarGrade, type ExemplarStore, type NewExemplar } from './exemplars.ts'
export { writeFileAtomically } from './atomic-file.ts'
export { thinFrames } from './features.ts'
export type { FeatureStore, FrameBatch, KeptFeatures } from './features.ts'
export { decodeText, guessText } from './decode-text.ts'
export { createNameFinder, type NamedPath, type NameMatch } from './video-names.ts'
export { highlight, type TextRange } from './highlight.ts'
export type { JobRow, JobRows, JobRowState } from './job-rows.ts'
export type { KeywordHit, KeywordSearch, QueryWord } from './keyword-search.ts'
export type { ModelStatus, ModelStore, ModelVersion, NewModel } from './models.ts'
export type { EpochRecord, PairRecordStore, RunPair } from './pair-records.ts'
export type { Run, RunEpoch, RunState, RunStore } from './runs.ts'
export type { SavedSearchStore, StoredSearch } from './saved-searches.ts'
export type { LoggedSearch, SearchLog } from './search-log.ts'
export type { IndexedSegment, IndexedVideo, Segment, SegmentStore, SegmentWithPath } from './segments.ts'
export {
  questionOrigins,
  type NewQuestion,
  type Question,
  type QuestionOrigin,
  type QuestionStore,
} from './questions.ts'
export { createReadings, type Readings } from './readings.ts'
export type { SettingStore } from './settings.ts'
export type { CatalogueFilter, CatalogueSort, ListedVideo, VideoList } from './video-list.ts'
export type { FoundFile, RegisterOutcome, Video, VideoFailure, VideoFilter, VideoStatus, VideoStore } from './video.ts'
export type { Migration } from './migrations.ts'
