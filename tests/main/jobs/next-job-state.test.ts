import { describe, expect, it } from 'vitest'
import { isLost, nextJobState, type Job, type JobEvent } from '../../../main/jobs/index.ts'

const pending: Job = {
  id: 'job',
  kind: 'import',
  key: null,
  input: null,
  state: 'pending',
  attempts: 0,
  maxAttempts: 2,
  progress: null,
  result: null,
  error: null,
  owner: null,
  leaseUntilMs: null,
  notBeforeMs: 0,
  createdAtMs: 0,
  updatedAtMs: 0,
}
const lease: JobEvent = { type: 'lease', owner: 'me', leaseUntilMs: 100 }
const running = nextJobState(pending, lease, 10)
const error = { code: null, message: 'no' }
const fail = (owner: string, lasting = false): JobEvent => ({ type: 'fail', owner, error, lasting, delayMs: 50 })

describe('the state of a job', () => {
  it('is running once it is leased, and the attempt counts', () => {
    expect(running).toMatchObject({ state: 'running', owner: 'me', leaseUntilMs: 100, attempts: 1, updatedAtMs: 10 })
  })

  it('does not change for what does not apply', () => {
    expect(nextJobState(running, lease, 20)).toBe(running)
    expect(nextJobState(running, { type: 'succeed', owner: 'other', result: 1 }, 20)).toBe(running)
    expect(nextJobState({ ...pending, notBeforeMs: 99 }, lease, 10).state).toBe('pending')
    for (const type of ['pause', 'resume', 'cancel', 'lost'] as const) {
      const done = nextJobState(running, { type: 'succeed', owner: 'me', result: 1 }, 20)
      expect(nextJobState(done, { type }, 30)).toBe(done)
    }
  })

  it('is pending again after a failure, later, until the attempts are used up', () => {
    const retry = nextJobState(running, fail('me'), 20)
    expect(retry).toMatchObject({ state: 'pending', notBeforeMs: 70, owner: null, error })
    const second = nextJobState(retry, { ...lease }, 80)
    expect(nextJobState(second, fail('me'), 90)).toMatchObject({ state: 'failed', attempts: 2 })
  })

  it('is failed at once when the failure is lasting', () => {
    expect(nextJobState(running, fail('me', true), 20)).toMatchObject({ state: 'failed', attempts: 1 })
  })

  it('counts an attempt that ended with the process, but not one that was given back or paused', () => {
    expect(nextJobState(running, { type: 'lost' }, 20)).toMatchObject({ state: 'pending', attempts: 1 })
    expect(nextJobState({ ...running, attempts: 2 }, { type: 'lost' }, 20).state).toBe('failed')
    expect(nextJobState(running, { type: 'release', owner: 'me' }, 20)).toMatchObject({ state: 'pending', attempts: 0 })
    expect(nextJobState(running, { type: 'pause' }, 20)).toMatchObject({ state: 'paused', attempts: 0, owner: null })
  })

  it('goes from paused back to pending, from failed to a fresh start, and from paused to done when it was', () => {
    const paused = nextJobState(running, { type: 'pause' }, 20)
    expect(nextJobState(paused, { type: 'resume' }, 30).state).toBe('pending')
    expect(nextJobState(paused, { type: 'succeed', owner: 'me', result: 1 }, 30)).toMatchObject({
      state: 'succeeded',
      result: 1,
    })
    const failed = nextJobState(running, fail('me', true), 20)
    expect(nextJobState(failed, { type: 'resume' }, 30)).toMatchObject({ state: 'pending', attempts: 0, error: null })
  })

  it('stays cancelled whatever the work says later', () => {
    const cancelled = nextJobState(running, { type: 'cancel' }, 20)
    expect(nextJobState(cancelled, { type: 'succeed', owner: 'me', result: 1 }, 30)).toBe(cancelled)
    expect(nextJobState(cancelled, fail('me'), 30)).toBe(cancelled)
  })

  it('is lost when the lease lapsed or the owner is gone', () => {
    expect(isLost(running, 99, () => true)).toBe(false)
    expect(isLost(running, 100, () => true)).toBe(true)
    expect(isLost(running, 50, () => false)).toBe(true)
    expect(isLost(pending, 500, () => false)).toBe(false)
  })
})
