/** A durable queue: leases jobs from a store, runs them, keeps the lease alive, and recovers after a crash. */
import type { Job, JobProgress, JobState } from './job.ts'

/** Where jobs are kept. `library.jobs` of main/storage has this shape. */
export interface JobStore {
  insert(job: Job): void
  get(id: string): Job | undefined
  /** The newest job with this key. */
  findByKey(key: string): Job | undefined
  /** Oldest first. */
  list(filter?: { readonly states?: readonly JobState[] }): Job[]
  update(job: Job): void
  remove(id: string): void
  /** Runs `work` in one write transaction. */
  atomically<T>(work: () => T): T
}

export type JobContext = {
  readonly jobId: string
  /** From 1. */
  readonly attempt: number
  /** Aborted when the job is paused or cancelled or the queue stops: leave nothing, or a checkpoint. */
  readonly signal: AbortSignal
  onProgress(progress: JobProgress): void
}

/** Steps must be idempotent: after a crash or a pause the function runs again from its beginning. Returns plain JSON. */
export type JobHandler = (input: unknown, context: JobContext) => Promise<unknown>

export type JobQueueOptions = {
  readonly store: JobStore
  readonly now: () => number
  readonly newId: () => string
  readonly handlers: Readonly<Record<string, JobHandler>>
  /** Unique to this process and start, for example `${pid}-${newId()}`. */
  readonly owner: string
  /** Whether the owner of a lease still runs. Default: only time tells. */
  readonly isOwnerAlive?: (owner: string) => boolean
  /** Jobs at a time, at least 1. Default 1. */
  readonly concurrency?: number
  /** A lease holds this long without a sign of life; it is renewed three times as often. Default 30 000. */
  readonly leaseMs?: number
  /** Wait before a retry; attempt counts from 1. Default 1 s, doubling, at most 1 min. */
  readonly retryDelayMs?: (attempt: number) => number
}

export type JobQueue = {
  /** Adds a job, or returns the unfinished one with the same key. */
  enqueue(kind: string, input: unknown, options?: { readonly key?: string; readonly maxAttempts?: number }): Job
  /** Makes lost jobs (dead owner, lapsed lease) pending again and starts working. */
  start(): void
  /** Aborts what runs (it becomes pending again) and resolves when all has stopped. */
  stop(): Promise<void>
  pause(id: string): Job
  resume(id: string): Job
  cancel(id: string): Job
  get(id: string): Job | undefined
  list(filter?: { readonly states?: readonly JobState[] }): Job[]
  /** Resolves with the job once it is succeeded, failed or cancelled. */
  finished(id: string): Promise<Job>
  /** Called after every change; returns the way to stop listening. */
  onChange(listener: (job: Job) => void): () => void
}

export function createJobQueue(_options: JobQueueOptions): JobQueue {
  throw new Error('internal: not built yet')
}
