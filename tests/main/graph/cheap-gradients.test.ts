/** Gradients in the form that costs least: right at both orders, and without the operators that they save. */
import { describe, expect, it } from 'vitest'
import {
  add,
  div,
  erf,
  expand,
  gelu,
  Graph,
  gradients,
  matMul,
  mul,
  reduceMean,
  reduceSum,
  sigmoid,
  square,
  swapLastAxes,
  type Value,
} from '../../../main/graph/index.ts'
import { gated } from '../../../main/graph/elementwise.ts'
import { recognisedGate } from '../../../main/graph/import/recognise-gate.ts'
import { compareWithDifferences, operatorsBetween } from './finite-differences.ts'
import { useRuntime } from './runtime-in-tests.ts'

const shared = useRuntime()

const scores = (a: Value): Value => matMul(a, swapLastAxes(a))

describe.each<[string, (a: Value) => Value, string]>([
  ['a product with a transposed matrix', (a) => reduceSum(square(scores(a))), 'Transpose of a product'],
  ['a mean that goes into a product', (a) => reduceSum(mul(square(a), reduceMean(a, [1], true))), 'Expand'],
  [
    'a repeated value that is added',
    (a) => reduceSum(square(add(a, expand(reduceSum(a, [0], true), a.shape)))),
    'Expand',
  ],
])('%s', (name, build, saved) => {
  it('has the derivatives of finite differences at first and second order', async () => {
    const test = { name, shapes: [[2, 3, 4]], build: ([a]: readonly Value[]) => build(a!) }
    const { first, second, bound } = await compareWithDifferences(shared.runtime, test)
    expect(first).toBeLessThan(bound)
    expect(second).toBeLessThan(bound)
  })

  it(`saves: ${saved}`, () => {
    const graph = new Graph()
    const a = graph.input('a', 'float32', [2, 3, 4])
    expect(kinds(a, gradients(build(a), [a])[0]!)).not.toContain(saved)
  })
})

describe('a gate', () => {
  it.each<[string, (x: Value) => Value]>([
    ['gelu', gelu],
    ['SiLU', (x) => gated(x, sigmoid(x))],
  ])('has one slope for all that flows through it: %s', (_, gate) => {
    const graph = new Graph()
    const x = graph.input('x', 'float32', [4])
    const [one, two] = [1, 2].map((i) => gradients(gate(x), [x], graph.input(`dy${i}`, 'float32', [4]))[0]!)
    expect(one!.node.op).toBe('Mul')
    expect(one!.node.inputs[1]).toBe(two!.node.inputs[1])
  })

  it.each<[string, (x: Value) => Value, number]>([
    ['gelu as PyTorch writes it', (x) => mul(product(x, add(erf(div(x, Math.SQRT2)), 1)), 0.5), 1],
    ['gelu with x halved first', (x) => product(mul(x, 0.5), add(erf(mul(x, Math.SQRT1_2)), 1)), 1],
    ['SiLU with a factor', (x) => product(sigmoid(mul(x, 1.702)), x), 1],
    ['a square', (x) => product(x, x), 0],
    ['a product with something else', (x) => product(x, sigmoid(x.graph.input('y', 'float32', [4]))), 0],
    ['a product with a number', (x) => product(x, x.graph.float(2, [4])), 0],
    ['a product with a sum of its own', (x) => product(x, expand(reduceSum(x, [0], true), [4])), 0],
  ])('is recognised: %s', (_, build, gates) => {
    const x = new Graph().input('x', 'float32', [4])
    expect(gatesBelow(build(x))).toBe(gates)
  })
})

describe('a part of a gate', () => {
  it('has a derivative of its own', () => {
    const x = new Graph().input('x', 'float32', [4])
    const gate = sigmoid(x)
    const dy = x.graph.input('dy', 'float32', [4])
    expect(gradients(gated(x, gate), [gate], dy)[0]).toBe(mul(dy, x))
  })
})

/** As the import of a product reads it. */
const product = (a: Value, b: Value): Value => recognisedGate(a, b) ?? mul(a, b)

function gatesBelow({ node }: Value): number {
  const below = node.inputs.map((input) => (input === undefined ? 0 : gatesBelow(input)))
  return below.reduce((sum, count) => sum + count, node.attributes['_gate'] === undefined ? 0 : 1)
}

/** Operators between `from` and `to`, transposes of products by a name of their own. */
function kinds(from: Value, to: Value): string[] {
  const found = new Set(operatorsBetween([from], to))
  const seen = new Set<Value>()
  const visit = (value: Value): void => {
    if (seen.has(value)) return
    seen.add(value)
    const { op, inputs } = value.node
    if (op === 'Transpose' && inputs[0]?.node.op === 'MatMul') found.add('Transpose of a product')
    for (const input of inputs) if (input) visit(input)
  }
  visit(to)
  return [...found]
}
