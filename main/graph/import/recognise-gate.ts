/**
 * Exports write activations in pieces: gelu as x/2 (1 + erf(x / sqrt 2)) in several orders, SiLU and its kin as x sigmoid(k x). The
 * product that completes one is recognised by its second factor, which comes from the first alone, and becomes a gate.
 */
import { gated, mul } from '../elementwise.ts'
import { uniformConstant } from '../graph.ts'
import { sameShape } from '../shape.ts'
import type { Value } from '../value.ts'

const elementwise = new Set(
  'Add,Sub,Mul,Div,Max,Min,Pow,Neg,Exp,Log,Sqrt,Reciprocal,Sigmoid,Tanh,Erf,Softplus,Relu,Abs'.split(','),
)

/** Values that a gate may have: the longest in use, gelu by tanh, has fifteen with its numbers. */
const mostValues = 24

/** `a` `b` as a gate, if one factor is a function of the other or of what the other is a multiple of; undefined when not. */
export function recognisedGate(a: Value, b: Value): Value | undefined {
  for (const [factor, gate] of [
    [a, b],
    [b, a],
  ] as const) {
    const { x, scale } = multipleOf(factor)
    if (isFunctionOf(gate, x)) return mul(gated(x, gate), scale)
  }
  return undefined
}

/** `value` as `x` times a number. */
function multipleOf(value: Value): { x: Value; scale: number } {
  if (value.node.op !== 'Mul') return { x: value, scale: 1 }
  const [left, right] = value.node.inputs as readonly [Value, Value]
  const [onLeft, onRight] = [uniformConstant(left), uniformConstant(right)]
  if (onRight !== undefined && sameShape(left.shape, value.shape)) return { x: left, scale: onRight }
  if (onLeft !== undefined && sameShape(right.shape, value.shape)) return { x: right, scale: onLeft }
  return { x: value, scale: 1 }
}

/** Whether `gate` is computed from `x` alone, element by element. */
function isFunctionOf(gate: Value, x: Value): boolean {
  if (gate === x || gate.dtype !== x.dtype || !sameShape(gate.shape, x.shape)) return false
  const seen = new Set<Value>()
  const stack = [gate]
  for (let value = stack.pop(); value !== undefined; value = stack.pop()) {
    if (seen.has(value)) continue
    seen.add(value)
    if (value === x || uniformConstant(value) !== undefined) continue
    if (!elementwise.has(value.node.op) || seen.size > mostValues) return false
    stack.push(...(value.node.inputs as readonly Value[]))
  }
  return seen.has(x)
}
