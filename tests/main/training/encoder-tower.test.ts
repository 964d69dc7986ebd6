/**
 * Training the last block of an encoder together with the tower over it: at the start it is the encoder as it was, MAMA steps
 * (second order included) lower the loss, and what is written back is an ordinary model that gives what was trained.
 */
import { describe, expect, it } from 'vitest'
import { createRandom, float32Data, floatTensor, type Tensor, type TensorMap } from '../../../main/base/index.ts'
import { Graph, inspectModel, splitModel, toModel } from '../../../main/graph/index.ts'
import type { GraphSession } from '../../../main/runtime/index.ts'
import { adamFeeds } from '../../../main/training/adam.ts'
import { encoderTower, mergedEncoder, type Adaptation, type TrainedPart } from '../../../main/training/encoder-tower.ts'
import { buildStep, momentShapes, type StepGraph } from '../../../main/training/mama-step.ts'
import { weightNetPrefix } from '../../../main/training/step-parts.ts'
import { initialWeightNet } from '../../../main/training/sample-weights.ts'
import type { Tower } from '../../../main/training/towers.ts'
import { feedsFor, fixturePath, readFixture, type Fixture } from '../graph/import/fixtures.ts'
import { runOnce, useRuntime } from '../graph/runtime-in-tests.ts'

const shared = useRuntime()
const [pairs, metaPairs, frames, width] = [6, 4, 2, 16]
const vision = readFixture(fixturePath('clip/onnx/vision_model'), 77)
const text = readFixture(fixturePath('clip/onnx/text_model'), 77)

const partOf = ({ model, inputs, output }: Fixture, adaptation: Adaptation): TrainedPart => ({
  model: splitModel(model, { inputs, output, blocks: 1 }),
  adaptation,
})

function towerWith(adaptation: Adaptation): { tower: Tower; vision: TrainedPart; text: TrainedPart } {
  const parts = { vision: partOf(vision, adaptation), text: partOf(text, adaptation) }
  const temporal = { width, frames, blocks: 1, heads: 2, mlpRatio: 2, textHidden: 16, masked: true }
  return { tower: encoderTower({ ...parts, temporal }), ...parts }
}

/** Pictures and texts of `count` pairs, and the activations below the cut that a tower is fed. */
async function batchOf(
  part: { vision: TrainedPart; text: TrainedPart },
  count: number,
  seed: number,
): Promise<{ pictures: TensorMap; texts: TensorMap; batch: TensorMap }> {
  const pictures = feedsFor(vision.inputs, count * frames, seed)
  const texts = feedsFor(text.inputs, count, seed)
  const run = async (model: Uint8Array, feeds: TensorMap): Promise<Tensor> =>
    (await runOnce(shared.runtime, model, feeds, { label: 'lower part' }))['activations']!
  const below = await run(part.vision.model.lower(vision.bytes), pictures)
  const ids = texts['input_ids']!
  return {
    ...{ pictures, texts },
    batch: {
      frames: floatTensor([count, frames, ...part.vision.model.cutShape], float32Data(below)),
      mask: floatTensor([count, frames], new Float32Array(count * frames).fill(1)),
      text: await run(part.text.model.lower(text.bytes), texts),
      'text/input_ids': floatTensor(ids.shape, Array.from(ids.data as BigInt64Array, Number)),
    },
  }
}

const prefixed = (tensors: TensorMap, prefix: string): TensorMap =>
  Object.fromEntries(Object.entries(tensors).map(([name, value]) => [prefix + name, value]))

const scalars = (values: Record<string, number>): TensorMap =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, floatTensor([], [value])]))

const adam = { beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: 0.01 }

function stepOf(tower: Tower): StepGraph {
  return buildStep(tower, {
    ...{ batchSize: pairs, metaBatchSize: metaPairs, weights: true, marginMode: 'hinge', attachedWeights: false },
    ...{ weightNetHidden: 8, fixedLogitScale: 10, maxLogitScale: 100, clipNorm: 1, trace: true },
    ...{ parameterAdam: adam, weightNetAdam: { ...adam, weightDecay: 0 } },
  })
}

