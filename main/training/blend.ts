/**
 * How much of what a run learned is kept. Parameters between those that training started from (which are the zero-shot
 * model) and those that it ended with are models too, and on a small catalogue the best one lies in between: it has the
 * customer's own words and still knows what the trunk knew (Wortsman et al., Robust fine-tuning of zero-shot models,
 * CVPR 2022). docs/decisions/005 has the numbers.
 */
import { assert, float32Data, floatTensor, type TensorMap } from '../base/index.ts'
import { meanAndSpread } from './bootstrap.ts'

/** Shares of the learned change that are tried, 0..1. Not 0: that is the zero-shot model, which every library has. */
export const blendShares: readonly number[] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]

/** start + share * (end - start), tensor by tensor. Both hold the same names and shapes. */
export function blend(start: TensorMap, end: TensorMap, share: number): TensorMap {
  return Object.fromEntries(
    Object.entries(start).map(([name, from]) => {
      const to = end[name]
      assert(to !== undefined && `${to.shape}` === `${from.shape}`, `the tensor ${name} differs in shape`)
      const [a, b] = [float32Data(from), float32Data(to)]
      return [name, floatTensor(from.shape, share === 1 ? b : a.map((value, i) => value + share * (b[i]! - value)))]
    }),
  )
}

export type Blend = {
  readonly share: number
  /** Mean over the exemplars. */
  readonly score: number
  readonly parameters: TensorMap
}

/**
 * The blend with the smallest share among those whose mean score is within half a standard error of the best one's. With
 * few exemplars the best share is mostly chance, and a smaller one risks less of what the trunk knew; with many the
 * standard error is small and the best one is taken.
 */
export async function chooseBlend(options: {
  readonly start: TensorMap
  readonly end: TensorMap
  /** Default `blendShares`. */
  readonly shares?: readonly number[]
  /** A score of each exemplar, higher is better; always the same exemplars in the same order. */
  readonly score: (parameters: TensorMap) => Promise<readonly number[]>
}): Promise<Blend> {
  const { start, end, shares = blendShares, score } = options
  assert(shares.length > 0, 'there must be a share to choose')
  const candidates: (Blend & { scores: readonly number[] })[] = []
  for (const share of [...shares].sort((a, b) => a - b)) {
    const parameters = blend(start, end, share)
    const scores = await score(parameters)
    candidates.push({ share, parameters, scores, score: meanAndSpread(scores).mean })
  }
  const best = candidates.reduce((winner, other) => (other.score > winner.score ? other : winner))
  const { share, score: mean, parameters } = candidates.find(({ scores }) => isWithinTolerance(scores, best.scores))!
  return { share, score: mean, parameters }
}

/** Standard errors that a smaller share may lie below the best. docs/decisions/005 compares 0, 0.5 and 1. */
const toleranceInErrors = 0.5

/** Whether the mean of `best - scores` is within the tolerance (standard error 0 for a single exemplar). */
function isWithinTolerance(scores: readonly number[], best: readonly number[]): boolean {
  const { mean, spread, count } = meanAndSpread(best.map((value, i) => value - scores[i]!))
  return mean <= (toleranceInErrors * spread) / Math.sqrt(count)
}
