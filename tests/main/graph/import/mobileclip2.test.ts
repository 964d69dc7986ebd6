/**
 * The halves of MobileCLIP 2 as they are published, imported for training: the gradient of every weight against PyTorch.
 * tests/fixtures/encoders/tools/gradients.py wrote in float64 how long each gradient is and how far it points along a wave;
 * this is float32. A gradient that is off by a part of 1e-4 changes neither by more than that part of its length.
 */
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { float32Data, floatTensor, intTensor, sizeOf, type Tensor } from '../../../../main/base/index.ts'
import {
  gradients,
  Graph,
  importPart,
  mul,
  reduceSum,
  tanh,
  toModel,
  type Shape,
} from '../../../../main/graph/index.ts'
import { bytesOf, referenceOf } from '../../encoders/exports.ts'
import { runOnce, useRuntime } from '../runtime-in-tests.ts'
import { fixturePath, readFixture } from './fixtures.ts'

const shared = useRuntime()
const bound = 1e-4

/** cos(step n + start) */
function waves(shape: Shape, step: number, start: number): Tensor {
  return floatTensor(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, (_, n) => Math.cos(step * n + start)),
  )
}

const inner = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0)
const length = (a: Float32Array): number => Math.sqrt(inner(a, a))

/** [N, S, S, 3] bytes -> [N, 3, S, S] in 0..1, which is all that this family does to colours. */
function pixels(pictures: readonly Uint8Array[], side: number): Tensor {
  const area = side * side
  const values = pictures.flatMap((rgb) =>
    Array.from({ length: 3 * area }, (_, i) => rgb[(i % area) * 3 + Math.floor(i / area)]! / 255),
  )
  return floatTensor([pictures.length, 3, side, side], Float32Array.from(values))
}

it.each(['vision_model', 'text_model'] as const)('has the gradients of PyTorch: %s', async (half) => {
  const expected = JSON.parse(readFileSync('tests/fixtures/encoders/mobileclip2/gradients.json', 'utf8')) as Record<
    string,
    Record<string, [along: number, length: number]>
  >
  const { model, output } = readFixture(fixturePath(`mobileclip2/onnx/${half}`), 77, 40)
  const { prepared, ids } = referenceOf('mobileclip2')
  const given =
    half === 'vision_model' ? pixels(prepared.map(bytesOf), 40) : intTensor([ids.length, ids[0]!.length], ids.flat())
  const graph = new Graph()
  const name = model.inputNames[0]!
  const { outputs, weights } = importPart(graph, model, {
    inputs: { [name]: graph.input(name, given.dtype, given.shape) },
    outputs: [output],
    weight: (weight) => graph.input(weight.name, 'float32', weight.tensor.shape),
  })
  const embedding = outputs[output]!
  const loss = reduceSum(mul(tanh(embedding), graph.constant(waves(embedding.shape, 0.5, 0))))
  // Statistics of a normalisation are tensors of the graph too, but not trained.
  const trained = weights.filter((weight) => !weight.name.includes('running_'))
  expect(trained.map((weight) => weight.name).sort()).toEqual(Object.keys(expected[half]!).sort())
  const values = gradients(
    loss,
    trained.map(({ value }) => value),
  )
  const actual = await runOnce(
    shared.runtime,
    toModel(Object.fromEntries(values.map((value, i) => [`gradient${i}`, value]))),
    { [name]: given, ...Object.fromEntries(weights.map((weight) => [weight.name, weight.tensor])) },
    { label: half },
  )
  trained.forEach((weight, i) => {
    const gradient = float32Data(actual[`gradient${i}`]!)
    const wave = float32Data(waves(weight.tensor.shape, 0.7, 1))
    const [along, norm] = expected[half]![weight.name]!
    expect(norm, weight.name).toBeGreaterThan(1e-6)
    expect(Math.abs(length(gradient) - norm), weight.name).toBeLessThan(bound * norm)
    expect(Math.abs(inner(gradient, wave) - along), weight.name).toBeLessThan(bound * norm * length(wave))
  })
})
