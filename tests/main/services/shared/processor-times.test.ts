/** What other programs took while something was measured. */
import { expect, test } from 'vitest'
import { disturbingShare, othersShare } from '../../../../main/services/shared/processor-times.ts'

const before = { ownMs: 1000, busyMs: 50_000, totalMs: 90_000 }

test('is what was busy and not of this process, as a part of all cores', () => {
  // Two cores for ten seconds: this process took twelve seconds of processor, others three.
  const after = { ownMs: 13_000, busyMs: 65_000, totalMs: 110_000 }
  expect(othersShare(before, after)).toBeCloseTo(0.15, 12)
  expect(othersShare(before, { ...after, busyMs: 66_000 })).toBeGreaterThan(disturbingShare)
})

test('is nothing when the clocks of process and system differ a little, and never more than everything', () => {
  expect(othersShare(before, { ownMs: 11_010, busyMs: 60_000, totalMs: 100_000 })).toBe(0)
  expect(othersShare(before, { ownMs: 1000, busyMs: 60_010, totalMs: 100_000 })).toBe(1)
})

test('is not known where the system does not say', () => {
  const silent = { ownMs: 500, busyMs: 0, totalMs: 0 }
  expect(othersShare(silent, { ...silent, ownMs: 900 })).toBeNull()
})
