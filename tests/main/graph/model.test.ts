/** Writing graphs as ONNX models and reading weights back. */
import { describe, expect, it } from 'vitest'
import { floatTensor, intTensor, tensor, type TensorMap } from '../../../main/base/index.ts'
import {
  add,
  cast,
  exp,
  Graph,
  gradients,
  layerNormalization,
  matMul,
  mul,
  neg,
  opset,
  parseModel,
  readWeights,
  reduceSum,
  reshape,
  slice,
  toModel,
  transpose,
  type Value,
} from '../../../main/graph/index.ts'
import { runOnce, useRuntime } from './runtime-in-tests.ts'

const shared = useRuntime()

const operatorsOf = (model: Uint8Array): string[] => parseModel(model).graph!.node.map(({ opType }) => opType)

const runModel = (model: Uint8Array, feeds: TensorMap): Promise<TensorMap> =>
  runOnce(shared.runtime, model, feeds, { label: 'model test' })

describe('what is written', () => {
  it('only what the outputs need: dead nodes, constants and inputs are left out', () => {
    const graph = new Graph()
    const [a, b] = [graph.input('a', 'float32', [2]), graph.input('b', 'float32', [2])]
    neg(add(b, 5))
    const model = parseModel(toModel({ y: mul(exp(a), 3) }))
    expect(model.graph!.node.map(({ opType }) => opType)).toEqual(['Exp', 'Mul'])
    expect(model.graph!.input.map(({ name }) => name)).toEqual(['a'])
    expect(model.graph!.initializer).toHaveLength(1)
  })

  it('a shared expression once', () => {
    const a = new Graph().input('a', 'float32', [2])
    const y = reduceSum(mul(exp(a), exp(a)))
    expect(operatorsOf(toModel({ y, slope: gradients(y, [a])[0]! })).filter((op) => op === 'Exp')).toHaveLength(1)
  })

  it('opset 18, node names of operator and number, and private attributes left out', () => {
    const a = new Graph().input('a', 'float32', [4])
    const model = parseModel(toModel({ y: slice(exp(a), 0, 1, 3) }))
    expect(model.opsetImport.find(({ domain }) => domain === '')!.version).toBe(BigInt(opset))
    for (const node of model.graph!.node) {
      expect(node.name).toMatch(new RegExp(`^${node.opType}_\\d+$`))
      expect(node.attribute.map(({ name }) => name).filter((name) => name.startsWith('_'))).toEqual([])
    }
  })

  it('the same value under two names, an input and a constant as outputs', async () => {
    const graph = new Graph()
    const a = graph.input('a', 'float32', [2])
    const y = neg(a)
    const results = await runModel(toModel({ y, again: y, fed: a, two: graph.float(2) }), {
      a: floatTensor([2], [1, -3]),
    })
    expect(Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, [...data]]))).toEqual({
      y: [-1, 3],
      again: [-1, 3],
      fed: [1, -3],
      two: [2],
    })
  })

  it('all three outputs of a layer normalisation, of which any may be asked for', async () => {
    const graph = new Graph()
    const x = graph.input('x', 'float32', [1, 2])
    const { mean } = layerNormalization(x, graph.float(1, [2]), graph.float(0, [2]))
    const { mean: result } = await runModel(toModel({ mean }), { x: floatTensor([1, 2], [1, 4]) })
    expect([...result!.data]).toEqual([2.5])
  })
})

describe('a dynamic axis', () => {
  const rows = 7919
  /** Attention-like reshapes: [rows, 2, 4] -> [rows * 2, 4] -> [rows, 2, 2, 2] -> [rows, 4]. */
  function build(): Value {
    const graph = new Graph()
    const x = graph.input('x', 'float32', [rows, 2, 4])
    const w = graph.constant(
      floatTensor(
        [4, 4],
        Array.from({ length: 16 }, (_, i) => (i % 5) - 2),
      ),
    )
    const heads = transpose(reshape(matMul(x, w), [rows, 2, 2, 2]), [0, 2, 1, 3])
    return reshape(reduceSum(heads, [2]), [rows, 4])
  }

  it('is named in inputs and outputs, and one model runs any number of rows', async () => {
    const model = toModel({ y: build() }, { dynamicAxis: { size: rows, name: 'batch' } })
    const session = await shared.runtime.createSession(model, { label: 'dynamic' })
    expect(session.inputs[0]!.shape).toEqual(['batch', 2, 4])
    expect(session.outputs[0]!.shape).toEqual(['batch', 4])
    const data = Float32Array.from({ length: 3 * 8 }, (_, i) => i % 7)
    const three = await session.run({ x: floatTensor([3, 2, 4], data) })
    expect(three['y']!.shape).toEqual([3, 4])
    const last = await session.run({ x: floatTensor([1, 2, 4], data.slice(16)) })
    expect([...last['y']!.data]).toEqual([...three['y']!.data.slice(8)])
  })

  it('stays a number without the option', () => {
    const shape = parseModel(toModel({ y: build() })).graph!.input[0]!.type!.value
    expect(shape.case === 'tensorType' && shape.value.shape!.dim[0]!.value.value).toBe(BigInt(rows))
  })

  it('refuses a reshape target that would need two', () => {
    const x = new Graph().input('x', 'float32', [rows, rows])
    const y = reshape(x, [rows, 1, rows])
    expect(() => toModel({ y }, { dynamicAxis: { size: rows, name: 'batch' } })).toThrow(/two dynamic axes/)
  })
})

describe('reading back', () => {
  it('gives every constant with its type, shape and exact content', () => {
    const graph = new Graph()
    const x = graph.input('x', 'float32', [2])
    const weights = {
      f32: floatTensor([2], [0.1, -3e-30]),
      f64: tensor('float64', [2], Float64Array.of(Math.PI, 1e-300)),
      i64: intTensor([2], [-5, Number.MAX_SAFE_INTEGER]),
      flags: tensor('bool', [2], Uint8Array.of(1, 0)),
    }
    const outputs = Object.fromEntries(Object.entries(weights).map(([name, value]) => [name, graph.constant(value)]))
    const read = readWeights(parseModel(toModel({ ...outputs, y: exp(x) })))
    expect(Object.values(read)).toEqual(expect.arrayContaining(Object.values(weights)))
    expect(Object.keys(read)).toHaveLength(4)
  })

  it('reads weights that are views into a larger buffer', () => {
    const graph = new Graph()
    const view = Float32Array.of(9, 1, 2, 9).subarray(1, 3)
    const model = toModel({ y: add(graph.input('x', 'float32', [2]), graph.constant(floatTensor([2], view))) })
    expect(Object.values(readWeights(parseModel(model))).map(({ data }) => [...data])).toEqual([[1, 2]])
  })

  it('throws on bytes that are no model', () => {
    expect(() => parseModel(Uint8Array.of(0xff, 0xff, 0xff, 1))).toThrow()
  })

  it('a written model computes what was built, types included', async () => {
    const x = new Graph().input('x', 'float32', [3])
    const { y } = await runModel(toModel({ y: cast(exp(x), 'float64') }), { x: floatTensor([3], [0, 1, 2]) })
    expect(y!.dtype).toBe('float64')
    Array.from(y!.data, Number).forEach((value, i) => expect(value).toBeCloseTo(Math.exp(i), 5))
  })
})
