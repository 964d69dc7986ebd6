/**
 * Tensors that stay between runs, by name: in main memory, or on the GPU where ONNX Runtime can leave outputs there.
 * Sessions that share state share one store. Runs in the worker thread.
 */
import type { Tensor as OrtTensor } from 'onnxruntime-node'
import { defined, type Tensor } from '../base/index.ts'
import type { GpuTransfer } from './gpu-transfer.ts'
import { emptyLike, fromOrt, toOrt } from './ort-values.ts'
import { copyData } from './transfer.ts'

export interface ResidentTensors {
  /** Where ONNX Runtime should leave the outputs that replace state. */
  readonly location: 'cpu' | 'gpu-buffer'
  /** To feed a run. */
  get(name: string): OrtTensor | undefined
  set(name: string, value: Tensor): Promise<void>
  /** What a run writes the next value of a state tensor into; null: the run makes the tensor. */
  target(name: string): OrtTensor | null
  /** The value that a run wrote takes the place of the old one. */
  replace(name: string, value: OrtTensor): void
  /** A copy in main memory. */
  copyOf(name: string, value: OrtTensor): Promise<Tensor>
  /** Every session that uses the store says so once, and once that it ends; the last one frees the tensors. */
  retain(): void
  release(): void
}

/** Two buffers a state tensor: a run reads one and writes the other, then they change places. */
export function hostTensors(): ResidentTensors {
  const current = new Map<string, OrtTensor>()
  const spare = new Map<string, OrtTensor>()
  return {
    location: 'cpu',
    get: (name) => current.get(name),
    async set(name, value) {
      current.set(name, toOrt(value))
      // The next run makes a buffer of the right size; a session that shares the state may have made one before.
      spare.delete(name)
    },
    target(name) {
      const buffer = spare.get(name) ?? emptyLike(defined(current.get(name), `a value of the state ${name}`))
      spare.set(name, buffer)
      return buffer
    },
    replace(name, value) {
      spare.set(name, defined(current.get(name), name))
      current.set(name, value)
    },
    async copyOf(name, value) {
      const read = fromOrt(name, value)
      return { ...read, data: copyData(read.data) }
    },
    retain: () => undefined,
    release: () => undefined,
  }
}

/**
 * float32 tensors live in buffers of the GPU; other types, which only constants have, stay in main memory. ONNX Runtime
 * makes a new buffer each run (it ignores one that is offered), so the old one is freed at once: left to the garbage
 * collector, which sees a few bytes, they would fill the GPU.
 */
export function gpuTensors(transfer: GpuTransfer): ResidentTensors {
  const current = new Map<string, OrtTensor>()
  let users = 0
  const put = (name: string, value: OrtTensor): void => {
    const old = current.get(name)
    current.set(name, value)
    if (old !== undefined) free(old)
  }
  return {
    location: 'gpu-buffer',
    get: (name) => current.get(name),
    async set(name, value) {
      put(name, value.dtype === 'float32' ? await transfer.upload(toOrt(value)) : toOrt(value))
    },
    target: () => null,
    replace: put,
    async copyOf(name, value) {
      const read = fromOrt(name, value.location === 'gpu-buffer' ? await transfer.download(value) : value)
      return { ...read, data: copyData(read.data) }
    },
    retain: () => void users++,
    release() {
      if (--users > 0) return
      current.forEach(free)
      current.clear()
    },
  }
}

function free(value: OrtTensor): void {
  if (value.location === 'gpu-buffer') value.dispose()
}
