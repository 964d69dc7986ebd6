/**
 * Imports of convolution and pooling. An average is a depthwise convolution with equal weights, and a maximum is gathered
 * window by window and reduced, so that both can be differentiated as often as their parts.
 */
import { sizeOf } from '../../../base/index.ts'
import { add, mul } from '../../elementwise.ts'
import { conv, convolvedSize, type Convolution } from '../../convolution.ts'
import { concat, expand, gather, reshape } from '../../movement.ts'
import { reduceMax, reduceMean } from '../../reduction.ts'
import type { Shape, Value } from '../../value.ts'
import { makeKnown, mapPlaces, stridesOf } from '../known-tensors.ts'
import type { Operation, OperatorImports } from '../operation.ts'

/** Strides, dilations and pads of a node with windows of `kernel` over `size`. */
function windows(operation: Operation, size: Shape, kernel: Shape): Convolution {
  const ones = kernel.map(() => 1)
  const strides = operation.ints('strides') ?? ones
  const dilations = operation.ints('dilations') ?? ones
  const span = (i: number): number => (kernel[i]! - 1) * dilations[i]! + 1
  const automatic = operation.text('auto_pad', 'NOTSET')
  const given = operation.ints('pads') ?? [...ones, ...ones].fill(0)
  let [before, after] = [given.slice(0, kernel.length), given.slice(kernel.length)]
  if (automatic.startsWith('SAME')) {
    const total = size.map((length, i) =>
      Math.max(0, (Math.ceil(length / strides[i]!) - 1) * strides[i]! + span(i) - length),
    )
    const [less, more] = [total.map((zeros) => Math.floor(zeros / 2)), total.map((zeros) => Math.ceil(zeros / 2))]
    ;[before, after] = automatic === 'SAME_UPPER' ? [less, more] : [more, less]
  } else if (automatic === 'VALID') [before, after] = [ones.map(() => 0), ones.map(() => 0)]
  if (operation.int('ceil_mode', 0) === 1) {
    // A last window that begins inside is kept: zeros after the end make room for it.
    after = after.map((zeros, i) => {
      const room = size[i]! + before[i]! + zeros - span(i)
      const count = Math.ceil(room / strides[i]!) + 1
      const begins = (count - 1) * strides[i]! < size[i]! + before[i]!
      return zeros + ((begins ? count : count - 1) - 1) * strides[i]! - room
    })
    after = after.map((zeros) => Math.max(0, zeros))
  }
  return { strides, dilations, before, after, group: operation.int('group', 1) }
}

function kernelOf(operation: Operation): number[] {
  return operation.ints('kernel_shape') ?? operation.refuse('it names no kernel_shape')
}

function convolution(operation: Operation): Value {
  const [x, weights] = [operation.value(0), operation.value(1)]
  const result = conv(x, weights, windows(operation, x.shape.slice(2), weights.shape.slice(2)))
  const bias = operation.optional(2)
  return bias === undefined
    ? result
    : add(result, reshape(bias, [1, sizeOf(bias.shape), ...weights.shape.slice(2).map(() => 1)]))
}

function averagePool(operation: Operation): Value {
  const x = operation.value(0)
  const [, channels, ...size] = x.shape as [number, number, ...number[]]
  const kernel = kernelOf(operation)
  const places = { ...windows(operation, size, kernel), group: channels }
  const sums = conv(x, x.graph.float(1, [channels, 1, ...kernel], x.dtype), places)
  const declared = operation.ints('pads') ?? kernel.flatMap(() => [0, 0])
  const counts = windowCounts(size, kernel, places, operation.int('count_include_pad', 0) === 1 ? declared : undefined)
  return mul(sums, x.graph.constant(makeKnown(x.dtype, [1, 1, ...counts.shape], counts.inverse)))
}

/** 1 / how many elements each window has; `padding` counts too when it is given. */
function windowCounts(
  size: Shape,
  kernel: Shape,
  places: Convolution,
  padding: readonly number[] | undefined,
): { shape: number[]; inverse: number[] } {
  const shape = convolvedSize(size, kernel, places)
  const along = shape.map((count, i) =>
    Array.from({ length: count }, (_, place) => {
      const start = place * places.strides[i]! - places.before[i]!
      const low = -(padding?.[i] ?? 0)
      const high = size[i]! + (padding?.[i + size.length] ?? 0)
      const inside = Array.from({ length: kernel[i]! }, (_, k) => start + k * places.dilations[i]!)
      return inside.filter((at) => at >= low && at < high).length
    }),
  )
  return {
    shape,
    inverse: mapPlaces(shape, (at) => 1 / at.reduce((product, place, i) => product * along[i]![place]!, 1)),
  }
}

function maxPool(operation: Operation): Value {
  const x = operation.value(0)
  const [batch, channels, ...size] = x.shape as [number, number, ...number[]]
  const kernel = kernelOf(operation)
  const places = windows(operation, size, kernel)
  const counts = convolvedSize(size, kernel, places)
  const strides = stridesOf(size)
  const outside = sizeOf(size)
  // Which element of the flattened picture each place of each window is; one lower than any stands for padding.
  const indices = mapPlaces([...kernel, ...counts], (coordinates) => {
    const at = size.map(
      (_, i) =>
        coordinates[kernel.length + i]! * places.strides[i]! -
        places.before[i]! +
        coordinates[i]! * places.dilations[i]!,
    )
    return at.every((place, i) => place >= 0 && place < size[i]!)
      ? at.reduce((sum, place, i) => sum + place * strides[i]!, 0)
      : outside
  })
  const flat = reshape(x, [batch, channels, outside])
  const isPadded = indices.includes(outside)
  const lowest = expand(x.graph.float(-3.4e38, [1, 1, 1], x.dtype), [batch, channels, 1])
  const source = isPadded ? concat([flat, lowest], 2) : flat
  const gathered = gather(source, x.graph.ints(indices, [sizeOf(kernel), ...counts]), 2)
  return reduceMax(gathered, [2])
}

const spatialAxes = (x: Value): number[] => [...x.shape.keys()].slice(2)

export const convolutionImports: OperatorImports = {
  Conv: convolution,
  AveragePool: averagePool,
  MaxPool: maxPool,
  GlobalAveragePool: (operation) => reduceMean(operation.value(0), spatialAxes(operation.value(0)), true),
  GlobalMaxPool: (operation) => reduceMax(operation.value(0), spatialAxes(operation.value(0)), true),
}
