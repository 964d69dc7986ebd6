/** Tensors whose numbers are known while importing, as plain number lists; what the folding of constants is written in. */
import { allocate, assert, sizeOf, tensor, type DType, type Tensor } from '../../base/index.ts'
import { broadcastShapes } from '../shape.ts'
import type { Shape } from '../value.ts'

const largestInteger = 2 ** 63

/** A tensor of `numbers`. Integers outside of int64, which stand for "to the end", become its bounds. */
export function makeKnown(dtype: DType, shape: Shape, numbers: readonly number[]): Tensor {
  assert(numbers.length === sizeOf(shape), `${numbers.length} numbers for the shape [${shape}]`)
  const data = allocate(dtype, numbers.length)
  numbers.forEach((value, i) => {
    if (data instanceof BigInt64Array) {
      data[i] =
        value >= largestInteger ? 2n ** 63n - 1n : value <= -largestInteger ? -(2n ** 63n) : BigInt(Math.trunc(value))
    } else data[i] = dtype === 'bool' ? Number(value !== 0) : value
  })
  return tensor(dtype, shape, data)
}

export function numbersOf(known: Tensor): number[] {
  return Array.from(known.data as ArrayLike<number | bigint>, Number)
}

/** Distance of neighbours along each axis. */
export function stridesOf(shape: Shape): number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)))
}

/** Calls `at` with the coordinates of each place of `shape`, in order; the list is reused. */
export function mapPlaces(shape: Shape, at: (coordinates: readonly number[]) => number): number[] {
  const coordinates = shape.map(() => 0)
  return Array.from({ length: sizeOf(shape) }, () => {
    const result = at(coordinates)
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      coordinates[axis]!++
      if (coordinates[axis]! < shape[axis]!) break
      coordinates[axis] = 0
    }
    return result
  })
}

/** The tensor whose element at each place is the element of `source` at the coordinates that `from` gives. */
export function rearranged(
  source: Tensor,
  shape: Shape,
  from: (coordinates: readonly number[]) => readonly number[],
): Tensor {
  const numbers = numbersOf(source)
  const strides = stridesOf(source.shape)
  const picked = mapPlaces(
    shape,
    (coordinates) => numbers[from(coordinates).reduce((sum, place, axis) => sum + place * strides[axis]!, 0)]!,
  )
  return makeKnown(source.dtype, shape, picked)
}

/** Repeated to `shape` by the broadcasting rules. */
export function broadcastKnown(source: Tensor, shape: Shape): Tensor {
  const missing = shape.length - source.shape.length
  return rearranged(source, shape, (coordinates) =>
    source.shape.map((size, axis) => (size === 1 ? 0 : coordinates[axis + missing]!)),
  )
}

/** `apply` on the elements of tensors that are broadcast to each other. */
export function elementwise(dtype: DType, sources: readonly Tensor[], apply: (...numbers: number[]) => number): Tensor {
  const shape = sources.reduce<Shape>((full, source) => broadcastShapes(full, source.shape, 'a constant'), [])
  const columns = sources.map((source) => numbersOf(broadcastKnown(source, shape)))
  return makeKnown(
    dtype,
    shape,
    columns[0]!.map((_, i) => apply(...columns.map((column) => column[i]!))),
  )
}
