/** Imports of elementwise operators. */
import {
  abs,
  add,
  and,
  cast,
  cos,
  div,
  equal,
  erf,
  exp,
  greater,
  greaterOrEqual,
  isNaN,
  less,
  log,
  max,
  min,
  mul,
  neg,
  not,
  or,
  pow,
  reciprocal,
  sign,
  sin,
  sqrt,
  square,
  sub,
  where,
  type Operand,
} from '../../elementwise.ts'
import { uniformConstant } from '../../graph.ts'
import type { Value } from '../../value.ts'
import { recognisedGate } from '../recognise-gate.ts'
import { fusedBias, fusedGain, fusedStandardisation } from '../fuse-normalisation.ts'
import { importedType, type Operation, type OperatorImports } from '../operation.ts'

const unary =
  (apply: (a: Value) => Value) =>
  (operation: Operation): Value =>
    apply(operation.value(0))

const binary =
  (apply: (a: Value, b: Value) => Value) =>
  (operation: Operation): Value =>
    apply(operation.value(0), operation.value(1))

const variadic =
  (apply: (a: Operand, b: Operand) => Value) =>
  (operation: Operation): Value =>
    Array.from({ length: operation.inputCount }, (_, i) => operation.value(i)).reduce(apply)

/** Powers that models use are written as products and roots, whose gradients are cheap and exact at 0. */
function power(base: Value, exponent: Value): Value {
  switch (uniformConstant(exponent)) {
    case 1:
      return base
    case 2:
      return square(base)
    case 3:
      return mul(square(base), base)
    case 0.5:
      return sqrt(base)
    case -0.5:
      return reciprocal(sqrt(base))
    case -1:
      return reciprocal(base)
    default:
      return pow(base, cast(exponent, base.dtype))
  }
}

export const elementwiseImports: OperatorImports = {
  // See [Note: Layer normalisation in pieces].
  Add: binary((a, b) => fusedBias(a, b) ?? add(a, b)),
  Sub: binary(sub),
  Mul: binary((a, b) => fusedGain(a, b) ?? recognisedGate(a, b) ?? mul(a, b)),
  Div: binary((a, b) => fusedStandardisation(a, b) ?? div(a, b)),
  Pow: binary(power),
  Max: variadic(max),
  Min: variadic(min),
  Sum: variadic(add),
  Mean: (operation) => div(variadic(add)(operation), operation.inputCount),
  Neg: unary(neg),
  Abs: unary(abs),
  Sign: unary(sign),
  Sqrt: unary(sqrt),
  Reciprocal: unary(reciprocal),
  Exp: unary(exp),
  Log: unary(log),
  Erf: unary(erf),
  Sin: unary(sin),
  Cos: unary(cos),
  Equal: binary(equal),
  Less: binary(less),
  LessOrEqual: binary((a, b) => greaterOrEqual(b, a)),
  Greater: binary(greater),
  GreaterOrEqual: binary(greaterOrEqual),
  And: binary(and),
  Or: binary(or),
  Xor: binary((a, b) => not(equal(a, b))),
  Not: unary(not),
  IsNaN: unary(isNaN),
  Where: (operation) => where(operation.value(0), operation.value(1), operation.value(2)),
  Cast: (operation) => cast(operation.value(0), importedType(operation.int('to', 0), operation)),
  CastLike: (operation) => cast(operation.value(0), operation.value(1).dtype),
  // The bounds pass the gradient on, as PyTorch's clamp does.
  Clip(operation) {
    const [lowest, highest] = [operation.optional(1), operation.optional(2)]
    const bounded = lowest === undefined ? operation.value(0) : max(operation.value(0), lowest)
    return highest === undefined ? bounded : min(bounded, highest)
  },
}
