/** Gradients in the form that costs least: right at both orders, and without the operators that they save. */
import { describe, expect, it } from 'vitest'
import {
  add,
  expand,
  gelu,
  Graph,
  gradients,
  matMul,
  mul,
  reduceMean,
  reduceSum,
  square,
  swapLastAxes,
  type Value,
} from '../../../main/graph/index.ts'
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

describe('gelu', () => {
  it('has one slope for all that flows through it', () => {
    const graph = new Graph()
    const a = graph.input('a', 'float32', [4])
    const [one, two] = [1, 2].map((i) => gradients(gelu(a), [a], graph.input(`dy${i}`, 'float32', [4]))[0]!)
    const slopes = [one!, two!].map(({ node }) => node.inputs[1])
    expect(one!.node.op).toBe('Mul')
    expect(slopes[0]).toBe(slopes[1])
  })
})

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
