/**
 * Encoders whose attention is fused, from end to end: imported, cut between their blocks, trained above the cut (all weights, or
 * low-rank updates, packed matrices included) and written back. Bound as in whole-models.test.ts.
 */
import { describe, expect, it } from 'vitest'
import { createRandom, float32Data, floatTensor, type Tensor, type TensorMap } from '../../../../main/base/index.ts'
import {
  Graph,
  gradients,
  importPart,
  initialLowRank,
  inspectModel,
  lowRankProduct,
  mergedLowRank,
  mul,
  reduceSum,
  replaceWeights,
  splitModel,
  square,
  sub,
  toModel,
  type SplitModel,
  type UpperChoices,
  type Value,
} from '../../../../main/graph/index.ts'
import { runOnce, useRuntime } from '../runtime-in-tests.ts'
import { feedsFor, type Fixture } from './fixtures.ts'
import { fusedTextModel, fusedVisionModel } from './fused-models.ts'

const shared = useRuntime()
const bound = 2e-5
const models: readonly (readonly [string, Fixture])[] = [
  ['text, which normalises last', fusedTextModel()],
  ['vision, which normalises first', fusedVisionModel()],
]

const run = (bytes: Uint8Array, feeds: TensorMap): Promise<TensorMap> =>
  runOnce(shared.runtime, bytes, feeds, { label: 'a model' })

function difference(a: Tensor, b: Tensor): number {
  const [left, right] = [float32Data(a), float32Data(b)]
  expect(a.shape).toEqual(b.shape)
  const largest = right.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  return left.reduce((most, value, i) => Math.max(most, Math.abs(value - right[i]!)), 0) / largest
}

const inputsIn = (graph: Graph, inputs: Fixture['inputs'], batch: number): Record<string, Value> =>
  Object.fromEntries(
    Object.entries(inputs).map(([name, { dtype, shape }]) => [name, graph.input(name, dtype, [batch, ...shape])]),
  )

/** What lies above the cut, built for a batch with weights of the caller's. */
function upperOf(split: SplitModel, batch: number, choices: (graph: Graph) => UpperChoices): Value {
  const graph = new Graph()
  const activations = graph.input('activations', 'float32', [batch, ...split.cutShape])
  return split.upper(graph, activations, inputsIn(graph, split.sideInputs, batch), choices(graph))
}

const runUpper = async (
  split: SplitModel,
  feeds: TensorMap,
  choices: (graph: Graph) => UpperChoices = () => ({}),
): Promise<Tensor> => {
  const embedding = upperOf(split, feeds['activations']!.shape[0]!, choices)
  return (await run(toModel({ embedding }), feeds))['embedding']!
}

