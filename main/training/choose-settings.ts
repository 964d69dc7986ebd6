/**
 * Picks what depends on the catalogue, the margin and how the weighting network learns, by short trial runs that are
 * judged on exemplars.
 *
 * [Note: How large a margin is useful] The margin adds about logitScale * margin * sin(angle) to each positive logit.
 * With a learned scale of 20 to 50, a margin of 0.1 already takes most of the gradient away from the positives; the
 * useful range is around 0.005 to 0.05 (docs/RESULTS.md has the table).
 *
 * [Note: When losses tell wrong from right] Where the trunk knows the customer's words, a wrong pair has a high loss from
 * the first step, and a low one as soon as the towers know it by heart: the weighting network must be quick. Words that
 * the trunk does not know have losses without meaning until the towers have learned some of them; weights learned before
 * that turn upside down. docs/decisions/009 has the numbers.
 */
import { assert } from '../base/index.ts'
import type { TrainingConfig } from './config.ts'

/** How the weighting network learns. */
export type Weighting = Pick<TrainingConfig, 'weightNetLearningRate' | 'weightNetDelayEpochs'>

export type Settings = Weighting & Pick<TrainingConfig, 'marginRadians'>

/** Radians. */
export const marginCandidates: readonly number[] = [0.005, 0.02, 0.05]

/** Late, for words that are new to the trunk; early, for words that it knows. */
export const weightingCandidates: readonly Weighting[] = [
  { weightNetLearningRate: 1e-2, weightNetDelayEpochs: 2 },
  { weightNetLearningRate: 3e-2, weightNetDelayEpochs: 0 },
]

export type SettingsCandidates = {
  /** Radians. */
  readonly margins: readonly number[]
  readonly weightings: readonly Weighting[]
}

/** Epochs of one trial for a run of `epochs`: a third of them, 3 to 30. */
export function trialEpochsOf(epochs: number): number {
  return Math.min(30, Math.max(3, Math.ceil(epochs / 3)))
}

/** How many trials the choice takes; none where there is nothing to choose. */
export function trialsFor({ margins, weightings }: SettingsCandidates): number {
  const trials = margins.length + weightings.length - 1
  return trials > 1 ? trials : 0
}

export type Trial = Settings & { readonly score: number }

export type SettingsChoice = Settings & { readonly trials: readonly Trial[] }

/**
 * First how the weights are learned, at the middle margin, then the margin. Of equal scores the first weighting and the
 * smallest margin win.
 * @param options.tryOut makes a trial run (`trialEpochsOf` says how long) and scores what came out of it, higher is better
 */
export async function chooseSettings({
  weightings,
  ...options
}: SettingsCandidates & {
  readonly tryOut: (settings: Settings) => Promise<number>
  readonly onTrial?: ((trial: Trial) => void) | undefined
}): Promise<SettingsChoice> {
  const margins = [...options.margins].sort((a, b) => a - b)
  const middle = margins[(margins.length - 1) >> 1]
  const [usual] = weightings
  assert(middle !== undefined && usual !== undefined, 'there must be a margin and a weighting to choose')
  const trials: Trial[] = []
  if (trialsFor({ margins, weightings }) === 0) return { ...usual, marginRadians: middle, trials }

  const tryOut = async (weighting: Weighting, marginRadians: number): Promise<Trial> => {
    const { weightNetLearningRate, weightNetDelayEpochs } = weighting
    const settings = { weightNetLearningRate, weightNetDelayEpochs, marginRadians }
    const trial = { ...settings, score: await options.tryOut(settings) }
    trials.push(trial)
    options.onTrial?.(trial)
    return trial
  }
  const atMiddle: Trial[] = []
  for (const weighting of weightings) atMiddle.push(await tryOut(weighting, middle))
  const weighting = bestOf(atMiddle)
  const byMargin: Trial[] = []
  for (const margin of margins) byMargin.push(margin === middle ? weighting : await tryOut(weighting, margin))
  const { score: _, ...settings } = bestOf(byMargin)
  return { ...settings, trials }
}

function bestOf(trials: readonly Trial[]): Trial {
  return trials.reduce((winner, other) => (other.score > winner.score ? other : winner))
}
