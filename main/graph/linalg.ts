/** Matrix products. */
import { assert } from '../base/index.ts'
import { broadcastShapes, sameShape } from './shape.ts'
import { reshape, swapLastAxes, transpose } from './movement.ts'
import type { Value } from './value.ts'

/**
 * Matrix product of the last two axes, leading axes broadcast: [..., M, K] x [..., K, N] -> [..., M, N].
 * Many rows times one matrix is done as a single product [B*M, K] x [K, N], which is where the speed is.
 *
 * [Note: Rows stay rows] Attention multiplies queries by keys [..., width, places] that were moved from [places, ..., width].
 * The runtime takes a swap of the last two axes into the product, but not a move that also swaps them, which costs it more
 * than the product itself. So such an operand is moved with its rows whole, and the swap is one of matrices in a row.
 */
export function matMul(a: Value, b: Value): Value {
  const [rankA, rankB] = [a.shape.length, b.shape.length]
  assert(rankA >= 2 && rankB >= 2 && a.shape[rankA - 1] === b.shape[rankB - 2], `MatMul: [${a.shape}] x [${b.shape}]`)
  if (rankB === 2 && rankA > 2) {
    const inner = a.shape[rankA - 1]!
    const rows = a.shape.slice(0, -1).reduce((product, size) => product * size, 1)
    return reshape(matMul(reshape(a, [rows, inner]), b), [...a.shape.slice(0, -1), b.shape[1]!])
  }
  const leading = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2), 'MatMul')
  const shape = [...leading, a.shape[rankA - 2]!, b.shape[rankB - 1]!]
  if (rankA === rankB && sameShape(a.shape.slice(0, -2), b.shape.slice(0, -2)) && (breaksRows(a) || breaksRows(b))) {
    return reshape(matMul(matricesInARow(a), matricesInARow(b)), shape)
  }
  return a.graph.node('MatMul', [a, b], [{ dtype: a.dtype, shape }])[0]!
}

/** Whether `value` was moved so that the rows it had are columns now, and more than that. See [Note: Rows stay rows]. */
function breaksRows({ node, shape }: Value): boolean {
  const rank = shape.length
  const permutation = node.op === 'Transpose' ? (node.attributes['perm'] as readonly number[]) : []
  return rank > 3 && permutation[rank - 2] === rank - 1 && permutation.some((axis, i) => i < rank - 2 && axis !== i)
}

/** [..., M, N] as [L, M, N]. */
function matricesInARow(value: Value): Value {
  const { node, shape } = value
  const rank = shape.length
  const [rows, columns] = shape.slice(-2) as [number, number]
  const count = shape.slice(0, -2).reduce((product, size) => product * size, 1)
  if (!breaksRows(value)) return reshape(value, [count, rows, columns])
  const permutation = node.attributes['perm'] as readonly number[]
  const whole = transpose(node.inputs[0]!, [...permutation.slice(0, -2), permutation[rank - 1]!, rank - 1])
  return swapLastAxes(reshape(whole, [count, columns, rows]))
}
