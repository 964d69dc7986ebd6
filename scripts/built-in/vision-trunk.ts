/**
 * Image trunk of the built-in model: a convolutional stem written as matrix products, then transformer blocks at two
 * resolutions, then a mean over the patches.
 *
 * [Note: Convolution as a matrix product] A 4x4 convolution with stride 2 is: zero-pad by one, fold each 2x2 square of
 * pixels into channels, lay four shifted copies side by side, multiply by a matrix. Every piece has a gradient rule.
 */
import { floatTensor, sizeOf, type Random, type Tensor, type TensorMap } from '../../main/base/index.ts'
import {
  add,
  concat,
  gelu,
  layerNormalization,
  matMul,
  mul,
  normalizeRows,
  pad,
  reduceMean,
  relu,
  reshape,
  slice,
  softmax,
  transpose,
  type Value,
} from '../../main/graph/index.ts'
import type { Parameters } from '../../main/training/adam.ts'

export type VisionConfig = {
  /** Side of the square input, pixels; a multiple of 16. */
  readonly imageSize: number
  /** Channels after each of the three stem convolutions; the last is the width of the first blocks. */
  readonly stem: readonly [number, number, number]
  readonly fineBlocks: number
  readonly coarseWidth: number
  readonly coarseBlocks: number
  readonly headWidth: number
  readonly embeddingWidth: number
}

export const visionConfig: VisionConfig = {
  imageSize: 96,
  stem: [32, 64, 128],
  fineBlocks: 1,
  coarseWidth: 256,
  coarseBlocks: 3,
  headWidth: 32,
  embeddingWidth: 256,
}

/** Shapes of all parameters by name. */
export function visionShapes(config: VisionConfig): Record<string, number[]> {
  const shapes: Record<string, number[]> = {}
  const normalisation = (name: string, width: number): void => {
    shapes[`${name}.gain`] = [width]
    shapes[`${name}.bias`] = [width]
  }
  const block = (name: string, width: number): void => {
    normalisation(`${name}.ln1`, width)
    shapes[`${name}.wqkv`] = [width, 3 * width]
    shapes[`${name}.bqkv`] = [3 * width]
    shapes[`${name}.wo`] = [width, width]
    shapes[`${name}.bo`] = [width]
    normalisation(`${name}.ln2`, width)
    shapes[`${name}.w1`] = [width, 4 * width]
    shapes[`${name}.b1`] = [4 * width]
    shapes[`${name}.w2`] = [4 * width, width]
    shapes[`${name}.b2`] = [width]
  }
  let channels = 3
  config.stem.forEach((width, i) => {
    shapes[`vision.stem${i}.w`] = [16 * channels, width]
    normalisation(`vision.stem${i}.ln`, width)
    channels = width
  })
  const fineSide = config.imageSize / 8
  shapes['vision.finePosition'] = [fineSide * fineSide, channels]
  for (let i = 0; i < config.fineBlocks; i++) block(`vision.fine${i}`, channels)
  normalisation('vision.merge.ln', channels)
  shapes['vision.merge.w'] = [16 * channels, config.coarseWidth]
  shapes['vision.coarsePosition'] = [(fineSide / 2) ** 2, config.coarseWidth]
  for (let i = 0; i < config.coarseBlocks; i++) block(`vision.coarse${i}`, config.coarseWidth)
  normalisation('vision.final.ln', config.coarseWidth)
  shapes['vision.projection'] = [config.coarseWidth, config.embeddingWidth]
  return shapes
}

/** Seeded start: scaled normal matrices, unit gains, residual branches small. */
export function initialParameters(shapes: Record<string, number[]>, random: Random): TensorMap {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const generator = random.fork(name)
      const data = new Float32Array(sizeOf(shape))
      const isMatrix = shape.length === 2
      const residual = name.endsWith('.wo') || name.endsWith('.w2')
      const deviation = name.includes('Position') ? 0.02 : (residual ? 0.3 : 1) / Math.sqrt(shape[0]!)
      if (name.endsWith('.gain')) data.fill(1)
      else if (isMatrix) for (let i = 0; i < data.length; i++) data[i] = deviation * generator.normal()
      return [name, floatTensor(shape, data)]
    }),
  )
}

/**
 * The same tensors with every position table (and its moments) resampled bilinearly to the side that `shapes` asks for,
 * so that training can go on with pictures of another size.
 */
export function resizePositions(state: TensorMap, shapes: Record<string, number[]>): TensorMap {
  const tables = Object.keys(shapes).filter((name) => name.endsWith('Position'))
  return Object.fromEntries(
    Object.entries(state).map(([name, tensor]) => {
      const table = tables.find((candidate) => name.includes(candidate))
      return [name, table === undefined ? tensor : resizeTable(tensor, shapes[table]!)]
    }),
  )
}

