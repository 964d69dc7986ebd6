/** What a job is. Jobs are opaque functions by kind; their state lives in a store that is passed in. */

export type JobState = 'pending' | 'running' | 'paused' | 'succeeded' | 'failed' | 'cancelled'

/** Never goes backwards within one attempt; 1 does not mean finished. */
export type JobProgress = {
  readonly stage: string
  /** 0..1, or null when unknown. */
  readonly fraction: number | null
  readonly done?: number
  readonly total?: number
  /** What `done` counts, in the plural. */
  readonly unit?: string
  readonly ratePerSecond?: number | null
  readonly remainingSeconds?: number | null
}

export type JobError = { readonly code: string | null; readonly message: string }

export type Job = {
  readonly id: string
  readonly kind: string
  /** Jobs with an equal key are the same work: while one is not finished, enqueueing it again returns it. */
  readonly key: string | null
  /** Plain JSON. */
  readonly input: unknown
  readonly state: JobState
  /** Times it was started. */
  readonly attempts: number
  readonly maxAttempts: number
  readonly progress: JobProgress | null
  /** Plain JSON; null until it succeeded. */
  readonly result: unknown
  readonly error: JobError | null
  /** Who runs it, and until when that holds without a sign of life. */
  readonly owner: string | null
  readonly leaseUntilMs: number | null
  /** A retry waits until then. */
  readonly notBeforeMs: number
  readonly createdAtMs: number
  readonly updatedAtMs: number
}
