/**
 * The published-style exports of tests/fixtures/encoders and the built-in model, imported: outputs, blocks, the cut, and what
 * is written back. Values are compared in float32, where two orders of summation differ by some 1e-6: bound 2e-5.
 */
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { floatTensor, float32Data, type TensorMap } from '../../../../main/base/index.ts'
import {
  findBlocks,
  Graph,
  importPart,
  inspectModel,
  mul,
  openModel,
  replaceWeights,
  splitModel,
  toModel,
  type SplitModel,
  type WeightChoice,
} from '../../../../main/graph/index.ts'
import type { ModelSource } from '../../../../main/runtime/index.ts'
import { runOnce, useRuntime } from '../runtime-in-tests.ts'
import { feedsFor, fixtureModels, fixturePath, readFixture, type Fixture } from './fixtures.ts'

const shared = useRuntime()
const bound = 2e-5

const builtIn = (half: 'vision' | 'text'): Fixture => readFixture(`resources/models/built-in/${half}.onnx`, 32, 96)
const fixture = (name: string): Fixture => {
  const { context, imageSize } = fixtureModels.find((model) => model.name === name)!
  return readFixture(fixturePath(name), context, imageSize)
}

async function run(source: ModelSource, feeds: TensorMap): Promise<TensorMap> {
  const session = await shared.runtime.createSession(source, { label: 'a model' })
  try {
    const wanted = new Set(session.inputs.map(({ name }) => name))
    return await session.run(Object.fromEntries(Object.entries(feeds).filter(([name]) => wanted.has(name))))
  } finally {
    await session.dispose()
  }
}

/** A changed model as a file, with the files of weights of the original beside it. */
function beside(path: string, bytes: Uint8Array): ModelSource {
  const folder = mkdtempSync(join(tmpdir(), 'model-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const file of readdirSync(dirname(path))) {
    if (file.endsWith('_data')) cpSync(join(dirname(path), file), join(folder, file))
  }
  writeFileSync(join(folder, 'model.onnx'), bytes)
  return { path: join(folder, 'model.onnx') }
}

function difference(a: TensorMap[string], b: TensorMap[string]): number {
  const [left, right] = [float32Data(a), float32Data(b)]
  expect(a.shape).toEqual(b.shape)
  const largest = right.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  return left.reduce((most, value, i) => Math.max(most, Math.abs(value - right[i]!)), 0) / largest
}

/** What the upper part of a split makes of activations. */
async function runUpper(
  split: SplitModel,
  activations: TensorMap[string],
  feeds: TensorMap,
  choices: Parameters<SplitModel['upper']>[3] = {},
): Promise<TensorMap[string]> {
  const graph = new Graph()
  const input = graph.input('activations', 'float32', activations.shape)
  const side = Object.fromEntries(
    Object.entries(split.sideInputs).map(([name, { dtype, shape }]) => [
      name,
      graph.input(name, dtype, [activations.shape[0]!, ...shape]),
    ]),
  )
  const model = toModel({ embedding: split.upper(graph, input, side, choices) })
  return (await runOnce(shared.runtime, model, { activations, ...feeds }, { label: 'upper part' }))['embedding']!
}

const modelsWithBlocks: readonly (readonly [string, () => Fixture])[] = [
  ...fixtureModels.map(({ name }) => [name, () => fixture(name)] as const),
  ['built-in vision', () => builtIn('vision')],
]
const everyModel: typeof modelsWithBlocks = [...modelsWithBlocks, ['built-in text', () => builtIn('text')]]

describe('an imported model', () => {
  it.each(everyModel)('gives what the original gives: %s', async (_, read) => {
    const { path, model, inputs } = read()
    const graph = new Graph()
    const batch = 3
    const given = Object.fromEntries(
      Object.entries(inputs).map(([name, { dtype, shape }]) => [name, graph.input(name, dtype, [batch, ...shape])]),
    )
    const { outputs } = importPart(graph, model, { inputs: given, outputs: model.outputNames })
    const feeds = feedsFor(inputs, batch, 1)
    const [ours, theirs] = [await run(toModel(outputs), feeds), await run({ path }, feeds)]
    for (const name of model.outputNames) expect(difference(ours[name]!, theirs[name]!), name).toBeLessThan(bound)
  })

  it.each([
    ['clip/onnx/text_model', 5], // two a block and the last one
    ['clip/onnx/vision_model', 6], // and one after the embeddings
    ['multilingual/onnx/text_model', 5], // normalises last
  ])('has its normalisations in one piece each, though they are written in nine: %s', (name, count) => {
    const { model, inputs, output } = fixture(name)
    const graph = new Graph()
    const given = Object.fromEntries(
      Object.entries(inputs).map(([input, { dtype, shape }]) => [input, graph.input(input, dtype, [2, ...shape])]),
    )
    const weight: WeightChoice = ({ name: as, tensor }) => graph.input(as, tensor.dtype, tensor.shape)
    const { outputs } = importPart(graph, model, { inputs: given, outputs: [output], weight })
    const written = openModel(toModel(outputs)).graph.node.map(({ opType }) => opType)
    expect(written.filter((operator) => operator === 'LayerNormalization')).toHaveLength(count)
    expect(written).not.toContain('Sqrt')
  })

  it('is widened to single precision where it is written in half precision', async () => {
    const { bytes, model, inputs } = readFixture(fixturePath('clip/onnx/text_model_fp16'), 77)
    const graph = new Graph()
    const input = graph.input('input_ids', 'int64', [2, 77])
    const { outputs } = importPart(graph, model, { inputs: { input_ids: input }, outputs: ['text_embeds'] })
    const feeds = feedsFor(inputs, 2, 1)
    const [ours, theirs] = [await run(toModel(outputs), feeds), await run(bytes, feeds)]
    // The original rounds to 11 bits after each operation.
    expect(difference(ours['text_embeds']!, theirs['text_embeds']!)).toBeLessThan(2e-3)
  })

  it.each([
    ['clip/onnx/vision_model_q4', /node "[^"]+" \(com\.microsoft::MatMulNBits, opset 1\).*take the fp32 export/],
    [
      'mobileclip2/onnx/vision_model_quantized',
      /node "[^"]*" \((DynamicQuantizeLinear|ConvInteger), opset 17\).*take the fp32 export/,
    ],
    ['clip/onnx/text_model_quantized', /node "[^"]+" \(DynamicQuantizeLinear, opset 14\).*take the fp32 export/],
  ])('is refused when it is quantised, with the way out: %s', (name, sentence) => {
    const { model, inputs, output } = readFixture(fixturePath(name), 77)
    const graph = new Graph()
    const given = Object.fromEntries(
      Object.entries(inputs).map(([input, { dtype, shape }]) => [input, graph.input(input, dtype, [2, ...shape])]),
    )
    expect(() => importPart(graph, model, { inputs: given, outputs: [output] })).toThrow(sentence)
  })
})

