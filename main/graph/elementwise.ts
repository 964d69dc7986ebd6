/**
 * Elementwise operators, named as ONNX names them. Numbers may stand for scalar constants. Identities (x + 0, x * 1)
 * and small constant expressions are folded while building.
 */
import { assert, sizeOf, tensor, type DType } from '../base/index.ts'
import { constantOf, uniformConstant } from './graph.ts'
import { broadcastShapes, sameShape } from './shape.ts'
import { expand } from './movement.ts'
import type { Value } from './value.ts'

export type Operand = Value | number

/** Constant expressions up to this size are folded here; larger ones are left to the runtime. */
const foldLimit = 64

const binaryFunctions: Record<string, (a: number, b: number) => number> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Max: Math.max,
  Min: Math.min,
}

const unaryFunctions: Record<string, (a: number) => number> = {
  Neg: (a) => -a,
  Exp: Math.exp,
  Log: Math.log,
  Sqrt: Math.sqrt,
  Reciprocal: (a) => 1 / a,
  Sin: Math.sin,
  Cos: Math.cos,
  Abs: Math.abs,
}

function isFloat(dtype: DType): boolean {
  return dtype === 'float32' || dtype === 'float64'
}

function lift(a: Operand, b: Operand): [Value, Value] {
  if (typeof a !== 'number') return [a, typeof b === 'number' ? a.graph.float(b, [], a.dtype) : b]
  assert(typeof b !== 'number', 'at least one operand must be a value')
  return [b.graph.float(a, [], b.dtype), b]
}

function foldBinary(op: string, a: Value, b: Value, shape: readonly number[]): Value | undefined {
  const left = constantOf(a)
  const right = constantOf(b)
  const apply = binaryFunctions[op]
  if (!left || !right || !apply || !isFloat(a.dtype) || sizeOf(shape) > foldLimit) return undefined
  const scalarOrSame = [left, right].every((side) => side.data.length === 1 || sameShape(side.shape, shape))
  if (!scalarOrSame) return undefined
  const out = a.dtype === 'float64' ? new Float64Array(sizeOf(shape)) : new Float32Array(sizeOf(shape))
  const at = (data: ArrayLike<number | bigint>, i: number): number => Number(data.length === 1 ? data[0] : data[i])
  for (let i = 0; i < out.length; i++) out[i] = apply(at(left.data, i), at(right.data, i))
  return a.graph.constant(tensor(a.dtype, shape, out))
}

/** `a` before it was repeated, where the operator itself repeats it all the same to reach `shape` with `b`. */
function unexpanded(a: Value, b: Value, shape: readonly number[]): Value {
  const source = a.node.op === 'Expand' ? a.node.inputs[0]! : a
  return sameShape(broadcastShapes(source.shape, b.shape, 'Expand'), shape) ? source : a
}

function binary(op: string, first: Operand, second: Operand, dtype?: DType): Value {
  const [left, right] = lift(first, second)
  assert(left.dtype === right.dtype, `${op}: dtypes ${left.dtype} and ${right.dtype} differ`)
  const shape = broadcastShapes(left.shape, right.shape, op)
  const a = unexpanded(left, right, shape)
  const b = unexpanded(right, a, shape)
  return foldBinary(op, a, b, shape) ?? a.graph.node(op, [a, b], [{ dtype: dtype ?? a.dtype, shape }])[0]!
}

/** `value` as the result of an operation that leaves it unchanged, broadcast to the result's shape. */
function unchanged(value: Value, other: Value, op: string): Value {
  return expand(value, broadcastShapes(value.shape, other.shape, op))
}

export function add(a: Operand, b: Operand): Value {
  const [left, right] = lift(a, b)
  if (uniformConstant(left) === 0) return unchanged(right, left, 'Add')
  if (uniformConstant(right) === 0) return unchanged(left, right, 'Add')
  return binary('Add', left, right)
}

export function sub(a: Operand, b: Operand): Value {
  const [left, right] = lift(a, b)
  if (uniformConstant(right) === 0) return unchanged(left, right, 'Sub')
  return binary('Sub', left, right)
}

export function mul(a: Operand, b: Operand): Value {
  const [left, right] = lift(a, b)
  if (uniformConstant(left) === 1) return unchanged(right, left, 'Mul')
  if (uniformConstant(right) === 1) return unchanged(left, right, 'Mul')
  return scaledOnce(left, right) ?? scaledOnce(right, left) ?? binary('Mul', left, right)
}

/** (x k) l as x (k l), for numbers k and l whose product is far from the limits of float32. */
function scaledOnce(product: Value, factor: Value): Value | undefined {
  const [x, k] = product.node.op === 'Mul' ? (product.node.inputs as readonly [Value, Value]) : []
  const isScalar = (value: Value): boolean => sizeOf(value.shape) === 1 && value.shape.length <= product.shape.length
  if (x === undefined || k === undefined || !isScalar(k) || !isScalar(factor)) return undefined
  const both = (uniformConstant(k) ?? NaN) * (uniformConstant(factor) ?? NaN)
  const isSafe = Math.abs(both) > 1e-30 && Math.abs(both) < 1e30
  return isSafe && sameShape(x.shape, product.shape) ? mul(x, both) : undefined
}

