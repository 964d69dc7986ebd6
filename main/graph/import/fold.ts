/**
 * Folding of constants while importing: shape arithmetic, index lists, masks. What exporters write as graphs of dozens of
 * nodes comes to a handful of numbers once the batch and the length of texts are fixed.
 */
import { sizeOf, type Tensor } from '../../base/index.ts'
import { normaliseAxis } from '../shape.ts'
import { elementwise, makeKnown, mapPlaces, numbersOf, rearranged, broadcastKnown } from './known-tensors.ts'
import { axesOf, importedType, reshapeTarget, type Operation } from './operation.ts'
import { placesOf, slicesOf } from './slicing.ts'
import { broadcastShapes } from '../shape.ts'

type Fold = (operation: Operation, inputs: readonly Tensor[]) => Tensor | readonly Tensor[]

/** Larger float results are left to the graph: they are data and not shapes. */
const largestFold = 1 << 20

const isInteger = ({ dtype }: Tensor): boolean => dtype === 'int64' || dtype === 'int32' || dtype === 'uint8'

function binary(apply: (a: number, b: number) => number): Fold {
  return (_, inputs) => elementwise(inputs[0]!.dtype, inputs, apply)
}

function comparison(apply: (a: number, b: number) => boolean): Fold {
  return (_, inputs) => elementwise('bool', inputs, (a, b) => Number(apply(a, b)))
}

function unary(apply: (a: number) => number): Fold {
  return (_, [a]) => makeKnown(a!.dtype, a!.shape, numbersOf(a!).map(apply))
}

/** Folds over the numbers of each reduced group. */
function reduction(apply: (numbers: readonly number[]) => number): Fold {
  return (operation, [a]) => {
    const rank = a!.shape.length
    const along = (axesOf(operation) ?? [...a!.shape.keys()]).map((axis) => normaliseAxis(axis, rank))
    const kept = a!.shape.map((size, axis) => (along.includes(axis) ? 1 : size))
    const numbers = numbersOf(a!)
    const groups = new Map<string, number[]>()
    let i = 0
    mapPlaces(a!.shape, (coordinates) => {
      const key = `${coordinates.map((place, axis) => (along.includes(axis) ? 0 : place))}`
      const group = groups.get(key)
      if (group === undefined) groups.set(key, [numbers[i]!])
      else group.push(numbers[i]!)
      return i++
    })
    const shape = operation.int('keepdims', 1) === 1 ? kept : a!.shape.filter((_, axis) => !along.includes(axis))
    return makeKnown(a!.dtype, shape, [...groups.values()].map(apply))
  }
}

const reshaped = (source: Tensor, shape: readonly number[]): Tensor => ({ ...source, shape })

function concatenated(inputs: readonly Tensor[], axis: number): Tensor {
  const [first] = inputs
  const along = normaliseAxis(axis, first!.shape.length)
  const starts: number[] = []
  let total = 0
  for (const { shape } of inputs) {
    starts.push(total)
    total += shape[along]!
  }
  const shape = first!.shape.map((size, i) => (i === along ? total : size))
  const parts = inputs.map(numbersOf)
  const numbers = mapPlaces(shape, (coordinates) => {
    const which = starts.findLastIndex((start, i) => start <= coordinates[along]! && inputs[i]!.shape[along]! > 0)
    const source = inputs[which]!
    const place = coordinates.reduce(
      (index, at, i) => index * source.shape[i]! + (i === along ? at - starts[which]! : at),
      0,
    )
    return parts[which]![place]!
  })
  return makeKnown(first!.dtype, shape, numbers)
}

