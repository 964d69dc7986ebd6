/** Building graphs: sharing, folding, shapes, and what they say when two things do not fit. */
import { describe, expect, it } from 'vitest'
import { floatTensor } from '../../../main/base/index.ts'
import {
  add,
  concat,
  constantOf,
  div,
  exp,
  expand,
  Graph,
  gradients,
  layerNormalization,
  matMul,
  mul,
  pad,
  reduceSum,
  reshape,
  slice,
  sqrt,
  sub,
  swapLastAxes,
  transpose,
  uniformConstant,
  unbroadcast,
} from '../../../main/graph/index.ts'

describe('sharing', () => {
  it('the same operator on the same values is one node', () => {
    const graph = new Graph()
    const a = graph.input('a', 'float32', [2, 3])
    expect(exp(a)).toBe(exp(a))
    expect(mul(exp(a), 2)).toBe(mul(exp(a), 2))
    expect(reduceSum(a, [-1])).toBe(reduceSum(a, [1]))
    expect(layerNormalization(a, graph.float(1, [3]), graph.float(0, [3])).mean).toBe(
      layerNormalization(a, graph.float(1, [3]), graph.float(0, [3])).mean,
    )
  })

  it('other inputs, attributes or types are other nodes', () => {
    const graph = new Graph()
    const [a, b] = [graph.input('a', 'float32', [2, 2]), graph.input('b', 'float32', [2, 2])]
    expect(sub(a, b)).not.toBe(sub(b, a))
    expect(reduceSum(a, [0])).not.toBe(reduceSum(a, [1]))
    expect(reduceSum(a, [0], true)).not.toBe(reduceSum(a, [0]))
    expect(graph.float(1)).not.toBe(graph.float(1, [], 'float64'))
    expect(graph.float(1)).not.toBe(graph.float(1, [1]))
  })

  it('equal small constants are one, and an input asked for twice is one', () => {
    const graph = new Graph()
    expect(graph.float(0.5)).toBe(graph.float(0.5))
    expect(graph.ints([1, 2])).toBe(graph.ints([1, 2]))
    expect(graph.input('a', 'float32', [2])).toBe(graph.input('a', 'float32', [2]))
    expect(() => graph.input('a', 'float32', [3])).toThrow(/\[2\].*\[3\]/)
    expect(() => graph.input('a', 'int64', [2])).toThrow(/float32.*int64/)
  })

  it('asking twice for a gradient builds it once', () => {
    const graph = new Graph()
    const a = graph.input('a', 'float32', [3])
    const y = reduceSum(exp(mul(a, a)))
    expect(gradients(y, [a])[0]).toBe(gradients(y, [a])[0])
  })

  it('values of two graphs do not mix', () => {
    const [a, b] = [new Graph().input('a', 'float32', []), new Graph().input('b', 'float32', [])]
    expect(() => add(a, b)).toThrow(/another graph/)
  })
})

describe('folding', () => {
  it('identities leave the value itself', () => {
    const a = new Graph().input('a', 'float32', [2, 3])
    for (const same of [add(a, 0), add(0, a), sub(a, 0), mul(a, 1), mul(1, a), div(a, 1)]) expect(same).toBe(a)
    expect(reshape(a, [2, 3])).toBe(a)
    expect(expand(a, [2, 3])).toBe(a)
    expect(transpose(a, [0, 1])).toBe(a)
    expect(slice(a, 1, 0, 3)).toBe(a)
    expect(pad(a, 1, 0, 0)).toBe(a)
    expect(concat([a], 0)).toBe(a)
    expect(unbroadcast(a, [2, 3])).toBe(a)
  })

  it('an identity still broadcasts to the shape of the result', () => {
    const graph = new Graph()
    const a = graph.input('a', 'float32', [3])
    expect(add(a, graph.float(0, [2, 3])).shape).toEqual([2, 3])
    expect(mul(graph.float(1, [2, 1]), a).shape).toEqual([2, 3])
  })

  it('two transposes that undo each other, and a reshape of a reshape, vanish', () => {
    const a = new Graph().input('a', 'float32', [2, 3])
    expect(swapLastAxes(swapLastAxes(a))).toBe(a)
    expect(reshape(reshape(a, [6]), [2, 3])).toBe(a)
    expect(reshape(reshape(a, [6]), [3, 2]).node.inputs[0]).toBe(a)
  })

  it('small constant expressions become constants', () => {
    const graph = new Graph()
    const two = graph.float(2)
    expect(uniformConstant(sqrt(add(mul(two, 3), 10)))).toBe(4)
    expect(uniformConstant(div(graph.float(3, [2]), two))).toBe(1.5)
    const pair = graph.constant(floatTensor([2], [1, 2]))
    expect([...constantOf(mul(pair, two))!.data]).toEqual([2, 4])
    expect(constantOf(add(graph.constant(floatTensor([2, 1], [1, 2])), pair))).toBeUndefined() // left to the runtime
  })
})

describe('shapes', () => {
  it('broadcast as NumPy does', () => {
    const graph = new Graph()
    const [a, b] = [graph.input('a', 'float32', [4, 1, 3]), graph.input('b', 'float32', [2, 1])]
    expect(add(a, b).shape).toEqual([4, 2, 3])
    expect(matMul(graph.input('p', 'float32', [5, 1, 2, 3]), graph.input('q', 'float32', [4, 3, 7])).shape).toEqual([
      5, 4, 2, 7,
    ])
  })

  it('a gradient has the shape of its value, however it was broadcast', () => {
    const graph = new Graph()
    const values = [[], [1], [3], [2, 1], [1, 1, 3]].map((shape, i) => graph.input(`x${i}`, 'float32', shape))
    const y = reduceSum(values.reduce((product, value) => mul(product, value)))
    gradients(y, values).forEach((gradient, i) => expect(gradient.shape).toEqual(values[i]!.shape))
  })

  it('errors show both shapes', () => {
    const graph = new Graph()
    const a = graph.input('a', 'float32', [2, 3])
    const b = graph.input('b', 'float32', [2, 4])
    expect(() => add(a, b)).toThrow('internal: Add: shapes [2,3] and [2,4] do not broadcast')
    expect(() => matMul(a, b)).toThrow('internal: MatMul: [2,3] x [2,4]')
    expect(() => reshape(a, [4])).toThrow(/\[2,3\].*\[4\]/)
    expect(() => expand(a, [2, 5])).toThrow(/\[2,3\].*\[2,5\]/)
    expect(() => concat([a, b], 0)).toThrow(/\[2,3\].*\[2,4\]/)
    expect(() => transpose(a, [0])).toThrow(/\[0\].*\[2,3\]/)
    expect(() => slice(a, 1, 2, 5)).toThrow(/\[2, 5\).*\[2,3\]/)
    expect(() => layerNormalization(a, graph.float(1, [2]), graph.float(0, [3]))).toThrow(/\[2,3\].*\[2\].*\[3\]/)
    expect(() => reduceSum(a, [2])).toThrow(/axis 2.*rank 2/)
    expect(() => add(a, graph.input('d', 'float64', [2, 3]))).toThrow(/float32.*float64/)
  })
})
