/** Video embeddings per segment and model version, half precision, read as one matrix. Runs in the engine. */

export type EmbeddingMatrix = {
  /** Row i belongs to segmentIds[i]; ordered by path, then start. */
  readonly segmentIds: readonly string[]
  readonly dim: number
  /** [N, D] float32 */
  readonly vectors: Float32Array
}

export type EmbeddingStore = {
  /** Writes or replaces rows in one transaction. `vectors` is [N, D] for N segments. */
  save(modelId: string, segmentIds: readonly string[], vectors: Float32Array): void
  /** Every embedding of a model version; N and D are 0 when there is none. */
  matrix(modelId: string): EmbeddingMatrix
  count(modelId: string): number
  /** Segments that have no embedding of this version yet, ordered by path, then start. */
  segmentsWithout(modelId: string): string[]
  removeModel(modelId: string): void
}
