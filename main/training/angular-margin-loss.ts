/** The contrastive loss with a subtractive angular margin, as graph nodes. */
import { assert, floatTensor } from '../base/index.ts'
import {
  add,
  cos,
  greaterOrEqual,
  logSumExp,
  matMul,
  max,
  min,
  mul,
  or,
  reduceSum,
  sin,
  sqrt,
  stopGradient,
  sub,
  swapLastAxes,
  where,
  type Graph,
  type Operand,
  type Value,
} from '../graph/index.ts'
import type { MarginMode } from './config.ts'

/** Cosines are kept this far from +-1, where the angle's slope is infinite. */
const clampEpsilon = 1e-7

/**
 * cos(angle - margin) for the entries that the margin moves, the clamped cosine elsewhere.
 *
 * [Note: The margin without arccos] cos(angle - m) = c cos m + sin(angle) sin m with sin(angle) = sqrt((1 - c)(1 + c)).
 * The product form keeps its digits near c = 1, and the clamp keeps the square root away from 0, so that value and slope
 * are always finite. angle <= m is c >= cos m.
 *
 * @param similarity [B, B] cosines, row i = video i, column j = text j
 * @param marginRadians scalar, 0 <= margin <= pi
 */
export function applyAngularMargin(similarity: Value, marginRadians: Value, mode: MarginMode): Value {
  const { graph } = similarity
  const size = similarity.shape[0]!
  assert(
    similarity.shape.length === 2 && similarity.shape[1] === size,
    `similarity must be square, got [${similarity.shape}]`,
  )
  const cosine = max(min(similarity, 1 - clampEpsilon), -1 + clampEpsilon)
  const sine = sqrt(mul(sub(1, cosine), add(cosine, 1)))
  const moved = add(mul(cosine, cos(marginRadians)), mul(sine, sin(marginRadians)))
  const within = greaterOrEqual(cosine, stopGradient(cos(marginRadians)))
  const positive = identityMask(graph, size)
  if (mode === 'hinge') return where(positive, where(within, graph.float(1), moved), cosine)
  return where(or(positive, within), moved, cosine)
}

/** [B, B] bool, true on the diagonal. */
function identityMask(graph: Graph, size: number): Value {
  return greaterOrEqual(identity(graph, size), 0.5)
}

function identity(graph: Graph, size: number): Value {
  const data = new Float32Array(size * size)
  for (let i = 0; i < size; i++) data[i * size + i] = 1
  return graph.constant(floatTensor([size, size], data))
}

export type PairLosses = { readonly similarity: Value; readonly logits: Value; readonly perSample: Value }

/**
 * Contrastive loss with an angular margin for one batch of matching pairs.
 * Row i of `video` belongs to row i of `text`; every other row is a negative.
 *
 * @param video [B, D] float32, rows L2-normalised
 * @param text [B, D] float32, rows L2-normalised
 * @param logitScale multiplies cosines; already exponentiated
 * @param marginRadians taken off the angle of the matching pair; 0 gives the plain contrastive loss
 * @returns loss per sample [B], not averaged, so that sample weights can be applied; 1/2 (row + column cross entropy)
 * @see arXiv 2407.03788, the subtractive angular margin
 */
export function angularMarginLoss(
  video: Value,
  text: Value,
  logitScale: Operand,
  marginRadians: Value,
  mode: MarginMode,
): PairLosses {
  assert(`${video.shape}` === `${text.shape}`, `video [${video.shape}] and text [${text.shape}] must agree`)
  const size = video.shape[0]!
  const similarity = matMul(video, swapLastAxes(text)) // [B, D] x [D, B] -> [B, B]
  const logits = mul(applyAngularMargin(similarity, marginRadians, mode), logitScale)
  const diagonal = reduceSum(mul(logits, identity(video.graph, size)), [1])
  const rows = sub(logSumExp(logits, 1), diagonal)
  const columns = sub(logSumExp(logits, 0), diagonal)
  return { similarity, logits, perSample: mul(add(rows, columns), 0.5) }
}
