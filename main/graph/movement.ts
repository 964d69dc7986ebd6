/** Operators that move data without arithmetic: reshape, transpose, expand, slice, pad, concat, gather and scatter. */
import { assert, sizeOf } from '../base/index.ts'
import { uniformConstant } from './graph.ts'
import { broadcastShapes, normaliseAxis, sameShape } from './shape.ts'
import type { Shape, Value } from './value.ts'

export function reshape(a: Value, shape: Shape): Value {
  assert(sizeOf(shape) === sizeOf(a.shape), `Reshape: [${a.shape}] does not fit [${shape}]`)
  if (sameShape(a.shape, shape)) return a
  const source = a.node.op === 'Reshape' ? a.node.inputs[0]! : a // a reshape of a reshape is one reshape
  if (sameShape(source.shape, shape)) return source
  return a.graph.node('Reshape', [source, a.graph.ints(shape)], [{ dtype: a.dtype, shape }])[0]!
}

/** `permutation[i]` is the input axis that becomes axis i. */
export function transpose(a: Value, permutation: readonly number[]): Value {
  assert(permutation.length === a.shape.length, `Transpose: [${permutation}] does not fit [${a.shape}]`)
  if (permutation.every((axis, i) => axis === i)) return a
  if (a.node.op === 'Transpose') {
    const inner = a.node.attributes['perm'] as readonly number[]
    return transpose(
      a.node.inputs[0]!,
      permutation.map((axis) => inner[axis]!),
    )
  }
  const shape = permutation.map((axis) => a.shape[axis]!)
  return a.graph.node('Transpose', [a], [{ dtype: a.dtype, shape }], { perm: permutation })[0]!
}

/** Swaps the last two axes. */
export function swapLastAxes(a: Value): Value {
  const rank = a.shape.length
  assert(rank >= 2, `cannot transpose [${a.shape}]`)
  return transpose(a, [...Array(rank - 2).keys(), rank - 1, rank - 2])
}

/** Repeats `a` to `shape` by the broadcasting rules. */
export function expand(a: Value, shape: Shape): Value {
  const full = broadcastShapes(a.shape, shape, 'Expand')
  assert(sameShape(full, shape), `Expand: [${a.shape}] does not expand to [${shape}]`)
  if (sameShape(a.shape, shape)) return a
  const number = uniformConstant(a)
  if (number !== undefined && sizeOf(shape) <= 64 && a.dtype === 'float32') return a.graph.float(number, shape)
  return a.graph.node('Expand', [a, a.graph.ints(shape)], [{ dtype: a.dtype, shape }])[0]!
}

/** Elements `[start, end)` along one axis. */
export function slice(a: Value, axis: number, start: number, end: number): Value {
  const along = normaliseAxis(axis, a.shape.length)
  assert(
    start >= 0 && start <= end && end <= a.shape[along]!,
    `Slice: [${start}, ${end}) of axis ${axis} in [${a.shape}]`,
  )
  if (start === 0 && end === a.shape[along]) return a
  const { graph } = a
  const shape = a.shape.map((size, i) => (i === along ? end - start : size))
  const inputs = [a, graph.ints([start]), graph.ints([end]), graph.ints([along])]
  return graph.node('Slice', inputs, [{ dtype: a.dtype, shape }], {
    [sliceBounds]: [along, start, end],
  })[0]!
}

/** Name of the attribute that keeps a slice's axis and bounds for the gradient rule; it is not written to the file. */
export const sliceBounds = '_bounds'

/** Zeros before and after one axis. */
export function pad(a: Value, axis: number, before: number, after: number): Value {
  if (before === 0 && after === 0) return a
  const along = normaliseAxis(axis, a.shape.length)
  const { graph } = a
  const pads = [
    ...a.shape.map((_, i) => (i === along ? before : 0)),
    ...a.shape.map((_, i) => (i === along ? after : 0)),
  ]
  const shape = a.shape.map((size, i) => (i === along ? size + before + after : size))
  return graph.node('Pad', [a, graph.ints(pads)], [{ dtype: a.dtype, shape }], {
    [sliceBounds]: [along, before, before + a.shape[along]!],
  })[0]!
}

/** Joins values along one axis. */
export function concat(values: readonly Value[], axis: number): Value {
  const [first] = values
  assert(first !== undefined, 'Concat needs at least one value')
  if (values.length === 1) return first
  const along = normaliseAxis(axis, first.shape.length)
  for (const value of values) {
    assert(
      value.shape.length === first.shape.length &&
        value.shape.every((size, i) => i === along || size === first.shape[i]),
      `Concat along ${axis}: [${first.shape}] and [${value.shape}]`,
    )
  }
  const total = values.reduce((sum, value) => sum + value.shape[along]!, 0)
  const shape = first.shape.map((size, i) => (i === along ? total : size))
  return first.graph.node('Concat', values, [{ dtype: first.dtype, shape }], { axis: along })[0]!
}

/** Rows of `table` [V, ...] at int64 `indices` [...]: result [...indices, ...table.shape.slice(1)]. */
export function gatherRows(table: Value, indices: Value): Value {
  return gather(table, indices, 0)
}

/** Slices of `a` along `axis` at int64 `indices` [...], whose axes take the place of `axis` in the result. */
export function gather(a: Value, indices: Value, axis: number): Value {
  const along = normaliseAxis(axis, a.shape.length)
  const shape = [...a.shape.slice(0, along), ...indices.shape, ...a.shape.slice(along + 1)]
  return a.graph.node('Gather', [a, indices], [{ dtype: a.dtype, shape }], { axis: along })[0]!
}

/** One element of `a` for each index: result[i, j] = a[indices[i, j], j] for axis 0, and so on. */
export function gatherElements(a: Value, indices: Value, axis: number): Value {
  const along = normaliseAxis(axis, a.shape.length)
  assert(indices.shape.length === a.shape.length, `GatherElements: [${a.shape}] at [${indices.shape}]`)
  return a.graph.node('GatherElements', [a, indices], [{ dtype: a.dtype, shape: indices.shape }], { axis: along })[0]!
}

/** Adds `updates` to `a` where `gatherElements` would read them; its adjoint. */
export function scatterAddElements(a: Value, indices: Value, updates: Value, axis: number): Value {
  const along = normaliseAxis(axis, a.shape.length)
  assert(sameShape(indices.shape, updates.shape), `ScatterElements: [${updates.shape}] at [${indices.shape}]`)
  return a.graph.node('ScatterElements', [a, indices, updates], [{ dtype: a.dtype, shape: a.shape }], {
    axis: along,
    reduction: 'add',
  })[0]!
}

/** Adds `rows` [n, ...] to zeros [count, ...] at int64 `indices` [n]; the adjoint of `gatherRows`. */
export function scatterAddRows(rows: Value, indices: Value, count: number): Value {
  const [n, ...rest] = rows.shape
  const { graph } = rows
  const zeros = expand(graph.float(0, [1, ...rest.map(() => 1)], rows.dtype), [count, ...rest])
  const shape = [count, ...rest]
  return graph.node('ScatterND', [zeros, reshape(indices, [n!, 1]), rows], [{ dtype: rows.dtype, shape }], {
    reduction: 'add',
  })[0]!
}
