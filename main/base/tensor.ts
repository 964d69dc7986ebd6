/** A plain tensor: what graphs take and give. Structured-clonable, so that it can cross to a worker thread. */
import { assert } from './assert.ts'

export type DType = 'float32' | 'float64' | 'float16' | 'int64' | 'int32' | 'uint8' | 'bool'

export type TypedData = Float32Array | Float64Array | Uint16Array | BigInt64Array | Int32Array | Uint8Array

/** Row-major data. float16 is stored as its bits in a Uint16Array, bool as 0 or 1 in a Uint8Array. */
export type Tensor = { readonly dtype: DType; readonly shape: readonly number[]; readonly data: TypedData }

export type TensorMap = Record<string, Tensor>

const arrayConstructors = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  int64: BigInt64Array,
  int32: Int32Array,
  uint8: Uint8Array,
  bool: Uint8Array,
} as const

/** Number of elements of a shape; 1 for a scalar. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1)
}

/** A zeroed array of the right kind for `dtype`. */
export function allocate(dtype: DType, size: number): TypedData {
  return new arrayConstructors[dtype](size)
}

/** Wraps `data` (not copied) as a tensor; throws when the element count does not match the shape. */
export function tensor(dtype: DType, shape: readonly number[], data: TypedData): Tensor {
  assert(
    data.length === sizeOf(shape),
    `tensor of shape [${shape}] needs ${sizeOf(shape)} elements, got ${data.length}`,
  )
  return { dtype, shape, data }
}

/** A float32 tensor from numbers or a Float32Array (the latter is not copied). */
export function floatTensor(shape: readonly number[], values: ArrayLike<number>): Tensor {
  return tensor('float32', shape, values instanceof Float32Array ? values : Float32Array.from(values))
}

/** An int64 tensor from integers. */
export function intTensor(shape: readonly number[], values: readonly number[]): Tensor {
  return tensor(
    'int64',
    shape,
    BigInt64Array.from(values, (value) => BigInt(value)),
  )
}

/** The data of a float32 tensor, typed as such. */
export function float32Data(value: Tensor): Float32Array {
  assert(value.data instanceof Float32Array, `expected float32, got ${value.dtype}`)
  return value.data
}
