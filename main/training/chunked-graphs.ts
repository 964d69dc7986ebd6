/**
 * The training step in pieces, so that its memory grows with a chunk of the batch and not with the batch. The loss needs
 * all pairs of a batch at once, but only their embeddings; so the batch is encoded chunk by chunk without keeping what a
 * gradient needs, the loss gives the gradient of each embedding, and each chunk is encoded once more to carry its part of
 * it on to the towers. The sum over chunks is the gradient of the whole batch, exactly (gradient caching, arXiv
 * 2101.06983). The hypergradient needs the losses' derivative along the meta gradient, which goes forward through the
 * towers chunk by chunk in the same way.
 */
import {
  add,
  Graph,
  gradients,
  jvp,
  mul,
  reduceMean,
  reduceSum,
  stopGradient,
  sub,
  toModel,
  type Value,
} from '../graph/index.ts'
import type { Parameters } from './adam.ts'
import { angularMarginLoss } from './angular-margin-loss.ts'
import { hypergradientsAlong } from './hypergradient.ts'
import { lossCoefficients, sampleWeights, weightedLoss } from './sample-weights.ts'
import {
  addTerm,
  gradientsByName,
  inputsOf,
  keepingTerm,
  logitScaleOf,
  lookingAhead,
  mapKeys,
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

/** One piece, with what is resident in it. */
export type Piece = {
  readonly model: Uint8Array
  readonly state: Readonly<Record<string, string>>
  readonly constants: readonly string[]
  readonly outputs: Readonly<Record<string, Value>>
}

/** Prefixes of resident tensors: the gradient that is summed up over chunks, and the meta gradient. */
export const sumPrefix = 'sum.'
export const metaGradientPrefix = 'metaGradient.'

/** Resident inputs are named in `resident`; those that have a `next.` output are replaced by it. */
function pieceOf(name: string, outputs: Record<string, Value>, resident: readonly string[]): Piece {
  const isReplaced = (input: string): boolean => outputs[`next.${input}`] !== undefined
  return {
    model: toModel(outputs, { name }),
    state: Object.fromEntries(resident.filter(isReplaced).map((input) => [input, `next.${input}`])),
    constants: resident.filter((input) => !isReplaced(input)),
    outputs,
  }
}

const keysOf = (parameters: Parameters, prefix = ''): string[] => Object.keys(parameters).map((name) => prefix + name)

/** `train.*` [C] -> `video`, `text` [C, D] */
export function encodePiece(tower: Tower, chunk: number): Piece {
  const graph = new Graph()
  const theta = inputsOf(graph, tower.parameterShapes)
  const train = batchInputs(graph, tower, 'train', chunk)
  const outputs = { video: tower.encodeVideos(theta, train), text: tower.encodeTexts(theta, train) }
  return pieceOf('encode a chunk', outputs, keysOf(theta))
}

/** `train.*` [C], gradients `dVideo`, `dText` [C, D]: adds to the sum, which `keep` (0 or 1) begins or goes on with. */
export function backwardPiece(tower: Tower, chunk: number): Piece {
  const graph = new Graph()
  const theta = inputsOf(graph, tower.parameterShapes)
  const train = batchInputs(graph, tower, 'train', chunk)
  const keep = graph.input('keep', 'float32', [])
  const along = (name: string, embeddings: Value): Value =>
    reduceSum(mul(embeddings, graph.input(name, 'float32', embeddings.shape)))
  const total = add(along('dVideo', tower.encodeVideos(theta, train)), along('dText', tower.encodeTexts(theta, train)))
  const outputs = mapValues(gradientsByName(total, theta), (gradient, name) =>
    add(mul(graph.input(sumPrefix + name, 'float32', gradient.shape), keep), gradient),
  )
  const resident = [...keysOf(theta), ...keysOf(theta, sumPrefix)]
  return pieceOf('backward of a chunk', withPrefix(outputs, `next.${sumPrefix}`), resident)
}

/** `train.*` [C] -> `videoTangent`, `textTangent` [C, D]: how the embeddings move along the meta gradient. */
export function tangentPiece(tower: Tower, chunk: number): Piece {
  const graph = new Graph()
  const theta = inputsOf(graph, tower.parameterShapes)
  const directions = inputsOf(graph, tower.parameterShapes, metaGradientPrefix)
  const train = batchInputs(graph, tower, 'train', chunk)
  const along = (embeddings: Value): Value => jvp(embeddings, Object.values(theta), Object.values(directions))
  const outputs = {
    videoTangent: along(tower.encodeVideos(theta, train)),
    textTangent: along(tower.encodeTexts(theta, train)),
  }
  return pieceOf('tangents of a chunk', outputs, [...keysOf(theta), ...keysOf(directions, metaGradientPrefix)])
}

type Head = {
  readonly graph: Graph
  readonly embeddings: { readonly video: Value; readonly text: Value }
  readonly scale: Parameters
  readonly margin: Value
  readonly perSample: Value
  /** The keeping term, where the step has one. */
  readonly keeping: Value | undefined
}

function headOf(graph: Graph, width: number, config: StepConfig): Head {
  const embedding = (name: string): Value => graph.input(name, 'float32', [config.batchSize, width])
  const [video, text] = [embedding('video'), embedding('text')]
  const scale: Parameters = config.fixedLogitScale === undefined ? inputsOf(graph, { log_scale: [] }) : {}
  const margin = graph.input(marginName, 'float32', [])
  const logitScale = logitScaleOf(graph, scale, config)
  const { perSample } = angularMarginLoss(video, text, logitScale, margin, config.marginMode)
  const keeping = keepingTerm(graph, config, video, text)
  return { ...{ graph, scale, margin, perSample, keeping }, embeddings: { video, text } }
}

/** Gradients of the objective for the backward pieces, and of the learned scale. */
function gradientsOfHead(objective: Value, { embeddings, scale }: Head): Record<string, Value> {
  const [dVideo, dText, dScale] = gradients(objective, [embeddings.video, embeddings.text, ...Object.values(scale)])
  return { dVideo: dVideo!, dText: dText!, ...(dScale && { dScale }) }
}

function residentOfHead(head: Head, config: StepConfig): string[] {
  return [...Object.keys(head.scale), ...Object.keys(metaLearnedShapes(config))]
}

/** `video`, `text` [B, D] -> losses, weights, and the gradients of the embeddings along which the look-ahead goes. */
export function lossPiece(width: number, config: StepConfig): Piece {
  const head = headOf(new Graph(), width, config)
  const { graph, perSample, keeping } = head
  if (!config.weights) {
    const objective = reduceMean(perSample)
    const outputs = { perSample, trainLoss: objective, ...gradientsOfHead(addTerm(objective, keeping), head) }
    return pieceOf('losses', outputs, Object.keys(head.scale))
  }
  const phi = phiOf(inputsOf(graph, metaLearnedShapes(config)))
  const attached = config.attachedWeights && config.weightStep !== 'none'
  const { raw, objective } = weightedLoss(phi, perSample, attached, weightReading(graph, config))
  const total = addTerm(objective, keeping)
  const outputs = { perSample, rawWeights: raw, trainLoss: objective, ...gradientsOfHead(total, head) }
  return pieceOf('weighted losses', outputs, residentOfHead(head, config))
}

/** The sum of the look-ahead, `dScale`, `meta.*` -> `metaLoss` and `metaGradient.*`. */
export function metaPiece(tower: Tower, config: StepConfig): Piece {
  const graph = new Graph()
  const theta = inputsOf(graph, trainedShapes(tower, config))
  const sums = inputsOf(graph, tower.parameterShapes, sumPrefix)
  const alpha = graph.input('lookAheadRate', 'float32', [])
  const gradientOf = (name: string): Value => sums[name] ?? graph.input('dScale', 'float32', [])
  const moved = mapValues(lookingAhead(theta, config), (value, name) => sub(value, mul(gradientOf(name), alpha)))
  const lookAhead = { ...theta, ...moved }
  const meta = batchInputs(graph, tower, 'meta', config.metaBatchSize)
  const { perSample } = angularMarginLoss(
    tower.encodeVideos(lookAhead, meta),
    tower.encodeTexts(lookAhead, meta),
    logitScaleOf(graph, lookAhead, config),
    graph.input('metaMargin', 'float32', []),
    config.marginMode,
  )
  const metaLoss = reduceMean(perSample)
  const outputs = { metaLoss, ...withPrefix(gradientsByName(metaLoss, moved), metaGradientPrefix) }
  return pieceOf('meta loss', outputs, [...keysOf(theta), ...keysOf(sums, sumPrefix)])
}

/**
 * Embeddings and their tangents [B, D] -> the weighting network (and a learned margin) moved, and, unless the weights
 * lag, the new weights with the gradients of the embeddings for the towers' own step.
 */
export function weightPiece(width: number, config: StepConfig): Piece {
  const head = headOf(new Graph(), width, config)
  const { graph, embeddings, scale, margin, perSample, keeping } = head
  const reading = weightReading(graph, config)
  const learned = inputsOf(graph, metaLearnedShapes(config))
  const phi = phiOf(learned)
  const tangent = (name: string): Value => graph.input(name, 'float32', embeddings.video.shape)
  const scales = Object.values(lookingAhead(scale, config))
  const alignment = jvp(
    perSample,
    [embeddings.video, embeddings.text, ...scales],
    [
      ...[tangent('videoTangent'), tangent('textTangent')],
      ...scales.map(() => graph.input('scaleTangent', 'float32', [])),
    ],
  )
  const coefficients = lossCoefficients(phi, perSample, config.attachedWeights, reading)
  const wrt = [...Object.values(phi), margin]
  const hyper = hypergradientsAlong(alignment, coefficients, graph.input('lookAheadRate', 'float32', []), wrt)
  const phiGradient = mapKeys(
    Object.fromEntries(Object.keys(phi).map((name, i) => [name, hyper[i]!])),
    (name) => weightNetPrefix + name,
  )
  const next = updateMetaLearned(learned, { ...phiGradient, [marginName]: hyper.at(-1)! }, config)
  const outputs: Record<string, Value> = { alignment, ...withPrefix(next, 'next.') }
  if (config.weightStep !== 'lagged') {
    const weights = sampleWeights(phiOf(next), perSample, reading)
    const objective = reduceSum(mul(stopGradient(weights.normalised), perSample))
    const total = addTerm(objective, keeping)
    Object.assign(outputs, { rawWeights: weights.raw, trainLoss: objective, ...gradientsOfHead(total, head) })
  }
  return pieceOf('weights', outputs, [...residentOfHead(head, config), ...Object.keys(next)].filter(unique))
}

/** The sum over all chunks, `dScale` -> the towers moved. */
export function updatePiece(tower: Tower, config: StepConfig): Piece {
  const graph = new Graph()
  const theta = inputsOf(graph, trainedShapes(tower, config))
  const sums = inputsOf(graph, tower.parameterShapes, sumPrefix)
  const raw = mapValues(theta, (_, name) => sums[name] ?? graph.input('dScale', 'float32', []))
  const { norm, next } = updateTheta(tower, theta, raw, config)
  const outputs = { gradientNorm: norm, ...withPrefix(next, 'next.') }
  return pieceOf('update', outputs, [...Object.keys(next), ...keysOf(sums, sumPrefix)])
}

function unique<T>(value: T, i: number, all: readonly T[]): boolean {
  return all.indexOf(value) === i
}
