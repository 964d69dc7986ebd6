/** What a `Slice` takes, in ONNX's terms (ends past the border, negative places and steps), for known shapes. */
import { assert } from '../../base/index.ts'
import { normaliseAxis } from '../shape.ts'
import type { Shape } from '../value.ts'

/** `count` places along `axis`: start, start + step, ... */
export type SliceOfAxis = {
  readonly axis: number
  readonly start: number
  readonly step: number
  readonly count: number
}

export function slicesOf(
  shape: Shape,
  starts: readonly number[],
  ends: readonly number[],
  axes: readonly number[] = starts.map((_, axis) => axis),
  steps: readonly number[] = starts.map(() => 1),
): SliceOfAxis[] {
  assert(
    starts.length === ends.length && starts.length === axes.length,
    'Slice: starts, ends and axes differ in length',
  )
  return starts.map((start, i) => {
    const axis = normaliseAxis(axes[i]!, shape.length)
    const size = shape[axis]!
    const step = steps[i]!
    assert(step !== 0, 'Slice: a step is 0')
    const [lowest, highest] = step > 0 ? [0, size] : [-1, size - 1]
    const within = (place: number): number => Math.min(highest, Math.max(lowest, place < 0 ? place + size : place))
    // Backwards, an end before the first element is written as a number below -size.
    const from = within(start)
    const to = within(ends[i]!)
    return { axis, start: from, step, count: Math.max(0, Math.ceil((to - from) / step)) }
  })
}

export function placesOf({ start, step, count }: SliceOfAxis): number[] {
  return Array.from({ length: count }, (_, i) => start + i * step)
}
