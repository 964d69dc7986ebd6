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

/** Two-dimensional: [N, C, H, W] with [O, C / groups, h, w]. TensorFlow.js wants the channels last. */
function convolution({ tf, node, input, has }: Call): TfTensor {
  const [x, w] = [input(0), input(1)]
  if (x.rank !== 4) throw unsupported(node, `over ${x.rank - 2} axes`)
  if (textOf(node, 'auto_pad', 'NOTSET') !== 'NOTSET') throw unsupported(node, 'that pads by itself')
  const [top, left, bottom, right] = listOf(node, 'pads') ?? [0, 0, 0, 0]
  const strides = [...(listOf(node, 'strides') ?? [1, 1])] as [number, number]
  const dilations = [...(listOf(node, 'dilations') ?? [1, 1])] as [number, number]
  const groups = numberOf(node, 'group', 1)
  const edges: [number, number][] = [
    [0, 0],
    [top!, bottom!],
    [left!, right!],
    [0, 0],
  ]
  const padded = tf.pad(tf.transpose(x, [0, 2, 3, 1]), edges)
  const filters = tf.transpose(w, [2, 3, 1, 0]) // [h, w, C / groups, O]
  const parts = tf.split(padded, groups, 3).map((part, i) => {
    const share = tf.split(filters, groups, 3)[i]!
    return tf.conv2d(part as never, share as never, strides, 'valid', 'NHWC', dilations)
  })
  const result = parts.length === 1 ? parts[0]! : tf.concat(parts, 3)
  const biased = has(2) ? tf.add(result, input(2)) : result
  return tf.transpose(biased, [0, 3, 1, 2])
}

export const linalg: Readonly<Record<string, Operator>> = { MatMul: matMul, Gemm: gemm, Conv: convolution }