export function div(a: Operand, b: Operand): Value {
  const [left, right] = lift(a, b)
  if (uniformConstant(right) === 1) return unchanged(left, right, 'Div')
  return binary('Div', left, right)
}

/** a to the power b; a negative `a` with a broken `b` is NaN, as ONNX has it. */
export function pow(a: Operand, b: Operand): Value {
  return binary('Pow', a, b)
}

export function max(a: Operand, b: Operand): Value {
  return binary('Max', a, b)
}

export function min(a: Operand, b: Operand): Value {
  return binary('Min', a, b)
}

export function greater(a: Operand, b: Operand): Value {
  return binary('Greater', a, b, 'bool')
}

export function greaterOrEqual(a: Operand, b: Operand): Value {
  return binary('GreaterOrEqual', a, b, 'bool')
}

export function less(a: Operand, b: Operand): Value {
  return binary('Less', a, b, 'bool')
}

export function equal(a: Operand, b: Operand): Value {
  return binary('Equal', a, b, 'bool')
}

export function and(a: Value, b: Value): Value {
  return binary('And', a, b, 'bool')
}

export function or(a: Value, b: Value): Value {
  return binary('Or', a, b, 'bool')
}

/** Elements of `a` where `condition`, else of `b`; all three broadcast. */
export function where(condition: Value, a: Operand, b: Operand): Value {
  const [left, right] = typeof a === 'number' && typeof b === 'number' ? constants(condition, a, b) : lift(a, b)
  const shape = broadcastShapes(condition.shape, broadcastShapes(left.shape, right.shape, 'Where'), 'Where')
  return condition.graph.node('Where', [condition, left, right], [{ dtype: left.dtype, shape }])[0]!
}

function constants(like: Value, a: number, b: number): [Value, Value] {
  return [like.graph.float(a), like.graph.float(b)]
}

function unary(op: string, a: Value, dtype: DType = a.dtype): Value {
  const content = constantOf(a)
  const apply = unaryFunctions[op]
  if (content && apply && isFloat(a.dtype) && content.data.length <= foldLimit) {
    const data = (content.data as Float32Array).map(apply)
    return a.graph.constant(tensor(a.dtype, a.shape, data))
  }
  return a.graph.node(op, [a], [{ dtype, shape: a.shape }])[0]!
}

export function neg(a: Value): Value {
  return unary('Neg', a)
}

export function exp(a: Value): Value {
  return unary('Exp', a)
}

export function log(a: Value): Value {
  return unary('Log', a)
}

export function sqrt(a: Value): Value {
  return unary('Sqrt', a)
}

export function reciprocal(a: Value): Value {
  return unary('Reciprocal', a)
}

export function sigmoid(a: Value): Value {
  return unary('Sigmoid', a)
}

export function tanh(a: Value): Value {
  return unary('Tanh', a)
}

export function erf(a: Value): Value {
  return unary('Erf', a)
}

export function relu(a: Value): Value {
  return unary('Relu', a)
}

/** log(1 + exp(a)) */
export function softplus(a: Value): Value {
  return unary('Softplus', a)
}

export function sin(a: Value): Value {
  return unary('Sin', a)
}

export function cos(a: Value): Value {
  return unary('Cos', a)
}

export function abs(a: Value): Value {
  return unary('Abs', a)
}

export function sign(a: Value): Value {
  return unary('Sign', a)
}

export function isNaN(a: Value): Value {
  return unary('IsNaN', a, 'bool')
}

export function not(a: Value): Value {
  return unary('Not', a)
}

export function square(a: Value): Value {
  return mul(a, a)
}

/** Onnx type codes of the dtypes that Cast may ask for. */
export const onnxTypeCodes: Record<DType, number> = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
}

export function cast(a: Value, dtype: DType): Value {
  if (a.dtype === dtype) return a
  return a.graph.node('Cast', [a], [{ dtype, shape: a.shape }], { to: onnxTypeCodes[dtype] })[0]!
}

/** The same value, through which no gradient flows. */
export function stopGradient(a: Value): Value {
  return a.graph.node('Identity', [a], [{ dtype: a.dtype, shape: a.shape }], {})[0]!
}

/**
 * Marks the product of `x` with a gate; it is not written to the file.
 *
 * [Note: Gates have one slope] An activation x g(x) that is taken apart has half a dozen gradients of full size, which each pass
 * through a step computes anew with what flows into it. Its slope g(x) + x g'(x) depends on x alone: all passes share it, and
 * each is one product.
 */
export const gateMark = '_gate'

/** x times `gate`, a function of `x` alone, element by element. See [Note: Gates have one slope]. */
export function gated(x: Value, gate: Value): Value {
  assert(x.dtype === gate.dtype && sameShape(x.shape, gate.shape), `a gate [${gate.shape}] of [${x.shape}]`)
  return x.graph.node('Mul', [x, gate], [{ dtype: x.dtype, shape: x.shape }], { [gateMark]: 1 })[0]!
}

/** Gaussian error linear unit, exact: x * Phi(x). */
export function gelu(x: Value): Value {
  return gated(x, normalCdf(x))
}

/** Phi(x), the standard normal distribution function. */
export function normalCdf(x: Value): Value {
  return add(mul(erf(mul(x, Math.SQRT1_2)), 0.5), 0.5)
}
