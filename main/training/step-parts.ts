/** Parts of a training step that the whole step and the chunked one share, as graph nodes. */
import { add, exp, gradients, max, min, mul, type Graph, type Value } from '../graph/index.ts'
import { adamInputs, adamUpdate, clipCoefficient, globalNorm, type AdamConfig, type Parameters } from './adam.ts'
import type { MarginMode } from './config.ts'
import { frozenInputs, keepingLoss } from './keeping-loss.ts'
import { weightNetShapes, type WeightReading } from './sample-weights.ts'
import type { Tower } from './towers.ts'

/**
 * How a step treats the weighting network:
 * `exact` weighs the pairs anew after it has moved; `lagged` trains with the weights of the look-ahead, whose gradient
 * then serves for both, and what phi learns counts from the next step on; `none` leaves phi as it is and needs no meta
 * batch: the step between two updates.
 */
export type WeightStep = 'exact' | 'lagged' | 'none'

export type StepConfig = {
  readonly batchSize: number
  readonly metaBatchSize: number
  /** Whether sample weights are learned; without, the plain mean is trained on and there is no meta batch. */
  readonly weights: boolean
  /** Default `exact`. No meaning without `weights`. */
  readonly weightStep?: WeightStep
  readonly marginMode: MarginMode
  /** Bounds of a margin that is learned with the weights, radians; undefined: the margin is fed. */
  readonly marginBounds?: readonly [number, number] | undefined
  readonly attachedWeights: boolean
  readonly weightNetHidden: number
  /** S: what the weighting network sees of a pair beside its loss, fed as `train.signals` [B, S]. Default 0. */
  readonly signals?: number
  /** Whether the weighting network sees losses less what is fed as `train.lossShift` [B]. Default false. */
  readonly shiftsLosses?: boolean
  /** Whether weights are relative to the batch, see [Note: Centred weights] in sample-weights.ts. Default false, as the paper has it. */
  readonly centresWeights?: boolean
  /** Width D of embeddings that a keeping term holds to (see keeping-loss.ts); default: there is no such term. */
  readonly keepsWidth?: number | undefined
  /** Fixed logit scale, or undefined to learn its logarithm as the parameter `log_scale`. */
  readonly fixedLogitScale?: number
  /** Upper bound of the learned scale. */
  readonly maxLogitScale: number
  /**
   * Whether the virtual step moves the learned scale too, as the reference has it; default true. The scale favours pairs by
   * their loss alone, whatever they teach: which way depends on how far the step goes (docs/decisions/018).
   */
  readonly scaleLooksAhead?: boolean
  /** Gradients are scaled to at most this global norm; undefined leaves them. */
  readonly clipNorm?: number
  readonly parameterAdam: AdamConfig
  readonly weightNetAdam: AdamConfig
  /** Names that are not decayed; default: gains, biases, positions and the logit scale. */
  readonly withoutDecay?: (name: string) => boolean
}

/** Prefix of the weighting network's resident tensors. */
export const weightNetPrefix = 'phi.'

/** Name of the margin as a feed, and as a resident tensor where it is learned. */
export const marginName = 'margin'

export function mapValues<A, B>(
  record: Readonly<Record<string, A>>,
  apply: (value: A, name: string) => B,
): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, apply(value, name)]))
}

export function mapKeys<A>(record: Readonly<Record<string, A>>, rename: (name: string) => string): Record<string, A> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [rename(name), value]))
}

export const withPrefix = <A>(record: Readonly<Record<string, A>>, prefix: string): Record<string, A> =>
  mapKeys(record, (name) => prefix + name)

/** Derivatives of `y` by name. */
export function gradientsByName(y: Value, parameters: Parameters, seed?: Value): Parameters {
  const names = Object.keys(parameters)
  const values = gradients(y, Object.values(parameters), seed)
  return Object.fromEntries(names.map((name, i) => [name, values[i]!]))
}

/** Shapes of what is trained: the towers, and the logarithm of the logit scale where it is learned. */
export function trainedShapes(tower: Tower, config: StepConfig): Record<string, readonly number[]> {
  return { ...tower.parameterShapes, ...(config.fixedLogitScale === undefined ? { log_scale: [] } : {}) }
}

/** Shapes of what the meta-set teaches: the weighting network, and the margin where it is learned. */
export function metaLearnedShapes(config: StepConfig): Record<string, readonly number[]> {
  if (!config.weights) return {}
  return {
    ...withPrefix(weightNetShapes(config.weightNetHidden, config.signals), weightNetPrefix),
    ...(config.marginBounds === undefined ? {} : { [marginName]: [] }),
  }
}

