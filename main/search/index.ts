export {
  createVectorIndex,
  type VectorHit,
  type VectorIndex,
  type VectorIndexOptions,
  type VectorResult,
} from './vector-index.ts'
