/**
 * Every gradient rule against finite differences, at first and second order and with broadcasting, run through the
 * runtime. Steps and bounds, with their reasons, are in finite-differences.ts: 1e-8 in float64, 2e-4 in float32.
 */
import { describe, expect, it } from 'vitest'
import { createRandom, floatTensor, intTensor, tensor, type Random, type Tensor } from '../../../main/base/index.ts'
import {
  add,
  cos,
  differentiableOperators,
  div,
  equal,
  exp,
  gelu,
  Graph,
  gradients,
  greater,
  logSumExp,
  maskedMean,
  matMul,
  max,
  min,
  mul,
  normalizeRows,
  reduceMax,
  reduceMean,
  reduceSum,
  relu,
  sigmoid,
  sin,
  softmax,
  sqrt,
  square,
  stopGradient,
  sub,
  swapLastAxes,
  tanh,
  toModel,
  transpose,
  where,
  type Value,
} from '../../../main/graph/index.ts'
import { compareWithDifferences, operatorsBetween, type GradientCase } from './finite-differences.ts'
import { gradientCases } from './gradient-cases.ts'
import { runOnce, useRuntime } from './runtime-in-tests.ts'

const shared = useRuntime()

async function expectDifferences(test: GradientCase): Promise<void> {
  const { first, second, bound } = await compareWithDifferences(shared.runtime, test)
  expect(first, `${test.name}: first order`).toBeLessThan(bound)
  expect(second, `${test.name}: second order`).toBeLessThan(bound)
}

describe('every gradient rule', () => {
  it('has cases here', () => {
    expect(Object.keys(gradientCases).sort()).toEqual(differentiableOperators())
  })

  it.each(Object.entries(gradientCases))(
    '%s agrees with finite differences at first and second order',
    async (operator, cases) => {
      expect(cases.length).toBeGreaterThan(0)
      for (const test of cases) {
        const graph = new Graph()
        const inputs = test.shapes.map((shape, i) => graph.input(`x${i}`, test.dtype ?? 'float64', shape))
        const operators = operatorsBetween(inputs, test.build(inputs, graph))
        // A sum over an axis of size 1 is a reshape: that case checks the shortcut.
        if (!test.name.includes('size 1')) expect(operators, test.name).toContain(operator)
        await expectDifferences(test)
      }
    },
  )
})

describe('composed functions', () => {
  const cases: GradientCase[] = [
    { name: 'logSumExp', shapes: [[3, 4]], build: ([a]) => logSumExp(a!, 1) },
    { name: 'logSumExp of the first axis', shapes: [[3, 4]], build: ([a]) => logSumExp(a!, 0) },
    { name: 'normalizeRows', shapes: [[3, 4]], build: ([a]) => normalizeRows(a!) },
    { name: 'gelu', shapes: [[6]], build: ([a]) => gelu(a!), dtype: 'float32' },
    { name: 'maskedMean', shapes: [[2, 3, 2]], build: ([a], graph) => square(maskedMean(a!, mask(graph), 1)) },
    {
      name: 'attention',
      shapes: [
        [2, 3],
        [3, 3],
        [3, 3],
      ],
      build: ([x, k, v]) => matMul(softmax(matMul(x!, swapLastAxes(matMul(x!, k!)))), matMul(x!, v!)),
    },
  ]

  function mask(graph: Graph): Value {
    return graph.constant(tensor('float64', [2, 3], Float64Array.of(1, 1, 0, 0, 1, 0)))
  }

  it.each(cases)('$name agrees with finite differences', async (test) => {
    await expectDifferences(test)
  })

  it('random graphs of elementwise operators, products and reductions differentiate correctly', async () => {
    for (let seed = 1; seed <= 25; seed++) {
      await expectDifferences({
        name: `random graph ${seed}`,
        shapes: [[2, 3], [3], [3, 2], []],
        build: (inputs) => randomGraph(inputs, createRandom(seed)),
        seed,
      })
    }
  })
})

