/** Matrix products. */
import { assert } from '../base/index.ts'
import { broadcastShapes } from './shape.ts'
import { reshape } from './movement.ts'
import type { Value } from './value.ts'

/**
 * Matrix product of the last two axes, leading axes broadcast: [..., M, K] x [..., K, N] -> [..., M, N].
 * Many rows times one matrix is done as a single product [B*M, K] x [K, N], which is where the speed is.
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
  return a.graph.node('MatMul', [a, b], [{ dtype: a.dtype, shape }])[0]!
}
