/** A whole run over the last block of an encoder: the loop, its checkpoint, and the encoder that is made of the result. */
import { expect, it } from 'vitest'
import { createRandom, sizeOf, type TensorMap } from '../../../main/base/index.ts'
import { splitModel } from '../../../main/graph/index.ts'
import {
  checkRunMemory,
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
    // Only the pairs, so that an epoch's batches are known.
    trustedRepeats: 0,
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

it('trains on frames that are fetched batch by batch as on those that lie in memory', async () => {
  const fetched: number[] = []
  const framesOf = (rows: readonly number[]): Float32Array => {
    fetched.push(rows.length)
    const size = frames * frameSize
    const out = new Float32Array(rows.length * size)
    rows.forEach((row, i) => out.set(pairs.frames.subarray(row * size, (row + 1) * size), i * size))
    return out
  }
  const config = { ...options().config, epochs: 2 }
  const inMemory = await trainTowers({ ...options(), config })
  const onDisk = { ...pairs, frames: new Float32Array(0), framesOf }
  const byBatch = await trainTowers({ ...options(), config, pairs: onDisk })
  expect(fetched).toEqual([5, 5, 5, 5])
  for (const [name, { data }] of Object.entries(inMemory.last)) expect(byBatch.last[name]!.data).toEqual(data)
})

it('says before anything is prepared that a run needs more memory than is free', () => {
  const run = { tower: temporal, vision, config: options().config }
  const counts = { pairs: 10, metaSet: 10 }
  expect(() => checkRunMemory(run, counts, 8e9)).not.toThrow()
  expect(() => checkRunMemory(run, counts, 5e7)).toThrow(/needs about 0\.1 GB of memory, and 0\.1 GB are free/)
})

it('gives embeddings for any number of videos, whatever the padded frames hold', async () => {
  const parameters: TensorMap = towerOver(temporal, { vision }).initialParameters(createRandom(3))
  const encoder = await createTowerEncoder(shared.runtime, temporal, parameters, { vision })
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
