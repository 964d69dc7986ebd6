/** Gradients of a value that was cut into slices: side by side where the slices tile it, and right in every case. */
import { describe, expect, it } from 'vitest'
import { add, exp, Graph, gradients, mul, reduceSum, slice, square, type Value } from '../../../main/graph/index.ts'
import { compareWithDifferences, operatorsBetween } from './finite-differences.ts'
import { useRuntime } from './runtime-in-tests.ts'

const shared = useRuntime()

const first = (a: Value, axis = 1): Value => exp(slice(a, axis, 0, 2))
const second = (a: Value): Value => square(slice(a, 1, 2, 5))
const third = (a: Value): Value => mul(slice(a, 1, 5, 6), 3)
const sum = (...values: Value[]): Value => values.map((value) => reduceSum(value)).reduce(add)

describe.each<[string, (a: Value) => Value, string[], string[]]>([
  ['slices that tile', (a) => sum(first(a), second(a), third(a)), ['Concat'], ['Pad']],
  ['slices that tile, in another order', (a) => sum(third(a), first(a), second(a)), ['Concat'], ['Pad']],
  ['tiles, and the whole beside them', (a) => sum(first(a), exp(a), second(a), third(a)), ['Concat'], ['Pad']],
  ['slices with a gap', (a) => sum(first(a), third(a)), ['Pad'], ['Concat']],
  ['slices that overlap', (a) => sum(first(a), second(a), third(a), square(slice(a, 1, 1, 3))), ['Pad'], ['Concat']],
  ['slices of two axes', (a) => sum(first(a, 0), exp(slice(a, 0, 2, 3)), second(a)), ['Pad'], ['Concat']],
])('%s', (name, build, has, lacks) => {
  it('has the derivatives of finite differences at first and second order', async () => {
    const test = { name, shapes: [[3, 6]], build: ([a]: readonly Value[]) => build(a!) }
    const { first, second, bound } = await compareWithDifferences(shared.runtime, test)
    expect(first).toBeLessThan(bound)
    expect(second).toBeLessThan(bound)
  })

  it(`adds up by ${has.join()}`, () => {
    const graph = new Graph()
    const a = graph.input('a', 'float32', [3, 6])
    const operators = operatorsBetween([a], gradients(build(a), [a])[0]!)
    for (const operator of has) expect(operators).toContain(operator)
    for (const operator of lacks) expect(operators).not.toContain(operator)
  })
})
