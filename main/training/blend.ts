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
  /** As `lossOf` gave it. */
  readonly loss: number
  readonly parameters: TensorMap
  /** Mean over all shares that were tried: says more of a run than the best of them, which is partly luck. */
  readonly meanLoss: number
}

/** The blend with the smallest loss; of equal ones the smallest share. */
export async function chooseBlend(options: {
  readonly start: TensorMap
  readonly end: TensorMap
  /** Default `blendShares`. */
  readonly shares?: readonly number[]
  /** How badly parameters do on exemplars, lower is better. */
  readonly lossOf: (parameters: TensorMap) => Promise<number>
}): Promise<Blend> {
  const { start, end, shares = blendShares, lossOf } = options
  assert(shares.length > 0, 'there must be a share to choose')
  const candidates: { share: number; loss: number }[] = []
  for (const share of [...shares].sort((a, b) => a - b)) {
    candidates.push({ share, loss: await lossOf(blend(start, end, share)) })
  }
  const best = candidates.reduce((winner, other) => (other.loss < winner.loss ? other : winner))
  const { mean: meanLoss } = meanAndSpread(candidates.map(({ loss }) => loss))
  return { ...best, parameters: blend(start, end, best.share), meanLoss }
}
