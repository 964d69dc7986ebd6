/**
 * The fusion tower: tokens of a question attend to the frames of a clip and frames to the tokens, and a head chooses among
 * the answers that are known.
 *
 *     v = normalise(sum of a_t f_t)          a = softmax over frames of 20 f_t . thing      (the plain mean without a thing)
 *     F, T = blocks of cross-attention over frames and tokens; none: frames and tokens as they are
 *     h = gelu(W1 norm([mean F, mean T, v, v * thing, v . thing]) + b1)
 *     logits = W2 h + b2 + 20 g(question) u . A          u = normalise(v + W_u v)
 *
 * A [A, D] are the answers' own texts as the dual encoder reads them, `thing` what the question names. So an answer that
 * was never trained on has a place, and what the dual encoder knows is there before the first step: blocks end in zeros.
 */
import { assert, floatTensor, sizeOf, type Random, type Tensor, type TensorMap } from '../base/index.ts'
import {
  add,
  concat,
  exp,
  gelu,
  layerNormalization,
  log,
  maskedMean,
  matMul,
  mul,
  normalizeRows,
  reduceMax,
  reduceSum,
  reshape,
  slice,
  softmax,
  stopGradient,
  sub,
  transpose,
  type Value,
} from '../graph/index.ts'
import type { Parameters } from './adam.ts'
import type { Tower } from './towers.ts'

export type FusionConfig = {
  /** D: of frames, tokens and answers. */
  readonly width: number
  /** T: frames of a clip, at most. */
  readonly frames: number
  /** L: tokens of a question, at most; the first is the question as a whole. */
  readonly tokens: number
  readonly blocks: number
  readonly heads: number
  readonly hidden: number
  /** Cosine of a clip and the thing of its question: usual value and spread. */
  readonly nearness: { readonly mean: number; readonly deviation: number }
}

/** Blocks of cross-attention were tried and added nothing to what the head sees of both (docs/decisions/021). */
export const defaultFusion = { frames: 8, tokens: 16, blocks: 0, heads: 4, hidden: 512 } as const

/** Features have unit length; layers are happier with numbers around 1. */
const unitScale = 16
const dualScale = 20
const attentionScale = 20

export type FusionTower = Tower & {
  readonly losses: NonNullable<Tower['losses']>
  /** [B, A] */
  logits(p: Parameters, batch: Readonly<Record<string, Value>>): Value
}

const directions = ['frames', 'tokens'] as const

function shapesOf({ width, frames, tokens, blocks, hidden }: FusionConfig, answers: number): Record<string, number[]> {
  const shapes: Record<string, number[]> = { 'frames.pos': [frames, width], 'tokens.pos': [tokens, width] }
  for (let b = 0; b < blocks; b++) {
    for (const direction of directions) {
      const name = `block${b}.${direction}`
      Object.assign(shapes, {
        [`${name}.ln1.gain`]: [width],
        [`${name}.ln1.bias`]: [width],
        [`${name}.wq`]: [width, width],
        [`${name}.wkv`]: [width, 2 * width],
        [`${name}.wo`]: [width, width],
        [`${name}.bo`]: [width],
        [`${name}.ln2.gain`]: [width],
        [`${name}.ln2.bias`]: [width],
        [`${name}.w1`]: [width, width],
        [`${name}.b1`]: [width],
        [`${name}.w2`]: [width, width],
        [`${name}.b2`]: [width],
      })
    }
  }
  const joined = 4 * width + 1
  return {
    ...shapes,
    ...{ 'head.ln.gain': [joined], 'head.ln.bias': [joined], 'head.w1': [joined, hidden], 'head.b1': [hidden] },
    ...{ 'head.w2': [hidden, answers], 'head.b2': [answers] },
    ...{ 'dual.gate': [width, 1], 'dual.gate.bias': [1], 'dual.wu': [width, width] },
  }
}

/** x W over the last axis, as one product of all rows. */
function linear(x: Value, weight: Value, bias?: Value): Value {
  const rows = sizeOf(x.shape) / x.shape.at(-1)!
  const product = matMul(reshape(x, [rows, x.shape.at(-1)!]), weight)
  return reshape(bias === undefined ? product : add(product, bias), [...x.shape.slice(0, -1), weight.shape[1]!])
}

/** One half of a block: `x` [B, X, D] looks at `y` [B, Y, D] where `mask` [B, Y] is 1. */
function attend(x: Value, y: Value, mask: Value, p: Parameters, name: string, heads: number): Value {
  const [batch, length, width] = x.shape as [number, number, number]
  const others = y.shape[1]!
  const headWidth = width / heads
  const at = (part: string): Value => p[`${name}.${part}`]!
  const split = (value: Value, count: number, permutation: readonly number[]): Value =>
    transpose(reshape(value, [batch, count, heads, headWidth]), permutation)
  const query = split(linear(x, at('wq')), length, [0, 2, 1, 3])
  const both = linear(y, at('wkv'))
  const keys = split(slice(both, 2, 0, width), others, [0, 2, 3, 1])
  const values = split(slice(both, 2, width, 2 * width), others, [0, 2, 1, 3])
  const bias = reshape(mul(sub(1, mask), -1e9), [batch, 1, 1, others])
  const attention = softmax(add(mul(matMul(query, keys), 1 / Math.sqrt(headWidth)), bias))
  const mixed = reshape(transpose(matMul(attention, values), [0, 2, 1, 3]), [batch, length, width])
  return linear(mixed, at('wo'), at('bo'))
}

