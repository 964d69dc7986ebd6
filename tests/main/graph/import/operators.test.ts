/**
 * Every operator that can be imported: the imported node gives what the runtime gives for the original, and its gradients of
 * first and second order agree with finite differences. Bounds: 1e-5 of the largest number for values in float32 (two orders
 * of summation); gradients as in finite-differences.ts.
 */
import { describe, expect, it } from 'vitest'
import { createRandom, floatTensor, sizeOf, type Tensor } from '../../../../main/base/index.ts'
import {
  cast,
  concat,
  Graph,
  importableOperators,
  importPart,
  openModel,
  reshape,
  square,
  toModel,
  type Shape,
  type Value,
} from '../../../../main/graph/index.ts'
import { anyNumber, compareWithDifferences } from '../finite-differences.ts'
import { runOnce, useRuntime } from '../runtime-in-tests.ts'
import type { ImportCase } from './import-case.ts'
import { isTensor, nodeModel } from './node-model.ts'
import { importCases } from './operator-cases.ts'

const shared = useRuntime()

const nameOf = (test: ImportCase): string => {
  const shapes = test.inputs.map((input) =>
    input === undefined ? 'none' : `[${isTensor(input) ? input.shape : input}]`,
  )
  const attributes = Object.entries(test.attributes ?? {}).map(([name, value]) =>
    typeof value === 'object' && 'nodes' in value
      ? `${name} of ${value.nodes.map(({ operator }) => operator).join(' ')}`
      : `${name} ${JSON.stringify(value)}`,
  )
  return [`${test.operator} of ${shapes.join(' ')}`, `opset ${test.opset ?? 17}`, ...attributes].join(', ')
}

/** Inputs that are fed, with their names. */
const fedOf = (test: ImportCase): (readonly [string, Shape])[] =>
  test.inputs.flatMap((input, i) => (input === undefined || isTensor(input) ? [] : [[`x${i}`, input] as const]))

const outputsOf = (test: ImportCase): string[] => {
  const all = Array.from({ length: test.outputs ?? 1 }, (_, i) => `y${i}`)
  return test.compared === undefined ? all : test.compared.map((i) => all[i]!)
}

function largestDifference(a: Tensor, b: Tensor): number {
  const [left, right] = [a, b].map(({ data }) => Array.from(data as ArrayLike<number | bigint>, Number))
  const largest = Math.max(1, ...right!.map(Math.abs))
  return Math.max(...left!.map((value, i) => Math.abs(value - right![i]!))) / largest
}

describe('every operator that can be imported', () => {
  it('has cases here, or is folded to what is known', () => {
    const folded = ['Ceil', 'Constant', 'ConstantOfShape', 'Floor', 'Mod', 'Range', 'ReduceProd', 'Shape', 'Size']
    const tested = [...new Set([...importCases.map(({ operator }) => operator), ...folded])].sort()
    expect(tested).toEqual(importableOperators())
  })

  it.each(importCases.map((test) => [nameOf(test), test] as const))('%s', async (name, test) => {
    const bytes = nodeModel(test)
    const graph = new Graph()
    const inputs = Object.fromEntries(fedOf(test).map(([x, shape]) => [x, graph.input(x, 'float32', shape)]))
    const { outputs } = importPart(graph, openModel(bytes), { inputs, outputs: outputsOf(test) })
    const random = createRandom(test.seed ?? 1).fork(name)
    const { from, to, signed } = test.range ?? anyNumber
    const number = (): number => (signed && random.uniform() < 0.5 ? -1 : 1) * (from + (to - from) * random.uniform())
    const feeds = Object.fromEntries(
      fedOf(test).map(([x, shape]) => [x, floatTensor(shape, Float32Array.from({ length: sizeOf(shape) }, number))]),
    )
    const original = test.reference === undefined ? bytes : nodeModel(test.reference.model)
    const given = test.reference?.feeds?.(feeds) ?? feeds
    const expected = await runOnce(shared.runtime, original, given, { label: 'original' })
    const actual = await runOnce(shared.runtime, toModel(outputs), feeds, { label: 'imported' })
    for (const [output, value] of Object.entries(outputs)) {
      expect(value.shape, `shape of ${output}`).toEqual(expected[output]!.shape)
      expect(value.dtype, `type of ${output}`).toBe(expected[output]!.dtype)
      expect(largestDifference(actual[output]!, expected[output]!), output).toBeLessThan(1e-5)
    }

    const floats = Object.values(outputs).filter(({ dtype }) => dtype === 'float32')
    if (floats.length === 0 || fedOf(test).length === 0) return // nothing that a gradient could flow through
    const dtype = test.isSingle ? 'float32' : 'float64'
    const model = openModel(nodeModel(test, dtype))
    const compared = await compareWithDifferences(shared.runtime, {
      ...{ name, dtype, shapes: fedOf(test).map(([, shape]) => shape), ...(test.range && { range: test.range }) },
      ...(test.seed !== undefined && { seed: test.seed }),
      build(values, target) {
        const named = Object.fromEntries(fedOf(test).map(([x], i) => [x, values[i]!]))
        const parts = importPart(target, model, { inputs: named, outputs: outputsOf(test) }).outputs
        return Object.values(parts)
          .map((part): Value => cast(part, dtype))
          .map((part) => square(part)) // so that the second derivative of linear operators is not zero
          .map((part) => (outputsOf(test).length === 1 ? part : reshape(part, [sizeOf(part.shape)])))
          .reduce((joined, part) => concat([joined, part], 0))
      },
    })
    expect(compared.first, 'first order').toBeLessThan(compared.bound)
    expect(compared.second, 'second order').toBeLessThan(compared.bound)
  })
})
