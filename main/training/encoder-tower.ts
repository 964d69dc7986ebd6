/**
 * A tower whose lowest part is the upper blocks of the encoder itself: what is cached are activations below those blocks, and
 * the blocks' weights are trained together with the tower over them, all of them or by low-rank updates.
 */
import { assert, sizeOf, type Random, type TensorMap } from '../base/index.ts'
import {
  cast,
  initialLowRank,
  lowRankProduct,
  lowRankShapes,
  mergedLowRank,
  normalizeRows,
  replaceWeights,
  reshape,
  type Graph,
  type LowRank,
  type SplitModel,
  type UpperChoices,
  type Value,
} from '../graph/index.ts'
import type { Parameters } from './adam.ts'
import { temporalTower, type BatchShapes, type LexiconUse, type TemporalTowerConfig, type Tower } from './towers.ts'

/** How the weights above the cut may change. */
export type Adaptation = { readonly kind: 'all' } | ({ readonly kind: 'lowRank' } & LowRank)

export type TrainedPart = {
  readonly model: SplitModel
  readonly adaptation: Adaptation
  /** What the learning rate is multiplied by for these weights, which know something already; 1 by default. */
  readonly rateFactor?: number
}

/** Which halves of an encoder are trained with the tower over them. */
export type TrainedParts = {
  /** The encoder of frames; without, `frames` are finished features, as for the tower alone. */
  readonly vision?: TrainedPart | undefined
  /** The encoder of texts; without, `text` is a finished feature. */
  readonly text?: TrainedPart | undefined
}

/** With the words that the tower has vectors of its own for; undefined: it has none. */
export type TowerParts = TrainedParts & { readonly lexicon?: LexiconUse | undefined }

export type EncoderTowerConfig = TowerParts & {
  /** The tower over the encoders' embeddings. */
  readonly temporal: TemporalTowerConfig
}

export type Half = keyof TrainedParts

/**
 * Parameters of the encoder are called `encoder.<half>/<weight>`, of updates of rank r with `/a` and `/b` after that.
 * Side inputs are fed as float32.
 */
const parameterName = (half: Half, weight: string): string => `encoder.${half}/${weight}`

/** Name, in a batch, of an input of the encoder that its trained blocks read too. */
export const sideName = (half: Half, input: string): string => `${half}/${input}`

/** The tower over finished features, or over what lies below the trained blocks of the encoder. */
export function towerOver(temporal: TemporalTowerConfig, { vision, text, lexicon }: TowerParts): Tower {
  return vision === undefined && text === undefined
    ? temporalTower(temporal, lexicon)
    : encoderTower({ vision, text, lexicon, temporal })
}

/** Batch inputs: `frames` [T, ...cut] and `text` [...cut] instead of finished features, and the side inputs of each half. */
export function encoderTower({ vision, text, lexicon, temporal }: EncoderTowerConfig): Tower {
  const over = temporalTower(temporal, lexicon)
  for (const [half, part] of Object.entries({ vision, text })) {
    assert(
      part === undefined || sizeOf(part.model.outputShape) === temporal.width,
      `the ${half} encoder gives [${part?.model.outputShape}], the tower takes ${temporal.width}`,
    )
  }
  const halves = [...(vision ? [['vision', vision] as const] : []), ...(text ? [['text', text] as const] : [])]
  const frames = temporal.frames
  return {
    parameterShapes: {
      ...over.parameterShapes,
      ...(vision && trainedShapes('vision', vision)),
      ...(text && trainedShapes('text', text)),
    },
    batchShapes: {
      ...over.batchShapes,
      ...(vision && { frames: [frames, ...vision.model.cutShape], ...sideShapes('vision', vision, [frames]) }),
      ...(text && { text: text.model.cutShape, ...sideShapes('text', text, []) }),
    },
    rateFactor: (name) =>
      halves.find(([half]) => name.startsWith(parameterName(half, '')))?.[1].rateFactor ?? over.rateFactor?.(name) ?? 1,
    withoutDecay: (name) => (name.startsWith('encoder.') ? isVector(halves, name) : over.withoutDecay?.(name) === true),
    initialParameters: (random) => ({
      ...over.initialParameters(random),
      ...(vision && initialWeights('vision', vision, random)),
      ...(text && initialWeights('text', text, random)),
    }),
    encodeVideos: (p, batch) =>
      over.encodeVideos(
        p,
        vision === undefined ? batch : { ...batch, frames: frameFeatures(vision, p, batch, temporal) },
      ),
    encodeTexts: (p, batch) =>
      over.encodeTexts(
        p,
        text === undefined
          ? batch
          : { ...batch, text: features('text', text, p, batch['text']!, sideValues('text', text, batch)) },
      ),
  }
}

