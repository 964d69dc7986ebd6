/**
 * Convolution in any number of dimensions, grouped and depthwise included, its adjoint, and the gradient of its weights.
 * The three are made of `Conv` and `ConvTranspose` alone, so that they can be differentiated as often as one likes.
 *
 * With windows p..., places o..., strides s, dilations d and zeros `before` each axis:
 *
 *     conv            y[b, m, o] = sum over c, p of w[m, c, p] x[b, c, o s + p d - before]
 *     convTranspose   the x that y came from, summed over all places: gradient of conv with respect to x
 *     weightGradient  a convolution of x with dy, batch and channels swapped, strides and dilations swapped
 */
import { assert } from '../base/index.ts'
import { reshape, slice, transpose } from './movement.ts'
import type { Node, Shape, Value } from './value.ts'

export type Convolution = {
  /** One number a spatial axis, as the others. */
  readonly strides: readonly number[]
  readonly dilations: readonly number[]
  /** Zeros before and after each axis, not negative. */
  readonly before: readonly number[]
  readonly after: readonly number[]
  /** Channels are split into so many groups that do not see each other. */
  readonly group: number
}

/** A convolution without padding and in steps of 1, over `axes` spatial axes. */
export function plainConvolution(axes: number): Convolution {
  const each = (value: number): number[] => Array<number>(axes).fill(value)
  return { strides: each(1), dilations: each(1), before: each(0), after: each(0), group: 1 }
}

const span = (size: number, dilation: number): number => (size - 1) * dilation + 1

/** Sizes of the places that windows of `kernel` have in `size`. */
export function convolvedSize(
  size: Shape,
  kernel: Shape,
  { strides, dilations, before, after }: Convolution,
): number[] {
  return size.map(
    (length, i) => Math.floor((length + before[i]! + after[i]! - span(kernel[i]!, dilations[i]!)) / strides[i]!) + 1,
  )
}

function attributesOf(convolution: Convolution, kernel: Shape): Record<string, number | readonly number[]> {
  const { strides, dilations, before, after, group } = convolution
  return { strides, dilations, pads: [...before, ...after], group, kernel_shape: kernel }
}

/** What `conv` or `convTranspose` was asked for. */
export function convolutionOf(node: Node): Convolution {
  const list = (name: string): readonly number[] => node.attributes[name] as readonly number[]
  const pads = list('pads')
  return {
    strides: list('strides'),
    dilations: list('dilations'),
    before: pads.slice(0, pads.length / 2),
    after: pads.slice(pads.length / 2),
    group: node.attributes['group'] as number,
  }
}

/** x [B, C, ...size] with weights [M, C / group, ...kernel] -> [B, M, ...places] */
export function conv(x: Value, weights: Value, convolution: Convolution): Value {
  const [batch, channels, ...size] = x.shape
  const [outputs, perGroup, ...kernel] = weights.shape
  assert(
    size.length === kernel.length && channels === perGroup! * convolution.group && outputs! % convolution.group === 0,
    `Conv: [${x.shape}] with weights [${weights.shape}] in ${convolution.group} groups`,
  )
  const shape = [batch!, outputs!, ...convolvedSize(size, kernel, convolution)]
  return x.graph.node('Conv', [x, weights], [{ dtype: x.dtype, shape }], attributesOf(convolution, kernel))[0]!
}

/**
 * The adjoint of `conv` with respect to its input: y [B, M, ...places], weights [M, C / group, ...kernel] -> [B, C, ...size].
 * @param size of the input that `conv` was given, which the places alone do not tell
 */
export function convTranspose(y: Value, weights: Value, convolution: Convolution, size: Shape): Value {
  const [batch, outputs, ...places] = y.shape
  const [rows, perGroup, ...kernel] = weights.shape
  const { strides, dilations, before, after, group } = convolution
  assert(outputs === rows, `ConvTranspose: [${y.shape}] with weights [${weights.shape}]`)
  const rest = size.map(
    (length, i) => length - ((places[i]! - 1) * strides[i]! + span(kernel[i]!, dilations[i]!) - before[i]! - after[i]!),
  )
  assert(
    rest.every((more, i) => more >= 0 && more < strides[i]!),
    `ConvTranspose: [${places}] places do not come from [${size}]`,
  )
  const shape = [batch!, perGroup! * group, ...size]
  return y.graph.node('ConvTranspose', [y, weights], [{ dtype: y.dtype, shape }], {
    ...attributesOf(convolution, kernel),
    output_padding: rest,
  })[0]!
}

/** Gradient of `conv(x, weights)` with respect to the weights: x [B, C, ...size], dy [B, M, ...places] -> `shape`. */
export function weightGradient(x: Value, dy: Value, shape: Shape, convolution: Convolution): Value {
  const { group, strides, dilations } = convolution
  const [batch, channels, ...size] = x.shape as [number, number, ...number[]]
  const spatial = size.map((_, i) => i)
  const perGroup = channels / group
  const grouped = reshape(x, [batch, group, perGroup, ...size])
  const swapped = transpose(grouped, [2, 1, 0, ...spatial.map((i) => i + 3)]) // [C / group, group, B, ...size]
  const outputs = transpose(dy, [1, 0, ...spatial.map((i) => i + 2)]) // [M, B, ...places]
  const exchanged = { ...convolution, strides: dilations, dilations: strides }
  let gradient = conv(reshape(swapped, [perGroup, group * batch, ...size]), outputs, exchanged) // [C / group, M, ...]
  // Where strides leave a rest, there are places beyond the kernel.
  for (const i of spatial) gradient = slice(gradient, i + 2, 0, shape[i + 2]!)
  return transpose(gradient, [1, 0, ...spatial.map((i) => i + 2)])
}