async function openStep(tower: Tower): Promise<{ session: GraphSession; start: TensorMap; step: StepGraph }> {
  const step = stepOf(tower)
  const random = createRandom(1)
  const zeros = Object.entries(momentShapes(step)).map(([name, shape]) => [
    name,
    floatTensor(shape, new Float32Array(shape.reduce((product, size) => product * size, 1))),
  ])
  const start: TensorMap = {
    ...tower.initialParameters(random),
    ...prefixed(initialWeightNet(8, random.fork('weights')), weightNetPrefix),
    ...(Object.fromEntries(zeros) as TensorMap),
  }
  const session = await shared.runtime.createSession(step.model, { label: 'step', state: step.state })
  await session.writeState(start)
  return { session, start, step }
}

const stepFeeds = (train: TensorMap, meta: TensorMap, number: number): TensorMap => ({
  ...prefixed(train, 'train.'),
  ...prefixed(meta, 'meta.'),
  ...scalars({ margin: 0.02, metaMargin: 0, lookAheadRate: 0.5 }),
  ...scalars(adamFeeds('theta', adam, 2e-3, number)),
  ...scalars(adamFeeds('phi', { ...adam, weightDecay: 0 }, 1e-3, number)),
})

async function embeddings(
  tower: Tower,
  parameters: TensorMap,
  batch: TensorMap,
): Promise<Record<string, Float32Array>> {
  const graph = new Graph()
  const p = Object.fromEntries(
    Object.entries(tower.parameterShapes).map(([name, shape]) => [name, graph.input(name, 'float32', shape)]),
  )
  const inputs = Object.fromEntries(
    Object.entries(batch).map(([name, { shape }]) => [name, graph.input(`in.${name}`, 'float32', shape)]),
  )
  const model = toModel({ videos: tower.encodeVideos(p, inputs), texts: tower.encodeTexts(p, inputs) })
  const out = await runOnce(shared.runtime, model, { ...parameters, ...prefixed(batch, 'in.') }, { label: 'tower' })
  return { videos: float32Data(out['videos']!), texts: float32Data(out['texts']!) }
}

/** What a whole model gives for its inputs, rows of unit length; frames averaged and brought to unit length again. */
async function zeroShot(bytes: Uint8Array, feeds: TensorMap, output: string, perVideo: number): Promise<Float32Array> {
  const raw = float32Data((await runOnce(shared.runtime, bytes, feeds, { label: 'whole' }))[output]!)
  const unit = (rows: Float32Array): Float32Array => {
    const out = rows.slice()
    for (let row = 0; row < rows.length; row += width) {
      const length = Math.hypot(...rows.subarray(row, row + width))
      for (let i = row; i < row + width; i++) out[i] = rows[i]! / length
    }
    return out
  }
  const rows = unit(raw)
  const videos = new Float32Array(rows.length / perVideo)
  for (const [i, value] of rows.entries()) videos[Math.floor(i / (width * perVideo)) * width + (i % width)]! += value
  return unit(videos)
}

function furthest(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length)
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0)
}

