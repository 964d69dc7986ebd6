/**
 * One training step as one ONNX graph, for every objective. It reads like the algorithm:
 *
 *   1  losses of the batch; weights from phi; a virtual step           theta_hat = theta - alpha dL/dtheta
 *   2  the meta loss at theta_hat; its exact derivatives               g_phi, g_margin (second order)
 *   3  phi moves (Adam), and the margin where it is learned
 *   4  the weights again, from the same losses and the new phi, as constants
 *   5  theta moves (AdamW, clipped), from theta and not from theta_hat
 *
 * A `lagged` step leaves out part 4 and moves theta along the gradient of part 1; a `none` step has parts 4 and 5 only,
 * with phi as it is. See reference definitions in docs/TRAINING.md and arXiv 2407.03788.
 */
import { Graph, gradients, mul, reduceMean, reduceSum, stopGradient, sub, toModel, type Value } from '../graph/index.ts'
import { momentNames, type Parameters } from './adam.ts'
import { angularMarginLoss, type PairLosses } from './angular-margin-loss.ts'
import { hypergradients } from './hypergradient.ts'
import { lossCoefficients, sampleWeights, weightedLoss } from './sample-weights.ts'
import {
  addTerm,
  gradientsByName,
  inputsOf,
  keepingTerm,
  logitScaleOf,
  lookingAhead,
  mapValues,
  marginName,
  metaLearnedShapes,
  phiOf,
  weightReading,
  trainedShapes,
  updateMetaLearned,
  updateTheta,
  weightNetPrefix,
  withPrefix,
  type StepConfig,
} from './step-parts.ts'
import { batchInputs, type Tower } from './towers.ts'

export type WholeStepConfig = StepConfig & {
  /**
   * How the derivative of the meta loss is found: `forward`, the default, is one Jacobian-vector product of the losses;
   * `reverse` differentiates through the look-ahead. Equal numbers at equal cost (docs/RESULTS.md); the second is kept
   * as the plain twin that the first is held against.
   */
  readonly hypergradient?: 'forward' | 'reverse'
  /** Also output every intermediate, for tests against the reference. */
  readonly trace?: boolean
}

/** A step's graph and what is resident in it. */
export type StepGraph = {
  readonly model: Uint8Array
  /** Resident input -> the output that replaces it: parameters, weighting network, optimiser moments. */
  readonly state: Readonly<Record<string, string>>
  /** Resident inputs that this step leaves as they are. */
  readonly constants: readonly string[]
  readonly parameterShapes: Readonly<Record<string, readonly number[]>>
  /** The weighting network, and the margin where it is learned. */
  readonly metaLearnedShapes: Readonly<Record<string, readonly number[]>>
  readonly outputs: Readonly<Record<string, Value>>
}

type LossesAt = Pick<PairLosses, 'perSample'> & {
  /** Of a loss that contrasts embeddings. */
  readonly pairs?: Omit<PairLosses, 'perSample'> & { readonly video: Value; readonly text: Value }
}

/**
 * Builds the step.
 *
 * Feeds besides the batches (`train.*`, `meta.*`): scalars `margin` (unless it is learned: then `margin.learningRate`),
 * `metaMargin`, `lookAheadRate`, `keepWeight` (where there is a keeping term), and the optimisers' `theta.*` and `phi.*` (see adamFeeds). Outputs: `perSample` [B],
 * `rawWeights` [B], `weights` [B] (those that were trained with), `trainLoss`, `metaLoss`, `marginGradient`,
 * `keeping`, `gradientNorm`, `logitScale`. A `none` step has neither the feeds nor the outputs of the meta loss.
 */
