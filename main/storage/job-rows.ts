/** Rows of the job queue. What a state means is decided in main/jobs; this file only keeps it. Runs in the engine. */

export type JobRowState = 'pending' | 'running' | 'paused' | 'succeeded' | 'failed' | 'cancelled'

export type JobRow = {
  readonly id: string
  readonly kind: string
  /** Jobs with an equal key are the same work; null for none. */
  readonly key: string | null
  readonly input: unknown
  readonly state: JobRowState
  readonly attempts: number
  readonly maxAttempts: number
  readonly progress: unknown
  readonly result: unknown
  readonly error: unknown
  readonly owner: string | null
  readonly leaseUntilMs: number | null
  readonly notBeforeMs: number
  readonly createdAtMs: number
  readonly updatedAtMs: number
}

export type JobRows = {
  insert(job: JobRow): void
  get(id: string): JobRow | undefined
  /** The newest job with this key. */
  findByKey(key: string): JobRow | undefined
  /** Oldest first. */
  list(filter?: { readonly states?: readonly JobRowState[] }): JobRow[]
  update(job: JobRow): void
  remove(id: string): void
  /** Runs `work` in one write transaction: what it reads does not change before it writes. */
  atomically<T>(work: () => T): T
}