/** @param answers [A, D] texts of the answers as the dual encoder reads them; a row of zeros is "something else" */
export function fusionTower(config: FusionConfig, answers: Tensor): FusionTower {
  const { width, frames, tokens, blocks, heads, nearness } = config
  const count = answers.shape[0]!
  assert(width % heads === 0, `width ${width} is not a multiple of ${heads} heads`)
  assert(answers.shape[1] === width, `answers of ${answers.shape[1]} numbers where frames have ${width}`)
  const parameterShapes = shapesOf(config, count)

  const logits = (p: Parameters, batch: Readonly<Record<string, Value>>): Value => {
    const [raw, mask, tokenMask, thing] = [batch['frames']!, batch['mask']!, batch['tokenMask']!, batch['thing']!]
    const words = mul(batch['tokens']!, unitScale)
    const size = raw.shape[0]!
    const { graph } = raw
    const normalised = (x: Value, name: string): Value =>
      layerNormalization(x, p[`${name}.gain`]!, p[`${name}.bias`]!).output

    let f = add(mul(raw, unitScale), p['frames.pos']!)
    let t = add(words, p['tokens.pos']!)
    for (let b = 0; b < blocks; b++) {
      const names = { f: `block${b}.frames`, t: `block${b}.tokens` }
      const [nf, nt] = [normalised(f, `${names.f}.ln1`), normalised(t, `${names.t}.ln1`)]
      f = add(f, attend(nf, nt, tokenMask, p, names.f, heads))
      t = add(t, attend(nt, nf, mask, p, names.t, heads))
      const network = (x: Value, name: string): Value => {
        const hidden = gelu(linear(normalised(x, `${name}.ln2`), p[`${name}.w1`]!, p[`${name}.b1`]))
        return add(x, linear(hidden, p[`${name}.w2`]!, p[`${name}.b2`]))
      }
      f = network(f, names.f)
      t = network(t, names.t)
    }

    const near = reshape(matMul(raw, reshape(thing, [size, width, 1])), [size, frames])
    const attention = softmax(add(mul(near, attentionScale), mul(sub(1, mask), -1e9)))
    const v = normalizeRows(reshape(matMul(reshape(attention, [size, 1, frames]), raw), [size, width]))
    const cosine = reduceSum(mul(v, thing), [1], true) // [B, 1]
    const standing = mul(mul(sub(cosine, nearness.mean), 4 / nearness.deviation), batch['hasThing']!)
    const joined = concat(
      [
        maskedMean(f, mask, 1),
        maskedMean(t, tokenMask, 1),
        mul(v, unitScale),
        mul(mul(v, thing), 4 * unitScale),
        standing,
      ],
      1,
    )
    const hidden = gelu(linear(normalised(joined, 'head.ln'), p['head.w1']!, p['head.b1']))
    const whole = reshape(slice(words, 1, 0, 1), [size, width])
    const gate = linear(whole, p['dual.gate']!, p['dual.gate.bias']) // [B, 1]
    const u = normalizeRows(add(v, linear(v, p['dual.wu']!)))
    const dual = matMul(u, transpose(graph.constant(answers), [1, 0]))
    return add(linear(hidden, p['head.w2']!, p['head.b2']), mul(mul(dual, gate), dualScale))
  }

  const noEmbedding = (): never => assert(false, 'a fusion tower has no embeddings of videos or texts alone') as never
  return {
    parameterShapes,
    batchShapes: {
      ...{ frames: [frames, width], mask: [frames], tokens: [tokens, width], tokenMask: [tokens] },
      ...{ thing: [width], hasThing: [1], answer: [count] },
    },
    withoutDecay: (name) => name === 'dual.gate.bias',
    initialParameters: (random) => initial(parameterShapes, random),
    logits,
    losses(p, batch) {
      const all = logits(p, batch)
      const top = stopGradient(reduceMax(all, [1], true))
      const total = add(log(reduceSum(exp(sub(all, top)), [1])), reshape(top, [all.shape[0]!]))
      return sub(total, reduceSum(mul(all, batch['answer']!), [1]))
    },
    encodeVideos: noEmbedding,
    encodeTexts: noEmbedding,
  }
}

/** The last map of every branch is zero: at the start there is the dual encoder alone. */
function initial(shapes: Readonly<Record<string, readonly number[]>>, random: Random): TensorMap {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const values = new Float32Array(sizeOf(shape))
      if (name.endsWith('.gain') || name === 'dual.gate.bias') values.fill(1)
      else if (/\.(wq|wkv|w1)$/.test(name)) {
        const own = random.fork(name)
        values.forEach((_, i) => (values[i] = own.normal() / Math.sqrt(shape[0]!)))
      }
      return [name, floatTensor(shape, values)]
    }),
  )
}

/** Probabilities of answers as a model of its own: the batch without `answer` -> `logits` [N, A]. */
export function fusionInputs({ width, frames, tokens }: FusionConfig): Readonly<Record<string, readonly number[]>> {
  return {
    ...{ frames: [frames, width], mask: [frames], tokens: [tokens, width], tokenMask: [tokens] },
    ...{ thing: [width], hasThing: [1] },
  }
}
