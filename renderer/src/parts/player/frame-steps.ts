/** Stepping by the times that the decoder gave, never by a frame rate: files with a varying rate stay exact. Pure. */

/** Less than any distance between frames; players round the time that they are asked for. */
const slack = 0.004

/**
 * @param times of the frames, seconds, ascending
 * @param now where the player stands
 * @returns the time of the neighbouring frame, or null when the list ends there
 */
export function neighbourFrame(times: readonly number[], now: number, direction: 1 | -1): number | null {
  if (direction === 1) return times.find((time) => time > now + slack) ?? null
  const current = times.findLastIndex((time) => time <= now + slack)
  return current > 0 ? times[current - 1]! : null
}

/** Where to put the player so that it shows the frame that begins at `time` and not the one before it. */
export function insideFrame(times: readonly number[], time: number): number {
  const next = times.find((other) => other > time + slack)
  return next === undefined ? time + slack / 2 : time + Math.min((next - time) / 2, 0.01)
}
