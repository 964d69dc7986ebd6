/**
 * Match strength of a query that is a picture. Pictures are spread alike, so a match is told by how far its score stands
 * out of the query's own scores over the catalogue. Pure.
 */
import { assert } from '../base/index.ts'
import { levelBetween, spreadOf, type Calibration } from './calibration.ts'

export type PictureCalibrationOptions = {
  /** A best match below this many deviations means that nothing matches. Default 2.5. */
  minimumDeviations?: number
  /** A strong match has at least this many deviations. Default 3. */
  strongDeviations?: number
  /** A strong match keeps at least this share of the best match's lead over the catalogue's middle. Default 0.6. */
  strongShareOfLead?: number
  /** Below this many scores the spread says nothing, and only the share of the lead counts. Default 20. */
  minimumSample?: number
}

/**
 * @param sample scores of an even sample of the catalogue, ascending
 * @param best the query's best score
 */
export function calibratePicture(
  sample: ArrayLike<number>,
  best: number,
  options: PictureCalibrationOptions = {},
): Calibration {
  const { minimumDeviations = 2.5, strongDeviations = 3, strongShareOfLead = 0.6, minimumSample = 20 } = options
  assert(strongDeviations >= minimumDeviations, 'a strong match needs at least the deviations of any match')
  const { median, deviation } = spreadOf(sample)
  const isJudged = sample.length >= minimumSample
  // Half of the scores equal: any score above them stands out.
  const standsOut = (score: number, deviations: number): boolean =>
    score > median && (score - median) / deviation >= deviations
  const shareOfLead = (score: number): number => (best > median ? (score - median) / (best - median) : 0)
  return {
    median,
    deviation,
    classify(score) {
      if (!(score > median)) return isJudged ? 'none' : 'weak'
      const isLeading = shareOfLead(score) >= strongShareOfLead
      if (!isJudged) return isLeading ? 'strong' : 'weak'
      if (!standsOut(score, minimumDeviations)) return 'none'
      return isLeading && standsOut(score, strongDeviations) ? 'strong' : 'weak'
    },
    levelOf(score) {
      const strongFrom = isJudged ? median + strongDeviations * deviation : median + strongShareOfLead * (best - median)
      return levelBetween(median, strongFrom, score)
    },
  }
}