const folds: Readonly<Record<string, Fold>> = {
  Add: binary((a, b) => a + b),
  Sub: binary((a, b) => a - b),
  Mul: binary((a, b) => a * b),
  Div: (_, inputs) =>
    elementwise(inputs[0]!.dtype, inputs, (a, b) => (isInteger(inputs[0]!) ? Math.trunc(a / b) : a / b)),
  // The remainder has the sign of the divisor, unless `fmod` asks for C's.
  Mod: (operation, inputs) =>
    elementwise(inputs[0]!.dtype, inputs, (a, b) =>
      operation.int('fmod', 0) === 1 ? a % b : a - Math.floor(a / b) * b,
    ),
  Pow: binary((a, b) => a ** b),
  Max: (_, inputs) => elementwise(inputs[0]!.dtype, inputs, Math.max),
  Min: (_, inputs) => elementwise(inputs[0]!.dtype, inputs, Math.min),
  Equal: comparison((a, b) => a === b),
  Less: comparison((a, b) => a < b),
  LessOrEqual: comparison((a, b) => a <= b),
  Greater: comparison((a, b) => a > b),
  GreaterOrEqual: comparison((a, b) => a >= b),
  And: comparison((a, b) => a !== 0 && b !== 0),
  Or: comparison((a, b) => a !== 0 || b !== 0),
  Xor: comparison((a, b) => (a !== 0) !== (b !== 0)),
  Not: unary((a) => Number(a === 0)),
  Neg: unary((a) => -a),
  Abs: unary(Math.abs),
  Sqrt: unary(Math.sqrt),
  Exp: unary(Math.exp),
  Log: unary(Math.log),
  Floor: unary(Math.floor),
  Ceil: unary(Math.ceil),
  Reciprocal: unary((a) => 1 / a),
  Identity: (_, [a]) => a!,
  Cast: (operation, [a]) => makeKnown(importedType(operation.int('to', 0), operation), a!.shape, numbersOf(a!)),
  Where: (_, inputs) => elementwise(inputs[1]!.dtype, inputs, (condition, a, b) => (condition !== 0 ? a : b)),
  ReduceSum: reduction((numbers) => numbers.reduce((sum, value) => sum + value, 0)),
  ReduceProd: reduction((numbers) => numbers.reduce((product, value) => product * value, 1)),
  ReduceMax: reduction((numbers) => Math.max(...numbers)),
  ReduceMin: reduction((numbers) => Math.min(...numbers)),
  Reshape: (operation, [a, target]) => reshaped(a!, reshapeTarget(a!.shape, numbersOf(target!), operation)),
  Flatten: (operation, [a]) => reshaped(a!, flattened(a!.shape, operation.int('axis', 1))),
  Squeeze: (operation, [a]) => reshaped(a!, squeezed(a!.shape, axesOf(operation))),
  Unsqueeze: (operation, [a]) => reshaped(a!, unsqueezed(a!.shape, axesOf(operation) ?? [])),
  Transpose: (operation, [a]) => {
    const permutation = operation.ints('perm') ?? [...a!.shape.keys()].reverse()
    const shape = permutation.map((axis) => a!.shape[axis]!)
    return rearranged(a!, shape, (coordinates) => a!.shape.map((_, axis) => coordinates[permutation.indexOf(axis)]!))
  },
  Expand: (_, [a, target]) => broadcastKnown(a!, broadcastShapes(a!.shape, numbersOf(target!), 'Expand')),
  Tile: (_, [a, repeats]) => {
    const shape = a!.shape.map((size, axis) => size * numbersOf(repeats!)[axis]!)
    return rearranged(a!, shape, (coordinates) => coordinates.map((place, axis) => place % a!.shape[axis]!))
  },
  Concat: (operation, inputs) => concatenated(inputs, operation.int('axis', 0)),
  Slice: (_, [a, starts, ends, axes, steps]) => {
    const slices = slicesOf(
      a!.shape,
      numbersOf(starts!),
      numbersOf(ends!),
      axes && numbersOf(axes),
      steps && numbersOf(steps),
    )
    const places = a!.shape.map((size) => [...Array(size).keys()])
    for (const slice of slices) places[slice.axis] = placesOf(slice)
    const shape = places.map(({ length }) => length)
    return rearranged(a!, shape, (coordinates) => coordinates.map((place, axis) => places[axis]![place]!))
  },
  Gather: (operation, [a, indices]) => {
    const axis = normaliseAxis(operation.int('axis', 0), a!.shape.length)
    const size = a!.shape[axis]!
    const places = numbersOf(indices!).map((place) => (place < 0 ? place + size : place))
    const rank = indices!.shape.length
    const shape = [...a!.shape.slice(0, axis), ...indices!.shape, ...a!.shape.slice(axis + 1)]
    return rearranged(a!, shape, (coordinates) => {
      const which = indices!.shape.reduce((index, length, i) => index * length + coordinates[axis + i]!, 0)
      return [...coordinates.slice(0, axis), places[which]!, ...coordinates.slice(axis + rank)]
    })
  },
  Split: (operation, [a, sizes]) => {
    const axis = normaliseAxis(operation.int('axis', 0), a!.shape.length)
    let start = 0
    return splitSizes(a!.shape[axis]!, sizes && numbersOf(sizes), operation).map((size) => {
      const from = start
      start += size
      const shape = a!.shape.map((length, i) => (i === axis ? size : length))
      return rearranged(a!, shape, (coordinates) => coordinates.map((place, i) => (i === axis ? place + from : place)))
    })
  },
  Range: (_, [start, limit, delta]) => {
    const [from, to, by] = [start!, limit!, delta!].map((value) => numbersOf(value)[0]!) as [number, number, number]
    const count = Math.max(0, Math.ceil((to - from) / by))
    return makeKnown(
      start!.dtype,
      [count],
      Array.from({ length: count }, (_, i) => from + i * by),
    )
  },
  ConstantOfShape: (operation, [shape]) => {
    const filling = operation.tensor('value')
    const sizes = numbersOf(shape!)
    const value = filling === undefined ? 0 : numbersOf(filling)[0]!
    return makeKnown(filling?.dtype ?? 'float32', sizes, Array<number>(sizeOf(sizes)).fill(value))
  },
  Trilu: (operation, [a, diagonal]) => {
    const offset = diagonal === undefined ? 0 : numbersOf(diagonal)[0]!
    const numbers = numbersOf(a!)
    let i = 0
    const kept = mapPlaces(a!.shape, (at) => (isKept(at, offset, operation) ? numbers[i++]! : (i++, 0)))
    return makeKnown(a!.dtype, a!.shape, kept)
  },
  CumSum: (operation, [a, axis]) => {
    const rank = a!.shape.length
    const along = normaliseAxis(numbersOf(axis!)[0]!, rank)
    if (operation.int('reverse', 0) === 1 || operation.int('exclusive', 0) === 1 || along !== rank - 1) {
      return operation.refuse('sums that run backwards or along an inner axis are not folded')
    }
    let sum = 0
    const numbers = numbersOf(a!).map((value, i) => (sum = i % a!.shape[along]! === 0 ? value : sum + value))
    return makeKnown(a!.dtype, a!.shape, numbers)
  },
}

