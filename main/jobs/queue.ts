/** A durable queue: leases jobs from a store, runs them, keeps the lease alive, and recovers after a crash. */
import { assert, defined } from '../base/index.ts'
import { AppError } from '../contract/index.ts'
import type { Job, JobError, JobProgress, JobState } from './job.ts'
import { isFinished, isLost, nextJobState, type JobEvent } from './next-job-state.ts'

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
  readonly onProgress: (progress: JobProgress) => void
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
  /** Resolves when nothing of the job is at work here any more: a cancelled one takes a moment to stop. */
  stopped(id: string): Promise<void>
  /** Called after every change; returns the way to stop listening. */
  onChange(listener: (job: Job) => void): () => void
}

const defaultLeaseMs = 30_000
/** Progress reaches listeners at once, but the store at most this often. */
const progressStoreMs = 500

/** What this process is running: until `ended`, neither the job nor another one with its key is started. */
type Running = {
  readonly key: string | null
  readonly abort: AbortController
  readonly ended: Promise<void>
  progress: JobProgress | null
  storedAtMs: number
}

export function createJobQueue(options: JobQueueOptions): JobQueue {
  const { store, now, newId, handlers, owner } = options
  const concurrency = options.concurrency ?? 1
  const leaseMs = options.leaseMs ?? defaultLeaseMs
  const isOwnerAlive = options.isOwnerAlive ?? (() => true)
  const retryDelayMs = options.retryDelayMs ?? ((attempt) => Math.min(60_000, 1000 * 2 ** (attempt - 1)))
  const running = new Map<string, Running>()
  const listeners = new Set<(job: Job) => void>()
  let started = false
  let beat: NodeJS.Timeout | undefined
  let wake: NodeJS.Timeout | undefined

  const tell = (job: Job): void => listeners.forEach((listener) => listener(job))

  const apply = (id: string, event: JobEvent): Job => {
    const [before, after] = store.atomically(() => {
      const job = defined(store.get(id), `job ${id}`)
      const next = nextJobState(job, event, now())
      if (next !== job) store.update(next)
      return [job, next] as const
    })
    if (after !== before) tell(after)
    return after
  }

  const leaseUntilMs = (): number => now() + leaseMs

  /** Pending jobs that may start here now, and when the next waiting one may. */
  const startable = (): { readonly job: Job | undefined; readonly wakeAtMs: number } => {
    const keys = new Set([...running.values()].map(({ key }) => key).filter((key) => key !== null))
    const mine = store
      .list({ states: ['pending'] })
      .filter((job) => job.kind in handlers && !running.has(job.id) && (job.key === null || !keys.has(job.key)))
    const waiting = mine.filter((job) => job.notBeforeMs > now()).map((job) => job.notBeforeMs)
    return { job: mine.find((job) => job.notBeforeMs <= now()), wakeAtMs: Math.min(...waiting, Infinity) }
  }

  const pump = (): void => {
    if (!started) return
    clearTimeout(wake)
    for (;;) {
      const { job, wakeAtMs } = startable()
      if (job === undefined || running.size >= concurrency) {
        if (Number.isFinite(wakeAtMs)) wake = setTimeout(pump, Math.max(1, wakeAtMs - now()))
        return
      }
      const leased = apply(job.id, { type: 'lease', owner, leaseUntilMs: leaseUntilMs() })
      if (leased.owner === owner && leased.state === 'running') begin(leased)
    }
  }

  const begin = (job: Job): void => {
    const abort = new AbortController()
    const { promise: ended, resolve } = withResolver()
    running.set(job.id, { key: job.key, abort, ended, progress: null, storedAtMs: now() })
    void work(job, abort.signal)
      .then((event) => {
        apply(job.id, event)
      })
      .finally(() => {
        running.delete(job.id)
        resolve()
        pump()
      })
  }

  /** Runs the handler and says what came of it; never rejects. */
  const work = async (job: Job, signal: AbortSignal): Promise<JobEvent> => {
    try {
      const handler = defined(handlers[job.kind], `a handler for ${job.kind}`)
      const onProgress = (progress: JobProgress) => noteProgress(job.id, progress)
      const result = await handler(job.input, { jobId: job.id, attempt: job.attempts, signal, onProgress })
      // The last news may not have been stored yet: a finished job then shows how far it came.
      return { type: 'succeed', owner, result: result ?? null, progress: running.get(job.id)?.progress ?? null }
    } catch (error) {
      if (signal.aborted) return { type: 'release', owner }
      const lasting = error instanceof AppError
      return { type: 'fail', owner, error: describe(error), lasting, delayMs: retryDelayMs(job.attempts) }
    }
  }

  const noteProgress = (id: string, progress: JobProgress): void => {
    const entry = running.get(id)
    if (entry === undefined || entry.abort.signal.aborted) return
    const last = entry.progress
    const backwards = last?.stage === progress.stage && (progress.fraction ?? 1) < (last.fraction ?? 0)
    if (backwards) return
    entry.progress = progress
    if (now() - entry.storedAtMs >= progressStoreMs) {
      entry.storedAtMs = now()
      apply(id, { type: 'heartbeat', owner, leaseUntilMs: leaseUntilMs(), progress })
    } else {
      const job = store.get(id)
      if (job !== undefined) tell({ ...job, progress })
    }
  }

  const recover = (): void => {
    for (const job of store.list({ states: ['running'] })) {
      if (!running.has(job.id) && isLost(job, now(), isOwnerAlive)) apply(job.id, { type: 'lost' })
    }
  }

  const renew = (): void => {
    for (const [id, { progress }] of running) {
      apply(id, { type: 'heartbeat', owner, leaseUntilMs: leaseUntilMs(), progress })
    }
    recover()
    pump()
  }

  const abortWith = (id: string, event: JobEvent): Job => {
    const job = apply(id, event)
    if (job.state !== 'running') running.get(id)?.abort.abort()
    pump()
    return job
  }

  return {
    enqueue(kind, input, { key, maxAttempts = 3 } = {}) {
      assert(maxAttempts >= 1, 'a job is tried at least once')
      const job = store.atomically(() => {
        const same = key === undefined ? undefined : store.findByKey(key)
        if (same !== undefined && !isFinished(same)) return same
        const fresh: Job = {
          id: newId(),
          kind,
          key: key ?? null,
          input,
          state: 'pending',
          attempts: 0,
          maxAttempts,
          progress: null,
          result: null,
          error: null,
          owner: null,
          leaseUntilMs: null,
          notBeforeMs: now(),
          createdAtMs: now(),
          updatedAtMs: now(),
        }
        store.insert(fresh)
        return fresh
      })
      tell(job)
      pump()
      return job
    },
    start() {
      if (started) return
      started = true
      recover()
      beat = setInterval(renew, leaseMs / 3)
      beat.unref()
      pump()
    },
    async stop() {
      started = false
      clearInterval(beat)
      clearTimeout(wake)
      const ends = [...running.values()].map(({ abort, ended }) => {
        abort.abort()
        return ended
      })
      await Promise.all(ends)
    },
    pause: (id) => abortWith(id, { type: 'pause' }),
    cancel: (id) => abortWith(id, { type: 'cancel' }),
    resume(id) {
      const job = apply(id, { type: 'resume' })
      pump()
      return job
    },
    get: (id) => store.get(id),
    list: (filter) => store.list(filter),
    finished(id) {
      return new Promise((resolve) => {
        const done = (job: Job | undefined): void => {
          if (job?.id !== id || !isFinished(job)) return
          listeners.delete(done)
          resolve(job)
        }
        listeners.add(done)
        done(store.get(id))
      })
    },
    stopped: (id) => running.get(id)?.ended ?? Promise.resolve(),
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

function describe(error: unknown): JobError {
  if (error instanceof AppError) return { code: error.code, message: error.message }
  return { code: null, message: error instanceof Error ? error.message : String(error) }
}

function withResolver(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined
  const promise = new Promise<void>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
