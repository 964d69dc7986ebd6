/** Moving tensors between threads: which buffers go along, and when a copy is needed first. */
import type { Tensor, TensorMap, TypedData } from '../base/index.ts'

/** A copy in a buffer of its own. */
export function copyData(data: TypedData): TypedData {
  // A Buffer's slice() is a view on shared memory, so bytes are copied through the constructor.
  return data instanceof Uint8Array ? new Uint8Array(data) : data.slice()
}

/** The buffer of `data` when it can be moved whole: not shared, and with nothing else in it. */
function ownBuffer(data: TypedData): ArrayBuffer | undefined {
  const { buffer } = data
  return buffer instanceof ArrayBuffer && data.byteLength === buffer.byteLength ? buffer : undefined
}

/**
 * Prepares tensors for a message: their buffers are moved when `move` is set and copied otherwise. A view on part of a
 * larger buffer is always copied, since moving it would take its neighbours along.
 */
export function packTensors(tensors: TensorMap, move: boolean): { tensors: TensorMap; buffers: ArrayBuffer[] } {
  const packed: Record<string, Tensor> = {}
  const buffers = new Set<ArrayBuffer>()
  for (const [name, { dtype, shape, data }] of Object.entries(tensors)) {
    const own = move ? ownBuffer(data) : undefined
    const sent = own === undefined ? copyData(data) : data
    buffers.add(sent.buffer as ArrayBuffer)
    packed[name] = { dtype, shape: [...shape], data: sent }
  }
  return { tensors: packed, buffers: [...buffers] }
}