/** Whether Trilu keeps the element at these coordinates. */
export function isKept(coordinates: readonly number[], diagonal: number, operation: Operation): boolean {
  const [row, column] = coordinates.slice(-2) as [number, number]
  return operation.int('upper', 1) === 1 ? column - row >= diagonal : column - row <= diagonal
}

export function flattened(shape: readonly number[], axis: number): number[] {
  const split = axis < 0 ? axis + shape.length : axis
  return [sizeOf(shape.slice(0, split)), sizeOf(shape.slice(split))]
}

export function squeezed(shape: readonly number[], axes: readonly number[] | undefined): number[] {
  const gone = axes?.map((axis) => normaliseAxis(axis, shape.length))
  return shape.filter((size, axis) => (gone === undefined ? size !== 1 : !gone.includes(axis)))
}

export function unsqueezed(shape: readonly number[], axes: readonly number[]): number[] {
  const rank = shape.length + axes.length
  const added = axes.map((axis) => normaliseAxis(axis, rank))
  const sizes = [...shape]
  return Array.from({ length: rank }, (_, axis) => (added.includes(axis) ? 1 : sizes.shift()!))
}

/** Sizes of the parts of a Split: given, or as equal as they can be, the last one smaller. */
export function splitSizes(size: number, given: readonly number[] | undefined, operation: Operation): number[] {
  const sizes = given ?? operation.ints('split')
  if (sizes !== undefined) return [...sizes]
  const count = operation.int('num_outputs', operation.outputCount)
  const each = Math.ceil(size / count)
  return Array.from({ length: count }, (_, i) => Math.min(each, size - i * each))
}

/** Whether nodes of this operator are folded when everything about them is known. */
export function isFolded(operator: string): boolean {
  return operator in folds
}

/** The results of a node whose inputs are all known; undefined when it is left to the graph. */
export function foldNode(operation: Operation, inputs: readonly (Tensor | undefined)[]): readonly Tensor[] | undefined {
  const fold = folds[operation.operator]
  if (fold === undefined || inputs.some((input) => input !== undefined && input.data.length > largestFold)) {
    return undefined
  }
  const result = fold(operation, inputs as readonly Tensor[])
  return 'dtype' in result ? [result] : result
}