describe.each<[string, Adaptation]>([
  ['all weights', { kind: 'all' }],
  ['low-rank updates', { kind: 'lowRank', rank: 2, scale: 4 }],
])('a tower over the last block of an encoder, %s', (_, adaptation) => {
  it('gives at the start what the whole encoder gives', async () => {
    const { tower, ...parts } = towerWith(adaptation)
    const { pictures, texts, batch } = await batchOf(parts, pairs, 5)
    const start = await embeddings(tower, tower.initialParameters(createRandom(2)), batch)
    expect(furthest(start['videos']!, await zeroShot(vision.bytes, pictures, 'image_embeds', frames))).toBeLessThan(
      1e-5,
    )
    expect(furthest(start['texts']!, await zeroShot(text.bytes, texts, 'text_embeds', 1))).toBeLessThan(1e-5)
  })

  it('is trained by MAMA steps, and the written encoder gives what was trained', async () => {
    const { tower, ...parts } = towerWith(adaptation)
    const train = await batchOf(parts, pairs, 5)
    const meta = await batchOf(parts, metaPairs, 6)
    const { session, start } = await openStep(tower)
    const losses: number[] = []
    for (let number = 1; number <= 10; number++) {
      const out = await session.run(stepFeeds(train.batch, meta.batch, number), { outputs: ['trainLoss', 'metaLoss'] })
      losses.push(Number(out['trainLoss']!.data[0]))
      expect(Number.isFinite(Number(out['metaLoss']!.data[0]))).toBe(true)
    }
    expect(losses.at(-1)!).toBeLessThan(0.7 * losses[0]!)

    const names = Object.keys(tower.parameterShapes)
    const trained = await session.readState(names)
    await session.dispose()
    // What softmax makes no difference of (the bias of the keys) only moves by rounding; everything else moves.
    const still = names.filter((name) => furthest(float32Data(trained[name]!), float32Data(start[name]!)) === 0)
    expect(still.filter((name) => !name.includes('k_proj'))).toEqual([])

    // The tower as at the start over the written encoder is the trained encoder alone.
    const encoderOnly = {
      ...trained,
      ...Object.fromEntries(names.filter((x) => !x.startsWith('encoder.')).map((x) => [x, start[x]!])),
    }
    const expected = await embeddings(tower, encoderOnly, train.batch)
    for (const [half, fixture, feeds, perVideo, kind] of [
      ['vision', vision, train.pictures, frames, 'videos'],
      ['text', text, train.texts, 1, 'texts'],
    ] as const) {
      const written = mergedEncoder(half, parts[half], trained, fixture.bytes)
      const actual = await zeroShot(written, feeds, fixture.output, perVideo)
      expect(furthest(actual, expected[kind]!), half).toBeLessThan(1e-5)
      expect(furthest(actual, await zeroShot(fixture.bytes, feeds, fixture.output, perVideo)), half).toBeGreaterThan(
        1e-3,
      )
      const [before, after] = [inspectModel(fixture.bytes), inspectModel(written)]
      expect([after.inputs, after.outputs]).toEqual([before.inputs, before.outputs])
    }
  })

  it('has the hypergradient that differences of the meta loss have', async () => {
    const { tower, ...parts } = towerWith(adaptation)
    const [train, meta] = [await batchOf(parts, pairs, 5), await batchOf(parts, metaPairs, 6)]
    const { session, start: initial, step } = await openStep(tower)
    // A weighting network that has an opinion: a fresh one weighs all pairs nearly alike.
    const random = createRandom(3)
    const opinion = Object.entries(step.metaLearnedShapes).map(([name, shape]) => [
      name,
      floatTensor(
        shape,
        float32Data(initial[name]!).map(() => random.normal()),
      ),
    ])
    const start: TensorMap = { ...initial, ...(Object.fromEntries(opinion) as TensorMap) }
    const run = async (changes: TensorMap, outputs: string[]): Promise<TensorMap> => {
      await session.writeState({ ...start, ...changes })
      return session.run(
        { ...stepFeeds(train.batch, meta.batch, 1), ...scalars({ lookAheadRate: 0.1 }) },
        { outputs: ['metaLoss', ...outputs] },
      )
    }
    // Along the direction of the gradient itself, where the difference is largest.
    const names = Object.keys(step.metaLearnedShapes)
    const analytic = await run(
      {},
      names.map((name) => `g_phi.${name.slice(weightNetPrefix.length)}`),
    )
    const gradient = names.map((name) => float32Data(analytic[`g_phi.${name.slice(weightNetPrefix.length)}`]!))
    const length = Math.hypot(...gradient.flatMap((part) => [...part]))
    expect(length).toBeGreaterThan(0.1)
    const moved = (by: number): TensorMap =>
      Object.fromEntries(
        names.map((name, k) => {
          const { shape, data } = start[name]!
          const values = (data as Float32Array).map((value, i) => value + (by * gradient[k]![i]!) / length)
          return [name, floatTensor(shape, values)]
        }),
      )
    const at = async (by: number): Promise<number> => Number((await run(moved(by), []))['metaLoss']!.data[0])
    const h = 0.01
    const difference = ((await at(-2 * h)) - 8 * (await at(-h)) + 8 * (await at(h)) - (await at(2 * h))) / (12 * h)
    await session.dispose()
    expect(Math.abs(difference - length) / length).toBeLessThan(1e-3)
  })
})