function trainedShapes(half: Half, { model, adaptation }: TrainedPart): Record<string, readonly number[]> {
  if (adaptation.kind === 'all') {
    return Object.fromEntries(model.weights.map(({ name, tensor }) => [parameterName(half, name), tensor.shape]))
  }
  return Object.fromEntries(
    model.matrices.flatMap((weight) => {
      const { a, b } = lowRankShapes(weight, adaptation)
      const name = parameterName(half, weight.name)
      return [
        [`${name}/a`, a],
        [`${name}/b`, b],
      ]
    }),
  )
}

function initialWeights(half: Half, { model, adaptation }: TrainedPart, random: Random): TensorMap {
  if (adaptation.kind === 'all') {
    return Object.fromEntries(model.weights.map(({ name, tensor }) => [parameterName(half, name), tensor]))
  }
  return Object.fromEntries(
    model.matrices.flatMap((weight) => {
      const name = parameterName(half, weight.name)
      const { a, b } = initialLowRank(weight, adaptation, random.fork(name))
      return [
        [`${name}/a`, a],
        [`${name}/b`, b],
      ]
    }),
  )
}

/** Gains and biases, whatever they are called: vectors are not decayed. */
function isVector(halves: readonly (readonly [Half, TrainedPart])[], name: string): boolean {
  return halves.some(
    ([half, { model }]) =>
      model.weights.find((weight) => parameterName(half, weight.name) === name)?.tensor.shape.length === 1,
  )
}

function sideShapes(half: Half, { model }: TrainedPart, leading: readonly number[]): BatchShapes {
  return Object.fromEntries(
    Object.entries(model.sideInputs).map(([name, { shape }]) => [sideName(half, name), [...leading, ...shape]]),
  )
}

/** Side inputs in the types that the model wants; a batch is fed in float32, which holds token ids exactly. */
function sideValues(half: Half, { model }: TrainedPart, batch: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(model.sideInputs).map(([name, { dtype, shape }]) => {
      const value = batch[sideName(half, name)]!
      const rows = sizeOf(value.shape) / sizeOf(shape)
      return [name, cast(reshape(value, [rows, ...shape]), dtype)]
    }),
  )
}

/** Embeddings of unit length, [N, D], from activations [N, ...cut]. */
function features(
  half: Half,
  { model, adaptation }: TrainedPart,
  p: Parameters,
  activations: Value,
  side: Readonly<Record<string, Value>>,
): Value {
  const at = (weight: string): Value => p[parameterName(half, weight)]!
  const choices: UpperChoices =
    adaptation.kind === 'all'
      ? { weight: ({ name }) => at(name) }
      : {
          product: (x, weight, isTransposed) =>
            lowRankProduct(
              x,
              weight,
              isTransposed,
              { a: at(`${weight.name}/a`), b: at(`${weight.name}/b`) },
              adaptation,
            ),
        }
  const graph: Graph = activations.graph
  const embeddings = model.upper(graph, activations, side, choices)
  return normalizeRows(reshape(embeddings, [activations.shape[0]!, sizeOf(model.outputShape)]))
}

function frameFeatures(
  part: TrainedPart,
  p: Parameters,
  batch: Readonly<Record<string, Value>>,
  { frames, width }: TemporalTowerConfig,
): Value {
  const activations = batch['frames']! // [B, T, ...cut]
  const size = activations.shape[0]!
  const rows = reshape(activations, [size * frames, ...part.model.cutShape])
  const embeddings = features('vision', part, p, rows, sideValues('vision', part, batch))
  return reshape(embeddings, [size, frames, width])
}

/**
 * The encoder with what was learned: the model's own bytes with new weights, for any ONNX runtime.
 * @param parameters of the tower; those of other parts do no harm
 * @throws ModelProblem when the bytes are not of the model that was split
 */
export function mergedEncoder(
  half: Half,
  { model, adaptation }: TrainedPart,
  parameters: TensorMap,
  bytes: Uint8Array,
): Uint8Array {
  const at = (weight: string): TensorMap[string] => parameters[parameterName(half, weight)]!
  const weights =
    adaptation.kind === 'all'
      ? model.weights.map(({ name }) => [name, at(name)] as const)
      : model.matrices.map((weight) => {
          const parts = { a: at(`${weight.name}/a`), b: at(`${weight.name}/b`) }
          return [weight.name, mergedLowRank(weight, parts, adaptation)] as const
        })
  return replaceWeights(bytes, Object.fromEntries(weights), model.cut)
}
