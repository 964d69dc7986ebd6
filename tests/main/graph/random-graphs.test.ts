/**
 * Properties of graphs that nobody wrote by hand: random compositions of operators differentiate correctly, forward and in
 * reverse, and random shapes broadcast as the rules say. Seeded, so that a failure can be had again by its number.
 */
import { describe, expect, it } from 'vitest'
import { createRandom, sizeOf, tensor, type Random, type Tensor, type TensorMap } from '../../../main/base/index.ts'
import {
  add,
  concat,
  cos,
  div,
  exp,
  expand,
  Graph,
  gradients,
  greater,
  jvp,
  logSumExp,
  matMul,
  max,
  mul,
  normalizeRows,
  pad,
  reduceMean,
  reduceSum,
  reshape,
  sigmoid,
  sin,
  slice,
  softmax,
  sqrt,
  square,
  sub,
  swapLastAxes,
  tanh,
  toModel,
  where,
  type Shape,
  type Value,
} from '../../../main/graph/index.ts'
import { compareWithDifferences } from './finite-differences.ts'
import { runOnce, useRuntime } from './runtime-in-tests.ts'

const shared = useRuntime()
const shapes: Shape[] = [[2, 3], [3], [2, 1]]

/** Ways to make a value from others, each bounded and smooth where its operands are. */
const ways: readonly ((pick: () => Value, random: Random) => Value | undefined)[] = [
  (pick) => withBroadcast(pick(), pick(), add),
  (pick) => withBroadcast(pick(), pick(), sub),
  (pick) => withBroadcast(pick(), pick(), (a, b) => tanh(mul(a, b))),
  (pick) => withBroadcast(pick(), pick(), (a, b) => div(a, add(square(b), 1))),
  (pick) => withBroadcast(pick(), pick(), (a, b) => where(greater(a, b), square(a), sin(b))),
  (pick) => withBroadcast(pick(), pick(), (a, b) => max(mul(a, 0.7), sub(b, 0.11))),
  (pick) => exp(mul(tanh(pick()), 0.7)),
  (pick) => sin(pick()),
  (pick) => cos(pick()),
  (pick) => sigmoid(pick()),
  (pick) => sqrt(add(square(pick()), 0.5)),
  (pick) => ofRank(1, pick(), (a) => softmax(a)),
  (pick) => ofRank(1, pick(), (a) => logSumExp(a, -1)),
  (pick) => ofRank(1, pick(), (a) => normalizeRows(add(a, 1.5))),
  (pick) => ofRank(2, pick(), (a) => swapLastAxes(a)),
  (pick) => ofRank(2, pick(), (a) => tanh(matMul(a, swapLastAxes(a)))),
  (pick) => ofRank(2, pick(), (a) => reduceMean(a, [0], true)),
  (pick) => ofRank(1, pick(), (a) => reduceSum(a, [-1])),
  (pick) => ofRank(1, pick(), (a) => reshape(a, [sizeOf(a.shape)])),
  (pick) => ofRank(1, pick(), (a) => expand(a, [2, ...a.shape])),
  (pick) => ofRank(1, pick(), (a) => pad(a, -1, 1, 0)),
  (pick) => ofRank(1, pick(), (a) => (a.shape.at(-1)! > 1 ? slice(a, -1, 1, a.shape.at(-1)!) : undefined)),
  (pick) => ofRank(1, pick(), (a) => concat([a, sin(a)], -1)),
]

function ofRank(least: number, a: Value, build: (a: Value) => Value | undefined): Value | undefined {
  return a.shape.length >= least && a.shape.length <= 3 && sizeOf(a.shape) <= 24 ? build(a) : undefined
}

function fits(a: Shape, b: Shape): boolean {
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, i) => [a.at(-1 - i) ?? 1, b.at(-1 - i) ?? 1]).every(
    ([left, right]) => left === right || left === 1 || right === 1,
  )
}

