/** A whole run over the last block of an encoder: the loop, its checkpoint, and the encoder that is made of the result. */
import { expect, it } from 'vitest'
import { createRandom, sizeOf, type TensorMap } from '../../../main/base/index.ts'
import { splitModel } from '../../../main/graph/index.ts'
import {
  createTowerEncoder,
  defaultTrainingConfig,
  towerOver,
  trainTowers,
  type PairSet,
  type TrainedPart,
  type TrainTowersOptions,
} from '../../../main/training/index.ts'
import { fixturePath, readFixture } from '../graph/import/fixtures.ts'
import { useRuntime } from '../graph/runtime-in-tests.ts'

const shared = useRuntime()
const [frames, width, count] = [2, 16, 10]
const temporal = { width, frames, blocks: 1, heads: 2, mlpRatio: 2, textHidden: 16, masked: true }
const { model, inputs, output } = readFixture(fixturePath('clip/onnx/vision_model'), 77)
const vision: TrainedPart = {
  model: splitModel(model, { inputs, output, blocks: 1 }),
  adaptation: { kind: 'lowRank', rank: 2, scale: 2 },
}
const frameSize = sizeOf(vision.model.cutShape)

/** Activations and texts without meaning; row i of one belongs to row i of the other. The last frame of odd rows is padding. */
function pairSet(seed: number): PairSet {
  const random = createRandom(seed)
  const numbers = (length: number): Float32Array => Float32Array.from({ length }, () => random.normal())
  const texts = numbers(count * width)
  for (let row = 0; row < count; row++) {
    const length = Math.hypot(...texts.subarray(row * width, (row + 1) * width))
    for (let i = row * width; i < (row + 1) * width; i++) texts[i]! /= length
  }
  const mask = Float32Array.from({ length: count * frames }, (_, i) => (i % 4 === 3 ? 0 : 1))
  return { count, frames: numbers(count * frames * frameSize), mask, texts }
}

const pairs = pairSet(1)

const options = (): TrainTowersOptions => ({
  ...{ runtime: shared.runtime, tower: temporal, vision, pairs, metaSet: pairSet(2) },
  config: {
    ...defaultTrainingConfig,
    epochs: 6,
    batchSize: 5,
    metaBatchSize: 4,
    learningRate: 5e-3,
    weightNetHidden: 8,
  },
})

it('lowers the loss, moves the encoder, and goes on from a checkpoint to the same numbers', async () => {
  const losses: number[] = []
  const checkpoints: Uint8Array[] = []
  const whole = await trainTowers({
    ...options(),
    onEpoch: ({ meanLoss }) => losses.push(meanLoss),
    onCheckpoint: (bytes) => checkpoints.push(bytes),
  })
  expect(losses.at(-1)!).toBeLessThan(0.7 * losses[0]!)
  const moved = Object.entries(whole.last).filter(([name, { data }]) =>
    data.some((value, i) => value !== whole.start[name]!.data[i]),
  )
  expect(moved.filter(([name]) => name.startsWith('encoder.vision/'))).toHaveLength(14)

  const resumed = await trainTowers({ ...options(), checkpoint: checkpoints[2]! })
  expect(Object.keys(resumed.last).sort()).toEqual(Object.keys(whole.last).sort())
  for (const [name, { data }] of Object.entries(whole.last)) expect(resumed.last[name]!.data).toEqual(data)
})

it('gives embeddings for any number of videos, whatever the padded frames hold', async () => {
  const parameters: TensorMap = towerOver(temporal, vision).initialParameters(createRandom(3))
  const encoder = await createTowerEncoder(shared.runtime, temporal, parameters, vision)
  const embeddings = await encoder.videos(pairs.frames, pairs.mask, count)
  expect(embeddings.length).toBe(count * width)
  for (let row = 0; row < count; row++) {
    expect(Math.hypot(...embeddings.subarray(row * width, (row + 1) * width))).toBeCloseTo(1, 5)
  }
  const spoilt = pairs.frames.map((value, i) => (pairs.mask[Math.floor(i / frameSize)] === 0 ? 7 : value))
  const again = await encoder.videos(spoilt, pairs.mask, count)
  expect(Math.max(...again.map((value, i) => Math.abs(value - embeddings[i]!)))).toBeLessThan(1e-6)
  const texts = await encoder.texts(pairs.texts, count)
  expect(Math.max(...texts.map((value, i) => Math.abs(value - pairs.texts[i]!)))).toBeLessThan(1e-6) // at the start
  await encoder.dispose()
})
