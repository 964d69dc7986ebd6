/**
 * One gradient rule per operator: from the gradients of a node's outputs to those of its inputs. Rules build ordinary
 * graph nodes, so that a gradient can be differentiated again. docs/OPERATORS.md lists what is covered.
 */
import { assert, sizeOf } from '../base/index.ts'
import {
  add,
  cast,
  cos,
  div,
  equal,
  exp,
  greater,
  greaterOrEqual,
  log,
  mul,
  neg,
  pow,
  sigmoid,
  sign,
  sin,
  square,
  sub,
  where,
} from './elementwise.ts'
import { conv, convolutionOf, convTranspose, weightGradient } from './convolution.ts'
import { opset } from './graph.ts'
import { matMul } from './linalg.ts'
import {
  expand,
  gatherElements,
  gatherRows,
  pad,
  reshape,
  scatterAddElements,
  scatterAddRows,
  slice,
  sliceBounds,
  swapLastAxes,
  transpose,
} from './movement.ts'
import { cumSum, reducedShape, reduceMean, reduceSum, unbroadcast } from './reduction.ts'
import type { Node, Value } from './value.ts'

/**
 * @param dys gradient of each output, undefined where nothing flows
 * @returns gradient of each input, undefined for inputs that have none (indices, conditions, shapes)
 */
export type GradientRule = (
  node: Node,
  dys: readonly (Value | undefined)[],
  needs: readonly boolean[],
) => (Value | undefined)[]

/** A rule for operators with one output: `dy` is always there. */
function rule(
  body: (dy: Value, inputs: readonly Value[], y: Value, node: Node) => (Value | undefined | (() => Value))[],
): GradientRule {
  return (node, dys, needs) => {
    const inputs = node.inputs as readonly Value[]
    const gradients = body(dys[0]!, inputs, node.outputs[0]!, node)
    // Thunks keep the unneeded half of a binary rule from being built at all.
    return gradients.map((gradient, i) =>
      !needs[i] ? undefined : typeof gradient === 'function' ? gradient() : gradient,
    )
  }
}

const zeroLike = (value: Value): Value => value.graph.float(0, [], value.dtype)
const pick = (condition: Value, dy: Value): Value => where(condition, dy, zeroLike(dy))
const drop = (condition: Value, dy: Value): Value => where(condition, zeroLike(dy), dy)
const none = rule(() => [])

const elementwise: Record<string, GradientRule> = {
  Add: rule((dy, [a, b]) => [() => unbroadcast(dy, a!.shape), () => unbroadcast(dy, b!.shape)]),
  Sub: rule((dy, [a, b]) => [() => unbroadcast(dy, a!.shape), () => neg(unbroadcast(dy, b!.shape))]),
  Mul: rule((dy, [a, b]) => [() => unbroadcast(mul(dy, b!), a!.shape), () => unbroadcast(mul(dy, a!), b!.shape)]),
  Div: rule((dy, [a, b], y) => [
    () => unbroadcast(div(dy, b!), a!.shape),
    () => neg(unbroadcast(div(mul(dy, y), b!), b!.shape)),
  ]),
  Pow: rule((dy, [a, b], y) => [
    () => unbroadcast(mul(dy, mul(b!, pow(a!, sub(b!, 1)))), a!.shape),
    () => unbroadcast(mul(dy, mul(y, log(a!))), b!.shape),
  ]),
  // At a tie the first operand gets the gradient.
  Max: rule((dy, [a, b]) => [
    () => unbroadcast(pick(greaterOrEqual(a!, b!), dy), a!.shape),
    () => unbroadcast(drop(greaterOrEqual(a!, b!), dy), b!.shape),
  ]),
  Min: rule((dy, [a, b]) => [
    () => unbroadcast(pick(greaterOrEqual(b!, a!), dy), a!.shape),
    () => unbroadcast(drop(greaterOrEqual(b!, a!), dy), b!.shape),
  ]),
  Where: rule((dy, [condition, a, b]) => [
    undefined,
    () => unbroadcast(pick(condition!, dy), a!.shape),
    () => unbroadcast(drop(condition!, dy), b!.shape),
  ]),
  Neg: rule((dy) => [neg(dy)]),
  Exp: rule((dy, _, y) => [mul(dy, y)]),
  Log: rule((dy, [a]) => [div(dy, a!)]),
  Sqrt: rule((dy, _, y) => [div(mul(dy, 0.5), y)]),
  Reciprocal: rule((dy, _, y) => [neg(mul(dy, square(y)))]),
  Sigmoid: rule((dy, _, y) => [mul(dy, mul(y, sub(1, y)))]),
  Tanh: rule((dy, _, y) => [mul(dy, sub(1, square(y)))]),
  Erf: rule((dy, [a]) => [mul(dy, mul(exp(neg(square(a!))), 2 / Math.sqrt(Math.PI)))]),
  Relu: rule((dy, [a]) => [pick(greater(a!, 0), dy)]),
  Softplus: rule((dy, [a]) => [mul(dy, sigmoid(a!))]),
  Sin: rule((dy, [a]) => [mul(dy, cos(a!))]),
  Cos: rule((dy, [a]) => [neg(mul(dy, sin(a!)))]),
  Abs: rule((dy, [a]) => [mul(dy, sign(a!))]),
  Sign: none,
  Cast: rule((dy, [a]) => [a!.dtype === 'float32' || a!.dtype === 'float64' ? cast(dy, a!.dtype) : undefined]),
  // Identity is only ever a stopGradient.
  Identity: none,
  Greater: none,
  GreaterOrEqual: none,
  Less: none,
  Equal: none,
  And: none,
  Or: none,
  Not: none,
  IsNaN: none,
}

