/**
 * Finds where shots change, from tiny frames with their timestamps. Pure. Cuts stand out between neighbouring frames;
 * fades and wipes do not, so frames a third of a second to either side of a border are compared as well. Both tests are
 * relative to how much the picture moves anyway, so that pans, zooms and shake are no borders; a flash is none either,
 * because the picture before and after it is the same.
 */

/** A decoded frame, reduced. */
export type TinyFrame = { timeSeconds: number; /** [tinySide, tinySide, 3] uint8, RGB */ rgb: Uint8Array }

export type ShotBorder = {
  /** First moment of the new shot: exact for a cut, the middle of a fade or wipe. */
  timeSeconds: number
  kind: 'cut' | 'gradual'
}

export type ShotBorderSettings = {
  /** How far to either side of a border pictures are compared; a transition of up to twice this is seen. */
  reachSeconds: number
  /** Smallest difference (0..1) of the pictures on both sides of a border. */
  minDifference: number
  /** Smallest difference (0..1) of two neighbouring frames at a cut. */
  minCutDifference: number
  /** How many times a cut must exceed the usual difference of its neighbours. */
  cutRatio: number
  /** How many times a gradual change must exceed the motion just before and after it. */
  gradualRatio: number
  /** No shot is shorter. */
  minShotSeconds: number
}

export const tinySide = 16

/** A picture that stands this long is on show by itself, a slide, and tells nothing of how much its neighbours move. */
const heldSeconds = 0.9
/** From here on any change is a new slide; before, only a plain one, as a slow camera also gives a frame a second. */
const slideSeconds = 2

/** Set by hand so that generated clips (moving stills joined by cuts, fades and wipes) come out right; not tuned on footage. */
export const defaultShotBorderSettings: ShotBorderSettings = {
  reachSeconds: 0.3,
  minDifference: 0.06,
  minCutDifference: 0.045,
  cutRatio: 4,
  gradualRatio: 1.8,
  minShotSeconds: 0.5,
}

type Candidate = ShotBorder & { strength: number }

/**
 * Borders inside `frames` (in order of time), in order, at least `minShotSeconds` apart and from both ends.
 *
 * @param endSeconds until when the last frame is on show, when that is known
 */
export function findShotBorders(
  frames: readonly TinyFrame[],
  settings: ShotBorderSettings = defaultShotBorderSettings,
  endSeconds = frames.at(-1)?.timeSeconds ?? 0,
): ShotBorder[] {
  const first = frames[0]
  const last = frames.at(-1)
  if (!first || !last || frames.length < 2) return []
  const steps = frames.map((frame, i) => (i === 0 ? 0 : difference(frames[i - 1]!, frame)))
  const candidates = frames.flatMap((_, i) => (i === 0 ? [] : (borderAt(frames, steps, i, settings) ?? [])))

  const chosen: Candidate[] = []
  for (const candidate of candidates.sort((a, b) => b.strength - a.strength)) {
    const tooClose = [first, ...chosen].some((other) =>
      near(other.timeSeconds, candidate.timeSeconds, settings.minShotSeconds),
    )
    // The last frame is shown for a while after its timestamp, so that a border may lie closer to it.
    const isHeld = endSeconds - candidate.timeSeconds >= settings.minShotSeconds
    if (tooClose || (!isHeld && last.timeSeconds - candidate.timeSeconds < settings.minShotSeconds / 2)) continue
    chosen.push(candidate)
  }
  return chosen.sort((a, b) => a.timeSeconds - b.timeSeconds).map(({ timeSeconds, kind }) => ({ timeSeconds, kind }))
}

