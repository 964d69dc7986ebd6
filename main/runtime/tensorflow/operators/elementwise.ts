/** Operators that work element by element, with broadcasting. Named as ONNX names them. */
import { dtypeOf } from '../read-graph.ts'
import { heldType } from '../values.ts'
import { numberOf, unsupported, type Call, type Operator, type TfTensor } from '../operator.ts'

const unary =
  (apply: (call: Call, x: TfTensor) => TfTensor): Operator =>
  (call) =>
    apply(call, call.input(0))

const binary =
  (apply: (call: Call, a: TfTensor, b: TfTensor) => TfTensor): Operator =>
  (call) =>
    apply(call, call.input(0), call.input(1))

/** Any number of inputs, two by two. */
const variadic =
  (apply: (call: Call, a: TfTensor, b: TfTensor) => TfTensor): Operator =>
  (call) => {
    let result = call.input(0)
    for (let i = 1; i < call.inputCount; i++) result = apply(call, result, call.input(i))
    return result
  }

/** ONNX rounds a quotient of integers towards zero; TensorFlow rounds it down. */
function divide({ tf }: Call, a: TfTensor, b: TfTensor): TfTensor {
  if (a.dtype !== 'int32') return tf.div(a, b)
  const size = tf.floorDiv(tf.abs(a), tf.abs(b))
  return tf.mul(size, tf.mul(integerSign(tf, a), integerSign(tf, b)))
}

function integerSign(tf: Call['tf'], a: TfTensor): TfTensor {
  return tf.sub(tf.cast(tf.greater(a, 0), 'int32'), tf.cast(tf.less(a, 0), 'int32'))
}

function cast({ tf, node, input }: Call): TfTensor {
  const to = numberOf(node, 'to', 0)
  if (to === 10) throw unsupported(node, 'to float16')
  const held = heldType(node.name, dtypeOf(to, node.name))
  // Not every backend compares with 0 when it casts to truth values.
  if (held === 'bool' && input(0).dtype !== 'bool') return tf.notEqual(input(0), tf.scalar(0, input(0).dtype))
  return tf.cast(input(0), held)
}

function clip({ tf, input, has }: Call): TfTensor {
  const above = has(1) ? tf.maximum(input(0), input(1)) : input(0)
  return has(2) ? tf.minimum(above, input(2)) : above
}

function gelu({ tf, node, input }: Call): TfTensor {
  if (node.attributes['approximate'] === 'tanh') throw unsupported(node, 'by tanh')
  const x = input(0)
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1))
}

export const elementwise: Readonly<Record<string, Operator>> = {
  Add: binary(({ tf }, a, b) => tf.add(a, b)),
  Sub: binary(({ tf }, a, b) => tf.sub(a, b)),
  Mul: binary(({ tf }, a, b) => tf.mul(a, b)),
  Div: binary(divide),
  Pow: binary(({ tf }, a, b) => tf.pow(a, b)),
  Max: variadic(({ tf }, a, b) => tf.maximum(a, b)),
  Min: variadic(({ tf }, a, b) => tf.minimum(a, b)),
  Where: ({ tf, input }) => tf.where(input(0), input(1), input(2)),
  Neg: unary(({ tf }, x) => tf.neg(x)),
  Exp: unary(({ tf }, x) => tf.exp(x)),
  Log: unary(({ tf }, x) => tf.log(x)),
  Sqrt: unary(({ tf }, x) => tf.sqrt(x)),
  Reciprocal: unary(({ tf }, x) => tf.reciprocal(x)),
  Sigmoid: unary(({ tf }, x) => tf.sigmoid(x)),
  Softplus: unary(({ tf }, x) => tf.softplus(x)),
  Tanh: unary(({ tf }, x) => tf.tanh(x)),
  Erf: unary(({ tf }, x) => tf.erf(x)),
  Gelu: gelu,
  Relu: unary(({ tf }, x) => tf.relu(x)),
  Sin: unary(({ tf }, x) => tf.sin(x)),
  Cos: unary(({ tf }, x) => tf.cos(x)),
  Abs: unary(({ tf }, x) => tf.abs(x)),
  Sign: unary(({ tf }, x) => (x.dtype === 'int32' ? integerSign(tf, x) : tf.sign(x))),
  Floor: unary(({ tf }, x) => tf.floor(x)),
  Clip: clip,
  Cast: cast,
  Identity: unary((_, x) => x),
  IsNaN: unary(({ tf }, x) => tf.isNaN(x)),
  Greater: binary(({ tf }, a, b) => tf.greater(a, b)),
  GreaterOrEqual: binary(({ tf }, a, b) => tf.greaterEqual(a, b)),
  Less: binary(({ tf }, a, b) => tf.less(a, b)),
  LessOrEqual: binary(({ tf }, a, b) => tf.lessEqual(a, b)),
  Equal: binary(({ tf }, a, b) => tf.equal(a, b)),
  And: binary(({ tf }, a, b) => tf.logicalAnd(a, b)),
  Or: binary(({ tf }, a, b) => tf.logicalOr(a, b)),
  Not: unary(({ tf }, x) => tf.logicalNot(x)),
}
