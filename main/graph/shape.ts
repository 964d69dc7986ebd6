/** Shape arithmetic: broadcasting, its undoing, axes. */
import { assert } from '../base/index.ts'
import type { Shape } from './value.ts'

/** The shape that both broadcast to (NumPy rules); throws with both shapes when they do not fit. */
export function broadcastShapes(a: Shape, b: Shape, what: string): number[] {
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1
    const right = b[axis - rank + b.length] ?? 1
    assert(left === right || left === 1 || right === 1, `${what}: shapes [${a}] and [${b}] do not broadcast`)
    return left === 1 ? right : left
  })
}

/** Axes of `full` along which `small` was repeated, leading ones included. */
export function broadcastAxes(small: Shape, full: Shape): number[] {
  const missing = full.length - small.length
  return full.flatMap((size, axis) => (axis < missing || (small[axis - missing] === 1 && size !== 1) ? [axis] : []))
}

/** Negative axes counted from the end; throws when out of range. */
export function normaliseAxis(axis: number, rank: number): number {
  const positive = axis < 0 ? axis + rank : axis
  assert(positive >= 0 && positive < rank, `axis ${axis} is out of range for rank ${rank}`)
  return positive
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis])
}
