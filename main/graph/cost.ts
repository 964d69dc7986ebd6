/** What a graph costs, from its shapes alone: memory of its intermediate values, arithmetic of its matrix products. */
import { sizeOf, type DType } from '../base/index.ts'
import { ancestorsOf } from './gradients.ts'
import type { Value } from './value.ts'

const bytesPerElement: Record<DType, number> = {
  float32: 4,
  float64: 8,
  float16: 2,
  int64: 8,
  int32: 4,
  uint8: 1,
  bool: 1,
}

/** Bytes of a value's data. */
export function bytesOf({ dtype, shape }: Pick<Value, 'dtype' | 'shape'>): number {
  return sizeOf(shape) * bytesPerElement[dtype]
}

/** Operators whose result is their first input seen in another way: nothing is copied. */
const views = new Set(['Reshape', 'Identity'])

/**
 * Bytes of the intermediate values that are alive together at the worst moment, when the nodes run in order of their ids,
 * each result is made beside its operands, and a value goes after its last use. Inputs and constants do not count, nor
 * do outputs that are written into memory of the caller's.
 *
 * @param outputs values that stay until the end
 * @param elsewhere outputs that the caller has memory for
 */
export function peakLiveBytes(outputs: readonly Value[], elsewhere: readonly Value[] = []): number {
  const order = ancestorsOf([...outputs, ...elsewhere])
  const sourceOf = new Map<number, number>() // of a view: the value whose memory it shows
  for (const value of order) {
    const input = value.node.inputs[0]
    const isView = views.has(value.node.op) && input !== undefined
    sourceOf.set(value.id, isView ? sourceOf.get(input.id)! : value.id)
  }
  const owned = order.filter(({ id, node }) => node.op !== 'Input' && node.op !== 'Constant' && sourceOf.get(id) === id)
  const notCounted = new Set(elsewhere.map(({ id }) => id))
  const lastUse = new Map<number, number>()
  for (const [step, { node, id }] of order.entries()) {
    for (const input of [...node.inputs, ...node.outputs]) if (input) lastUse.set(sourceOf.get(input.id)!, step)
    lastUse.set(sourceOf.get(id)!, step)
  }
  for (const { id } of outputs) lastUse.set(sourceOf.get(id)!, order.length)
  const ends = new Map<number, number[]>()
  for (const { id } of owned) {
    const step = lastUse.get(id)!
    ends.set(step, [...(ends.get(step) ?? []), id])
  }
  const sizes = new Map(owned.map((value) => [value.id, notCounted.has(value.id) ? 0 : bytesOf(value)]))
  let [live, peak] = [0, 0]
  for (const [step, { id }] of order.entries()) {
    live += sizes.get(id) ?? 0
    peak = Math.max(peak, live)
    for (const ended of ends.get(step) ?? []) live -= sizes.get(ended)!
  }
  return peak
}

/** Floating-point operations of the matrix products that `outputs` need; a multiplication and an addition are two. */
export function matMulFlops(outputs: readonly Value[]): number {
  return ancestorsOf(outputs).reduce((sum, { node, shape }) => {
    if (node.op !== 'MatMul') return sum
    return sum + 2 * sizeOf(shape) * node.inputs[0]!.shape.at(-1)!
  }, 0)
}
