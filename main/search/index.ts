export { calibrate, type Calibration, type CalibrationOptions, type MatchStrength } from './calibration.ts'
export {
  fuseByRank,
  fuseByScore,
  type FusedHit,
  type RankedHit,
  type RankedList,
  type ScoreFusionOptions,
} from './fuse.ts'
export {
  groupByFile,
  mergeMoments,
  type FileGroup,
  type Moment,
  type MomentOptions,
  type SegmentHit,
} from './moments.ts'
export {
  rankMoments,
  type RankedMoment,
  type RankMomentsOptions,
  type SearchableSegment,
  type WordHit,
} from './rank-moments.ts'
export { overlapShare, segmentsIn, type Span } from './relevance.ts'
export {
  createVectorIndex,
  type VectorHit,
  type VectorIndex,
  type VectorIndexOptions,
  type VectorResult,
} from './vector-index.ts'
