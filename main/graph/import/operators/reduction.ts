/** Imports of reductions. */
import { abs, div, exp, log, max, neg, sqrt, square } from '../../elementwise.ts'
import { argMax, cumSum, reduceMax, reduceMean, reduceSum } from '../../reduction.ts'
import type { Value } from '../../value.ts'
import { axesOf, type Operation, type OperatorImports } from '../operation.ts'

type Reduce = (a: Value, axes: readonly number[], keepDims: boolean) => Value

function reduced(reduce: Reduce) {
  return (operation: Operation): Value => {
    const a = operation.value(0)
    const axes = axesOf(operation) ?? []
    if (axes.length === 0 && operation.int('noop_with_empty_axes', 0) === 1) return a
    const along = axes.length === 0 ? [...a.shape.keys()] : axes
    return reduce(a, along, operation.int('keepdims', 1) === 1)
  }
}

/** The root is bounded away from 0, where its slope is infinite: the length of zeros is 3e-19 and its gradient 0. */
function length(a: Value, axes: readonly number[], keepDims: boolean): Value {
  return sqrt(max(reduceSum(square(a), axes, keepDims), 1e-37))
}

export const reductionImports: OperatorImports = {
  ReduceSum: reduced(reduceSum),
  ReduceMean: reduced(reduceMean),
  ReduceMax: reduced(reduceMax),
  ReduceMin: reduced((a, axes, keepDims) => neg(reduceMax(neg(a), axes, keepDims))),
  ReduceL1: reduced((a, axes, keepDims) => reduceSum(abs(a), axes, keepDims)),
  ReduceL2: reduced(length),
  ReduceSumSquare: reduced((a, axes, keepDims) => reduceSum(square(a), axes, keepDims)),
  ReduceLogSum: reduced((a, axes, keepDims) => log(reduceSum(a, axes, keepDims))),
  ReduceLogSumExp: reduced((a, axes, keepDims) => log(reduceSum(exp(a), axes, keepDims))),
  ArgMax(operation) {
    if (operation.int('select_last_index', 0) === 1) return operation.refuse('it selects the last of equal elements')
    return argMax(operation.value(0), operation.int('axis', 0), operation.int('keepdims', 1) === 1)
  },
  CumSum(operation) {
    const [axis] = operation.numbers(1) ?? operation.refuse('it names no axis')
    return cumSum(operation.value(0), axis!, {
      reverse: operation.int('reverse', 0) === 1,
      exclusive: operation.int('exclusive', 0) === 1,
    })
  },
  LpNormalization(operation) {
    const a = operation.value(0)
    const axes = [operation.int('axis', -1)]
    const size = operation.int('p', 2) === 1 ? reduceSum(abs(a), axes, true) : length(a, axes, true)
    return div(a, size)
  },
}
