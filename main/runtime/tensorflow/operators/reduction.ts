/** Operators that sum up axes, and what is built from them. Named as ONNX names them. */
import { axisOf, listOf, numberOf, unsupported, type Call, type Operator, type TfTensor } from '../operator.ts'

/** Since opset 13 or 18 the axes are an input; before, an attribute. */
const reduce =
  (apply: (tf: Call['tf'], x: TfTensor, axes: number[] | undefined, keepDims: boolean) => TfTensor): Operator =>
  ({ tf, node, input, integers }) => {
    const given = integers(1) ?? listOf(node, 'axes') ?? []
    if (given.length === 0 && numberOf(node, 'noop_with_empty_axes', 0) === 1) return input(0)
    const axes = given.length === 0 ? undefined : [...given]
    return apply(tf, input(0), axes, numberOf(node, 'keepdims', 1) === 1)
  }

/** TensorFlow.js normalises the last axis only. */
function softmax({ tf, node, input }: Call): TfTensor {
  const x = input(0)
  const axis = axisOf(numberOf(node, 'axis', -1), x.rank)
  if (axis === x.rank - 1) return tf.softmax(x)
  const swapped = [...x.shape.keys()]
  ;[swapped[axis], swapped[x.rank - 1]] = [x.rank - 1, axis]
  return tf.transpose(tf.softmax(tf.transpose(x, swapped)), swapped)
}

/** Result, mean and inverse deviation over the axes from `axis` on. */
function layerNormalization({ tf, node, input, has }: Call): TfTensor[] {
  const x = input(0)
  const first = axisOf(numberOf(node, 'axis', -1), x.rank)
  const axes = [...x.shape.keys()].slice(first)
  const mean = tf.mean(x, axes, true)
  const centred = tf.sub(x, mean)
  const variance = tf.mean(tf.square(centred), axes, true)
  const inverse = tf.rsqrt(tf.add(variance, numberOf(node, 'epsilon', 1e-5)))
  const scaled = tf.mul(tf.mul(centred, inverse), input(1))
  return [has(2) ? tf.add(scaled, input(2)) : scaled, mean, inverse]
}

function cumulativeSum({ tf, node, input, integers }: Call): TfTensor {
  const axis = axisOf(integers(1)?.[0] ?? 0, input(0).rank)
  return tf.cumsum(input(0), axis, numberOf(node, 'exclusive', 0) === 1, numberOf(node, 'reverse', 0) === 1)
}

function argMax({ tf, node, input }: Call): TfTensor {
  if (numberOf(node, 'select_last_index', 0) === 1) throw unsupported(node, 'of the last of equal values')
  const axis = axisOf(numberOf(node, 'axis', 0), input(0).rank)
  const index = tf.argMax(input(0), axis)
  return numberOf(node, 'keepdims', 1) === 1 ? tf.expandDims(index, axis) : index
}

export const reduction: Readonly<Record<string, Operator>> = {
  ReduceSum: reduce((tf, x, axes, keepDims) => tf.sum(x, axes, keepDims)),
  ReduceMean: reduce((tf, x, axes, keepDims) => tf.mean(x, axes, keepDims)),
  ReduceMax: reduce((tf, x, axes, keepDims) => tf.max(x, axes, keepDims)),
  ReduceMin: reduce((tf, x, axes, keepDims) => tf.min(x, axes, keepDims)),
  Softmax: softmax,
  LayerNormalization: layerNormalization,
  CumSum: cumulativeSum,
  ArgMax: argMax,
}
