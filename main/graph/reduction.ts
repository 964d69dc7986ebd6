/** Reductions and the normalisations built on them. */
import { assert } from '../base/index.ts'
import { add, div, exp, log, max, mul, sqrt, square, stopGradient, sub } from './elementwise.ts'
import { reshape } from './movement.ts'
import { broadcastAxes, normaliseAxis, sameShape } from './shape.ts'
import type { Shape, Value } from './value.ts'

function reduce(op: string, a: Value, axes: readonly number[], keepDims: boolean): Value {
  const along = axes.map((axis) => normaliseAxis(axis, a.shape.length)).sort((x, y) => x - y)
  if (along.length === 0) return a
  if (along.every((axis) => a.shape[axis] === 1)) {
    return reshape(a, reducedShape(a.shape, along, keepDims)) // nothing to add up
  }
  const shape = reducedShape(a.shape, along, keepDims)
  return a.graph.node(op, [a, a.graph.ints(along)], [{ dtype: a.dtype, shape }], {
    keepdims: keepDims ? 1 : 0,
    _axes: along,
  })[0]!
}

/** Shape after reducing `axes` (sorted, not negative). */
export function reducedShape(shape: Shape, axes: readonly number[], keepDims: boolean): number[] {
  return shape.flatMap((size, axis) => (!axes.includes(axis) ? [size] : keepDims ? [1] : []))
}

const allAxes = (a: Value): number[] => [...a.shape.keys()]

/** Sum over `axes` (all by default). */
export function reduceSum(a: Value, axes: readonly number[] = allAxes(a), keepDims = false): Value {
  return reduce('ReduceSum', a, axes, keepDims)
}

export function reduceMean(a: Value, axes: readonly number[] = allAxes(a), keepDims = false): Value {
  return reduce('ReduceMean', a, axes, keepDims)
}

export function reduceMax(a: Value, axes: readonly number[] = allAxes(a), keepDims = false): Value {
  return reduce('ReduceMax', a, axes, keepDims)
}

/** int64 index of the largest element along `axis`, the first of equal ones. */
export function argMax(a: Value, axis: number, keepDims = false): Value {
  const along = normaliseAxis(axis, a.shape.length)
  const shape = reducedShape(a.shape, [along], keepDims)
  return a.graph.node('ArgMax', [a], [{ dtype: 'int64', shape }], { axis: along, keepdims: keepDims ? 1 : 0 })[0]!
}

/** Sums of the elements up to each place along `axis`. @param options `reverse` sums from the end; `exclusive` leaves the place itself out */
export function cumSum(a: Value, axis: number, options: { reverse?: boolean; exclusive?: boolean } = {}): Value {
  const along = normaliseAxis(axis, a.shape.length)
  return a.graph.node('CumSum', [a, a.graph.ints([along], [])], [{ dtype: a.dtype, shape: a.shape }], {
    exclusive: options.exclusive ? 1 : 0,
    reverse: options.reverse ? 1 : 0,
    _axes: [along],
  })[0]!
}

/** Sums a gradient over the axes along which its source was broadcast, back to `shape`. */
export function unbroadcast(gradient: Value, shape: Shape): Value {
  if (sameShape(gradient.shape, shape)) return gradient
  return reshape(reduceSum(gradient, broadcastAxes(shape, gradient.shape), true), shape)
}

export function softmax(a: Value, axis = -1): Value {
  return a.graph.node('Softmax', [a], [{ dtype: a.dtype, shape: a.shape }], {
    axis: normaliseAxis(axis, a.shape.length),
  })[0]!
}

/**
 * log(sum(exp(a))) along one axis, removed. The maximum is taken out first, so that exp never overflows; the result does
 * not depend on it, so no gradient needs to flow through it.
 */
export function logSumExp(a: Value, axis: number): Value {
  const along = normaliseAxis(axis, a.shape.length)
  const top = stopGradient(reduceMax(a, [along], true))
  const shifted = exp(sub(a, top))
  return add(log(reduceSum(shifted, [along])), reshape(top, reducedShape(a.shape, [along], false)))
}

/** Values of a layer normalisation: the output and the statistics that its gradient needs. */
export type Normalised = { readonly output: Value; readonly mean: Value; readonly inverseDeviation: Value }

/**
 * Layer normalisation over the last axis with gain and bias [D]; biased variance.
 * mean and inverseDeviation are [..., 1].
 */
export function layerNormalization(x: Value, gain: Value, bias: Value, epsilon = 1e-5): Normalised {
  const width = x.shape.at(-1)!
  assert(
    sameShape(gain.shape, [width]) && sameShape(bias.shape, [width]),
    `LayerNormalization: [${x.shape}], gain [${gain.shape}], bias [${bias.shape}]`,
  )
  const statistics = { dtype: x.dtype, shape: [...x.shape.slice(0, -1), 1] }
  const [output, mean, inverseDeviation] = x.graph.node(
    'LayerNormalization',
    [x, gain, bias],
    [{ dtype: x.dtype, shape: x.shape }, statistics, statistics],
    { axis: x.shape.length - 1, epsilon: { float: epsilon } },
  )
  return { output: output!, mean: mean!, inverseDeviation: inverseDeviation! }
}

/**
 * Rows scaled to unit length: x / max(|x|, 1e-12) along the last axis. The lower bound is taken before the root, whose
 * slope is infinite at 0: a row of zeros would otherwise make the gradient 0/0.
 */
export function normalizeRows(x: Value): Value {
  return div(x, sqrt(max(reduceSum(square(x), [-1], true), 1e-24)))
}

/** Mean over `axis` of the rows where `mask` (same leading shape) is 1; at least one must be. */
export function maskedMean(x: Value, mask: Value, axis: number): Value {
  const weights = reshape(mask, [...mask.shape, 1])
  return div(reduceSum(mul(x, weights), [axis]), reduceSum(weights, [axis]))
}
