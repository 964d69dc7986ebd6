export { answerBatch, type AnswerRow, type AnswerTables } from './answer-rows.ts'
export { defaultFusion, fusionTower, type FusionConfig, type FusionTower } from './fusion-tower.ts'
export {
  answerModel,
  defaultAnswerTraining,
  openAnswerScorer,
  trainAnswers,
  type AnswerHead,
  type AnswerScorer,
  type AnswerTraining,
  type TrainAnswersOptions,
  type TrainedAnswersEpoch,
} from './train-answers.ts'
export { measuredStepFlops, measureStep } from './measure-step.ts'
export {
  areaUnderCurve,
  bootstrapMean,
  meanAndSpread,
  meanOverRuns,
  oddsAboveZero,
  pairedDifference,
  quantile,
  type Interval,
} from './bootstrap.ts'
export {
  blockSettingsSchema,
  blockSteps,
  trainedPart,
  trainedParts,
  type BlockSettings,
  type UpperModels,
} from './block-settings.ts'
export { checkRunMemory, costedRun, costOfRun, type RunCost } from './check-run-memory.ts'
export { checkMemory } from './predict-memory.ts'
export {
  defaultTrainingConfig,
  epochsFor,
  partsOf,
  type MarginMode,
  type Objective,
  type TrainingConfig,
} from './config.ts'
export {
  encoderTower,
  mergedEncoder,
  towerOver,
  type Adaptation,
  type Half,
  type TrainedPart,
  type TrainedParts,
} from './encoder-tower.ts'
export { splitExemplars, type ExemplarPart } from './exemplar-split.ts'
export type { PairFacts, PairSet, TextRows } from './pair-set.ts'
export { buildLexicon, createEntriesOf, emptyLexicon, knownShare, type EntriesOf, type Lexicon } from './lexicon.ts'
export { lexiconName } from './lexicon-table.ts'
export { doubtOf, mismatches, pairDoubts, type Doubt, type LossesTwice } from './doubt.ts'
export { frozenPairs, startLosses, type FrozenPairs } from './start-losses.ts'
export {
  isEarlierPlan,
  planTraining,
  readPlan,
  workFor,
  type PlanWishes,
  type TrainingPlan,
  type TrainingWork,
} from './plan.ts'
export { packTensors, unpackTensors } from './tensor-file.ts'
export { towerModels, type TowerModels } from './tower-models.ts'
export { createTowerEncoder, type TextExtras, type TowerEncoder } from './tower-encoder.ts'
export { defaultTemporalTower, temporalTower, type TemporalTowerConfig } from './towers.ts'
export { checkpointEpoch, CheckpointProblem, type Recovery } from './checkpoint.ts'
export {
  effectiveShare,
  trainTowers,
  type TrainedEpoch,
  type TrainedStep,
  type TrainedTowers,
  type TrainTowersOptions,
} from './train-towers.ts'
export {
  frequencyOf,
  rankingMetrics,
  summarise,
  summariseByFrequency,
  type Frequency,
  type MetricSummary,
  type QueryOutcome,
} from './metrics.ts'
