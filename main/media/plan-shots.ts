/** Turns borders into shots and chooses the frames that stand for each. Pure. */
import type { ShotBorder } from './shot-borders.ts'

/** Half-open [startSeconds, endSeconds). */
export type Shot = {
  startSeconds: number
  endSeconds: number
  /** Part of each end that a fade may still cover. */
  fadeInSeconds: number
  fadeOutSeconds: number
}

const fadeSeconds = 0.25

/** Shots between `startSeconds` and `endSeconds`; none longer than `maxShotSeconds` (long ones are cut evenly). */
export function planShots(
  borders: readonly ShotBorder[],
  startSeconds: number,
  endSeconds: number,
  maxShotSeconds: number,
): Shot[] {
  const ends = [
    ...borders.map(({ timeSeconds, kind }) => ({ timeSeconds, fade: kind === 'gradual' ? fadeSeconds : 0 })),
    { timeSeconds: endSeconds, fade: 0 },
  ]
  const shots: Shot[] = []
  let from = { timeSeconds: startSeconds, fade: 0 }
  for (const to of ends) {
    const parts = Math.max(1, Math.ceil((to.timeSeconds - from.timeSeconds) / maxShotSeconds - 1e-9))
    const length = (to.timeSeconds - from.timeSeconds) / parts
    for (let part = 0; part < parts; part++) {
      shots.push({
        startSeconds: from.timeSeconds + part * length,
        endSeconds: part === parts - 1 ? to.timeSeconds : from.timeSeconds + (part + 1) * length,
        fadeInSeconds: part === 0 ? from.fade : 0,
        fadeOutSeconds: part === parts - 1 ? to.fade : 0,
      })
    }
    from = to
  }
  return shots
}

/**
 * Indices of up to `count` frames, evenly spaced over a shot, in order; at least one while `times` is not empty.
 * Frames under a fade show two products at once and are left out where others remain.
 * @param times decoded timestamps in order, seconds
 */
export function planFrames(times: readonly number[], shot: Shot, count: number): number[] {
  const eligible = eligibleFrames(times, shot)
  if (eligible.length <= count) return eligible
  return Array.from({ length: count }, (_, k) => eligible[Math.floor(((k + 0.5) * eligible.length) / count)]!)
}

/** Indices of the frames of a shot that may stand for it, in order; at least one while `times` is not empty. */
export function eligibleFrames(times: readonly number[], shot: Shot): number[] {
  const within = (from: number, to: number): number[] =>
    times.flatMap((time, i) => (time >= from - 1e-6 && time < to - 1e-6 ? [i] : []))
  let eligible = within(shot.startSeconds + shot.fadeInSeconds, shot.endSeconds - shot.fadeOutSeconds)
  if (eligible.length === 0) eligible = within(shot.startSeconds, shot.endSeconds)
  if (eligible.length > 0) return eligible
  // The picture that is held over the shot, else the nearest one.
  const held = times.findLastIndex((time) => time < shot.startSeconds)
  if (held >= 0) return [held]
  return times.length > 0 ? [nearest(times, (shot.startSeconds + shot.endSeconds) / 2)] : []
}

/** Index of the time nearest to `target`; the first of equals. `times` must not be empty. */
export function nearest(times: readonly number[], target: number): number {
  let best = 0
  times.forEach((time, i) => {
    if (Math.abs(time - target) < Math.abs(times[best]! - target)) best = i
  })
  return best
}
