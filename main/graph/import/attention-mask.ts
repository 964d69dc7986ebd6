/** What is added to the scores of attention so that keys are not seen: the masks of the runtime's fused operators. */
import { and, cast, greater, greaterOrEqual, less, where } from '../elementwise.ts'
import { reshape, slice } from '../movement.ts'
import { sameShape } from '../shape.ts'
import type { Value } from '../value.ts'
import { makeKnown, mapPlaces } from './known-tensors.ts'
import type { Operation } from './operation.ts'

/** Batch, heads, queries, keys. */
export type ScoreShape = readonly [batch: number, heads: number, queries: number, keys: number]

/** The lowest number of single precision, which the runtime takes for what lies in the future. */
const lowest = -3.4028234663852886e38

/** [S, T]: query s sees the keys up to s. */
export function causalMask({ graph, dtype }: Value, queries: number, keys: number): Value {
  const numbers = mapPlaces([queries, keys], ([query, key]) => (key! > query! ? lowest : 0))
  return graph.constant(makeKnown(dtype, [queries, keys], numbers))
}

/**
 * The mask at input `i`, broadcast to [B, N, S, T]; undefined when there is none. It comes in these forms:
 * [B, T] and [B, S, T], where what is above 0 is seen; [B, 1, M, M], of which the first S rows and T columns count;
 * [B], ends of what is seen; [2 B], ends and then beginnings. One number a row, [B, 1], hides nothing.
 */
export function paddingMask(
  operation: Operation,
  i: number,
  { batch, queries, keys }: { readonly batch: number; readonly queries: number; readonly keys: number },
): Value | undefined {
  const given = operation.optional(i)
  if (given === undefined) return undefined
  const { dtype } = operation.value(0)
  const mask = cast(given, 'float32')
  const { shape } = mask
  const hidden = (isSeen: Value): Value =>
    where(isSeen, mask.graph.float(0, [], dtype), operation.float('mask_filter_value', -10000))
  const raw = (seen: Value): Value => hidden(greater(seen, 0))
  if (sameShape(shape, [batch, keys])) return raw(reshape(mask, [batch, 1, 1, keys]))
  if (shape.length === 2 && shape[1] === 1) return undefined
  if (sameShape(shape, [batch, queries, keys])) return raw(reshape(mask, [batch, 1, queries, keys]))
  const side = shape[3] ?? 0
  if (sameShape(shape, [batch, 1, side, side]) && side >= Math.max(queries, keys)) {
    return raw(slice(slice(mask, 2, 0, queries), 3, 0, keys))
  }
  if (sameShape(shape, [batch]) || sameShape(shape, [2 * batch])) {
    const places = mask.graph.constant(makeKnown('float32', [keys], [...Array(keys).keys()]))
    const bound = (from: number): Value => reshape(slice(mask, 0, from, from + batch), [batch, 1, 1, 1])
    const isBeforeEnd = less(places, bound(0))
    return hidden(shape[0] === batch ? isBeforeEnd : and(isBeforeEnd, greaterOrEqual(places, bound(batch))))
  }
  return operation.refuse(`its mask is [${shape}] for ${batch} rows of ${queries} queries and ${keys} keys`)
}
