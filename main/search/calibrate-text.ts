/**
 * Match strength of a query in words. The best of ten thousand shots scores well for any words at all, so the scores are
 * held against those of texts without meaning: what they reach in this catalogue with this model, chance reaches. And a
 * query whose words mean nothing to the model has no strong match, whatever it scores. The numbers behind the defaults
 * are in docs/decisions/010-match-strength.md. Pure.
 */
import { assert } from '../base/index.ts'
import { levelBetween, spreadOf, type Calibration } from './calibration.ts'

export type TextScores = {
  /** Scores of an even sample of the catalogue, ascending. */
  readonly sample: ArrayLike<number>
  /** The query's best score. */
  readonly best: number
  /** The best score in this catalogue of each of many texts without meaning, ascending. */
  readonly background: ArrayLike<number>
  /** Share of the query's words that mean something to the model, 0..1. */
  readonly understood: number
}

export type TextCalibrationOptions = {
  /** A strong match scores above this share of the background. Default 0.7. */
  strongShare?: number
  /** A weak match scores above this share of the background. Default 0.5. */
  weakShare?: number
  /** A strong match keeps at least this share of the best match's lead over the catalogue's middle. Default 0.8. */
  strongShareOfLead?: number
  /** Strong matches need more than this share of the words understood. Default 0.5. */
  understoodShare?: number
}

export function calibrateText(scores: TextScores, options: TextCalibrationOptions = {}): Calibration {
  const { sample, best, background, understood } = scores
  const { strongShare = 0.7, weakShare = 0.5, strongShareOfLead = 0.8, understoodShare = 0.5 } = options
  assert(strongShare >= weakShare, 'a strong match needs at least what a weak one needs')
  const { median, deviation } = spreadOf(sample)
  const strongFrom = quantile(background, strongShare)
  const weakFrom = quantile(background, weakShare)
  // In a catalogue of one shot the best match is the middle, and leads by nothing.
  const isLeading = (score: number): boolean =>
    score >= best || (best > median && (score - median) / (best - median) >= strongShareOfLead)
  return {
    median,
    deviation,
    classify(score) {
      if (understood === 0 || !(score > weakFrom)) return 'none'
      return score > strongFrom && understood > understoodShare && isLeading(score) ? 'strong' : 'weak'
    },
    levelOf: (score) => levelBetween(median, strongFrom, score),
  }
}

/** The value that `share` of the sorted values do not exceed; of none, infinity. */
function quantile(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) return Infinity
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))]!
}
