/** How much of the computer other work took while something was measured. Pure. */

/** Milliseconds of processor time since any start, over all cores. */
export type ProcessorTimes = {
  /** Of this process, its threads included. */
  readonly ownMs: number
  /** Of everything that ran; 0 where the system does not say. */
  readonly busyMs: number
  /** Busy and idle. */
  readonly totalMs: number
}

/** More than this of the computer, and what was measured meanwhile is slower than it could be. */
export const disturbingShare = 0.15

/** Part of the computer that others took between two moments, 0..1; null where the system does not say. */
export function othersShare(before: ProcessorTimes, after: ProcessorTimes): number | null {
  const totalMs = after.totalMs - before.totalMs
  if (!(totalMs > 0)) return null
  const othersMs = after.busyMs - before.busyMs - (after.ownMs - before.ownMs)
  return Math.min(1, Math.max(0, othersMs / totalMs))
}
