export { calibratePicture, type PictureCalibrationOptions } from './calibrate-picture.ts'
export { calibrateText, type TextCalibrationOptions, type TextScores } from './calibrate-text.ts'
export { type Calibration, type MatchStrength } from './calibration.ts'
export {
  fuseByRank,
  fuseByScore,
  type FusedHit,
  type RankedHit,
  type RankedList,
  type ScoreFusionOptions,
} from './fuse.ts'
export { meaninglessTexts } from './meaningless-texts.ts'
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
export { fcpxml, frameRateOf, otio, type FrameRate, type Timeline, type TimelineClip } from './timeline-files.ts'