function withBroadcast(a: Value, b: Value, build: (a: Value, b: Value) => Value): Value | undefined {
  return fits(a.shape, b.shape) ? build(a, b) : undefined
}

/** Six operators on top of `inputs`, and a scalar that depends on the last three of them and on every input. */
function randomGraph(inputs: readonly Value[], random: Random): Value {
  const values = [...inputs]
  while (values.length < inputs.length + 6) {
    // Late values more often, so that the graph becomes deep.
    const pick = (): Value => values[values.length - 1 - Math.floor(values.length * random.uniform() ** 2)]!
    const made = ways[random.integer(ways.length)]!(pick, random)
    if (made !== undefined) values.push(made)
  }
  return [...values.slice(-3), ...inputs]
    .map((value) => tanh(reduceMean(value)))
    .reduce((sum, part, i) => add(sum, mul(part, 1 + i)))
}

const seeds = Array.from({ length: 30 }, (_, i) => i + 1)
const random64 = (shape: Shape, random: Random): Tensor =>
  tensor(
    'float64',
    shape,
    Float64Array.from({ length: sizeOf(shape) }, () => random.normal()),
  )

describe('a random graph', () => {
  it.each(seeds)('differentiates as finite differences say, first and second order: %i', async (seed) => {
    const { first, second, bound } = await compareWithDifferences(shared.runtime, {
      ...{ name: `random ${seed}`, shapes, seed },
      build: (inputs) => randomGraph(inputs, createRandom(seed)),
    })
    expect(first).toBeLessThan(bound)
    expect(second).toBeLessThan(bound)
  })

  it.each(seeds)('has a Jacobian-vector product that agrees with differences along its direction: %i', async (seed) => {
    const graph = new Graph()
    const inputs = shapes.map((shape, i) => graph.input(`x${i}`, 'float64', shape))
    const directions = shapes.map((shape, i) => graph.input(`u${i}`, 'float64', shape))
    const top = randomGraph(inputs, createRandom(seed))
    const y = add(mul(inputs[0]!, top), sin(inputs[1]!)) // [2, 3]
    const model = toModel({ y, forward: jvp(y, inputs, directions) })
    const random = createRandom(seed).fork('numbers')
    const x = shapes.map((shape) => random64(shape, random))
    const u = shapes.map((shape) => random64(shape, random))
    const at = async (step: number): Promise<TensorMap> => {
      const moved = x.map(({ data, shape }, i) =>
        tensor(
          'float64',
          shape,
          (data as Float64Array).map((value, k) => value + step * Number(u[i]!.data[k])),
        ),
      )
      const feeds = Object.fromEntries([
        ...moved.map((value, i) => [`x${i}`, value] as const),
        ...u.map((value, i) => [`u${i}`, value] as const),
      ])
      return runOnce(shared.runtime, model, feeds, { label: 'jvp', graphOptimizationLevel: 'disabled' })
    }
    const h = 3e-4
    const [a, b, c, d] = await Promise.all([at(-2 * h), at(-h), at(h), at(2 * h)])
    const { forward } = await at(0)
    expect(forward!.shape).toEqual([2, 3])
    const [before2, before, after, after2] = [a, b, c, d].map(({ y: value }) => value!.data as Float64Array)
    const expected = before2!.map((value, i) => (value - 8 * before![i]! + 8 * after![i]! - after2![i]!) / (12 * h))
    const largest = Math.max(1, ...expected.map(Math.abs))
    expected.forEach((value, i) => {
      expect(Math.abs(value - Number(forward!.data[i])) / largest).toBeLessThan(1e-8)
    })
  })
})

