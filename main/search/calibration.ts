/**
 * How strong a match is, told per query: a cosine means nothing by itself, since one query scores 0.3 against everything
 * and another 0.2 against the right shots only. What text and picture queries have in common. Pure.
 */

export type MatchStrength = 'strong' | 'weak' | 'none'

export type Calibration = {
  /** Middle of the query's scores over the catalogue. */
  readonly median: number
  /** Robust standard deviation of them (1.4826 x the median absolute deviation): what scores are ranked in. */
  readonly deviation: number
  /** `none`: chance explains it; do not show, or only behind "show anyway". */
  classify(score: number): MatchStrength
  /** The same on a scale of 0..1: 0 in the catalogue's middle, 0.5 where strong matches begin, 1 twice as far out. */
  levelOf(score: number): number
}

/**
 * Median and robust deviation of scores. Matches would inflate a mean and a standard deviation: with a tenth of the
 * catalogue right, no score could lie more than 3 standard deviations out.
 *
 * @param sample ascending
 */
export function spreadOf(sample: ArrayLike<number>): { readonly median: number; readonly deviation: number } {
  const median = middleOf(sample)
  const distances = Float64Array.from(sample, (score) => Math.abs(score - median)).sort()
  return { median, deviation: 1.4826 * middleOf(distances) }
}

/** How far `score` is out when `middle` is 0 and `strongFrom` 0.5; where there is no way between them, all or nothing. */
export function levelBetween(middle: number, strongFrom: number, score: number): number {
  if (!(strongFrom > middle)) return score > strongFrom ? 1 : 0
  return Math.min(1, Math.max(0, (0.5 * (score - middle)) / (strongFrom - middle)))
}

function middleOf(sorted: ArrayLike<number>): number {
  if (sorted.length === 0) return 0
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}
