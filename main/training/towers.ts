/**
 * Towers: what is trained on top of the frozen trunks. A tower turns trunk features into embeddings, as graph nodes.
 */
import { assert, floatTensor, sizeOf, type Random, type TensorMap } from '../base/index.ts'
import {
  add,
  gelu,
  layerNormalization,
  maskedMean,
  matMul,
  mul,
  normalizeRows,
  reduceMean,
  reshape,
  slice,
  softmax,
  sub,
  transpose,
  type Graph,
  type Value,
} from '../graph/index.ts'
import type { Parameters } from './adam.ts'
import { lexiconName } from './lexicon-table.ts'

/** Inputs of a batch by name, with the shape of one row. */
export type BatchShapes = Readonly<Record<string, readonly number[]>>

/** A pair of towers. Everything else in training works on any of them. */
export interface Tower {
  readonly parameterShapes: Readonly<Record<string, readonly number[]>>
  readonly batchShapes: BatchShapes
  /** Names that weight decay leaves alone, besides those that the step leaves alone anyway. */
  readonly withoutDecay?: (name: string) => boolean
  /** What the learning rate of a name is multiplied by; 1 where this is left out. */
  readonly rateFactor?: (name: string) => number
  /** Parameters that start as the zero-shot model where the architecture allows it. */
  initialParameters(random: Random): TensorMap
  /**
   * [B] losses of a tower that is not trained by contrast: the step then takes these, and knows no margin and no keeping
   * term. Left out, the loss contrasts the embeddings below.
   */
  losses?(p: Parameters, batch: Readonly<Record<string, Value>>): Value
  /** Embeddings of the batch's videos, [B, D], rows of unit length. */
  encodeVideos(p: Parameters, batch: Readonly<Record<string, Value>>): Value
  /** Embeddings of the batch's texts, [B, D], rows of unit length. */
  encodeTexts(p: Parameters, batch: Readonly<Record<string, Value>>): Value
}

/** Declares a batch's inputs as `<prefix>.<name>`. */
export function batchInputs(graph: Graph, tower: Tower, prefix: string, size: number): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(tower.batchShapes).map(([name, shape]) => [
      name,
      graph.input(`${prefix}.${name}`, 'float32', [size, ...shape]),
    ]),
  )
}

/** Two linear maps: v = normalise(x_v W_v), t = normalise(x_t W_t). The smallest tower; the fixtures use it. */
export function linearTower(videoWidth: number, textWidth: number, embeddingWidth: number): Tower {
  const parameterShapes = { W_v: [videoWidth, embeddingWidth], W_t: [textWidth, embeddingWidth] }
  return {
    parameterShapes,
    batchShapes: { x_v: [videoWidth], x_t: [textWidth] },
    initialParameters: (random) =>
      Object.fromEntries(
        Object.entries(parameterShapes).map(([name, shape]) => [
          name,
          normalTensor(shape, 1 / Math.sqrt(shape[0]!), random.fork(name)),
        ]),
      ),
    encodeVideos: (p, batch) => normalizeRows(matMul(batch['x_v']!, p['W_v']!)),
    encodeTexts: (p, batch) => normalizeRows(matMul(batch['x_t']!, p['W_t']!)),
  }
}

export type TemporalTowerConfig = {
  /** D: width of trunk features and of embeddings. */
  readonly width: number
  /** T: frames of a clip; shorter ones are padded and masked. */
  readonly frames: number
  readonly blocks: number
  readonly heads: number
  /** Hidden width of a block's network, as a multiple of D. */
  readonly mlpRatio: number
  readonly textHidden: number
  /** False when every clip has all its frames: the mask is then ignored. */
  readonly masked: boolean
}

export const defaultTemporalTower = { frames: 8, blocks: 1, heads: 4, mlpRatio: 2, masked: true } as const

