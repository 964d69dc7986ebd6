/**
 * One training step as one ONNX graph, for every objective. It reads like the algorithm:
 *
 *   1  losses of the batch; weights from phi; a virtual step           theta_hat = theta - alpha dL/dtheta
 *   2  the meta loss at theta_hat; its exact derivatives               g_phi, g_margin (second order)
 *   3  phi moves (Adam)
 *   4  the weights again, from the same losses and the new phi, as constants
 *   5  theta moves (AdamW, clipped), from theta and not from theta_hat
 *
 * See reference definitions in docs/TRAINING.md and arXiv 2407.03788.
 */
import {
  exp,
  Graph,
  gradients,
  min,
  mul,
  reduceMean,
  reduceSum,
  stopGradient,
  sub,
  toModel,
  type Value,
} from '../graph/index.ts'
import { angularMarginLoss, type PairLosses } from './angular-margin-loss.ts'
import {
  adamInputs,
  adamUpdate,
  clipCoefficient,
  globalNorm,
  momentNames,
  type AdamConfig,
  type Parameters,
} from './adam.ts'
import type { MarginMode } from './config.ts'
import { lossCoefficients, sampleWeights, weightedLoss, weightNetShapes } from './sample-weights.ts'
import { batchInputs, type Tower } from './towers.ts'

export type StepConfig = {
  readonly batchSize: number
  readonly metaBatchSize: number
  /** Whether sample weights are learned; without, the plain mean is trained on and there is no meta batch. */
  readonly weights: boolean
  readonly marginMode: MarginMode
  readonly attachedWeights: boolean
  readonly weightNetHidden: number
  /** Fixed logit scale, or undefined to learn its logarithm as the parameter `log_scale`. */
  readonly fixedLogitScale?: number
  /** Upper bound of the learned scale. */
  readonly maxLogitScale: number
  /** Gradients are scaled to at most this global norm; undefined leaves them. */
  readonly clipNorm?: number
  readonly parameterAdam: AdamConfig
  readonly weightNetAdam: AdamConfig
  /** Also output every intermediate, for tests against the reference. */
  readonly trace?: boolean
  /** Names that are not decayed; default: gains, biases, positions and the logit scale. */
  readonly withoutDecay?: (name: string) => boolean
}

/** A step's graph and what is resident in it. */
export type StepGraph = {
  readonly model: Uint8Array
  /** Resident input -> the output that replaces it: parameters, weighting network, optimiser moments. */
  readonly state: Readonly<Record<string, string>>
  readonly parameterShapes: Readonly<Record<string, readonly number[]>>
  readonly weightNetShapes: Readonly<Record<string, readonly number[]>>
}

/** Prefix of the weighting network's resident tensors. */
export const weightNetPrefix = 'phi.'

function defaultWithoutDecay(name: string): boolean {
  return name === 'log_scale' || /(\.pos|\.gain|\.bias|\.b1|\.b2|\.bo|\.bqkv)$/.test(name)
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, apply: (value: A, name: string) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, apply(value, name)]))
}

/** Derivatives of `y` by name. */
function gradientsByName(y: Value, parameters: Parameters): Parameters {
  const names = Object.keys(parameters)
  const values = gradients(y, Object.values(parameters))
  return Object.fromEntries(names.map((name, i) => [name, values[i]!]))
}

/**
 * Builds the step.
 *
 * Feeds besides the batches (`train.*`, `meta.*`): scalars `margin`, `metaMargin`, `lookAheadRate`, and the optimisers'
 * `theta.*` and `phi.*` (see adamFeeds). Outputs: `perSample` [B], `rawWeights` [B], `weights` [B] (after the update),
 * `trainLoss`, `metaLoss`, `marginGradient`, `gradientNorm`, `logitScale`.
 */
