/** News of a job that ends at once: its end may be heard of before the answer to its start. */
import { expect, it } from 'vitest'
import { isOutdated } from '../../renderer/src/state/job-news.ts'

const [early, late] = ['2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.005Z']

it('the start of a job that has ended meanwhile is no news, even within a millisecond', () => {
  const started = { state: 'pending', updatedAt: early } as const
  expect(isOutdated(started, { state: 'failed', updatedAt: late })).toBe(true)
  expect(isOutdated(started, { state: 'failed', updatedAt: early })).toBe(true)
  expect(isOutdated(started, { state: 'running', updatedAt: late })).toBe(true)
})

it('an end, what comes later, and what is heard of first is news', () => {
  expect(isOutdated({ state: 'failed', updatedAt: early }, { state: 'running', updatedAt: late })).toBe(false)
  expect(isOutdated({ state: 'pending', updatedAt: late }, { state: 'failed', updatedAt: early })).toBe(false)
  expect(isOutdated({ state: 'running', updatedAt: early }, { state: 'running', updatedAt: early })).toBe(false)
  expect(isOutdated({ state: 'pending', updatedAt: early }, undefined)).toBe(false)
})
