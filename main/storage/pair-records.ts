/** Loss and weight of every training pair by epoch, for the audit. Runs in the engine. */

/** A pair as it was when the run began; later edits of the catalogue do not change it. */
export type RunPair = {
  /** The caller's own name for the pair, unique within the run. */
  readonly pairId: string
  readonly segmentId: string | null
  readonly text: string
}

export type EpochRecord = {
  readonly epoch: number
  /** Per pair, in the order of `setPairs`, length N; NaN where the epoch did not see the pair. */
  readonly loss: Float32Array
  readonly weight: Float32Array
}

export type PairRecordStore = {
  /** Names the pairs of a run, once, in the order that every record uses. */
  setPairs(runId: string, pairs: readonly RunPair[]): void
  pairs(runId: string): RunPair[]
  /** Writes or replaces one epoch, in one transaction. */
  save(runId: string, record: EpochRecord): void
  /** Epochs recorded, ascending. */
  epochs(runId: string): number[]
  read(runId: string, epoch: number): EpochRecord | undefined
  /** Drops the records of later epochs, before a run resumes from a checkpoint. */
  dropAfter(runId: string, epoch: number): void
}
