/**
 * How strong a match is, per query. A cosine means nothing by itself: one query scores 0.3 against everything, another
 * 0.2 against the right shots only. So a score is compared with the scores that the same query has across the catalogue. Pure.
 */
import { assert } from '../base/index.ts'

export type MatchStrength = 'strong' | 'weak' | 'none'

export type CalibrationOptions = {
  /** A best match below this many deviations means that nothing matches. Default 2.5. */
  minimumDeviations?: number
  /** A strong match has at least this many deviations. Default 3. */
  strongDeviations?: number
  /** A strong match keeps at least this share of the best match's lead over the catalogue's middle. Default 0.6. */
  strongShareOfLead?: number
  /** Below this many scores the spread says nothing, and only the share of the lead counts. Default 20. */
  minimumSample?: number
}

export type Calibration = {
  /** Middle of the query's scores over the catalogue. */
  readonly median: number
  /** Robust standard deviation of them (1.4826 x the median absolute deviation). */
  readonly deviation: number
  /** How many deviations `score` lies above the middle. */
  strengthOf(score: number): number
  /** `none`: not told apart from the rest of the catalogue; do not show, or only behind "show anyway". */
  classify(score: number): MatchStrength
}

/**
 * Calibrates one query. Median and median deviation are used since the matches themselves would inflate a mean and a
 * standard deviation: with a tenth of the catalogue right, no score could lie more than 3 standard deviations out.
 *
 * @param sample scores of an even sample of the catalogue, ascending
 * @param best the query's best score
 */
export function calibrate(sample: ArrayLike<number>, best: number, options: CalibrationOptions = {}): Calibration {
  const { minimumDeviations = 2.5, strongDeviations = 3, strongShareOfLead = 0.6, minimumSample = 20 } = options
  assert(strongDeviations >= minimumDeviations, 'a strong match needs at least the deviations of any match')
  const median = middleOf(sample)
  const distances = Float64Array.from(sample, (score) => Math.abs(score - median)).sort()
  const deviation = 1.4826 * middleOf(distances)
  const isJudged = sample.length >= minimumSample
  // Half of the scores equal: any score above them stands out, none has a finite distance
  const strengthOf = (score: number): number =>
    deviation > 0 ? (score - median) / deviation : score > median ? Infinity : score < median ? -Infinity : 0
  const shareOfLead = (score: number): number => (best > median ? (score - median) / (best - median) : 0)
  return {
    median,
    deviation,
    strengthOf,
    classify(score) {
      if (!(score > median)) return isJudged ? 'none' : 'weak'
      if (isJudged && strengthOf(best) < minimumDeviations) return 'none'
      const isLeading = shareOfLead(score) >= strongShareOfLead
      if (!isJudged) return isLeading ? 'strong' : 'weak'
      if (strengthOf(score) < minimumDeviations) return 'none'
      return isLeading && strengthOf(score) >= strongDeviations ? 'strong' : 'weak'
    },
  }
}

function middleOf(sorted: ArrayLike<number>): number {
  if (sorted.length === 0) return 0
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}