/** Bilinear resampling of a table over a square grid: [from², W] -> [to², W]. */
function resizeTable(table: Tensor, shape: readonly number[]): Tensor {
  const [rows, width] = shape as [number, number]
  const [from, to] = [Math.sqrt(table.shape[0]!), Math.sqrt(rows)]
  const data = new Float32Array(rows * width)
  const axis = (i: number): { low: number; high: number; share: number } => {
    const at = Math.min(from - 1, Math.max(0, ((i + 0.5) * from) / to - 0.5))
    return { low: Math.floor(at), high: Math.min(from - 1, Math.floor(at) + 1), share: at % 1 }
  }
  for (let y = 0; y < to; y++) {
    for (let x = 0; x < to; x++) {
      const [v, h] = [axis(y), axis(x)]
      for (let c = 0; c < width; c++) {
        const at = (row: number, column: number): number => Number(table.data[(row * from + column) * width + c])
        const top = at(v.low, h.low) * (1 - h.share) + at(v.low, h.high) * h.share
        const bottom = at(v.high, h.low) * (1 - h.share) + at(v.high, h.high) * h.share
        data[(y * to + x) * width + c] = top * (1 - v.share) + bottom * v.share
      }
    }
  }
  return floatTensor([...shape], data)
}

/** Gains, biases and positions are not decayed. */
export function withoutDecay(name: string): boolean {
  return !/\.(w|wqkv|wo|w1|w2|projection)$|^vision\.projection$/.test(name)
}

/** 4x4 convolution with stride 2: [B, H, W, C] -> [B, H/2, W/2, N]; `weights` [16 C, N]. */
function downConvolution(x: Value, weights: Value): Value {
  const [batch, height, width, channels] = x.shape as [number, number, number, number]
  const padded = pad(pad(x, 1, 1, 1), 2, 1, 1) // [B, H+2, W+2, C]
  const [rows, columns] = [height / 2 + 1, width / 2 + 1]
  const folded = reshape(transpose(reshape(padded, [batch * rows, 2, columns, 2 * channels]), [0, 2, 1, 3]), [
    batch,
    rows,
    columns,
    4 * channels,
  ])
  const shifted = [0, 1].flatMap((down) =>
    [0, 1].map((right) => slice(slice(folded, 1, down, down + rows - 1), 2, right, right + columns - 1)),
  )
  return matMul(concat(shifted, 3), weights) // [B, H/2, W/2, 16 C] -> [B, H/2, W/2, N]
}

function normalise(x: Value, p: Parameters, name: string): Value {
  return layerNormalization(x, p[`${name}.gain`]!, p[`${name}.bias`]!).output
}

/** Pre-norm transformer block: [B, N, W] -> [B, N, W]. */
function block(x: Value, p: Parameters, name: string, headWidth: number): Value {
  const [batch, tokens, width] = x.shape as [number, number, number]
  const heads = width / headWidth
  const qkv = add(matMul(normalise(x, p, `${name}.ln1`), p[`${name}.wqkv`]!), p[`${name}.bqkv`]!)
  const part = (i: number, permutation: number[]): Value =>
    transpose(reshape(slice(qkv, 2, i * width, (i + 1) * width), [batch, tokens, heads, headWidth]), permutation)
  const scores = matMul(mul(part(0, [0, 2, 1, 3]), 1 / Math.sqrt(headWidth)), part(1, [0, 2, 3, 1]))
  const mixed = matMul(softmax(scores), part(2, [0, 2, 1, 3])) // [B, heads, N, headWidth]
  const joined = reshape(transpose(mixed, [0, 2, 1, 3]), [batch, tokens, width])
  const attended = add(x, add(matMul(joined, p[`${name}.wo`]!), p[`${name}.bo`]!))
  const hidden = gelu(add(matMul(normalise(attended, p, `${name}.ln2`), p[`${name}.w1`]!), p[`${name}.b1`]!))
  return add(attended, add(matMul(hidden, p[`${name}.w2`]!), p[`${name}.b2`]!))
}

/**
 * @param pixels [B, S, S, 3] float32, normalised RGB
 * @returns `pooled` [B, coarseWidth] (for auxiliary heads) and `embedding` [B, embeddingWidth], rows of unit length
 */
export function visionTrunk(pixels: Value, p: Parameters, config: VisionConfig): { pooled: Value; embedding: Value } {
  const batch = pixels.shape[0]!
  let x = pixels
  config.stem.forEach((_, i) => {
    const convolved = normalise(downConvolution(x, p[`vision.stem${i}.w`]!), p, `vision.stem${i}.ln`)
    x = i < config.stem.length - 1 ? relu(convolved) : convolved
  })
  const fineSide = config.imageSize / 8
  const fineWidth = config.stem[2]
  let tokens = add(reshape(x, [batch, fineSide * fineSide, fineWidth]), p['vision.finePosition']!)
  for (let i = 0; i < config.fineBlocks; i++) tokens = block(tokens, p, `vision.fine${i}`, config.headWidth)
  const grid = reshape(normalise(tokens, p, 'vision.merge.ln'), [batch, fineSide, fineSide, fineWidth])
  const merged = downConvolution(grid, p['vision.merge.w']!)
  tokens = add(reshape(merged, [batch, (fineSide / 2) ** 2, config.coarseWidth]), p['vision.coarsePosition']!)
  for (let i = 0; i < config.coarseBlocks; i++) tokens = block(tokens, p, `vision.coarse${i}`, config.headWidth)
  const pooled = reduceMean(normalise(tokens, p, 'vision.final.ln'), [1])
  return { pooled, embedding: normalizeRows(matMul(pooled, p['vision.projection']!)) }
}