/** Judges the border before frame `i`. */
function borderAt(
  frames: readonly TinyFrame[],
  steps: readonly number[],
  i: number,
  settings: ShotBorderSettings,
): Candidate | undefined {
  const { reachSeconds } = settings
  const time = frames[i]!.timeSeconds
  const left = lastAtOrBefore(frames, time - reachSeconds, i - 1)
  const reached = firstAtOrAfter(frames, time + reachSeconds * 0.8, i)
  const isHeldAfter = frames[reached]!.timeSeconds - time > heldSeconds
  const right = isHeldAfter ? lastAtOrBefore(frames, time + reachSeconds * 0.8, reached) : reached
  const across = difference(frames[left]!, frames[right]!)
  if (across < settings.minDifference * 0.5) return undefined

  const step = steps[i]!
  const usual = usualStep(frames, steps, i)
  const stood = time - frames[i - 1]!.timeSeconds
  const minCutDifference = settings.minCutDifference * (stood >= heldSeconds && stood < slideSeconds ? 2 : 1)
  if (step >= minCutDifference && across >= settings.minDifference * 0.7 && step >= settings.cutRatio * usual + 0.01) {
    // Above every gradual change, whose windows also see a cut, but less exactly.
    return { timeSeconds: time, kind: 'cut', strength: 1 + step }
  }
  if (across < settings.minDifference) return undefined
  const span = frames[right]!.timeSeconds - frames[left]!.timeSeconds
  const before = lastAtOrBefore(frames, frames[left]!.timeSeconds - span, left)
  const after = firstAtOrAfter(frames, frames[right]!.timeSeconds + span, right)
  const motion = Math.max(difference(frames[before]!, frames[left]!), difference(frames[right]!, frames[after]!))
  // At a lower rate than this there is no telling motion from a border but by the size of the step.
  if (right - left < 4 || across < settings.gradualRatio * motion + 0.02) return undefined
  return { timeSeconds: middleOfChange(frames, steps, left, right), kind: 'gradual', strength: across - motion }
}

/** The usual difference of neighbours around `i` (half a second to either side, `i` left out): the third largest. */
function usualStep(frames: readonly TinyFrame[], steps: readonly number[], i: number): number {
  const from = lastAtOrBefore(frames, frames[i]!.timeSeconds - 0.5, i)
  const to = firstAtOrAfter(frames, frames[i]!.timeSeconds + 0.5, i)
  const others: number[] = []
  for (let k = Math.max(1, from); k <= to; k++) {
    if (k !== i && frames[k]!.timeSeconds - frames[k - 1]!.timeSeconds < heldSeconds) others.push(steps[k]!)
  }
  others.sort((a, b) => b - a)
  // Not the very largest: another cut or a flash may be close.
  return others[Math.min(2, others.length - 1)] ?? 0
}

/** The centre of gravity of the change between two frames. */
function middleOfChange(frames: readonly TinyFrame[], steps: readonly number[], left: number, right: number): number {
  let weight = 0
  let sum = 0
  for (let k = left + 1; k <= right; k++) {
    // Squared, so that steady motion pulls less than the change itself.
    const w = steps[k]! ** 2
    weight += w
    sum += (w * (frames[k]!.timeSeconds + frames[k - 1]!.timeSeconds)) / 2
  }
  return weight > 0 ? sum / weight : frames[right]!.timeSeconds
}

/**
 * How unlike two tiny frames are, 0..1: the mean of the difference place by place and of that of row and column means;
 * the latter forgive motion inside the picture.
 */
export function difference(a: TinyFrame, b: TinyFrame): number {
  const pixels = tinySide * tinySide
  let total = 0
  const rows = new Int32Array(tinySide * 3)
  const columns = new Int32Array(tinySide * 3)
  for (let k = 0, i = 0; i < pixels; i++) {
    const row = (i / tinySide) | 0
    const column = i % tinySide
    for (let channel = 0; channel < 3; channel++, k++) {
      const delta = a.rgb[k]! - b.rgb[k]!
      total += Math.abs(delta)
      rows[row * 3 + channel]! += delta
      columns[column * 3 + channel]! += delta
    }
  }
  let profile = 0
  for (let k = 0; k < rows.length; k++) profile += Math.abs(rows[k]!) + Math.abs(columns[k]!)
  return (total / (pixels * 3) + profile / (2 * pixels * 3)) / 2 / 255
}

function lastAtOrBefore(frames: readonly TinyFrame[], time: number, from: number): number {
  let i = from
  while (i > 0 && frames[i]!.timeSeconds > time + 1e-6) i--
  return i
}

function firstAtOrAfter(frames: readonly TinyFrame[], time: number, from: number): number {
  let i = from
  while (i < frames.length - 1 && frames[i]!.timeSeconds < time - 1e-6) i++
  return i
}

const near = (a: number, b: number, distance: number): boolean => Math.abs(a - b) < distance - 1e-6