it('weights of the encoder move as much slower as their factor says', async () => {
  const steps = await Promise.all(
    [1, 0.1].map(async (rateFactor) => {
      const parts = { vision: { ...partOf(vision, { kind: 'all' }), rateFactor }, text: partOf(text, { kind: 'all' }) }
      const temporal = { width, frames, blocks: 1, heads: 2, mlpRatio: 2, textHidden: 16, masked: true }
      const tower = encoderTower({ ...parts, temporal })
      const [train, meta] = [await batchOf(parts, pairs, 5), await batchOf(parts, metaPairs, 6)]
      const { session, start } = await openStep(tower)
      await session.run(stepFeeds(train.batch, meta.batch, 1), { outputs: ['trainLoss'] })
      const after = await session.readState(Object.keys(tower.parameterShapes))
      await session.dispose()
      const moved = (name: string): number => furthest(float32Data(after[name]!), float32Data(start[name]!))
      return [
        'encoder.vision/post_layernorm.weight',
        'encoder.text/final_layer_norm.weight',
        'video.block0.attn.wo',
      ].map((part) => moved(Object.keys(after).find((name) => name.startsWith(part))!))
    }),
  )
  const [plain, slow] = steps as [number[], number[]]
  expect(slow[0]! / plain[0]!).toBeCloseTo(0.1, 2)
  expect(slow[1]! / plain[1]!).toBeCloseTo(1, 5)
  expect(slow[2]! / plain[2]!).toBeCloseTo(1, 5)
})

it('vectors of the encoder are not decayed, matrices are', () => {
  const { tower } = towerWith({ kind: 'all' })
  expect(tower.withoutDecay!('encoder.vision/post_layernorm.weight')).toBe(true)
  expect(tower.withoutDecay!('encoder.vision/layers.1.mlp.fc1.bias')).toBe(true)
  const matrices = Object.entries(tower.parameterShapes).filter(
    ([name, shape]) => name.startsWith('encoder.') && shape.length === 2,
  )
  expect(matrices.length).toBe(14)
  for (const [name] of matrices) expect(tower.withoutDecay!(name)).toBe(false)
})

it('an encoder whose embeddings have another width than the tower is a mistake', () => {
  const part = partOf(vision, { kind: 'all' })
  const temporal = { width: 8, frames, blocks: 1, heads: 2, mlpRatio: 2, textHidden: 16, masked: true }
  expect(() => encoderTower({ vision: part, temporal })).toThrow('the vision encoder gives [16], the tower takes 8')
})

it('low-rank updates leave the weights themselves out of the parameters', () => {
  const { tower } = towerWith({ kind: 'lowRank', rank: 2, scale: 4 })
  const trained = Object.keys(tower.parameterShapes).filter((name) => name.startsWith('encoder.'))
  expect(trained.length).toBe(28) // A and B of seven matrices in each half
  expect(trained.every((name) => name.endsWith('/a') || name.endsWith('/b'))).toBe(true)
})
