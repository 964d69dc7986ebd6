export { findBlocks, type EncoderBlock } from './blocks.ts'
export { importableOpsets, openModel, type ExternalData, type ImportableModel } from './importable-model.ts'
export { importableOperators, importPart, type ImportedPart, type ImportOptions } from './import-graph.ts'
export { withInlineWeights } from './inline-weights.ts'
export { initialLowRank, lowRankProduct, lowRankShapes, mergedLowRank, type LowRank } from './low-rank.ts'
export type { ModelWeight, ProductChoice, WeightChoice } from './operation.ts'
export { replaceWeights } from './replace-weights.ts'
export {
  BlocksProblem,
  splitModel,
  type RowInput,
  type SplitModel,
  type SplitOptions,
  type UpperChoices,
} from './split-model.ts'
