/** Model versions: trained towers over an encoder, which one is active, and the way back. Runs in the engine. */

/** kept = trained, never active; promoted = is or was active; discarded = rejected by the user. */
export type ModelStatus = 'kept' | 'promoted' | 'discarded'

export type ModelVersion = {
  readonly id: string
  /** The version that training started from; null for the untrained one. */
  readonly parentId: string | null
  readonly encoderId: string
  readonly runId: string | null
  readonly name: string
  readonly status: ModelStatus
  readonly active: boolean
  /** False for the zero-shot version, which is the encoder alone. */
  readonly hasWeights: boolean
  /** How the tower is built, as the trainer wrote it. */
  readonly config: unknown
  readonly metrics: unknown
  readonly createdAtMs: number
}

export type NewModel = {
  readonly encoderId: string
  readonly name: string
  readonly parentId?: string | null
  readonly runId?: string | null
  readonly weights?: Uint8Array | null
  readonly config?: unknown
  readonly metrics?: unknown
}

export type ModelStore = {
  /** Adds a version with the status `kept`. */
  add(model: NewModel): ModelVersion
  /** The version without weights of an encoder, added when it is missing. */
  ensureZeroShot(encoderId: string): ModelVersion
  get(id: string): ModelVersion | undefined
  /** Newest first. */
  all(): ModelVersion[]
  /** null for the zero-shot version. @throws AppError model.missing */
  weights(id: string): Uint8Array | null
  setMetrics(id: string, metrics: unknown): void
  active(): ModelVersion | undefined
  /** Makes a version the active one and remembers the one before. @throws AppError model.missing */
  promote(id: string): ModelVersion
  /** Makes the version before the active one active again; undefined (and no change) when there is none. */
  rollback(): ModelVersion | undefined
  /** Rejects a version that is not active, and drops its embeddings. */
  discard(id: string): void
}
