/**
 * A whole run over the last block of an encoder of texts, with token ids above the cut (CLIP reads a text at its end token), alone
 * and together with that of pictures: the loop, its checkpoints, steps in pieces, texts that are fetched batch by batch.
 */
import { describe, expect, it } from 'vitest'
import { createRandom, float32Data, sizeOf } from '../../../main/base/index.ts'
import { splitModel } from '../../../main/graph/index.ts'
import {
  checkRunMemory,
  createTowerEncoder,
  defaultTrainingConfig,
  towerOver,
  trainTowers,
  type Adaptation,
  type PairSet,
  type TextRows,
  type TrainedParts,
  type TrainedTowers,
  type TrainTowersOptions,
} from '../../../main/training/index.ts'
import { feedsFor, fixturePath, readFixture } from '../graph/import/fixtures.ts'
import { runOnce, useRuntime } from '../graph/runtime-in-tests.ts'
import { largestDifference } from './training-world.ts'

const shared = useRuntime()
const [frames, width, count] = [2, 16, 10]
const temporal = { width, frames, blocks: 1, heads: 2, mlpRatio: 2, textHidden: 16, masked: true }
const text = readFixture(fixturePath('clip/onnx/text_model'), 77)
const picture = readFixture(fixturePath('clip/onnx/vision_model'), 77)

function partsOf(halves: 'text' | 'both', adaptation: Adaptation): TrainedParts {
  const part = ({ model, inputs, output }: typeof text) => ({
    ...{ model: splitModel(model, { inputs, output, blocks: 1 }), adaptation },
  })
  return { text: part(text), ...(halves === 'both' && { vision: part(picture) }) }
}

const numbers = (length: number, seed: number): Float32Array => {
  const random = createRandom(seed)
  return Float32Array.from({ length }, () => random.normal())
}

/** Frames without meaning, and texts of random tokens below the block; row i of one belongs to row i of the other. */
async function pairSet({ vision, text: part }: TrainedParts, seed: number): Promise<PairSet> {
  const feeds = feedsFor(text.inputs, count, seed)
  const lower = await runOnce(shared.runtime, part!.model.lower(text.bytes), feeds, { label: 'lower part' })
  const frameSize = vision === undefined ? width : sizeOf(vision.model.cutShape)
  return {
    ...{ count, frames: numbers(count * frames * frameSize, seed), mask: new Float32Array(count * frames).fill(1) },
    texts: float32Data(lower['activations']!),
    textSide: { input_ids: Float32Array.from(feeds['input_ids']!.data as BigInt64Array, Number) },
  }
}

async function optionsFor(parts: TrainedParts): Promise<TrainTowersOptions> {
  const [pairs, metaSet] = [await pairSet(parts, 1), await pairSet(parts, 2)]
  const sizes = { epochs: 3, batchSize: 5, metaBatchSize: 4, weightNetHidden: 8 }
  // Only the pairs, so that an epoch's batches are known.
  const config = { ...defaultTrainingConfig, ...sizes, learningRate: 5e-3, trustedRepeats: 0 }
  return { runtime: shared.runtime, tower: temporal, ...parts, pairs, metaSet, config }
}

/** Names of what moved. */
const moved = ({ start, last }: TrainedTowers): string[] =>
  Object.keys(start).filter((name) => last[name]!.data.some((value, i) => value !== start[name]!.data[i]))

const adaptations: readonly [string, Adaptation][] = [
  ['all weights', { kind: 'all' }],
  ['low-rank updates', { kind: 'lowRank', rank: 2, scale: 2 }],
]