describe('the blocks of an encoder', () => {
  it.each([
    ['clip/onnx/vision_model', ['/pre_layrnorm/Add_1_output_0', '/layers.0/Add_1_output_0']],
    ['clip/onnx/text_model', ['/Add_output_0', '/layers.0/Add_1_output_0']],
    // With fused operators; a block begins with the sum that a fused normalisation gives.
    ['clip-optimized/onnx/vision_model', ['/pre_layrnorm/Add_1_output_0', '/layers.0/Add_1_output_0']],
    // The pooling head attends too, but adds nothing to what it begins with.
    ['siglip/onnx/vision_model', ['/Add_output_0', '/layers.0/Add_1_output_0']],
    // Normalises last: a block begins after the normalisation of the one before.
    ['multilingual/onnx/text_model', ['/norm/Add_1_output_0', '/layers.0.3/Add_1_output_0']],
    // A convolutional block, a positional convolution, attention over the places.
    ['mobileclip/onnx/vision_model', ['/mixing/mixer/Conv_output_0', '/point/Conv_output_0', '/Add_2_output_0']],
    // The same in four stages; attention and its network are a block each, because the network convolves too.
    [
      'mobileclip2/onnx/vision_model',
      [
        ...[0, 1, 2].map((stage) => `/stages/stages.${stage}/blocks/blocks.0/token_mixer/Conv_output_0`),
        ...['/stages/stages.3/pos_emb/Conv_output_0', '/stages/stages.3/blocks/blocks.0/Add_output_0'],
      ],
    ],
  ])('begin where a residual that mixes places begins: %s', (name, entries) => {
    const { model, inputs, output } = fixture(name)
    const { blocks } = splitModel(model, { inputs, output, blocks: 1 })
    expect(blocks.map(({ entry }) => entry)).toEqual(entries)
  })

  it('of the built-in model are one fine and three coarse ones', () => {
    const { model, inputs, output } = builtIn('vision')
    const { blocks } = splitModel(model, { inputs, output, blocks: 2 })
    expect(blocks.map(({ shape }) => shape.slice(1))).toEqual([
      [144, 128],
      [36, 256],
      [36, 256],
      [36, 256],
    ])
  })

  it('of the built-in texts are none: their one residual comes after the mean over the words', () => {
    const { model, inputs, output } = builtIn('text')
    expect(() => splitModel(model, { inputs, output, blocks: 1 })).toThrow('1 blocks cannot be trained: it has 0')
  })

  it('that are not there cannot be trained', () => {
    const { model, inputs, output } = fixture('clip/onnx/vision_model')
    expect(() => splitModel(model, { inputs, output, blocks: 3 })).toThrow('3 blocks cannot be trained: it has 2')
  })

  it('are none in a graph without residuals', () => {
    const graph = new Graph()
    const x = graph.input('x', 'float32', [2, 3])
    const model = openModel(toModel({ y: mul(x, 2) }))
    const part = importPart(graph, model, { inputs: { x }, outputs: ['y'] })
    expect(findBlocks(part, part.outputs['y']!, [x])).toEqual([])
  })
})

