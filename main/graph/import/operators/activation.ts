/** Imports of activation functions, written out so that they need no gradient rules of their own. */
import {
  add,
  div,
  exp,
  gated,
  gelu,
  greater,
  max,
  min,
  mul,
  relu,
  sigmoid,
  softplus,
  sub,
  tanh,
  where,
} from '../../elementwise.ts'
import { logSumExp, softmax } from '../../reduction.ts'
import { reshape } from '../../movement.ts'
import { normaliseAxis } from '../../shape.ts'
import type { Value } from '../../value.ts'
import type { Operation, OperatorImports } from '../operation.ts'

const unary =
  (apply: (a: Value) => Value) =>
  (operation: Operation): Value =>
    apply(operation.value(0))

/** The usual approximation: x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) / 2. */
export function tanhGelu(x: Value): Value {
  const inner = mul(mul(x, add(mul(mul(x, x), 0.044715), 1)), Math.sqrt(2 / Math.PI))
  return gated(x, mul(add(tanh(inner), 1), 0.5))
}

/** x sigmoid(alpha x) */
export function quickGelu(x: Value, alpha = 1.702): Value {
  return gated(x, sigmoid(mul(x, alpha)))
}

function hardSigmoid(x: Value, alpha: number, beta: number): Value {
  return max(min(add(mul(x, alpha), beta), 1), 0)
}

/** alpha (exp(x) - 1) below 0. The exponent is bounded, so that the branch that is not taken does not overflow. */
function elu(x: Value, alpha: number): Value {
  return where(greater(x, 0), x, mul(sub(exp(min(x, 0)), 1), alpha))
}

function axisOf(operation: Operation): number {
  return normaliseAxis(operation.int('axis', -1), operation.value(0).shape.length)
}

export const activationImports: OperatorImports = {
  Relu: unary(relu),
  LeakyRelu: (operation) => {
    const x = operation.value(0)
    return where(greater(x, 0), x, mul(x, operation.float('alpha', 0.01)))
  },
  PRelu: (operation) => {
    const x = operation.value(0)
    return where(greater(x, 0), x, mul(x, operation.value(1)))
  },
  Elu: (operation) => elu(operation.value(0), operation.float('alpha', 1)),
  Sigmoid: unary(sigmoid),
  Tanh: unary(tanh),
  Softplus: unary(softplus),
  Softsign: unary((x) => div(x, add(where(greater(x, 0), x, mul(x, -1)), 1))),
  Mish: unary((x) => gated(x, tanh(softplus(x)))),
  HardSigmoid: (operation) =>
    hardSigmoid(operation.value(0), operation.float('alpha', 0.2), operation.float('beta', 0.5)),
  HardSwish: unary((x) => gated(x, hardSigmoid(x, 1 / 6, 0.5))),
  Gelu: (operation) => (operation.text('approximate', 'none') === 'tanh' ? tanhGelu : gelu)(operation.value(0)),
  Softmax: (operation) => softmax(operation.value(0), axisOf(operation)),
  LogSoftmax: (operation) => {
    const x = operation.value(0)
    const axis = axisOf(operation)
    const kept = x.shape.map((size, i) => (i === axis ? 1 : size))
    return sub(x, reshape(logSumExp(x, axis), kept))
  },
  'com.microsoft::Gelu': unary(gelu),
  'com.microsoft::QuickGelu': (operation) => quickGelu(operation.value(0), operation.float('alpha', 1.702)),
  'com.microsoft::FastGelu': (operation) => tanhGelu(biased(operation)),
  'com.microsoft::BiasGelu': (operation) => gelu(biased(operation)),
}

function biased(operation: Operation): Value {
  const bias = operation.optional(1)
  return bias === undefined ? operation.value(0) : add(operation.value(0), bias)
}