/** What the virtual step moves, and along what the alignment of a pair with the meta-set is measured. */
export function lookingAhead<T>(
  theta: Readonly<Record<string, T>>,
  { scaleLooksAhead = true }: StepConfig,
): Record<string, T> {
  const { log_scale: scale, ...others } = theta
  return scale === undefined || !scaleLooksAhead ? others : { ...others, log_scale: scale }
}

export function inputsOf(graph: Graph, shapes: Readonly<Record<string, readonly number[]>>, prefix = ''): Parameters {
  return mapValues(shapes, (shape, name) => graph.input(prefix + name, 'float32', shape))
}

/** The weighting network among resident values, by its own names. */
export function phiOf(resident: Parameters): Parameters {
  const own = Object.entries(resident).filter(([name]) => name.startsWith(weightNetPrefix))
  return Object.fromEntries(own.map(([name, value]) => [name.slice(weightNetPrefix.length), value]))
}

export function logitScaleOf(graph: Graph, parameters: Parameters, config: StepConfig): Value {
  return config.fixedLogitScale === undefined ? exp(parameters['log_scale']!) : graph.float(config.fixedLogitScale)
}

/** What the weighting network sees of a batch beside its losses, and how its output is read. */
export function weightReading(
  graph: Graph,
  { signals = 0, shiftsLosses = false, batchSize, centresWeights }: StepConfig,
): WeightReading {
  return {
    signals: signals === 0 ? undefined : graph.input('train.signals', 'float32', [batchSize, signals]),
    shift: shiftsLosses ? graph.input('train.lossShift', 'float32', [batchSize]) : undefined,
    centred: centresWeights,
  }
}

/** The keeping term of a batch times the scalar feed `keepWeight`; undefined where the step has none. */
export function keepingTerm(
  graph: Graph,
  { batchSize, keepsWidth }: StepConfig,
  video: Value,
  text: Value,
): Value | undefined {
  if (keepsWidth === undefined) return undefined
  const weight = graph.input('keepWeight', 'float32', [])
  return mul(keepingLoss(frozenInputs(graph, batchSize, keepsWidth), video, text), weight)
}

export function addTerm(objective: Value, term: Value | undefined): Value {
  return term === undefined ? objective : add(objective, term)
}

function defaultWithoutDecay(name: string): boolean {
  return name === 'log_scale' || /(\.pos|\.gain|\.bias|\.b1|\.b2|\.bo|\.bqkv)$/.test(name)
}

/** New values of resident tensors by name. */
export type Replacements = Record<string, Value>

/** AdamW on the towers: gradients clipped together, the learned scale kept below its bound. */
export function updateTheta(
  tower: Tower,
  theta: Parameters,
  raw: Parameters,
  config: StepConfig,
): { readonly norm: Value; readonly next: Replacements } {
  const { graph } = Object.values(theta)[0]!
  const norm = globalNorm(raw)
  const clip = config.clipNorm === undefined ? undefined : clipCoefficient(norm, graph.float(config.clipNorm))
  const inputs = adamInputs(graph, 'theta')
  const withoutDecay =
    config.withoutDecay ?? ((name) => defaultWithoutDecay(name) || tower.withoutDecay?.(name) === true)
  const update = adamUpdate(theta, raw, inputs, config.parameterAdam, withoutDecay, tower.rateFactor, clip)
  const next = mapValues({ ...update.parameters, ...update.state }, (value, name) =>
    name === 'log_scale' ? min(value, Math.log(config.maxLogitScale)) : value,
  )
  return { norm, next }
}

/** Adam on what the meta-set teaches; names as in `metaLearnedShapes`. The margin stays within its bounds. */
export function updateMetaLearned(learned: Parameters, gradientOf: Parameters, config: StepConfig): Replacements {
  const { graph } = Object.values(learned)[0]!
  const { [marginName]: margin, ...phi } = learned
  const phiUpdate = adamUpdate(phi, gradientOf, adamInputs(graph, 'phi'), config.weightNetAdam)
  const next = { ...phiUpdate.parameters, ...phiUpdate.state }
  if (margin === undefined) return next
  const marginUpdate = adamUpdate(
    { [marginName]: margin },
    gradientOf,
    { ...adamInputs(graph, 'phi'), learningRate: graph.input('margin.learningRate', 'float32', []) },
    config.weightNetAdam,
  )
  const [low, high] = config.marginBounds!
  const bounded = min(max(marginUpdate.parameters[marginName]!, low), high)
  return { ...next, ...marginUpdate.state, [marginName]: bounded }
}
