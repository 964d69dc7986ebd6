/** The weighting network: from a pair's loss to its weight, learned on the meta-set. */
import { floatTensor, type Random, type TensorMap } from '../base/index.ts'
import {
  add,
  div,
  exp,
  gradients,
  less,
  matMul,
  max,
  mul,
  neg,
  reduceSum,
  relu,
  reshape,
  stopGradient,
  sub,
  swapLastAxes,
  where,
  type Value,
} from '../graph/index.ts'
import type { Parameters } from './adam.ts'

export function weightNetShapes(hidden: number): Record<string, number[]> {
  return { W1: [hidden, 1], b1: [hidden], W2: [1, hidden], b2: [1] }
}

/**
 * Start: hidden units whose kinks lie spread over losses 0 to 10, and an output layer of zeros: every pair weighs the
 * same (1/2) until the meta-set says otherwise.
 */
export function initialWeightNet(hidden: number, random: Random): TensorMap {
  const w1 = Float32Array.from({ length: hidden }, () => (random.uniform() < 0.5 ? -1 : 1) * (0.5 + random.uniform()))
  const b1 = w1.map((slope) => -slope * 10 * random.uniform())
  return {
    W1: floatTensor([hidden, 1], w1),
    b1: floatTensor([hidden], b1),
    W2: floatTensor([1, hidden], new Float32Array(hidden)),
    b2: floatTensor([1], new Float32Array(1)),
  }
}

export type SampleWeights = {
  /** [B], each in (0, 1). */
  readonly raw: Value
  /** [B], summing to 1; equal to `raw` when every one of them underflowed to 0. */
  readonly normalised: Value
}

/** A sum of weights below this counts as zero: its reciprocal, squared in the gradient, would leave float32. */
const smallestTotal = 1e-30

/**
 * 1 / (1 + exp(-z)), written as softmax over z and 0. The runtime's float32 Sigmoid is exactly 0 far below 0, and where
 * all weights are small it is their ratio that counts. The shift cancels, so no gradient needs to flow through it.
 */
function preciseSigmoid(z: Value): Value {
  const top = stopGradient(max(z, 0))
  const here = exp(sub(z, top))
  return div(here, add(here, exp(neg(top))))
}

/** Weights of the pairs with the given losses [B]. */
export function sampleWeights(phi: Parameters, losses: Value): SampleWeights {
  const size = losses.shape[0]!
  const hidden = relu(add(matMul(reshape(losses, [size, 1]), swapLastAxes(phi['W1']!)), phi['b1']!))
  const raw = reshape(preciseSigmoid(add(matMul(hidden, swapLastAxes(phi['W2']!)), phi['b2']!)), [size])
  const total = reduceSum(raw)
  const isZero = less(total, smallestTotal)
  // Division is guarded inside and outside the choice: a gradient must not see 0/0 in the branch not taken.
  const normalised = where(isZero, raw, div(raw, where(isZero, 1, total)))
  return { raw, normalised }
}

/**
 * The objective sum_i w_i l_i.
 *
 * @param attached whether the weights' dependence on the losses takes part in the gradient
 */
export function weightedLoss(phi: Parameters, losses: Value, attached: boolean): SampleWeights & { objective: Value } {
  const weights = sampleWeights(phi, attached ? losses : stopGradient(losses))
  return { ...weights, objective: reduceSum(mul(weights.normalised, losses)) }
}

/** d(weighted loss) / d(losses): what multiplies each pair's gradient. Equal to the weights when not attached. */
export function lossCoefficients(phi: Parameters, losses: Value, attached: boolean): Value {
  return gradients(weightedLoss(phi, losses, attached).objective, [losses])[0]!
}
