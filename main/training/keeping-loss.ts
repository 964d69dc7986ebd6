/**
 * The keeping term: what the encoder knew before training should still hold afterwards. For each phrase of a batch the
 * ranking of the batch's clips, as a distribution, is held to the one before training (Kullback-Leibler divergence). Learning
 * without forgetting (Li and Hoiem, ECCV 2016), for a dual encoder. docs/decisions/018 has the numbers.
 */
import {
  div,
  exp,
  logSumExp,
  matMul,
  max,
  mul,
  reduceSum,
  reshape,
  stopGradient,
  sub,
  swapLastAxes,
  type Graph,
  type Value,
} from '../graph/index.ts'

/** Multiplies cosines, before and after; that of training's start, since a learned scale would change with what is kept. */
const keepingScale = 20

/** Embeddings before training, and how far each text counts. */
export type Frozen = {
  /** [B, D], rows of unit length. */
  readonly video: Value
  readonly text: Value
  /** [B], 0..1: 1 for a text whose words the encoder knows. */
  readonly known: Value
}

/** Declares the inputs `train.frozenVideo`, `train.frozenText` [B, D] and `train.known` [B]. */
export function frozenInputs(graph: Graph, size: number, width: number): Frozen {
  return {
    video: graph.input('train.frozenVideo', 'float32', [size, width]),
    text: graph.input('train.frozenText', 'float32', [size, width]),
    known: graph.input('train.known', 'float32', [size]),
  }
}

/** Mean over the known texts of KL(before || after) in nats; 0 when no text is known. */
export function keepingLoss(frozen: Frozen, video: Value, text: Value): Value {
  const logits = (t: Value, v: Value): Value => mul(matMul(t, swapLastAxes(v)), keepingScale) // [B, B], row i = text i
  const size = video.shape[0]!
  const logSoftmax = (x: Value): Value => sub(x, reshape(logSumExp(x, 1), [size, 1]))
  const before = stopGradient(logSoftmax(logits(frozen.text, frozen.video)))
  const after = logSoftmax(logits(text, video))
  const divergence = reduceSum(mul(exp(before), sub(before, after)), [1]) // [B]
  return div(reduceSum(mul(divergence, frozen.known)), max(reduceSum(frozen.known), 1))
}
