/**
 * [Note: Layer normalisation in pieces] Exports below opset 17 write a layer normalisation as nine nodes. Their gradients would be
 * dozens of passes over the activations; as one node with its own rule it is a few. The pieces are recognised as they come:
 * first the division, then the gain, then the bias.
 */
import { tensor } from '../../base/index.ts'
import { uniformConstant } from '../graph.ts'
import { layerNormalization } from '../reduction.ts'
import type { Value } from '../value.ts'

/** Whether `value` is the mean of `source` over its last axis, kept as an axis of size 1. */
function isRowMean(value: Value, source: Value): boolean {
  const { op, inputs, attributes } = value.node
  const last = source.shape.length - 1
  return (
    op === 'ReduceMean' &&
    inputs[0] === source &&
    attributes['keepdims'] === 1 &&
    `${attributes['_axes'] as readonly number[]}` === `${last}`
  )
}

function full(like: Value, value: number): Value {
  const width = like.shape.at(-1)!
  return like.graph.constant(tensor('float32', [width], new Float32Array(width).fill(value)))
}

/** (x - mean) / sqrt(mean((x - mean)²) + epsilon) as one node; undefined when it is something else. */
export function fusedStandardisation(numerator: Value, denominator: Value): Value | undefined {
  if (numerator.dtype !== 'float32' || numerator.node.op !== 'Sub' || denominator.node.op !== 'Sqrt') return undefined
  const [x, mean] = numerator.node.inputs as readonly [Value, Value]
  const sum = denominator.node.inputs[0]!
  if (sum.node.op !== 'Add' || !isRowMean(mean, x)) return undefined
  const [variance, constant] = sum.node.inputs as readonly [Value, Value]
  const epsilon = uniformConstant(constant)
  const squares = variance.node.inputs[0]
  const isVariance =
    squares !== undefined &&
    isRowMean(variance, squares) &&
    squares.node.op === 'Mul' &&
    squares.node.inputs.every((factor) => factor === numerator)
  if (!isVariance || epsilon === undefined) return undefined
  return layerNormalization(x, full(x, 1), full(x, 0), epsilon).output
}

/** The operands of a normalisation whose gain and bias have not come yet. */
function plainNormalisation(value: Value): { x: Value; gain: Value; bias: Value; epsilon: number } | undefined {
  if (value.node.op !== 'LayerNormalization' || value.index !== 0) return undefined
  const [x, gain, bias] = value.node.inputs as readonly [Value, Value, Value]
  const { float: epsilon } = value.node.attributes['epsilon'] as { readonly float: number }
  return uniformConstant(bias) === 0 ? { x, gain, bias, epsilon } : undefined
}

const isRow = (value: Value, like: Value): boolean => value.shape.length === 1 && value.shape[0] === like.shape.at(-1)

/** A normalisation times a row, with the row as its gain. */
export function fusedGain(a: Value, b: Value): Value | undefined {
  for (const [value, row] of [
    [a, b],
    [b, a],
  ] as const) {
    const plain = plainNormalisation(value)
    if (plain !== undefined && uniformConstant(plain.gain) === 1 && isRow(row, value)) {
      return layerNormalization(plain.x, row, plain.bias, plain.epsilon).output
    }
  }
  return undefined
}

/** A normalisation plus a row, with the row as its bias. */
export function fusedBias(a: Value, b: Value): Value | undefined {
  for (const [value, row] of [
    [a, b],
    [b, a],
  ] as const) {
    const plain = plainNormalisation(value)
    if (plain !== undefined && isRow(row, value))
      return layerNormalization(plain.x, plain.gain, row, plain.epsilon).output
  }
  return undefined
}
