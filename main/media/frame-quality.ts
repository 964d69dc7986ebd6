/**
 * Chooses frames of a shot by what they show: sharp ones, and none that are black, blank or under a fade while others remain.
 * They stay spread over the shot, because a tower looks at how they follow each other. Pure.
 */

/** Below this mean level, or this spread of levels, a frame shows nothing (of 255). */
const darkLevel = 20
const blankSpread = 6

/**
 * How much a frame shows: its sharpness, the mean square of the second differences of green; less than 0 for a frame that is
 * black or blank, so that any other is preferred to it.
 *
 * @param rgb [size, size, 3] uint8
 */
export function frameQuality(rgb: Uint8Array, size: number): number {
  const line = size * 3
  let sum = 0
  let squares = 0
  let edges = 0
  for (let y = 1; y < size - 1; y++) {
    for (let x = 1; x < size - 1; x++) {
      const at = y * line + x * 3 + 1
      const value = rgb[at]!
      sum += value
      squares += value * value
      edges += (4 * value - rgb[at - 3]! - rgb[at + 3]! - rgb[at - line]! - rgb[at + line]!) ** 2
    }
  }
  const count = Math.max(1, (size - 2) ** 2)
  const mean = sum / count
  const spread = Math.sqrt(Math.max(0, squares / count - mean * mean))
  const sharpness = edges / count
  // Among frames that show nothing, the one that shows most.
  return mean < darkLevel || spread < blankSpread ? -1 / (1 + sharpness) : sharpness
}

/**
 * The best frame of each of `count` equal parts of a shot, in order; a part whose frames all show nothing gives none while
 * another part has one that shows something.
 *
 * @param eligible positions of the frames that may be chosen, ascending
 * @param qualityOf by position
 */
export function chooseByQuality(
  eligible: readonly number[],
  count: number,
  qualityOf: (position: number) => number,
): number[] {
  const parts = Math.min(count, eligible.length)
  const best = Array.from({ length: parts }, (_, part) => {
    const from = Math.floor((part * eligible.length) / parts)
    const to = Math.floor(((part + 1) * eligible.length) / parts)
    // The first of equals: a still shot gives the same frames every time.
    return eligible.slice(from, to).reduce((a, b) => (qualityOf(b) > qualityOf(a) ? b : a))
  })
  const showing = best.filter((position) => qualityOf(position) >= 0)
  return showing.length > 0 ? showing : best
}