/** Eight random operations on the inputs and on each other's results. All are smooth and tame on any numbers. */
function randomGraph(inputs: readonly Value[], random: Random): Value {
  const pick = <T>(values: readonly T[]): T => values[random.integer(values.length)]!
  const unary: ((a: Value) => Value)[] = [
    tanh,
    sigmoid,
    sin,
    cos,
    (a) => exp(tanh(a)),
    (a) => sqrt(add(square(a), 1)),
    (a) => (a.shape.length > 0 ? softmax(a) : a),
    (a) => (a.shape.length > 1 ? transpose(a, [...a.shape.keys()].reverse()) : a),
    (a) => (a.shape.length > 0 ? reduceMean(a, [-1], true) : a),
    (a) => (a.shape.length > 0 ? reduceSum(a, [0]) : a),
    (a) => (a.shape.length > 0 ? logSumExp(a, -1) : a),
  ]
  const binary: ((a: Value, b: Value) => Value)[] = [
    add,
    sub,
    mul,
    (a, b) => div(a, add(square(b), 1)),
    (a, b) => (a.shape.length === 2 && b.shape.length === 2 ? matMul(a, fitting(a, b)) : mul(tanh(a), b)),
  ]
  /** `b`, its transpose, or else the transpose of `a`: whichever `a` can be multiplied with. */
  const fitting = (a: Value, b: Value): Value =>
    a.shape[1] === b.shape[0] ? b : a.shape[1] === b.shape[1] ? swapLastAxes(b) : swapLastAxes(a)
  const together = (a: Value, b: Value): boolean => {
    const rank = Math.min(a.shape.length, b.shape.length)
    const tail = (value: Value): readonly number[] => value.shape.slice(value.shape.length - rank)
    return tail(a).every((size, i) => size === 1 || tail(b)[i] === 1 || size === tail(b)[i])
  }
  const values = [...inputs]
  for (let i = 0; i < 8; i++) {
    const a = pick(values)
    const b = pick(values.filter((other) => together(a, other)))
    values.push(random.uniform() < 0.5 ? pick(unary)(a) : pick(binary)(a, b))
  }
  const used = [...values.slice(inputs.length), ...inputs]
  return used.map((value) => reduceMean(tanh(value))).reduce((sum, value) => add(sin(sum), value))
}

