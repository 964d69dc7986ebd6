/** Imports of operators that move data. */
import { sizeOf } from '../../../base/index.ts'
import { add, mul, sub } from '../../elementwise.ts'
import { concat, expand, gather, gatherElements, gatherRows, pad, reshape, slice, transpose } from '../../movement.ts'
import { reduceSum } from '../../reduction.ts'
import { broadcastShapes, normaliseAxis } from '../../shape.ts'
import type { Value } from '../../value.ts'
import { flattened, isKept, splitSizes, squeezed, unsqueezed } from '../fold.ts'
import { makeKnown, mapPlaces, numbersOf, stridesOf } from '../known-tensors.ts'
import { axesOf, reshapeTarget, type Operation, type OperatorImports } from '../operation.ts'
import { placesOf, slicesOf, type SliceOfAxis } from '../slicing.ts'

function sliceAlong(a: Value, part: SliceOfAxis): Value {
  if (part.step === 1) return slice(a, part.axis, part.start, part.start + part.count)
  return gather(a, a.graph.ints(placesOf(part)), part.axis)
}

function sliced(operation: Operation): Value {
  const a = operation.value(0)
  const [starts, ends] = [operation.numbers(1), operation.numbers(2)]
  if (starts === undefined || ends === undefined) return operation.refuse('it has no starts and ends')
  return slicesOf(a.shape, starts, ends, operation.numbers(3), operation.numbers(4)).reduce(sliceAlong, a)
}

/** One place, or places in a row, as a slice, whose gradient is cheap; any others as a Gather. */
function gathered(operation: Operation): Value {
  const a = operation.value(0)
  const axis = normaliseAxis(operation.int('axis', 0), a.shape.length)
  const indices = operation.known(1)
  if (indices === undefined) return gather(a, operation.value(1), axis)
  const size = a.shape[axis]!
  const places = numbersOf(indices).map((place) => (place < 0 ? place + size : place))
  const shape = [...a.shape.slice(0, axis), ...indices.shape, ...a.shape.slice(axis + 1)]
  const first = places[0] ?? 0
  if (places.every((place, i) => place === first + i)) {
    return reshape(slice(a, axis, first, first + places.length), shape)
  }
  return gather(a, a.graph.constant(makeKnown('int64', indices.shape, places)), axis)
}

/** Rows of `a` at index tuples [..., K], as rows of `a` whose first K axes are made one. */
function gatheredTuples(operation: Operation): Value {
  if (operation.int('batch_dims', 0) !== 0) operation.refuse('its batch_dims is not 0')
  const [a, indices] = [operation.value(0), operation.value(1)]
  const depth = indices.shape.at(-1)!
  const strides = stridesOf(a.shape.slice(0, depth))
  const rows = reshape(a, [sizeOf(a.shape.slice(0, depth)), ...a.shape.slice(depth)])
  const weighted = mul(indices, a.graph.ints(strides))
  return gatherRows(rows, reshape(reduceSum(weighted, [-1]), indices.shape.slice(0, -1)))
}

/** Where a place outside of [0, size) is read from instead. */
function borrowed(place: number, size: number, mode: string): number {
  if (mode === 'edge') return Math.min(size - 1, Math.max(0, place))
  if (mode === 'wrap') return ((place % size) + size) % size
  const period = Math.max(1, 2 * (size - 1))
  const within = ((place % period) + period) % period
  return within < size ? within : period - within
}

function padded(operation: Operation): Value {
  const mode = operation.text('mode', 'constant')
  const pads = operation.numbers(1) ?? operation.refuse('it says nothing about how much to pad')
  const filling = operation.optional(2)
  const source = operation.value(0)
  const rank = source.shape.length
  const axes = (operation.numbers(3) ?? [...source.shape.keys()]).map((axis) => normaliseAxis(axis, rank))
  // Padding is with zeros: what is to be padded with something else is moved there and back.
  const shifted = mode === 'constant' && filling !== undefined ? sub(source, filling) : source
  let result = shifted
  for (const [i, axis] of axes.entries()) {
    const [before, after] = [pads[i]!, pads[i + axes.length]!]
    const size = result.shape[axis]!
    const cut = slice(result, axis, Math.max(0, -before), size - Math.max(0, -after))
    const [more, most] = [Math.max(0, before), Math.max(0, after)]
    if (mode === 'constant') result = pad(cut, axis, more, most)
    else if (more + most > 0) {
      const length = cut.shape[axis]!
      const places = Array.from({ length: more + length + most }, (_, at) => borrowed(at - more, length, mode))
      result = gather(cut, cut.graph.ints(places), axis)
    } else result = cut
  }
  return shifted === source ? result : add(result, filling!)
}