describe('a model that is cut below its last blocks', () => {
  it.each(modelsWithBlocks)('gives the same embeddings in two parts, for any batch: %s', async (_, read) => {
    const { path, bytes, model, inputs, output } = read()
    const all = splitModel(model, { inputs, output, blocks: 1 }).blocks.length
    for (const blocks of new Set([1, all])) {
      const split = splitModel(model, { inputs, output, blocks })
      for (const batch of [1, 4]) {
        const feeds = feedsFor(inputs, batch, 2)
        const whole = (await run({ path }, feeds))[output]!
        const { activations } = await run(beside(path, split.lower(bytes)), feeds)
        expect(activations!.shape).toEqual([batch, ...split.cutShape])
        expect(difference(await runUpper(split, activations!, feeds), whole)).toBeLessThan(bound)
      }
    }
  })

  it('needs above the cut only the inputs that say where a text ends, or which places count', () => {
    const side = (name: string): string[] => {
      const { model, inputs, output } = fixture(name)
      return Object.keys(splitModel(model, { inputs, output, blocks: 1 }).sideInputs)
    }
    expect(side('clip/onnx/vision_model')).toEqual([])
    expect(side('clip/onnx/text_model')).toEqual(['input_ids'])
    expect(side('multilingual/onnx/text_model')).toEqual(['attention_mask'])
  })

  it('has above the cut every weight of the blocks and of the head, and none from below', () => {
    const { model, inputs, output } = fixture('clip/onnx/vision_model')
    const names = splitModel(model, { inputs, output, blocks: 1 }).weights.map(({ name }) => name)
    expect(names.some((name) => name.includes('layers.0') || name.includes('patch'))).toBe(false)
    expect(names).toContain('post_layernorm.weight')
    expect(names.length).toBe(19) // 4 x 2 of attention, 2 x 2 of the network, 2 x 2 + 2 norms, the projection
  })
})

describe('a model whose weights were replaced', () => {
  const changed = (weights: SplitModel['weights']): TensorMap =>
    Object.fromEntries(
      weights.map(({ name, tensor }, k) => [
        name,
        floatTensor(
          tensor.shape,
          float32Data(tensor).map((value, i) => value * 1.1 + 0.02 * Math.sin(i + k)),
        ),
      ]),
    )

  it.each(modelsWithBlocks)(
    'gives what the graph with these weights gives, under the same names: %s',
    async (_, read) => {
      const { path, bytes, model, inputs, output } = read()
      const split = splitModel(model, { inputs, output, blocks: 1 })
      const weights = changed(split.weights)
      const written = replaceWeights(bytes, weights, split.cut)
      const feeds = feedsFor(inputs, 3, 3)
      const { activations } = await run(beside(path, split.lower(bytes)), feeds)
      const graph = await runUpper(split, activations!, feeds, {
        weight: ({ name }, target) => weights[name] && target.constant(weights[name]),
      })
      const embedding = (await run(beside(path, written), feeds))[output]!
      expect(difference(embedding, graph)).toBeLessThan(bound)
      expect(difference(embedding, (await run({ path }, feeds))[output]!)).toBeGreaterThan(0.01)
      const [before, after] = [inspectModel(bytes), inspectModel(written)]
      expect([after.inputs, after.outputs]).toEqual([before.inputs, before.outputs])
    },
  )

  it('keeps a gain that was written as an Identity of another one apart from it', () => {
    const { bytes, model, inputs, output } = fixture('clip/onnx/vision_model')
    const { weights } = splitModel(model, { inputs, output, blocks: 1 })
    const gains = weights.filter(({ name }) => /layer_?norm.*\.weight$/.test(name))
    expect(gains.length).toBeGreaterThan(1)
    const values = Object.fromEntries(
      gains.map(({ name, tensor }, k) => [name, floatTensor(tensor.shape, new Float32Array(20).fill(k + 2))]),
    )
    const written = openModel(replaceWeights(bytes, values))
    gains.forEach(({ name }, k) => expect(Number(written.tensor(name)!.data[0])).toBe(k + 2))
  })

  it('rounds to half precision what the model computes in half precision', () => {
    const { bytes, model, inputs, output } = readFixture(fixturePath('clip/onnx/text_model_fp16'), 77)
    const [matrix] = splitModel(model, { inputs, output, blocks: 1 }).matrices
    const value = floatTensor(
      matrix!.tensor.shape,
      float32Data(matrix!.tensor).map(() => 1 / 3),
    )
    const written = openModel(replaceWeights(bytes, { [matrix!.name]: value }))
    expect(Number(written.tensor(matrix!.name)!.data[0])).toBe(0.333251953125)
  })

  it('is refused for a name or a shape that is not there', () => {
    const { bytes } = fixture('clip/onnx/vision_model')
    expect(() => replaceWeights(bytes, { nobody: floatTensor([1], [1]) })).toThrow('its weight "nobody" is not there')
    expect(() => replaceWeights(bytes, { 'projection.weight': floatTensor([2], [1, 1]) })).toThrow(/is .*, not \[2\]/)
  })
})
