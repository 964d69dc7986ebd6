/** Imports of matrix products. */
import { add, mul } from '../../elementwise.ts'
import { reshape, swapLastAxes } from '../../movement.ts'
import type { Value } from '../../value.ts'
import { einsum } from '../einsum.ts'
import type { Operation, OperatorImports } from '../operation.ts'

const scaled = (value: Value, factor: number): Value => (factor === 1 ? value : mul(value, factor))

/** ONNX takes vectors too: on the left as one row, on the right as one column, which are left out of the result. */
function product(operation: Operation): Value {
  const a = operation.value(0)
  const b = operation.value(1)
  if (a.shape.length >= 2 && b.shape.length >= 2) return operation.product(a, 1, false)
  const left = a.shape.length === 1 ? reshape(a, [1, ...a.shape]) : a
  const right = b.shape.length === 1 ? reshape(b, [...b.shape, 1]) : b
  const full = einsumProduct(left, right)
  const kept = full.shape.filter(
    (_, axis) =>
      !(a.shape.length === 1 && axis === full.shape.length - 2) &&
      !(b.shape.length === 1 && axis === full.shape.length - 1),
  )
  return reshape(full, kept)
}

function einsumProduct(left: Value, right: Value): Value {
  return einsum('...ij,...jk->...ik', [left, right])
}

export const linalgImports: OperatorImports = {
  MatMul: product,
  Gemm(operation) {
    const a = operation.int('transA', 0) === 1 ? swapLastAxes(operation.value(0)) : operation.value(0)
    const multiplied = operation.product(a, 1, operation.int('transB', 0) === 1)
    const result = scaled(multiplied, operation.float('alpha', 1))
    const bias = operation.optional(2)
    return bias === undefined ? result : add(result, scaled(bias, operation.float('beta', 1)))
  },
  Einsum: (operation) =>
    einsum(
      operation.text('equation', ''),
      Array.from({ length: operation.inputCount }, (_, i) => operation.value(i)),
    ),
  'com.microsoft::FusedMatMul'(operation) {
    if (operation.int('transBatchA', 0) === 1 || operation.int('transBatchB', 0) === 1) {
      operation.refuse('it transposes the batch')
    }
    const a = operation.int('transA', 0) === 1 ? swapLastAxes(operation.value(0)) : operation.value(0)
    return scaled(operation.product(a, 1, operation.int('transB', 0) === 1), operation.float('alpha', 1))
  },
}