function tiled(operation: Operation): Value {
  const a = operation.value(0)
  const repeats = operation.numbers(1) ?? operation.refuse('it says nothing about how often')
  const apart = reshape(
    a,
    a.shape.flatMap((size) => [1, size]),
  )
  const full = expand(
    apart,
    a.shape.flatMap((size, axis) => [repeats[axis]!, size]),
  )
  return reshape(
    full,
    a.shape.map((size, axis) => size * repeats[axis]!),
  )
}

function split(operation: Operation): Value[] {
  const a = operation.value(0)
  const axis = normaliseAxis(operation.int('axis', 0), a.shape.length)
  let start = 0
  return splitSizes(a.shape[axis]!, operation.numbers(1), operation).map((size) => {
    start += size
    return slice(a, axis, start - size, start)
  })
}

/** Channels that become places (blocks of b x b), or places that become channels. */
function blocks(operation: Operation, toSpace: boolean): Value {
  const x = operation.value(0)
  const b = operation.int('blocksize', 1)
  const [batch, channels, height, width] = x.shape as [number, number, number, number]
  if (!toSpace) {
    const apart = reshape(x, [batch, channels, height / b, b, width / b, b])
    return reshape(transpose(apart, [0, 3, 5, 1, 2, 4]), [batch, channels * b * b, height / b, width / b])
  }
  const columnsLast = operation.text('mode', 'DCR') === 'CRD'
  const inner = channels / (b * b)
  const apart = reshape(x, columnsLast ? [batch, inner, b, b, height, width] : [batch, b, b, inner, height, width])
  const order = columnsLast ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2]
  return reshape(transpose(apart, order), [batch, inner, height * b, width * b])
}

export const movementImports: OperatorImports = {
  Identity: (operation) => operation.value(0),
  Dropout: (operation) => operation.value(0), // in inference it passes everything on
  Reshape(operation) {
    const a = operation.value(0)
    const target = operation.numbers(1) ?? operation.refuse('it has no target')
    return reshape(a, reshapeTarget(a.shape, target, operation))
  },
  Flatten(operation) {
    const a = operation.value(0)
    return reshape(a, flattened(a.shape, operation.int('axis', 1)))
  },
  Squeeze(operation) {
    const a = operation.value(0)
    return reshape(a, squeezed(a.shape, axesOf(operation)))
  },
  Unsqueeze(operation) {
    const a = operation.value(0)
    return reshape(a, unsqueezed(a.shape, axesOf(operation) ?? operation.refuse('it names no axes')))
  },
  Transpose(operation) {
    const a = operation.value(0)
    return transpose(a, operation.ints('perm') ?? [...a.shape.keys()].reverse())
  },
  Expand(operation) {
    const a = operation.value(0)
    const target = operation.numbers(1) ?? operation.refuse('it has no target')
    return expand(a, broadcastShapes(a.shape, target, 'Expand'))
  },
  Tile: tiled,
  Concat: (operation) =>
    concat(
      Array.from({ length: operation.inputCount }, (_, i) => operation.value(i)),
      operation.int('axis', 0),
    ),
  Split: split,
  Slice: sliced,
  Gather: gathered,
  GatherElements: (operation) => gatherElements(operation.value(0), operation.value(1), operation.int('axis', 0)),
  GatherND: gatheredTuples,
  Pad: padded,
  DepthToSpace: (operation) => blocks(operation, true),
  SpaceToDepth: (operation) => blocks(operation, false),
  Trilu(operation) {
    const a = operation.value(0)
    const [diagonal] = operation.numbers(1) ?? [0]
    const square = a.shape.slice(-2)
    const kept = mapPlaces(square, (at) => Number(isKept(at, diagonal!, operation)))
    return mul(a, a.graph.constant(makeKnown(a.dtype, square, kept)))
  },
}
