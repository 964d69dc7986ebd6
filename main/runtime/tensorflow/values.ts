/** Conversions between our tensors and those of TensorFlow.js, which has float32, int32 and bool. */
import type { Tensor as TfTensor } from '@tensorflow/tfjs-core'
import { allocate, halfToFloat, type DType, type Tensor } from '../../base/index.ts'
import type { TensorFlow } from './backends.ts'

/** Element types that the engine holds, and what it holds them as. float16 is only read, from weights. */
const heldAs: Readonly<Partial<Record<DType, 'float32' | 'int32' | 'bool'>>> = {
  float32: 'float32',
  float16: 'float32',
  int64: 'int32',
  int32: 'int32',
  uint8: 'int32',
  bool: 'bool',
}

/** @throws Error for float64, by name */
export function heldType(name: string, dtype: DType): 'float32' | 'int32' | 'bool' {
  const held = heldAs[dtype]
  if (held === undefined) throw new Error(`The value "${name}" is ${dtype}, which the engine tensorflow does not have.`)
  return held
}

/** @throws Error for float64, and for an int64 that does not fit 32 bits */
export function toTf(tf: TensorFlow, name: string, { dtype, shape, data }: Tensor): TfTensor {
  const held = heldType(name, dtype)
  if (data instanceof BigInt64Array) return tf.tensor(toInt32(name, data), [...shape], held)
  if (dtype === 'float16') return tf.tensor(Float32Array.from(data as Uint16Array, halfToFloat), [...shape], held)
  const values = dtype === 'uint8' ? Int32Array.from(data as Uint8Array) : data
  return tf.tensor(values, [...shape], held)
}

function toInt32(name: string, data: BigInt64Array): Int32Array {
  return Int32Array.from(data, (value) => {
    const number = Number(value)
    if (number === (number | 0)) return number
    throw new Error(
      `The value "${name}" holds ${value}, which does not fit the 32 bits that the engine tensorflow has.`,
    )
  })
}

/**
 * A copy as our tensor; the backends may share what they hold.
 *
 * @param dtype as the graph declares the value
 */
export function fromTf(value: TfTensor, dtype: DType): Tensor {
  const held: Float32Array | Int32Array | Uint8Array = value.dataSync()
  const shape = [...value.shape]
  if (dtype === 'int64') return { dtype, shape, data: BigInt64Array.from(held, (number) => BigInt(number)) }
  const data = allocate(dtype, held.length)
  if (data instanceof BigInt64Array) throw new Error('internal: int64 is converted above')
  data.set(held)
  return { dtype, shape, data }
}
