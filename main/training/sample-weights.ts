/**
 * The weighting network: from a pair's loss, and what else is known of it, to its weight, learned on the meta-set.
 *
 * [Note: Signals] The paper's network sees the loss alone. Ours may also see signals of a pair that training does not change,
 * such as its loss before training: a pair that was learned by heart has a low loss, whatever its text. What a signal is
 * worth, the meta-set decides.
 *
 * [Note: Centred weights] Only the ratios of a batch's weights count, so nothing holds their common size. Left alone it drifts
 * to where the sigmoid is flat, and there the network is deaf: in its first epochs, when hard pairs teach most, it learns to
 * prefer them, and could not turn back. Centred, a pair's weight is the sigmoid of how far its output is above the batch's
 * mean; what all outputs share has no effect and no gradient (docs/decisions/023).
 */
import { floatTensor, type Random, type TensorMap } from '../base/index.ts'
import {
  add,
  concat,
  div,
  exp,
  gradients,
  less,
  matMul,
  max,
  mul,
  neg,
  reduceMean,
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

/** @param signals S, inputs beside the loss */
export function weightNetShapes(hidden: number, signals = 0): Record<string, number[]> {
  return { W1: [hidden, 1 + signals], b1: [hidden], W2: [1, hidden], b2: [1] }
}

/** Signals lie between minus and plus this, most of them. */
const signalSpread = 4

/**
 * Start: hidden units whose kinks lie spread over losses 0 to 10 (and signals around 0), and an output layer of zeros: every pair weighs the
 * same (1/2) until the meta-set says otherwise.
 */
export function initialWeightNet(hidden: number, random: Random, signals = 0): TensorMap {
  const slope = (): number => (random.uniform() < 0.5 ? -1 : 1) * (0.5 + random.uniform())
  const lossSlopes = Float32Array.from({ length: hidden }, slope)
  const b1 = lossSlopes.map((own) => -own * 10 * random.uniform())
  const w1 = new Float32Array(hidden * (1 + signals))
  for (let unit = 0; unit < hidden; unit++) {
    w1[unit * (1 + signals)] = lossSlopes[unit]!
    for (let signal = 1; signal <= signals; signal++) {
      const own = slope()
      w1[unit * (1 + signals) + signal] = own
      b1[unit]! -= own * signalSpread * (2 * random.uniform() - 1)
    }
  }
  return {
    W1: floatTensor([hidden, 1 + signals], w1),
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

/** What the weighting network is given beside the losses, and how its output is read. */
export type WeightReading = {
  /** [B, S] */
  readonly signals?: Value | undefined
  /** [B]: what it sees each loss without, such as what is usual for its kind; default: nothing. */
  readonly shift?: Value | undefined
  /** Whether outputs are taken less their mean over the batch, see the note above; default: as they are, as the paper has it. */
  readonly centred?: boolean | undefined
}

/** Weights of the pairs with the given losses [B]. */
export function sampleWeights(
  phi: Parameters,
  losses: Value,
  { signals, shift, centred = false }: WeightReading = {},
): SampleWeights {
  const size = losses.shape[0]!
  const column = reshape(shift === undefined ? losses : sub(losses, shift), [size, 1])
  const inputs = signals === undefined ? column : concat([column, signals], 1)
  const hidden = relu(add(matMul(inputs, swapLastAxes(phi['W1']!)), phi['b1']!))
  const output = add(matMul(hidden, swapLastAxes(phi['W2']!)), phi['b2']!)
  const raw = reshape(preciseSigmoid(centred ? sub(output, reduceMean(output)) : output), [size])
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
export function weightedLoss(
  phi: Parameters,
  losses: Value,
  attached: boolean,
  reading: WeightReading = {},
): SampleWeights & { objective: Value } {
  const weights = sampleWeights(phi, attached ? losses : stopGradient(losses), reading)
  return { ...weights, objective: reduceSum(mul(weights.normalised, losses)) }
}

/** d(weighted loss) / d(losses): what multiplies each pair's gradient. Equal to the weights when not attached. */
export function lossCoefficients(
  phi: Parameters,
  losses: Value,
  attached: boolean,
  reading: WeightReading = {},
): Value {
  return gradients(weightedLoss(phi, losses, attached, reading).objective, [losses])[0]!
}
