/** One pre-training step as one graph: contrastive loss with several positives, two classification heads, AdamW. */
import { floatTensor, sizeOf, type Tensor, type TensorMap } from '../../main/base/index.ts'
import {
  add,
  div,
  exp,
  Graph,
  gradients,
  logSumExp,
  matMul,
  max,
  min,
  mul,
  reduceSum,
  sub,
  swapLastAxes,
  toModel,
  type Value,
} from '../../main/graph/index.ts'
import {
  adamInputs,
  adamUpdate,
  clipCoefficient,
  defaultAdam,
  globalNorm,
  momentNames,
  type Parameters,
} from '../../main/training/adam.ts'
import { textTrunk, textShapes, type TextConfig } from './text-trunk.ts'
import { visionShapes, visionTrunk, withoutDecay, type VisionConfig } from './vision-trunk.ts'

export type PretrainConfig = {
  readonly batch: number
  readonly vision: VisionConfig
  readonly text: TextConfig
  readonly concepts: number
  readonly colours: number
  readonly weightDecay: number
  readonly clipNorm: number
  /** Weight of the concept head's and of the colour head's loss beside the contrastive one. */
  readonly conceptWeight: number
  readonly colourWeight: number
}

export const pretrainAdam = { ...defaultAdam, beta2: 0.98 }

export function pretrainShapes(config: PretrainConfig): Record<string, number[]> {
  return {
    ...visionShapes(config.vision),
    ...textShapes(config.text),
    logScale: [],
    'head.concept': [config.vision.coarseWidth, config.concepts],
    'head.colour': [config.vision.coarseWidth, config.colours],
  }
}

/** Cross entropy of each row of `logits` against target rows that sum to 1 (or 0: such a row counts nothing). */
function crossEntropy(logits: Value, targets: Value): Value {
  const hit = reduceSum(mul(logits, targets), [1])
  const weight = reduceSum(targets, [1])
  return sub(mul(logSumExp(logits, 1), weight), hit) // [B]
}

/**
 * Contrastive loss with several positives: targets are the row-normalised (and column-normalised) match matrix.
 * @param matches [B, B], 1 where text j is true of image i
 */
function multiPositiveLoss(logits: Value, matches: Value): Value {
  const normalised = (m: Value): Value => div(m, reduceSum(m, [1], true))
  const forImages = crossEntropy(logits, normalised(matches))
  const forTexts = crossEntropy(swapLastAxes(logits), normalised(swapLastAxes(matches)))
  return mul(add(reduceSum(forImages), reduceSum(forTexts)), 0.5 / logits.shape[0]!)
}

/** The model bytes of a step, its resident tensors and which output replaces which. */
export type PretrainStep = { model: Uint8Array; state: Record<string, string> }

export function buildPretrainStep(config: PretrainConfig): PretrainStep {
  const graph = new Graph()
  const shapes = pretrainShapes(config)
  const p: Parameters = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, graph.input(name, 'float32', shape)]),
  )
  const { batch } = config
  const size = config.vision.imageSize
  const pixels = graph.input('pixels', 'float32', [batch, size, size, 3])
  const counts = graph.input('tokenShares', 'float32', [batch, config.text.vocabulary])
  const matches = graph.input('matches', 'float32', [batch, batch])
  const conceptTargets = graph.input('conceptTargets', 'float32', [batch, config.concepts])
  const colourTargets = graph.input('colourTargets', 'float32', [batch, config.colours])

  const image = visionTrunk(pixels, p, config.vision)
  const text = textTrunk(matMul(counts, p['text.embedding']!), p)
  const logits = mul(matMul(image.embedding, swapLastAxes(text)), exp(p['logScale']!))
  const contrastive = multiPositiveLoss(logits, matches)
  const mean = (values: Value): Value => mul(reduceSum(values), 1 / batch)
  const concept = mean(crossEntropy(matMul(image.pooled, p['head.concept']!), conceptTargets))
  const colour = mean(crossEntropy(matMul(image.pooled, p['head.colour']!), colourTargets))
  const loss = add(contrastive, add(mul(concept, config.conceptWeight), mul(colour, config.colourWeight)))

  const names = Object.keys(p)
  const raw = gradients(loss, Object.values(p))
  const norm = globalNorm(Object.fromEntries(names.map((name, i) => [name, raw[i]!])))
  const clip = clipCoefficient(norm, graph.float(config.clipNorm))
  const clipped = Object.fromEntries(names.map((name, i) => [name, mul(raw[i]!, clip)]))
  const adam = { ...pretrainAdam, weightDecay: config.weightDecay }
  const update = adamUpdate(p, clipped, adamInputs(graph, 'adam'), adam, withoutDecay)
  const scale = min(max(update.parameters['logScale']!, Math.log(5)), Math.log(50))

  const outputs: Record<string, Value> = { loss, contrastive, concept, colour, norm }
  const state: Record<string, string> = {}
  const replace = (name: string, value: Value): void => {
    outputs[`next.${name}`] = value
    state[name] = `next.${name}`
  }
  for (const name of names) replace(name, name === 'logScale' ? scale : update.parameters[name]!)
  for (const [name, value] of Object.entries(update.state)) replace(name, value)
  return { model: toModel(outputs, { name: 'pretrain step' }), state }
}

/** Zero moments for all parameters. */
export function zeroMoments(shapes: Record<string, number[]>): TensorMap {
  const zeros = (shape: number[]): Tensor => floatTensor(shape, new Float32Array(sizeOf(shape)))
  return Object.fromEntries(
    Object.entries(shapes).flatMap(([name, shape]) => {
      const names = momentNames(name)
      return [
        [names.first, zeros(shape)],
        [names.second, zeros(shape)],
      ]
    }),
  )
}