const axesOf = (node: Node): readonly number[] => node.attributes['_axes'] as readonly number[]

/** `value` (the reduced shape, axes kept or not) shaped so that it broadcasts against the input again. */
function unreduced(value: Value, input: Value, node: Node): Value {
  return reshape(value, reducedShape(input.shape, axesOf(node), true))
}

const reduction: Record<string, GradientRule> = {
  ReduceSum: rule((dy, [a], _, node) => [expand(unreduced(dy, a!, node), a!.shape)]),
  ReduceMean: rule((dy, [a], _, node) => {
    const count = axesOf(node).reduce((product, axis) => product * a!.shape[axis]!, 1)
    return [expand(unreduced(mul(dy, 1 / count), a!, node), a!.shape)]
  }),
  // Equal maxima share the gradient.
  ReduceMax: rule((dy, [a], y, node) => {
    const chosen = cast(equal(a!, unreduced(y, a!, node)), a!.dtype)
    const count = reduceSum(chosen, axesOf(node), true)
    return [mul(chosen, div(unreduced(dy, a!, node), count))]
  }),
  ArgMax: none,
  CumSum: rule((dy, _, __, { attributes }) => [
    cumSum(dy, (attributes['_axes'] as readonly number[])[0]!, {
      exclusive: attributes['exclusive'] === 1,
      reverse: attributes['reverse'] !== 1,
    }),
  ]),
  Softmax: rule((dy, _, y, node) => {
    const weighted = mul(dy, y)
    return [sub(weighted, mul(y, reduceSum(weighted, [node.attributes['axis'] as number], true)))]
  }),
  LayerNormalization: (node, [dy, dMean, dInverse], needs) => {
    const [x, gain] = node.inputs as [Value, Value]
    const [, mean, inverse] = node.outputs as [Value, Value, Value]
    const width = x.shape.at(-1)!
    const normalised = mul(sub(x, mean), inverse)
    const rows = [...x.shape.keys()].slice(0, -1)
    const parts: Value[] = []
    if (needs[0] && dy) {
      const scaled = mul(dy, gain)
      const centred = sub(scaled, reduceMean(scaled, [-1], true))
      parts.push(mul(inverse, sub(centred, mul(normalised, reduceMean(mul(scaled, normalised), [-1], true)))))
    }
    if (needs[0] && dMean) parts.push(expand(mul(dMean, 1 / width), x.shape))
    if (needs[0] && dInverse) parts.push(mul(normalised, mul(dInverse, mul(square(inverse), -1 / width))))
    return [
      parts.length === 0 ? undefined : parts.reduce((sum, part) => add(sum, part)),
      needs[1] && dy ? reduceSum(mul(dy, normalised), rows) : undefined,
      needs[2] && dy ? reduceSum(dy, rows) : undefined,
    ]
  },
}

const boundsOf = (node: Node): readonly [number, number, number] =>
  node.attributes[sliceBounds] as unknown as readonly [number, number, number]

