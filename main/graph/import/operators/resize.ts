/**
 * Imports of resizing. Along each axis it is a linear map that is known while importing: a choice of places, or a product
 * with a matrix that has a row for each place of the result.
 */
import { sizeOf } from '../../../base/index.ts'
import { matMul } from '../../linalg.ts'
import { gather, reshape } from '../../movement.ts'
import { normaliseAxis } from '../../shape.ts'
import type { Value } from '../../value.ts'
import { makeKnown } from '../known-tensors.ts'
import type { Operation, OperatorImports } from '../operation.ts'

/** One axis that is resized. `scale` is the one that was asked for, which is not always `to / from`. */
type ResizedAxis = { readonly axis: number; readonly from: number; readonly to: number; readonly scale: number }

// Coordinates are computed in single precision, as the runtime does: which place is nearest can hang on their rounding.
const single = Math.fround

/** Where a place of the result lies in the original, by coordinate_transformation_mode. */
const coordinates: Readonly<Record<string, (place: number, axis: ResizedAxis) => number>> = {
  half_pixel: halfPixel,
  pytorch_half_pixel: (place, axis) => (axis.to > 1 ? halfPixel(place, axis) : 0),
  half_pixel_symmetric(place, axis) {
    const { from, to, scale } = axis
    const adjustment = single(to / single(scale * from))
    return single(single((from / 2) * single(1 - adjustment)) + halfPixel(place, axis))
  },
  align_corners: (place, { from, to }) => (to === 1 ? 0 : single(single(place * (from - 1)) / (to - 1))),
  asymmetric: (place, { scale }) => single(place / scale),
}

function halfPixel(place: number, { scale }: ResizedAxis): number {
  return single(single((place + 0.5) / scale) - 0.5)
}

const roundings: Readonly<Record<string, (place: number) => number>> = {
  round_prefer_floor: (place) => Math.ceil(place - 0.5),
  round_prefer_ceil: (place) => Math.floor(place + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
}

/** How much the places around a coordinate count; `offset` is that of the first one from the coordinate's floor. */
type Kernel = { readonly offset: number; readonly weights: (fraction: number) => readonly number[] }

const linear: Kernel = { offset: 0, weights: (t) => [1 - t, t] }

/** Cubic convolution (Keys 1981) with the slope `a`. */
const cubic = (a: number): Kernel => {
  const near = (d: number): number => ((a + 2) * d - (a + 3)) * d * d + 1
  const far = (d: number): number => ((a * d - 5 * a) * d + 8 * a) * d - 4 * a
  return { offset: -1, weights: (t) => [far(1 + t), near(t), near(1 - t), far(2 - t)] }
}

/** Row of the matrix for a coordinate. Beyond the border the last place is repeated, or left out. */
function rowAt(coordinate: number, size: number, kernel: Kernel, excludesOutside: boolean): number[] {
  const row = Array<number>(size).fill(0)
  const floor = Math.floor(coordinate)
  kernel.weights(coordinate - floor).forEach((weight, i) => {
    const place = floor + kernel.offset + i
    const within = Math.min(size - 1, Math.max(0, place))
    if (within === place || !excludesOutside) row[within]! += weight
  })
  const total = excludesOutside ? row.reduce((sum, weight) => sum + weight, 0) : 1
  return row.map((weight) => weight / total)
}

/** matrix [to, from] applied along one axis of x, without moving the axes. */
function mappedAlong(x: Value, { axis, from, to }: ResizedAxis, matrix: readonly (readonly number[])[]): Value {
  const [outer, inner] = [sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis + 1))]
  const constant = (rows: readonly (readonly number[])[]): Value =>
    x.graph.constant(makeKnown(x.dtype, [rows.length, rows[0]!.length], rows.flat()))
  const result =
    inner === 1
      ? matMul(reshape(x, [outer, from]), constant(matrix[0]!.map((_, column) => matrix.map((row) => row[column]!))))
      : matMul(constant(matrix), reshape(x, [outer, from, inner]))
  return reshape(
    result,
    x.shape.map((size, i) => (i === axis ? to : size)),
  )
}

function resizedAxes(operation: Operation, shape: readonly number[]): ResizedAxis[] {
  const axes = (operation.ints('axes') ?? [...shape.keys()]).map((axis) => normaliseAxis(axis, shape.length))
  // One of the two is given; exporters write the other one as an empty list or leave it out.
  const listed = (i: number): number[] | undefined => {
    const numbers = operation.numbers(i)
    if (numbers === undefined || numbers.length === 0) return undefined
    return numbers.length === axes.length
      ? numbers
      : operation.refuse(`it gives ${numbers.length} sizes or scales for ${axes.length} axes`)
  }
  const [scales, sizes] = [listed(2), listed(3)]
  return axes.map((axis, i) => {
    const from = shape[axis]!
    if (sizes !== undefined) return { axis, from, to: sizes[i]!, scale: single(sizes[i]! / from) }
    const scale = scales?.[i] ?? operation.refuse('it gives neither sizes nor scales')
    return { axis, from, to: Math.floor(single(from * scale)), scale }
  })
}

function resized(operation: Operation): Value {
  const mode = operation.text('mode', 'nearest')
  const transformation = operation.text('coordinate_transformation_mode', 'half_pixel')
  const coordinate =
    coordinates[transformation] ?? operation.refuse(`it places pixels by ${transformation}, which is not supported`)
  const rounding = operation.text('nearest_mode', 'round_prefer_floor')
  const round = roundings[rounding] ?? operation.refuse(`it rounds by ${rounding}, which is not supported`)
  if (operation.int('antialias', 0) === 1) operation.refuse('it smooths before it makes smaller (antialias)')
  const policy = operation.text('keep_aspect_ratio_policy', 'stretch')
  if (policy !== 'stretch') operation.refuse(`it keeps the aspect ratio (${policy})`)
  const kernel =
    mode === 'cubic' ? cubic(operation.float('cubic_coeff_a', -0.75)) : mode === 'linear' ? linear : undefined
  if (kernel === undefined && mode !== 'nearest') operation.refuse(`it interpolates by ${mode}, which is not supported`)
  const excludesOutside = operation.int('exclude_outside', 0) === 1

  return resizedAxes(operation, operation.value(0).shape).reduce((x, axis) => {
    const { from, to, scale } = axis
    if (from === to && scale === 1) return x
    const places = Array.from({ length: to }, (_, place) => coordinate(place, axis))
    if (kernel !== undefined) {
      const rows = places.map((place) => rowAt(place, from, kernel, excludesOutside))
      return mappedAlong(x, axis, rows)
    }
    const nearest = places.map((place) => Math.min(from - 1, Math.max(0, round(place))))
    return gather(x, x.graph.ints(nearest), axis.axis)
  }, operation.value(0))
}

export const resizeImports: OperatorImports = { Resize: resized }