function normalTensor(shape: readonly number[], deviation: number, random: Random): ReturnType<typeof floatTensor> {
  return floatTensor(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => deviation * random.normal()),
  )
}

function temporalShapes(config: TemporalTowerConfig): Record<string, number[]> {
  const { width, blocks, textHidden } = config
  const hidden = width * config.mlpRatio
  const shapes: Record<string, number[]> = { 'video.pos': [config.frames, width] }
  for (let b = 0; b < blocks; b++) {
    const name = `video.block${b}`
    Object.assign(shapes, {
      [`${name}.ln1.gain`]: [width],
      [`${name}.ln1.bias`]: [width],
      [`${name}.attn.wqkv`]: [width, 3 * width],
      [`${name}.attn.bqkv`]: [3 * width],
      [`${name}.attn.wo`]: [width, width],
      [`${name}.attn.bo`]: [width],
      [`${name}.ln2.gain`]: [width],
      [`${name}.ln2.bias`]: [width],
      [`${name}.mlp.w1`]: [width, hidden],
      [`${name}.mlp.b1`]: [hidden],
      [`${name}.mlp.w2`]: [hidden, width],
      [`${name}.mlp.b2`]: [width],
    })
  }
  return {
    ...shapes,
    'text.w1': [width, textHidden],
    'text.b1': [textHidden],
    'text.w2': [textHidden, width],
    'text.b2': [width],
  }
}

/** x W + b over the last axis, as one product of all rows, to which the runtime adds the bias as it goes. */
function linear(x: Value, weight: Value, bias: Value): Value {
  const rows = sizeOf(x.shape) / x.shape.at(-1)!
  const product = matMul(reshape(x, [rows, x.shape.at(-1)!]), weight)
  return reshape(add(product, bias), [...x.shape.slice(0, -1), weight.shape[1]!])
}

type BlockParts = {
  readonly attended: Value
  readonly hidden: Value
  /** [..., H] -> [..., D] */
  readonly project: (hidden: Value) => Value
}

/**
 * Pre-norm attention and network, each added to its input: [B, T, D] -> `attended` [B, T, D] and `hidden` [B, T, H], of
 * which the block's output is attended + hidden W2 + b2.
 */
function temporalBlock(x: Value, p: Parameters, name: string, heads: number, maskBias: Value | undefined): BlockParts {
  const [batch, frames, width] = x.shape as [number, number, number]
  const headWidth = width / heads
  const at = (part: string): Value => p[`${name}.${part}`]!
  const normalised = layerNormalization(x, at('ln1.gain'), at('ln1.bias')).output
  const qkv = linear(normalised, at('attn.wqkv'), at('attn.bqkv')) // [B, T, 3 D]
  const headsOf = (i: number, permutation: readonly number[]): Value =>
    transpose(reshape(slice(qkv, 2, i * width, (i + 1) * width), [batch, frames, heads, headWidth]), permutation)
  const query = mul(headsOf(0, [0, 2, 1, 3]), 1 / Math.sqrt(headWidth))
  const products = matMul(query, headsOf(1, [0, 2, 3, 1])) // [B, heads, T, T]
  const attention = softmax(maskBias ? add(products, maskBias) : products)
  const mixed = reshape(transpose(matMul(attention, headsOf(2, [0, 2, 1, 3])), [0, 2, 1, 3]), [batch, frames, width])
  const attended = add(x, linear(mixed, at('attn.wo'), at('attn.bo')))
  const again = layerNormalization(attended, at('ln2.gain'), at('ln2.bias')).output
  const hidden = gelu(linear(again, at('mlp.w1'), at('mlp.b1')))
  return { attended, hidden, project: (value) => linear(value, at('mlp.w2'), at('mlp.b2')) }
}

/**
 * How a tower reads the words of the customer's own: `rows` of a table that are trained, which each text's `wordFactors`
 * [K] pick from (see lexicon-table.ts), or the finished sum of their vectors as `ownWords` [D].
 */