describe.each(models)('an encoder with fused attention (%s)', (_, { bytes, model, inputs, output }) => {
  const splitAt = (blocks: number): SplitModel => splitModel(model, { inputs, output, blocks })

  it('gives what the original gives', async () => {
    const graph = new Graph()
    const { outputs } = importPart(graph, model, { inputs: inputsIn(graph, inputs, 3), outputs: [output] })
    const feeds = feedsFor(inputs, 3, 1)
    const [ours, theirs] = [await run(toModel(outputs), feeds), await run(bytes, feeds)]
    expect(difference(ours[output]!, theirs[output]!)).toBeLessThan(bound)
  })

  it('gives the same embeddings in two parts, for any batch', async () => {
    for (const blocks of [1, 2]) {
      const split = splitAt(blocks)
      for (const batch of [1, 4]) {
        const feeds = feedsFor(inputs, batch, 2)
        const { activations } = await run(split.lower(bytes), feeds)
        const whole = (await run(bytes, feeds))[output]!
        expect(difference(await runUpper(split, { ...feeds, activations: activations! }), whole)).toBeLessThan(bound)
      }
    }
  })

  it.each(['all', 'low rank'] as const)('is trained above the cut and written back: %s', async (how) => {
    const split = splitAt(1)
    const update = { rank: 2, scale: 4 }
    const random = createRandom(4)
    const start: TensorMap =
      how === 'all'
        ? Object.fromEntries(split.weights.map(({ name, tensor }) => [name, tensor]))
        : Object.fromEntries(
            split.matrices.flatMap((weight) => {
              const { a, b } = initialLowRank(weight, update, random.fork(weight.name))
              return [
                [`${weight.name}/a`, a],
                [`${weight.name}/b`, b],
              ]
            }),
          )
    const choices = (graph: Graph): UpperChoices => {
      const parameter = (name: string): Value => graph.input(`p.${name}`, 'float32', start[name]!.shape)
      return how === 'all'
        ? { weight: ({ name }) => parameter(name) }
        : {
            product: (x, weight, isTransposed) => {
              const parts = { a: parameter(`${weight.name}/a`), b: parameter(`${weight.name}/b`) }
              return lowRankProduct(x, weight, isTransposed, parts, update)
            },
          }
    }
    const batch = 3
    const fed = feedsFor(inputs, batch, 3)
    const feeds = { ...fed, activations: (await run(split.lower(bytes), fed))['activations']! }
    const embedding = upperOf(split, batch, choices)
    const { graph } = embedding
    const target = Float32Array.from({ length: batch * 16 }, () => random.normal())
    const loss = reduceSum(square(sub(embedding, graph.constant(floatTensor([batch, 16], target)))))
    const names = Object.keys(start)
    const parameters = names.map((name) => graph.input(`p.${name}`, 'float32', start[name]!.shape))
    const moved = gradients(loss, parameters).map((gradient, i) => sub(parameters[i]!, mul(gradient, 2e-3)))
    const step = toModel({ loss, embedding, ...Object.fromEntries(moved.map((value, i) => [names[i]!, value])) })

    const prefixed = (tensors: TensorMap): TensorMap =>
      Object.fromEntries(names.map((name) => [`p.${name}`, tensors[name]!]))
    let at = start
    const losses: number[] = []
    for (let count = 0; count < 20; count++) {
      const result = await run(step, { ...feeds, ...prefixed(at) })
      losses.push(Number(result['loss']!.data[0]))
      at = Object.fromEntries(names.map((name) => [name, result[name]!]))
    }
    expect(losses.at(-1)!).toBeLessThan(0.7 * losses[0]!)
    const still = names.filter((name) => difference(at[name]!, start[name]!) === 0)
    expect(still).toEqual([])

    const weights =
      how === 'all'
        ? at
        : Object.fromEntries(
            split.matrices.map((weight) => {
              const parts = { a: at[`${weight.name}/a`]!, b: at[`${weight.name}/b`]! }
              return [weight.name, mergedLowRank(weight, parts, update)]
            }),
          )
    const written = replaceWeights(bytes, weights)
    const trained = (await run(step, { ...feeds, ...prefixed(at) }))['embedding']!
    const actual = (await run(written, fed))[output]!
    expect(difference(actual, trained)).toBeLessThan(bound)
    expect(difference(actual, (await run(bytes, fed))[output]!)).toBeGreaterThan(0.01)
    expect(inspectModel(written)).toEqual(inspectModel(bytes))
  })
})

describe('the cut below the last block of an encoder with fused attention', () => {
  const lastBlock = ({ model, inputs, output }: Fixture): SplitModel => splitModel(model, { inputs, output, blocks: 1 })

  it('lies where a block begins, be it inside of a fused normalisation', () => {
    const [text, vision] = models.map(([, fixture]) => lastBlock(fixture).blocks.map(({ entry }) => entry))
    expect(text).toEqual(['embedded', 'block0.done'])
    expect(vision).toEqual(['normalised', 'block0.end.sum'])
  })

  it('leaves to what is above nothing that lies below', () => {
    const [text, vision] = models.map(([, fixture]) => lastBlock(fixture))
    // The mask goes through the node that looks words up; the words do not.
    expect(Object.keys(text!.sideInputs)).toEqual(['attention_mask'])
    expect(Object.keys(vision!.sideInputs)).toEqual([])
    for (const { name } of [...text!.weights, ...vision!.weights]) expect(name).toMatch(/^(block1|after|projection)/)
    expect(vision!.weights.map(({ name }) => name)).toContain('block1.first.gain')
  })

  it('offers packed queries, keys and values as one matrix for low-rank updates', () => {
    expect(lastBlock(fusedTextModel()).matrices.map(({ name, tensor }) => [name, tensor.shape])).toEqual([
      ['block1.qkv', [16, 48]],
      ['block1.out', [16, 16]],
      ['block1.up', [16, 24]],
      ['block1.down', [24, 16]],
      ['projection', [16, 16]],
    ])
  })
})