export function buildStep(tower: Tower, config: StepConfig): StepGraph {
  const graph = new Graph()
  const parameterShapes: Record<string, readonly number[]> = {
    ...tower.parameterShapes,
    ...(config.fixedLogitScale === undefined ? { log_scale: [] } : {}),
  }
  const theta: Parameters = mapValues(parameterShapes, (shape, name) => graph.input(name, 'float32', shape))
  const train = batchInputs(graph, tower, 'train', config.batchSize)
  const margin = graph.input('margin', 'float32', [])
  const scaleOf = (p: Parameters): Value =>
    config.fixedLogitScale === undefined ? exp(p['log_scale']!) : graph.float(config.fixedLogitScale)
  const lossesAt = (p: Parameters, batch: Readonly<Record<string, Value>>, m: Value): PairLosses =>
    angularMarginLoss(tower.encodeVideos(p, batch), tower.encodeTexts(p, batch), scaleOf(p), m, config.marginMode)

  const { similarity, logits, perSample } = lossesAt(theta, train, margin)
  const outputs: Record<string, Value> = { perSample }
  const state: Record<string, string> = {}
  const replace = (name: string, value: Value): void => {
    outputs[`next.${name}`] = value
    state[name] = `next.${name}`
  }

  let objective = reduceMean(perSample)
  if (config.weights) {
    const phi: Parameters = mapValues(weightNetShapes(config.weightNetHidden), (shape, name) =>
      graph.input(weightNetPrefix + name, 'float32', shape),
    )
    const meta = batchInputs(graph, tower, 'meta', config.metaBatchSize)
    const alpha = graph.input('lookAheadRate', 'float32', [])

    // 1. The look-ahead. Its gradient is taken through coefficients c_i(phi), so that what follows is linear in them.
    const virtual = weightedLoss(phi, perSample, config.attachedWeights)
    const lookAheadGradients = gradientsByName(virtual.objective, theta)
    const lookAhead = mapValues(theta, (value, name) => sub(value, mul(lookAheadGradients[name]!, alpha)))

    // 2. The meta loss there. theta_hat is cut off from theta: dL_meta/dphi = -alpha sum_i a_i dc_i/dphi, where
    //    a_i = <dl_i/dtheta, dL_meta/dtheta_hat> is one product of the losses' Jacobian with the meta gradient.
    const metaLosses = lossesAt(lookAhead, meta, graph.input('metaMargin', 'float32', []))
    const metaLoss = reduceMean(metaLosses.perSample)
    const hyper = gradients(metaLoss, [...Object.values(phi), margin])
    const phiGradients = Object.fromEntries(Object.keys(phi).map((name, i) => [name, hyper[i]!]))

    // 3. The weighting network moves.
    const phiUpdate = adamUpdate(
      mapKeys(phi, (name) => weightNetPrefix + name),
      mapKeys(phiGradients, (name) => weightNetPrefix + name),
      adamInputs(graph, 'phi'),
      config.weightNetAdam,
    )
    for (const [name, value] of Object.entries({ ...phiUpdate.parameters, ...phiUpdate.state })) replace(name, value)
    const newPhi = mapValues(phi, (_, name) => phiUpdate.parameters[weightNetPrefix + name]!)

    // 4. New weights, from the same losses, as constants.
    const fresh = sampleWeights(newPhi, perSample)
    objective = reduceSum(mul(stopGradient(fresh.normalised), perSample))
    Object.assign(outputs, {
      rawWeights: fresh.raw,
      weights: fresh.normalised,
      metaLoss,
      marginGradient: hyper.at(-1)!,
    })
    if (config.trace) {
      Object.assign(outputs, {
        firstWeights: virtual.normalised,
        firstRawWeights: virtual.raw,
        firstTrainLoss: virtual.objective,
        metaPerSample: metaLosses.perSample,
        coefficients: lossCoefficients(phi, perSample, config.attachedWeights),
        ...mapKeys(phiGradients, (name) => `g_phi.${name}`),
        ...mapKeys(lookAheadGradients, (name) => `lookAheadGradient.${name}`),
        ...mapKeys(lookAhead, (name) => `lookAhead.${name}`),
      })
    }
  }

  // 5. The towers move.
  const raw = gradientsByName(objective, theta)
  const norm = globalNorm(raw)
  const clip = config.clipNorm === undefined ? undefined : clipCoefficient(norm, graph.float(config.clipNorm))
  const clipped = clip === undefined ? raw : mapValues(raw, (gradient) => mul(gradient, clip))
  const update = adamUpdate(
    theta,
    clipped,
    adamInputs(graph, 'theta'),
    config.parameterAdam,
    config.withoutDecay ?? ((name) => defaultWithoutDecay(name) || tower.withoutDecay?.(name) === true),
    tower.rateFactor,
  )
  for (const [name, value] of Object.entries({ ...update.parameters, ...update.state })) {
    replace(name, name === 'log_scale' ? min(value, Math.log(config.maxLogitScale)) : value)
  }
  Object.assign(outputs, { trainLoss: objective, gradientNorm: norm, logitScale: scaleOf(theta) })
  if (config.trace) Object.assign(outputs, { similarity, logits, ...mapKeys(raw, (name) => `gradient.${name}`) })
  return {
    model: toModel(outputs, { name: 'training step' }),
    state,
    parameterShapes,
    weightNetShapes: config.weights
      ? mapKeys(weightNetShapes(config.weightNetHidden), (name) => weightNetPrefix + name)
      : {},
  }
}

function mapKeys<A>(record: Readonly<Record<string, A>>, rename: (name: string) => string): Record<string, A> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [rename(name), value]))
}

/** Shapes of all resident tensors that start at zero: the moments of both optimisers. */
export function momentShapes(step: StepGraph): Record<string, readonly number[]> {
  return Object.fromEntries(
    Object.entries({ ...step.parameterShapes, ...step.weightNetShapes }).flatMap(([name, shape]) => {
      const { first, second } = momentNames(name)
      return [
        [first, shape],
        [second, shape],
      ]
    }),
  )
}
