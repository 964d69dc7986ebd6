/**
 * Whole encoders against PyTorch: outputs, gradients of every weight, and products of the Hessian with a vector, for a small
 * vision transformer (opset 17), a causal text transformer (14) and a convolutional net (15). What tests/fixtures/
 * differentiated/make.py wrote was computed in float64, this is float32: values within 1e-5 of the largest, gradients within
 * 1e-4, products within 1e-3 of the largest number of the same weight (at least a thousandth of the largest of all).
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { floatTensor, intTensor, tensor, type Tensor } from '../../../../main/base/index.ts'
import {
  add,
  Graph,
  gradients,
  importPart,
  mul,
  openModel,
  reduceSum,
  tanh,
  toModel,
  type Value,
} from '../../../../main/graph/index.ts'
import { runOnce, useRuntime } from '../runtime-in-tests.ts'

const shared = useRuntime()
const folder = 'tests/fixtures/differentiated'

/** Tensors of the `.bin` beside a model: length of the header, JSON header, float32 numbers. */
function readTensors(name: string): Record<string, Tensor> {
  const bytes = readFileSync(`${folder}/${name}.bin`)
  const start = 8 + Number(bytes.readBigUInt64LE(0))
  const header = JSON.parse(bytes.toString('utf8', 8, start)) as Record<string, { shape: number[]; offset: number }>
  const numbers = new Float32Array(bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + bytes.length))
  return Object.fromEntries(
    Object.entries(header).map(([key, { shape, offset }]) => {
      const size = shape.reduce((product, length) => product * length, 1)
      return [key, floatTensor(shape, numbers.slice(offset, offset + size))]
    }),
  )
}

const largest = ({ data }: Tensor): number => (data as Float32Array).reduce((most, x) => Math.max(most, Math.abs(x)), 0)

function error(actual: Tensor, expected: Tensor, atLeast = 0): number {
  const [a, b] = [actual.data as Float32Array, expected.data as Float32Array]
  expect(actual.shape).toEqual(expected.shape)
  const difference = a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0)
  return difference / Math.max(largest(expected), atLeast)
}

describe('an imported encoder', () => {
  it.each([
    ['vision', 17],
    ['text', 14],
    ['convnet', 15],
  ])('has the values, gradients and Hessian products of PyTorch (%s, opset %i)', async (name, opset) => {
    const reference = readTensors(name)
    const model = openModel(readFileSync(`${folder}/${name}.onnx`))
    expect(model.opset).toBe(opset)
    const [inputName] = model.inputNames
    const isText = name === 'text'
    const given = reference['input']!
    const graph = new Graph()
    const input = graph.input(inputName!, isText ? 'int64' : 'float32', given.shape)
    const { outputs, weights } = importPart(graph, model, {
      inputs: { [inputName!]: input },
      outputs: ['embedding'],
      weight: ({ name: weight, tensor: { shape } }) => graph.input(weight, 'float32', shape),
    })
    const output = outputs['embedding']!
    const loss = reduceSum(mul(tanh(output), graph.constant(reference['direction']!)))
    const names = Object.keys(reference).flatMap((key) => (key.startsWith('gradient/') ? [key.slice(9)] : []))
    expect(weights.map((weight) => weight.name).sort()).toEqual([...names].sort())

    const values = names.map((weight) => weights.find((x) => x.name === weight)!.value)
    const first = gradients(loss, values)
    const along = first
      .map((gradient, k) => {
        const numbers = reference[`gradient/${names[k]!}`]!.data.length
        const vector = Float32Array.from({ length: numbers }, (_, n) => Math.cos(0.7 * n + k))
        return reduceSum(mul(gradient, graph.constant(tensor('float32', gradient.shape, vector))))
      })
      .reduce((sum: Value, part) => add(sum, part))
    const second = gradients(along, values)
    const feeds = {
      [inputName!]: isText ? intTensor(given.shape, Array.from(given.data as Float32Array)) : given,
      ...Object.fromEntries(weights.map((weight) => [weight.name, weight.tensor])),
    }
    const actual = await runOnce(
      shared.runtime,
      toModel({
        output,
        ...Object.fromEntries(
          names.flatMap((_, i) => [
            [`gradient${i}`, first[i]!],
            [`product${i}`, second[i]!],
          ]),
        ),
      }),
      feeds,
      { label: name },
    )
    expect(error(actual['output']!, reference['output']!)).toBeLessThan(1e-5)
    for (const [kind, bound] of [
      ['gradient', 1e-4],
      ['product', 1e-3],
    ] as const) {
      const most = Math.max(...names.map((weight) => largest(reference[`${kind}/${weight}`]!)))
      expect(most).toBeGreaterThan(0.01)
      for (const [i, weight] of names.entries()) {
        const difference = error(actual[`${kind}${i}`]!, reference[`${kind}/${weight}`]!, most / 1000)
        expect(difference, `${kind} of ${weight}`).toBeLessThan(bound)
      }
    }
  })
})