export type LexiconUse = { readonly rows: number; /** Default 1. */ readonly rateFactor?: number } | 'sums'

/**
 * The tower of MAMA Studio: a temporal transformer over frame features, a residual network over text features.
 *
 *     h = frames + pos; blocks;  v = normalise(mean over frames of h + mean over frames of the raw features)
 *     t = normalise(x + W2 gelu(W1 x + b1) + b2 + sum of E[w] over the text's own words / root of how many)
 *
 * [Note: Identity at the start] Positions and each branch's output matrix start at zero, so that the untrained tower
 * gives the zero-shot embeddings. Training starts from there, not from noise.
 *
 * [Note: The mean before the last map] A mean over frames passes through a linear map, so the last block's hidden values
 * are averaged before W2 and not after it. The numbers are the same, and the largest product of the last block, with its
 * three companions in the gradients, has one row a clip instead of one a frame.
 */
export function temporalTower(config: TemporalTowerConfig, lexicon?: LexiconUse): Tower {
  const { width, frames, blocks, heads } = config
  assert(width % heads === 0, `width ${width} is not a multiple of ${heads} heads`)
  const rows = lexicon === undefined || lexicon === 'sums' ? undefined : lexicon.rows
  const parameterShapes = {
    ...temporalShapes(config),
    ...(rows !== undefined && { [lexiconName]: [rows, width] }),
  }
  return {
    parameterShapes,
    batchShapes: {
      frames: [frames, width],
      ...(config.masked && { mask: [frames] }),
      text: [width],
      ...(lexicon === 'sums' && { ownWords: [width] }),
      ...(rows !== undefined && { wordFactors: [rows] }),
    },
    withoutDecay: (name) => name === lexiconName,
    rateFactor: (name) => (name === lexiconName && typeof lexicon === 'object' ? (lexicon.rateFactor ?? 1) : 1),
    initialParameters: (random) =>
      Object.fromEntries(
        Object.entries(parameterShapes).map(([name, shape]) => {
          if (name.endsWith('.gain')) return [name, floatTensor(shape, new Float32Array(sizeOf(shape)).fill(1))]
          const entersBranch = /\.(wqkv|w1)$/.test(name)
          return [name, normalTensor(shape, entersBranch ? 1 / Math.sqrt(width) : 0, random.fork(name))]
        }),
      ),
    encodeVideos(p, batch) {
      const raw = batch['frames']!
      const mask = config.masked ? batch['mask']! : undefined
      const size = raw.shape[0]!
      const maskBias = mask && reshape(mul(sub(1, mask), -1e9), [size, 1, 1, frames])
      const pooled = (x: Value): Value => (mask ? maskedMean(x, mask, 1) : reduceMean(x, [1])) // [B, T, D] -> [B, D]
      let h = add(raw, p['video.pos']!)
      if (blocks === 0) return normalizeRows(pooled(add(h, raw)))
      const block = (b: number): BlockParts => temporalBlock(h, p, `video.block${b}`, heads, maskBias)
      for (let b = 0; b < blocks - 1; b++) {
        const { attended, hidden, project } = block(b)
        h = add(attended, project(hidden))
      }
      // See [Note: The mean before the last map].
      const { attended, hidden, project } = block(blocks - 1)
      return normalizeRows(add(pooled(add(attended, raw)), project(pooled(hidden))))
    },
    encodeTexts(p, batch) {
      const x = batch['text']!
      const hidden = gelu(linear(x, p['text.w1']!, p['text.b1']!))
      const residual = add(x, linear(hidden, p['text.w2']!, p['text.b2']!))
      const factors = batch['wordFactors']
      const ownWords = factors === undefined ? batch['ownWords'] : matMul(factors, p[lexiconName]!) // [B, K] x [K, D]
      return normalizeRows(ownWords === undefined ? residual : add(residual, ownWords))
    },
  }
}