describe.each(adaptations)('%s', (_, adaptation) => {
  it.each([
    ['text', ['text']],
    ['both', ['text', 'vision']],
  ] as const)('of %s: lowers the loss and goes on from a checkpoint to the same bits', async (halves, trained) => {
    const options = await optionsFor(partsOf(halves, adaptation))
    const losses: number[] = []
    const checkpoints: Uint8Array[] = []
    const whole = await trainTowers({
      ...{ ...options, config: { ...options.config, encodeChunk: 3, epochs: 6 } },
      onEpoch: ({ meanLoss }) => losses.push(meanLoss),
      onCheckpoint: (bytes) => checkpoints.push(bytes),
    })
    expect(losses.at(-1)!).toBeLessThan(0.8 * losses[0]!)
    const halvesThatMoved = moved(whole).flatMap((name) => /^encoder\.(\w+)\//.exec(name)?.[1] ?? [])
    expect([...new Set(halvesThatMoved)].sort()).toEqual(trained)
    const config = { ...options.config, encodeChunk: 3, epochs: 6 }
    const resumed = await trainTowers({ ...options, config, checkpoint: checkpoints[2]! })
    expect(Object.keys(resumed.last).sort()).toEqual(Object.keys(whole.last).sort())
    for (const [name, { data }] of Object.entries(whole.last)) expect(resumed.last[name]!.data, name).toEqual(data)
  })

  it('trains in pieces as at once, the second order included', async () => {
    const options = await optionsFor(partsOf('text', adaptation))
    const train = (encodeChunk: number) =>
      trainTowers({ ...options, config: { ...options.config, epochs: 1, encodeChunk } })
    const [whole, pieces] = [await train(0), await train(3)]
    // The key bias has no gradient, and Adam makes full steps of its rounding noise.
    const compared = ({ last }: TrainedTowers) =>
      Object.fromEntries(Object.entries(last).filter(([name]) => !/bqkv|k_proj/.test(name)))
    expect(largestDifference(compared(pieces), compared(whole), 0.1)).toBeLessThan(1e-3)
  })
})

it('trains on texts that are fetched batch by batch as on those that lie in memory', async () => {
  const options = await optionsFor(partsOf('text', { kind: 'lowRank', rank: 2, scale: 2 }))
  const { texts, textSide } = options.pairs
  const fetched: number[] = []
  const textsOf = (rows: readonly number[]): TextRows => {
    fetched.push(rows.length)
    const take = (source: Float32Array): Float32Array => {
      const size = source.length / count
      return Float32Array.from(rows.flatMap((row) => [...source.subarray(row * size, (row + 1) * size)]))
    }
    return { texts: take(texts), textSide: { input_ids: take(textSide!['input_ids']!) } }
  }
  const pairs = { ...options.pairs, texts: new Float32Array(0), textSide: undefined, textsOf }
  const [inMemory, byBatch] = [await trainTowers(options), await trainTowers({ ...options, pairs })]
  expect(fetched).toEqual([5, 5, 5, 5, 5, 5])
  for (const [name, { data }] of Object.entries(inMemory.last)) expect(byBatch.last[name]!.data).toEqual(data)
})

it.each([
  ['siglip/onnx/text_model', 64, 20], // reads a text at its last place: nothing is needed above the cut
  ['mobileclip2/onnx/text_model', 77, 16], // token ids
  ['multilingual/onnx/text_model', 20, 16], // a mask, of texts that are not filled up to the whole context
])('trains with steps of the second order over the last block of %s', async (name, length, size) => {
  const fixture = readFixture(fixturePath(name), length)
  const { model: whole, inputs, output } = fixture
  const model = splitModel(whole, { inputs, output, blocks: 1 })
  const set = async (seed: number): Promise<PairSet> => {
    const feeds = feedsFor(inputs, count, seed)
    const lower = await runOnce(shared.runtime, model.lower(fixture.bytes), feeds, { label: 'lower part' })
    const side = Object.keys(model.sideInputs).map(
      (input) => [input, Float32Array.from(feeds[input]!.data as BigInt64Array, Number)] as const,
    )
    return {
      ...{ count, frames: numbers(count * frames * size, seed), mask: new Float32Array(count * frames).fill(1) },
      ...{ texts: float32Data(lower['activations']!), textSide: Object.fromEntries(side) },
    }
  }
  const losses: number[] = []
  const trained = await trainTowers({
    ...{ runtime: shared.runtime, tower: { ...temporal, width: size }, text: { model, adaptation: { kind: 'all' } } },
    ...{ pairs: await set(1), metaSet: await set(2) },
    config: { ...defaultTrainingConfig, epochs: 6, batchSize: 5, metaBatchSize: 4, encodeChunk: 3, learningRate: 5e-3 },
    onEpoch: ({ meanLoss }) => losses.push(meanLoss),
  })
  expect(losses.at(-1)!).toBeLessThan(0.9 * losses[0]!)
  expect(trained.recoveries).toEqual([])
  const still = Object.keys(trained.start).filter((part) => !moved(trained).includes(part))
  expect(still.filter((part) => !/k_proj|bias/.test(part))).toEqual([])
})

it('a batch without the token ids is a mistake that says so', async () => {
  const options = await optionsFor(partsOf('text', { kind: 'all' }))
  const pairs = { ...options.pairs, textSide: undefined }
  await expect(trainTowers({ ...options, pairs })).rejects.toThrow('what a batch has of text/input_ids')
})

it('counts what is held in memory with what a step needs', async () => {
  const { tower, text: part, config } = await optionsFor(partsOf('text', { kind: 'all' }))
  const run = { tower, text: part, config }
  const counts = { pairs: count, metaSet: count }
  expect(() => checkRunMemory(run, counts, 1e9)).not.toThrow()
  expect(() => checkRunMemory(run, { ...counts, heldBytes: 2e9 }, 1e9)).toThrow(
    /needs about 2\.\d GB of memory, and 1\.0 GB/,
  )
})

it('gives at the start, for any number of texts, what the whole encoder gives', async () => {
  const parts = partsOf('text', { kind: 'all' })
  const many = 70 // more than two runs
  const feeds = feedsFor(text.inputs, many, 5)
  const { activations } = await runOnce(shared.runtime, parts.text!.model.lower(text.bytes), feeds, { label: 'lower' })
  const side = { input_ids: Float32Array.from(feeds['input_ids']!.data as BigInt64Array, Number) }
  const parameters = towerOver(temporal, parts).initialParameters(createRandom(3))
  const encoder = await createTowerEncoder(shared.runtime, temporal, parameters, parts)
  const actual = await encoder.texts(float32Data(activations!), many, { side })
  await encoder.dispose()
  const whole = float32Data((await runOnce(shared.runtime, text.bytes, feeds, { label: 'whole' }))[text.output]!)
  for (let row = 0; row < many; row++) {
    const expected = whole.subarray(row * width, (row + 1) * width)
    const length = Math.hypot(...expected)
    expected.forEach((value, i) => expect(actual[row * width + i]).toBeCloseTo(value / length, 4))
  }
})
