/** Conversions between our tensors and those of onnxruntime-node. Nothing is copied. Runs in the worker thread. */
import { Tensor as OrtTensor, type InferenceSession } from 'onnxruntime-node'
import { allocate, sizeOf, type DType, type Tensor, type TypedData } from '../base/index.ts'
import type { ValueInfo } from './types.ts'

const dtypes: readonly string[] = ['float32', 'float64', 'float16', 'int64', 'int32', 'uint8', 'bool'] satisfies DType[]

function isDType(type: string): type is DType {
  return dtypes.includes(type)
}

export function toOrt({ dtype, shape, data }: Tensor): OrtTensor {
  return new OrtTensor(dtype, data as never, shape)
}

/** A zeroed tensor like `value`, for a run to write into. */
export function emptyLike(value: OrtTensor): OrtTensor {
  return toOrt({
    dtype: value.type as DType,
    shape: value.dims,
    data: allocate(value.type as DType, sizeOf(value.dims)),
  })
}

/** Shares the data of `value`. Throws for element types that we do not use, such as strings. */
export function fromOrt(name: string, value: OrtTensor): Tensor {
  if (!isDType(value.type)) throw new Error(`The value "${name}" has the element type ${value.type}.`)
  const raw = value.data as TypedData
  // Newer JavaScript engines give half precision as Float16Array; ours is its bits.
  const data = value.type === 'float16' ? new Uint16Array(raw.buffer, raw.byteOffset, raw.length) : raw
  return { dtype: value.type, shape: [...value.dims], data }
}

export function valueInfos(metadata: readonly InferenceSession.ValueMetadata[]): ValueInfo[] {
  return metadata.map((value) => {
    if (!value.isTensor || !isDType(value.type)) {
      throw new Error(`The value "${value.name}" is ${value.isTensor ? `of type ${value.type}` : 'not a tensor'}.`)
    }
    return { name: value.name, dtype: value.type, shape: [...value.shape] }
  })
}