/** (A B)^T as B^T A^T, which the runtime computes without moving the product; undefined for anything else. */
function transposedProduct({ node, shape }: Value, permutation: readonly number[]): Value | undefined {
  const rank = shape.length
  const swapsLast = permutation.every((axis, i) => axis === (i < rank - 2 ? i : 2 * rank - 3 - i))
  const [a, b] = node.inputs
  if (node.op !== 'MatMul' || !swapsLast || a!.shape.length !== rank || b!.shape.length !== rank) return undefined
  return matMul(swapLastAxes(b!), swapLastAxes(a!))
}

const movement: Record<string, GradientRule> = {
  Reshape: rule((dy, [a]) => [reshape(dy, a!.shape)]),
  Transpose: rule((dy, _, __, node) => {
    const permutation = node.attributes['perm'] as readonly number[]
    const inverse = permutation.map((_, axis) => permutation.indexOf(axis))
    return [transposedProduct(dy, inverse) ?? transpose(dy, inverse)]
  }),
  Expand: rule((dy, [a]) => [unbroadcast(dy, a!.shape)]),
  Slice: rule((dy, [a], _, node) => {
    const [axis, start, end] = boundsOf(node)
    return [pad(dy, axis, start, a!.shape[axis]! - end)]
  }),
  Pad: rule((dy, _, __, node) => {
    const [axis, start, end] = boundsOf(node)
    return [slice(dy, axis, start, end)]
  }),
  Concat: rule((dy, inputs, _, node) => {
    const axis = node.attributes['axis'] as number
    let start = 0
    return inputs.map((input) => {
      const [from, to] = [start, start + input.shape[axis]!]
      start = to
      return () => slice(dy, axis, from, to)
    })
  }),
  Gather: rule((dy, [table, indices], _, node) => {
    // The gathered axes to the front, added up as rows there, and the axis back to its place.
    const axis = node.attributes['axis'] as number
    const gathered = indices!.shape.length
    const places = [...dy.shape.keys()]
    const front = [...places.slice(axis, axis + gathered), ...places.slice(0, axis), ...places.slice(axis + gathered)]
    const count = sizeOf(indices!.shape)
    const others = table!.shape.filter((_, i) => i !== axis)
    const rows = reshape(transpose(dy, front), [count, ...others])
    const added = scatterAddRows(rows, reshape(indices!, [count]), table!.shape[axis]!)
    const back = [...table!.shape.keys()].map((i) => (i === axis ? 0 : i < axis ? i + 1 : i))
    return [transpose(added, back)]
  }),
  GatherElements: rule((dy, [a, indices], _, node) => [
    scatterAddElements(expand(zeroLike(a!), a!.shape), indices!, dy, node.attributes['axis'] as number),
  ]),
  ScatterElements: rule((dy, [, indices], _, node) => [
    dy,
    undefined,
    () => gatherElements(dy, indices!, node.attributes['axis'] as number),
  ]),
  ScatterND: rule((dy, [, indices]) => [dy, undefined, () => gatherRows(dy, reshape(indices!, [indices!.shape[0]!]))]),
}

const linalg: Record<string, GradientRule> = {
  MatMul: rule((dy, [a, b]) => [
    () => unbroadcast(matMul(dy, swapLastAxes(b!)), a!.shape),
    () => unbroadcast(matMul(swapLastAxes(a!), dy), b!.shape),
  ]),
}

const convolution: Record<string, GradientRule> = {
  Conv: rule((dy, [x, w], _, node) => [
    () => convTranspose(dy, w!, convolutionOf(node), x!.shape.slice(2)),
    () => weightGradient(x!, dy, w!.shape, convolutionOf(node)),
  ]),
  // The adjoint of Conv: what is its input there is its result here.
  ConvTranspose: rule((dy, [x, w], _, node) => [
    () => conv(dy, w!, convolutionOf(node)),
    () => weightGradient(dy, x!, w!.shape, convolutionOf(node)),
  ]),
}

const rules: Readonly<Record<string, GradientRule>> = {
  ...elementwise,
  ...reduction,
  ...movement,
  ...linalg,
  ...convolution,
}

/** Operators that have a rule, sorted. */
export function differentiableOperators(): string[] {
  return Object.keys(rules).sort()
}

/** The rule of a node's operator; throws with operator, node name and opset when there is none. */
export function gradientRuleOf(node: Node): GradientRule {
  const found = rules[node.op]
  assert(
    found !== undefined,
    `no gradient rule for operator ${node.domain || 'ai.onnx'}::${node.op} (node ${node.op}_${node.outputs[0]!.id}, opset ${opset})`,
  )
  return found
}
