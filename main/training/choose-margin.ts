/**
 * Picks the margin of a run by short trial runs, judged on exemplars.
 *
 * [Note: How large a margin is useful] The margin adds about logitScale * margin * sin(angle) to each positive logit.
 * With a learned scale of 20 to 50, a margin of 0.1 already takes most of the gradient away from the positives; the
 * useful range is around 0.005 to 0.05 (docs/RESULTS.md has the table).
 */
import { assert } from '../base/index.ts'
import { trainTowers, type TrainedTowers, type TrainTowersOptions } from './train-towers.ts'

export const marginCandidates: readonly number[] = [0.005, 0.01, 0.02, 0.05]

/** How a trial is judged: by the best epoch on the held-out exemplars, or by a score of what came out of it. */
type TrialScore =
  | { readonly scoreHeldOut: NonNullable<TrainTowersOptions['scoreHeldOut']>; readonly scoreTrial?: undefined }
  | { readonly scoreTrial: (trained: TrainedTowers) => Promise<number>; readonly scoreHeldOut?: undefined }

/** Epochs of one trial for a run of `epochs`: a third of them, at least 3. */
export function trialEpochsOf(epochs: number): number {
  return Math.max(3, Math.ceil(epochs / 3))
}

export type ChooseMarginOptions = Omit<
  TrainTowersOptions,
  'checkpoint' | 'onEpoch' | 'onCheckpoint' | 'scoreHeldOut'
> & {
  /** Radians. Default `marginCandidates`. */
  readonly candidates?: readonly number[]
  /** Epochs of a trial. Default `trialEpochsOf`. */
  readonly trialEpochs?: number
  readonly onTrial?: ((marginRadians: number, score: number) => void) | undefined
} & TrialScore

export type MarginChoice = {
  readonly marginRadians: number
  readonly scores: readonly { readonly marginRadians: number; readonly score: number }[]
}

/** The candidate with the highest score; of equal ones the smallest. @throws as trainTowers */
export async function chooseMargin(options: ChooseMarginOptions): Promise<MarginChoice> {
  const {
    candidates = marginCandidates,
    trialEpochs = trialEpochsOf(options.config.epochs),
    scoreTrial = ({ bestScore }: TrainedTowers) => Promise.resolve(bestScore!),
    ...rest
  } = options
  assert(candidates.length > 0, 'there must be a margin to choose')
  const scores: { marginRadians: number; score: number }[] = []
  for (const marginRadians of [...candidates].sort((a, b) => a - b)) {
    if (candidates.length === 1) return { marginRadians, scores }
    const config = { ...options.config, marginRadians, epochs: trialEpochs }
    const score = await scoreTrial(await trainTowers({ ...rest, config }))
    scores.push({ marginRadians, score })
    options.onTrial?.(marginRadians, score)
  }
  const best = scores.reduce((winner, other) => (other.score > winner.score ? other : winner))
  return { marginRadians: best.marginRadians, scores }
}
