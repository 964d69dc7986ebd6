/**
 * How the meta loss changes with what shapes the look-ahead: the weighting network and the margin. Exact, of second order.
 *
 * The look-ahead is theta_hat = theta - alpha sum_i c_i dl_i/dtheta, so with g = dL_meta/dtheta at theta_hat
 *
 *     dL_meta = -alpha d sum_i c_i a_i,    a_i = <dl_i/dtheta, g>
 *
 * a is one Jacobian-vector product of the losses along g, which is taken as a constant.
 */
import { gradients, jvp, mul, neg, reduceSum, stopGradient, type Value } from '../graph/index.ts'
import type { Parameters } from './adam.ts'

export type HypergradientParts = {
  /** [B] losses of the train batch at theta. */
  readonly perSample: Value
  readonly theta: Parameters
  /** [B] c_i: what multiplies the gradient of each loss in the look-ahead. */
  readonly coefficients: Value
  /** Scalar alpha. */
  readonly lookAheadRate: Value
  /** dL_meta/dtheta at theta_hat, by name. */
  readonly metaGradient: Parameters
}

/** [B] a_i: positive where a step for pair i alone would also lower the meta loss. */
export function alignmentOf(perSample: Value, theta: Parameters, metaGradient: Parameters): Value {
  const names = Object.keys(theta)
  return jvp(
    perSample,
    names.map((name) => theta[name]!),
    names.map((name) => stopGradient(metaGradient[name]!)),
  )
}

/** Derivatives of the meta loss with respect to each of `wrt`, on which the coefficients or the losses depend. */
export function hypergradients(parts: HypergradientParts, wrt: readonly Value[]): Value[] {
  const { perSample, theta, coefficients, lookAheadRate, metaGradient } = parts
  return hypergradientsAlong(alignmentOf(perSample, theta, metaGradient), coefficients, lookAheadRate, wrt)
}

/** The same from alignments that are already there. */
export function hypergradientsAlong(
  alignment: Value,
  coefficients: Value,
  lookAheadRate: Value,
  wrt: readonly Value[],
): Value[] {
  return gradients(mul(neg(lookAheadRate), reduceSum(mul(coefficients, alignment))), wrt)
}