describe('a Jacobian-vector product', () => {
  it('is the transpose of the gradient: <jvp(u), s> = <u, gradient(s)>', async () => {
    const graph = new Graph()
    const x = graph.input('x', 'float64', [3, 4])
    const w = graph.input('w', 'float64', [4, 2])
    const [u, s] = [graph.input('u', 'float64', [4, 2]), graph.input('s', 'float64', [3, 2])]
    const y = softmax(matMul(x, w))
    const model = toModel({
      forward: reduceSum(mul(jvp(y, [w], [u]), s)),
      reverse: reduceSum(mul(gradients(y, [w], s)[0]!, u)),
    })
    const random = createRandom(4)
    const feeds = {
      ...{ x: random64([3, 4], random), w: random64([4, 2], random) },
      ...{ u: random64([4, 2], random), s: random64([3, 2], random) },
    }
    const { forward, reverse } = await runOnce(shared.runtime, model, feeds, { label: 'transpose' })
    expect(Number(forward!.data[0])).toBeCloseTo(Number(reverse!.data[0]), 12)
    expect(Math.abs(Number(forward!.data[0]))).toBeGreaterThan(1e-3)
  })

  it('is zero along what the value does not depend on, and refuses a direction of another shape', async () => {
    const graph = new Graph()
    const [x, z] = [graph.input('x', 'float32', [2]), graph.input('z', 'float32', [3])]
    const feeds = { z: tensor('float32', [3], Float32Array.of(1, 2, 3)) }
    const model = toModel({ out: add(jvp(sin(x), [z], [z]), 0.5) })
    const { out } = await runOnce(shared.runtime, model, feeds, { label: 'nothing' })
    expect([...(out!.data as Float32Array)]).toEqual([0.5, 0.5])
    expect(() => jvp(sin(x), [x], [z])).toThrow(/shapes differ/)
  })
})

describe('random shapes', () => {
  /** A shape, and one that broadcasts with it: axes dropped from the front, or of size 1 in either. */
  function shapePair(random: Random): [Shape, Shape] {
    const full = Array.from({ length: 1 + random.integer(4) }, () => 1 + random.integer(4))
    const thin = (shape: readonly number[]): number[] => shape.map((size) => (random.uniform() < 0.3 ? 1 : size))
    const pair: [Shape, Shape] = [thin(full), thin(full.slice(random.integer(full.length + 1)))]
    return random.uniform() < 0.5 ? pair : [pair[1], pair[0]]
  }

  /** Index into data of `shape` of the element that the index `at` of the full shape sees. */
  function seenFrom(at: readonly number[], shape: Shape): number {
    const skip = at.length - shape.length
    return shape.reduce((index, size, axis) => index * size + (size === 1 ? 0 : at[axis + skip]!), 0)
  }

  it.each(seeds)('broadcast, and their gradients are summed back: %i', async (seed) => {
    const random = createRandom(seed).fork('shapes')
    const [left, right] = shapePair(random)
    const graph = new Graph()
    const [a, b] = [graph.input('a', 'float64', left), graph.input('b', 'float64', right)]
    const y = mul(a, b)
    const weights = graph.input('s', 'float64', y.shape)
    const [da, db] = gradients(y, [a, b], weights)
    const feeds = { a: random64(left, random), b: random64(right, random), s: random64(y.shape, random) }
    const out = await runOnce(shared.runtime, toModel({ y, da: da!, db: db! }), feeds, { label: 'broadcast' })

    const expected = {
      y: new Float64Array(sizeOf(y.shape)),
      da: new Float64Array(sizeOf(left)),
      db: new Float64Array(sizeOf(right)),
    }
    for (let i = 0; i < expected.y.length; i++) {
      const at = y.shape.map((size, axis) => Math.floor(i / sizeOf(y.shape.slice(axis + 1))) % size)
      const [ia, ib] = [seenFrom(at, left), seenFrom(at, right)]
      const [va, vb, s] = [Number(feeds.a.data[ia]), Number(feeds.b.data[ib]), Number(feeds.s.data[i])]
      expected.y[i] = va * vb
      expected.da[ia]! += vb * s
      expected.db[ib]! += va * s
    }
    for (const [name, values] of Object.entries(expected)) {
      values.forEach((value, i) => expect(Number(out[name]!.data[i])).toBeCloseTo(value, 10))
    }
    expect([out['da']!.shape, out['db']!.shape]).toEqual([left, right])
  })
})
