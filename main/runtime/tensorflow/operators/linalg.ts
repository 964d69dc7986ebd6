/** Products of matrices and convolution. Named as ONNX names them. */
import { listOf, numberOf, textOf, unsupported, type Call, type Operator, type TfTensor } from '../operator.ts'

/** A vector on the left is a row and on the right a column; the axis that this adds is taken off the result again. */
function matMul({ tf, input }: Call): TfTensor {
  const [a, b] = [input(0), input(1)]
  const left = a.rank === 1 ? tf.expandDims(a, 0) : a
  const right = b.rank === 1 ? tf.expandDims(b, -1) : b
  const product = multiply(tf, left, right)
  const axes = [...(a.rank === 1 ? [product.rank - 2] : []), ...(b.rank === 1 ? [product.rank - 1] : [])]
  return axes.length === 0 ? product : tf.squeeze(product, axes)
}

/** [..., M, K] x [..., K, N] -> [..., M, N], the leading axes broadcast. */
function multiply(tf: Call['tf'], a: TfTensor, b: TfTensor): TfTensor {
  const [rows, inner] = a.shape.slice(-2) as [number, number]
  const columns = b.shape.at(-1)!
  if (inner !== b.shape.at(-2)) throw new Error(`MatMul of [${a.shape}] with [${b.shape}]: the inner sizes differ.`)
  const ofA = a.shape.slice(0, -2)
  const ofB = b.shape.slice(0, -2)
  // One matrix on the right is one product with all rows.
  if (ofB.length === 0) {
    const flat = tf.matMul(tf.reshape(a, [-1, inner]), b)
    return tf.reshape(flat, [...ofA, rows, columns])
  }
  // TensorFlow.js broadcasts leading axes only when one side has none, so they are spread here.
  const batch = tf.backend_util.assertAndGetBroadcastShape(ofA, ofB)
  const spread = (x: TfTensor, own: number[]): TfTensor =>
    own.length === batch.length && own.every((size, i) => size === batch[i])
      ? x
      : tf.broadcastTo(x, [...batch, ...x.shape.slice(-2)])
  const stacked = tf.matMul(
    tf.reshape(spread(a, ofA), [-1, rows, inner]),
    tf.reshape(spread(b, ofB), [-1, inner, columns]),
  )
  return tf.reshape(stacked, [...batch, rows, columns])
}

function gemm({ tf, node, input, has }: Call): TfTensor {
  const turned = (name: string): boolean => numberOf(node, name, 0) === 1
  const product = tf.matMul(input(0), input(1), turned('transA'), turned('transB'))
  const scaled = scale(tf, product, numberOf(node, 'alpha', 1))
  return has(2) ? tf.add(scaled, scale(tf, input(2), numberOf(node, 'beta', 1))) : scaled
}

function scale(tf: Call['tf'], x: TfTensor, factor: number): TfTensor {
  return factor === 1 ? x : tf.mul(x, factor)
}

type Pair = [number, number]

/** What the two convolutions have in common, checked. */
function convolutionOf({ node, input }: Call): { strides: Pair; dilations: Pair; pads: number[]; groups: number } {
  if (input(0).rank !== 4) throw unsupported(node, `over ${input(0).rank - 2} axes`)
  if (textOf(node, 'auto_pad', 'NOTSET') !== 'NOTSET') throw unsupported(node, 'that pads by itself')
  return {
    strides: [...(listOf(node, 'strides') ?? [1, 1])] as Pair,
    dilations: [...(listOf(node, 'dilations') ?? [1, 1])] as Pair,
    pads: [...(listOf(node, 'pads') ?? [0, 0, 0, 0])],
    groups: numberOf(node, 'group', 1),
  }
}

/** Adds zeros around the two middle axes of [N, H, W, C]: [before, after] of each; less than none cuts off. */
function edge(tf: Call['tf'], x: TfTensor, rows: Pair, columns: Pair): TfTensor {
  const none: Pair = [0, 0]
  const edges = [none, rows, columns, none]
  const added = edges.map(([before, after]): Pair => [Math.max(0, before), Math.max(0, after)])
  const padded = tf.pad(x, added)
  return tf.slice(
    padded,
    edges.map(([before]) => Math.max(0, -before)),
    edges.map(([before, after], axis) => x.shape[axis]! + before + after),
  )
}

/** Two-dimensional: [N, C, H, W] with [O, C / groups, h, w]. TensorFlow.js wants the channels last. */
function convolution(call: Call): TfTensor {
  const { tf, input } = call
  const { strides, dilations, pads, groups } = convolutionOf(call)
  const [top, left, bottom, right] = pads as [number, number, number, number]
  const padded = edge(tf, tf.transpose(input(0), [0, 2, 3, 1]), [top, bottom], [left, right])
  const filters = tf.split(tf.transpose(input(1), [2, 3, 1, 0]), groups, 3) // [h, w, C / groups, O / groups]
  const parts = tf
    .split(padded, groups, 3)
    .map((part, i) => tf.conv2d(part as never, filters[i] as never, strides, 'valid', 'NHWC', dilations))
  return withBias(call, tf.concat(parts, 3))
}

/** Puts `step - 1` zeros between neighbours along an axis. */
function spreadOut(tf: Call['tf'], x: TfTensor, axis: number, step: number): TfTensor {
  if (step === 1) return x
  const edges = Array.from({ length: x.rank + 1 }, (_, i): Pair => [0, i === axis + 1 ? step - 1 : 0])
  const sizes = x.shape.map((size, i) => (i === axis ? size * step : size))
  const spread = tf.reshape(tf.pad(tf.expandDims(x, axis + 1), edges), sizes)
  return tf.slice(
    spread,
    sizes.map(() => 0),
    sizes.map((size, i) => (i === axis ? size - step + 1 : size)),
  )
}

/**
 * Two-dimensional: [N, M, h, w] with [M, C / groups, kh, kw]. The adjoint of a convolution is one itself: over the places
 * spread apart by the strides, with the kernel turned around.
 */
function transposedConvolution(call: Call): TfTensor {
  const { tf, node, input } = call
  if (listOf(node, 'output_shape') !== undefined) throw unsupported(node, 'with the shape of its output given')
  const { strides, dilations, pads, groups } = convolutionOf(call)
  const rest = listOf(node, 'output_padding') ?? [0, 0]
  const places = tf.transpose(input(0), [0, 2, 3, 1])
  const spread = spreadOut(tf, spreadOut(tf, places, 1, strides[0]), 2, strides[1])
  const around = (i: 0 | 1): Pair => {
    const reach = (input(1).shape[i + 2]! - 1) * dilations[i]
    return [reach - pads[i]!, reach - pads[i + 2]! + rest[i]!]
  }
  const padded = edge(tf, spread, around(0), around(1))
  const filters = tf.split(tf.reverse(tf.transpose(input(1), [2, 3, 0, 1]), [0, 1]), groups, 2) // [kh, kw, M / groups, C / groups]
  const parts = tf
    .split(padded, groups, 3)
    .map((part, i) => tf.conv2d(part as never, filters[i] as never, 1, 'valid', 'NHWC', dilations))
  return withBias(call, tf.concat(parts, 3))
}

/** [N, H, W, C] -> [N, C, H, W], with the third input added where there is one. */
function withBias({ tf, input, has }: Call, result: TfTensor): TfTensor {
  return tf.transpose(has(2) ? tf.add(result, input(2)) : result, [0, 3, 1, 2])
}

export const linalg: Readonly<Record<string, Operator>> = {
  MatMul: matMul,
  Gemm: gemm,
  Conv: convolution,
  ConvTranspose: transposedConvolution,
}