describe('choices at kinks', () => {
  const evaluate = async (
    outputs: Record<string, Value>,
    feeds: Record<string, Tensor>,
  ): Promise<Record<string, number[]>> => {
    const results = await runOnce(shared.runtime, toModel(outputs), feeds, { label: 'kinks' })
    return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, Array.from(data, Number)]))
  }

  it('gives the gradient of a tie to the first operand of Max and Min', async () => {
    const graph = new Graph()
    const [a, b] = [graph.input('a', 'float32', [3]), graph.input('b', 'float32', [3])]
    const [maxA, maxB] = gradients(reduceSum(max(a, b)), [a, b])
    const [minA, minB] = gradients(reduceSum(min(a, b)), [a, b])
    const feeds = { a: floatTensor([3], [1, 2, 5]), b: floatTensor([3], [1, 3, 4]) }
    expect(await evaluate({ maxA: maxA!, maxB: maxB!, minA: minA!, minB: minB! }, feeds)).toEqual({
      maxA: [1, 0, 1],
      maxB: [0, 1, 0],
      minA: [1, 1, 0],
      minB: [0, 0, 1],
    })
  })

  it('shares the gradient of ReduceMax among equal maxima', async () => {
    const graph = new Graph()
    const a = graph.input('a', 'float32', [2, 3])
    const [slope] = gradients(reduceSum(reduceMax(a, [1])), [a])
    const feeds = { a: floatTensor([2, 3], [4, 4, 1, 0, 2, 1]) }
    expect(await evaluate({ slope: slope! }, feeds)).toEqual({ slope: [0.5, 0.5, 0, 0, 1, 0] })
  })

  it('gives Relu the slope 0 at 0', async () => {
    const graph = new Graph()
    const a = graph.input('a', 'float32', [3])
    const [slope] = gradients(reduceSum(relu(a)), [a])
    expect(await evaluate({ slope: slope! }, { a: floatTensor([3], [-1, 0, 2]) })).toEqual({ slope: [0, 0, 1] })
  })

  it('stops gradients at stopGradient: the slope of x stop(x) is x, not 2x', async () => {
    const graph = new Graph()
    const a = graph.input('a', 'float32', [2])
    const [slope] = gradients(reduceSum(mul(a, stopGradient(a))), [a])
    expect(await evaluate({ slope: slope! }, { a: floatTensor([2], [3, -4]) })).toEqual({ slope: [3, -4] })
  })

  it('passes no gradient through a comparison or a truth value', () => {
    const graph = new Graph()
    const [a, b] = [graph.input('a', 'float32', [2]), graph.input('b', 'float32', [2])]
    const seed = equal(a, a)
    for (const condition of [greater(a, b), equal(a, b)]) {
      for (const slope of gradients(condition, [a, b], seed)) expect(slope.node.op).toMatch(/Constant/)
    }
  })

  it('gives a row of zeros a finite gradient in normalizeRows', async () => {
    const graph = new Graph()
    const a = graph.input('a', 'float32', [2, 2])
    const [slope] = gradients(reduceSum(mul(normalizeRows(a), graph.constant(floatTensor([2], [1, 2])))), [a])
    const { slope: values } = await evaluate({ slope: slope! }, { a: floatTensor([2, 2], [0, 0, 3, 4]) })
    expect(values!.every(Number.isFinite)).toBe(true)
  })

  it('is zero for a value that the result does not depend on', async () => {
    const graph = new Graph()
    const [a, b] = [graph.input('a', 'float32', [2]), graph.input('b', 'float32', [2, 2])]
    const [, slope] = gradients(reduceSum(square(a)), [a, b])
    expect(slope!.shape).toEqual([2, 2])
    expect(await evaluate({ slope: slope! }, {})).toEqual({ slope: [0, 0, 0, 0] })
  })
})

describe('mistakes', () => {
  it('a missing rule names the operator, the node and the opset', () => {
    const graph = new Graph()
    const a = graph.input('a', 'float32', [2])
    const [rounded] = graph.node('Round', [a], [{ dtype: 'float32', shape: [2] }])
    expect(() => gradients(reduceSum(rounded!), [a])).toThrow(/ai\.onnx::Round.*Round_\d+.*opset 18/)
    const [own] = graph.node('FastGelu', [a], [{ dtype: 'float32', shape: [2] }], {}, 'com.microsoft')
    expect(() => gradients(reduceSum(own!), [a])).toThrow(/com\.microsoft::FastGelu/)
  })

  it('a missing rule does not matter off the way', () => {
    const graph = new Graph()
    const [a, b] = [graph.input('a', 'float32', [2]), graph.input('b', 'float32', [2])]
    const [rounded] = graph.node('Round', [a], [{ dtype: 'float32', shape: [2] }])
    expect(() => gradients(reduceSum(mul(rounded!, b)), [b])).not.toThrow()
  })

  it('a gradient needs a scalar or a seed of the same shape', () => {
    const graph = new Graph()
    const a = graph.input('a', 'float32', [2])
    expect(() => gradients(exp(a), [a])).toThrow(/scalar or a seed.*\[2\]/)
    expect(() => gradients(exp(a), [a], graph.float(1, [3]))).toThrow(/seed/)
  })

  it('the condition of a choice may be fed', async () => {
    const graph = new Graph()
    const a = graph.input('a', 'float32', [2])
    const index = graph.input('index', 'int64', [2])
    const [slope] = gradients(reduceSum(where(greater(index, graph.ints([0], [])), square(a), a)), [a])
    const feeds = { a: floatTensor([2], [3, 4]), index: intTensor([2], [0, 1]) }
    const results = await runOnce(shared.runtime, toModel({ slope: slope! }), feeds, { label: 'fed choice' })
    expect([...results['slope']!.data]).toEqual([1, 8])
  })
})
