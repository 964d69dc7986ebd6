/** What becomes of a job when something happens to it. Pure: all decisions of the queue about states are here. */
import type { Job, JobError, JobProgress } from './job.ts'

export type JobEvent =
  /** A worker takes a pending job. */
  | { readonly type: 'lease'; readonly owner: string; readonly leaseUntilMs: number }
  /** The worker is alive; progress when there is news. */
  | {
      readonly type: 'heartbeat'
      readonly owner: string
      readonly leaseUntilMs: number
      readonly progress: JobProgress | null
    }
  | {
      readonly type: 'succeed'
      readonly owner: string
      readonly result: unknown
      readonly progress?: JobProgress | null
    }
  /** `lasting` failures are not tried again. */
  | {
      readonly type: 'fail'
      readonly owner: string
      readonly error: JobError
      readonly lasting: boolean
      readonly delayMs: number
    }
  /** The worker gives it back unfinished, on purpose: the attempt does not count. */
  | { readonly type: 'release'; readonly owner: string }
  /** The worker is gone without a word: the attempt counts, so that a job that kills its process is not tried for ever. */
  | { readonly type: 'lost' }
  | { readonly type: 'pause' }
  | { readonly type: 'resume' }
  | { readonly type: 'cancel' }

const unowned = { owner: null, leaseUntilMs: null } as const

/** The job after the event; the same object when the event does not apply to its state or comes from a former owner. */
export function nextJobState(job: Job, event: JobEvent, nowMs: number): Job {
  const changed = (fields: Partial<Job>): Job => ({ ...job, ...fields, updatedAtMs: nowMs })
  const owned = job.state === 'running' && 'owner' in event && job.owner === event.owner
  switch (event.type) {
    case 'lease':
      if (job.state !== 'pending' || job.notBeforeMs > nowMs) return job
      return changed({
        state: 'running',
        attempts: job.attempts + 1,
        owner: event.owner,
        leaseUntilMs: event.leaseUntilMs,
        progress: null,
        error: null,
      })
    case 'heartbeat':
      return owned ? changed({ leaseUntilMs: event.leaseUntilMs, progress: event.progress ?? job.progress }) : job
    case 'succeed':
      // Work that was done before the pause reached it is done.
      if (!owned && job.state !== 'paused') return job
      return changed({
        ...{ ...unowned, state: 'succeeded', result: event.result, error: null },
        progress: event.progress ?? job.progress,
      })
    case 'fail':
      if (!owned) return job
      return afterFailure(job, event.error, event.lasting, nowMs + event.delayMs, nowMs)
    case 'release':
      return owned ? changed({ ...unowned, state: 'pending', attempts: job.attempts - 1 }) : job
    case 'lost': {
      if (job.state !== 'running') return job
      const error = { code: null, message: 'The app ended while this was running.' }
      return afterFailure(job, error, false, nowMs, nowMs)
    }
    case 'pause':
      if (job.state === 'running') return changed({ ...unowned, state: 'paused', attempts: job.attempts - 1 })
      return job.state === 'pending' ? changed({ state: 'paused' }) : job
    case 'resume':
      // A failed job that is resumed by hand gets its attempts back.
      if (job.state === 'failed') return changed({ state: 'pending', attempts: 0, error: null, notBeforeMs: nowMs })
      return job.state === 'paused' ? changed({ state: 'pending', notBeforeMs: nowMs }) : job
    case 'cancel':
      return isFinished(job) ? job : changed({ ...unowned, state: 'cancelled' })
  }
}

function afterFailure(job: Job, error: JobError, lasting: boolean, retryAtMs: number, nowMs: number): Job {
  const again = !lasting && job.attempts < job.maxAttempts
  return {
    ...job,
    ...unowned,
    state: again ? 'pending' : 'failed',
    error,
    notBeforeMs: again ? retryAtMs : job.notBeforeMs,
    updatedAtMs: nowMs,
  }
}

/** Succeeded, failed or cancelled. */
export function isFinished(job: Job): boolean {
  return job.state === 'succeeded' || job.state === 'failed' || job.state === 'cancelled'
}

/** Whether a running job has lost its worker. */
export function isLost(job: Job, nowMs: number, isOwnerAlive: (owner: string) => boolean): boolean {
  if (job.state !== 'running') return false
  return (job.leaseUntilMs ?? 0) <= nowMs || (job.owner !== null && !isOwnerAlive(job.owner))
}