export function buildStep(tower: Tower, config: WholeStepConfig): StepGraph {
  const graph = new Graph()
  const theta = inputsOf(graph, trainedShapes(tower, config))
  const train = batchInputs(graph, tower, 'train', config.batchSize)
  const margin = graph.input(marginName, 'float32', [])
  const lossesAt = (p: Parameters, batch: Readonly<Record<string, Value>>, m: Value): LossesAt => {
    if (tower.losses !== undefined) return { perSample: tower.losses(p, batch) }
    const [video, text] = [tower.encodeVideos(p, batch), tower.encodeTexts(p, batch)]
    const { perSample: losses, ...rest } = angularMarginLoss(
      ...([video, text, logitScaleOf(graph, p, config), m, config.marginMode] as const),
    )
    return { perSample: losses, pairs: { video, text, ...rest } }
  }

  const { pairs, perSample } = lossesAt(theta, train, margin)
  const keeping = pairs && keepingTerm(graph, config, pairs.video, pairs.text)
  const reading = config.weights ? weightReading(graph, config) : undefined
  const outputs: Record<string, Value> = { perSample, ...(keeping && { keeping }) }
  const state: Record<string, string> = {}
  const replace = (values: Parameters): void => {
    for (const [name, value] of Object.entries(values)) {
      outputs[`next.${name}`] = value
      state[name] = `next.${name}`
    }
  }

  const learned = inputsOf(graph, metaLearnedShapes(config))
  const phi = phiOf(learned)
  const weightStep = config.weightStep ?? 'exact'
  let objective = reduceMean(perSample)
  let raw: Parameters | undefined

  if (config.weights && weightStep === 'none') {
    const weights = sampleWeights(phi, perSample, reading)
    objective = reduceSum(mul(stopGradient(weights.normalised), perSample))
    Object.assign(outputs, { rawWeights: weights.raw, weights: weights.normalised })
  } else if (config.weights) {
    const meta = batchInputs(graph, tower, 'meta', config.metaBatchSize)
    const alpha = graph.input('lookAheadRate', 'float32', [])

    // 1. The look-ahead. Its gradient is taken through coefficients c_i(phi), so that what follows is linear in them.
    const virtual = weightedLoss(phi, perSample, config.attachedWeights, reading)
    const lookAheadGradient = gradientsByName(addTerm(virtual.objective, keeping), theta)
    const moving = lookingAhead(theta, config)
    const moved = mapValues(moving, (value, name) => sub(value, mul(lookAheadGradient[name]!, alpha)))
    const lookAhead = { ...theta, ...moved }

    // 2. The meta loss there.
    const metaLosses = lossesAt(lookAhead, meta, graph.input('metaMargin', 'float32', []))
    const metaLoss = reduceMean(metaLosses.perSample)
    const coefficients = lossCoefficients(phi, perSample, config.attachedWeights, reading)
    const wrt = [...Object.values(phi), margin]
    const hyper =
      config.hypergradient === 'reverse'
        ? gradients(metaLoss, wrt)
        : hypergradients(
            {
              ...{ perSample, theta: moving, coefficients, lookAheadRate: alpha },
              metaGradient: gradientsByName(metaLoss, moved),
            },
            wrt,
          )
    const phiGradient = Object.fromEntries(Object.keys(phi).map((name, i) => [name, hyper[i]!]))
    const marginGradient = hyper.at(-1)!

    // 3. The weighting network moves.
    const gradientOf = { ...withPrefix(phiGradient, weightNetPrefix), [marginName]: marginGradient }
    const next = updateMetaLearned(learned, gradientOf, config)
    replace(next)

    // 4. New weights, from the same losses, as constants.
    const weights = weightStep === 'lagged' ? virtual : sampleWeights(phiOf(next), perSample, reading)
    if (weightStep === 'lagged') {
      objective = virtual.objective
      raw = lookAheadGradient
    } else objective = reduceSum(mul(stopGradient(weights.normalised), perSample))
    Object.assign(outputs, { rawWeights: weights.raw, weights: weights.normalised, metaLoss, marginGradient })
    if (config.trace) {
      Object.assign(outputs, {
        firstWeights: virtual.normalised,
        firstRawWeights: virtual.raw,
        firstTrainLoss: virtual.objective,
        metaPerSample: metaLosses.perSample,
        coefficients,
        ...withPrefix(phiGradient, 'g_phi.'),
        ...withPrefix(lookAheadGradient, 'lookAheadGradient.'),
        ...withPrefix(lookAhead, 'lookAhead.'),
      })
    }
  }

  // 5. The towers move.
  raw ??= gradientsByName(addTerm(objective, keeping), theta)
  const update = updateTheta(tower, theta, raw, config)
  replace(update.next)
  const logitScale = logitScaleOf(graph, theta, config)
  Object.assign(outputs, { trainLoss: objective, gradientNorm: update.norm, logitScale })
  if (config.trace) {
    Object.assign(outputs, withPrefix(raw, 'gradient.'))
    if (pairs !== undefined) Object.assign(outputs, { similarity: pairs.similarity, logits: pairs.logits })
  }
  return {
    model: toModel(outputs, { name: 'training step' }),
    state,
    constants: Object.keys(learned).filter((name) => state[name] === undefined),
    parameterShapes: trainedShapes(tower, config),
    metaLearnedShapes: metaLearnedShapes(config),
    outputs,
  }
}

/** Shapes of all resident tensors that start at zero: the moments of both optimisers. */
export function momentShapes(
  step: Pick<StepGraph, 'parameterShapes' | 'metaLearnedShapes'>,
): Record<string, readonly number[]> {
  return Object.fromEntries(
    Object.entries({ ...step.parameterShapes, ...step.metaLearnedShapes }).flatMap(([name, shape]) => {
      const { first, second } = momentNames(name)
      return [
        [first, shape],
        [second, shape],
      ]
    }),
  )
}
