/**
 * Low-rank updates of matrices (LoRA, arXiv 2106.09685): W + scale / rank * A B with A [rows, rank] and B [rank, columns].
 * B starts at zero, so that the encoder starts as it was.
 */
import { assert, float32Data, floatTensor, type Random, type Tensor } from '../../base/index.ts'
import { add, mul } from '../elementwise.ts'
import { matMul } from '../linalg.ts'
import { swapLastAxes } from '../movement.ts'
import type { Value } from '../value.ts'
import type { ModelWeight } from './operation.ts'

export type LowRank = { readonly rank: number; readonly scale: number }

/** Shapes of A and B for a matrix [rows, columns]. */
export function lowRankShapes({ tensor }: ModelWeight, { rank }: LowRank): { a: number[]; b: number[] } {
  const [rows, columns] = tensor.shape as [number, number]
  assert(tensor.shape.length === 2 && rank >= 1, `a low-rank update of rank ${rank} for [${tensor.shape}]`)
  return { a: [rows, rank], b: [rank, columns] }
}

/** A: normal with a variance of 1 / rows. B: zeros. */
export function initialLowRank(weight: ModelWeight, update: LowRank, random: Random): { a: Tensor; b: Tensor } {
  const { a, b } = lowRankShapes(weight, update)
  const deviation = 1 / Math.sqrt(a[0]!)
  return {
    a: floatTensor(
      a,
      Float32Array.from({ length: a[0]! * a[1]! }, () => deviation * random.normal()),
    ),
    b: floatTensor(b, new Float32Array(b[0]! * b[1]!)),
  }
}

/**
 * x W + scale / rank * (x A) B, where W itself gets no gradient. Where the model has the matrix transposed, x Wᵀ and so on.
 * The two thin products come first, so that no gradient of the size of W is ever made.
 */
export function lowRankProduct(
  x: Value,
  { tensor }: ModelWeight,
  isTransposed: boolean,
  parts: { readonly a: Value; readonly b: Value },
  { rank, scale }: LowRank,
): Value {
  const turned = (matrix: Value): Value => (isTransposed ? swapLastAxes(matrix) : matrix)
  const frozen = matMul(x, turned(x.graph.constant(tensor)))
  const [first, second] = isTransposed ? [parts.b, parts.a] : [parts.a, parts.b]
  return add(frozen, mul(matMul(matMul(x, turned(first)), turned(second)), scale / rank))
}

/** The matrix with its update added. */
export function mergedLowRank(
  { tensor }: ModelWeight,
  parts: { readonly a: Tensor; readonly b: Tensor },
  { rank, scale }: LowRank,
): Tensor {
  const [rows, columns] = tensor.shape as [number, number]
  const [a, b] = [float32Data(parts.a), float32Data(parts.b)]
  const merged = Float64Array.from(float32Data(tensor))
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < rank; k++) {
      const factor = (scale / rank) * a[row * rank + k]!
      for (let column = 0; column < columns; column++)
        merged[row * columns + column]! += factor * b[k * columns + column]!
    }
  }
  return floatTensor([rows, columns], Float32Array.from(merged))
}
