/** AdamW, as graph nodes: the update of all parameters is part of the step's graph. */
import { add, div, min, mul, reduceSum, sqrt, square, sub, type Graph, type Value } from '../graph/index.ts'

export type AdamConfig = {
  /** Decay rate of the gradient's running mean. */
  readonly beta1: number
  /** Decay rate of the squared gradient's running mean. */
  readonly beta2: number
  readonly epsilon: number
  /** Decoupled weight decay, multiplied by the learning rate each step. */
  readonly weightDecay: number
}

export const defaultAdam: AdamConfig = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 }

/** Values by parameter name. */
export type Parameters = Readonly<Record<string, Value>>

export type AdamUpdate = { readonly parameters: Parameters; readonly state: Parameters }

/** Names of the resident tensors that hold the two moments of parameter `name`. */
export function momentNames(name: string): { first: string; second: string } {
  return { first: `adam.m.${name}`, second: `adam.v.${name}` }
}

/**
 * Feeds that change every step, all scalars: `learningRate`, and the bias corrections 1 - beta^n, n counted from 1.
 */
export type AdamInputs = { readonly learningRate: Value; readonly correction1: Value; readonly correction2: Value }

/** Declares the scalar inputs `<prefix>.learningRate`, `<prefix>.correction1` and `<prefix>.correction2`. */
export function adamInputs(graph: Graph, prefix: string): AdamInputs {
  const scalar = (name: string): Value => graph.input(`${prefix}.${name}`, 'float32', [])
  return {
    learningRate: scalar('learningRate'),
    correction1: scalar('correction1'),
    correction2: scalar('correction2'),
  }
}

/** The numbers for `adamInputs`. `step` counts from 1. */
export function adamFeeds(
  prefix: string,
  config: AdamConfig,
  learningRate: number,
  step: number,
): Record<string, number> {
  return {
    [`${prefix}.learningRate`]: learningRate,
    [`${prefix}.correction1`]: 1 - config.beta1 ** step,
    [`${prefix}.correction2`]: 1 - config.beta2 ** step,
  }
}

/**
 * One AdamW step: p <- p (1 - rate * decay) - rate * (m / c1) / (sqrt(v / c2) + epsilon).
 *
 * Each operation reads and writes all parameters once, and that is its cost. So whatever is one number for a whole tensor
 * (clipping, corrections) is first worked into the factors that there are anyway: with s = sqrt(c2) the last term is
 * m (rate s / c1) / (sqrt(v) + s epsilon).
 *
 * @param withoutDecay names that are not decayed (gains, biases, the logit scale)
 * @param rateFactor what the learning rate of a name is multiplied by
 * @param clip what all gradients are multiplied by first, a scalar
 * @returns new parameters, and the new moments under their `momentNames`
 */
export function adamUpdate(
  parameters: Parameters,
  gradients: Parameters,
  inputs: AdamInputs,
  config: AdamConfig,
  withoutDecay: (name: string) => boolean = () => false,
  rateFactor: (name: string) => number = () => 1,
  clip?: Value,
): AdamUpdate {
  const scaled = (factor: number): Value | number => (clip === undefined ? factor : mul(clip, factor))
  const updated: Record<string, Value> = {}
  const state: Record<string, Value> = {}
  for (const [name, parameter] of Object.entries(parameters)) {
    const { graph, shape } = parameter
    const gradient = gradients[name]!
    const names = momentNames(name)
    const first = add(
      mul(graph.input(names.first, 'float32', shape), config.beta1),
      mul(gradient, scaled(1 - config.beta1)),
    )
    const second = add(
      mul(graph.input(names.second, 'float32', shape), config.beta2),
      square(mul(gradient, scaled(Math.sqrt(1 - config.beta2)))),
    )
    const rate = mul(inputs.learningRate, rateFactor(name))
    const deviation = sqrt(inputs.correction2)
    const scale = mul(div(rate, inputs.correction1), deviation)
    const step = div(mul(first, scale), add(sqrt(second), mul(deviation, config.epsilon)))
    const decay = config.weightDecay > 0 && !withoutDecay(name)
    const kept = decay ? mul(parameter, sub(1, mul(rate, config.weightDecay))) : parameter
    updated[name] = sub(kept, step)
    state[names.first] = first
    state[names.second] = second
  }
  return { parameters: updated, state }
}

/** Euclidean norm over all gradients together; a scalar. */
export function globalNorm(gradients: Parameters): Value {
  return sqrt(
    Object.values(gradients)
      .map((gradient) => reduceSum(square(gradient)))
      .reduce((sum, part) => add(sum, part)),
  )
}

/** min(1, maxNorm / (norm + 1e-6)): what clipping multiplies all gradients by. */
export function clipCoefficient(norm: Value, maxNorm: Value): Value {
  return min(div(maxNorm, add(norm, 1e-6)), 1)
}
