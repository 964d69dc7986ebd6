/** What a step is given of pairs and trusted pairs, and what runs with words of their own, trusted pairs and a keeping term do. */
import { describe, expect, it } from 'vitest'
import { createRandom, float32Data, type TensorMap } from '../../../main/base/index.ts'
import { openBatchSource } from '../../../main/training/batch-source.ts'
import type { TrainingConfig } from '../../../main/training/config.ts'
import { lexiconName } from '../../../main/training/lexicon-table.ts'
import type { PairSet } from '../../../main/training/pair-set.ts'
import { frozenPairs, startLosses } from '../../../main/training/start-losses.ts'
import { temporalTower } from '../../../main/training/towers.ts'
import { effectiveShare, trainTowers, type TrainedEpoch } from '../../../main/training/train-towers.ts'
import { useRuntime } from '../graph/runtime-in-tests.ts'
import { largestDifference, tinyConfig, tinyTower, tinyWorld } from './training-world.ts'

const shared = useRuntime()
const { width } = tinyTower
const lexiconSize = 6

/** Every text has one or two of six words; every other text is known to the encoder. */
function withFacts(set: PairSet): PairSet {
  const entries = Array.from({ length: set.count }, (_, i) => (i % 3 === 0 ? [] : [i % lexiconSize, 5].sort()))
  return { ...set, facts: { entries, known: Float32Array.from({ length: set.count }, (_, i) => i % 2) } }
}

const world = tinyWorld()
const [pairs, metaSet] = [withFacts(world.pairs), withFacts(world.metaSet)]
const config: TrainingConfig = { ...tinyConfig, trustedRepeats: 2 }

describe('the rows of an epoch', () => {
  const open = (changed: Partial<TrainingConfig> = {}) =>
    openBatchSource({ runtime: shared.runtime, pairs, metaSet, config: { ...config, ...changed }, width, lexiconSize })

  it('are the pairs once and the trusted pairs as often as they are repeated', async () => {
    const source = await open()
    expect(source.count).toBe(pairs.count + 2 * metaSet.count)
    const rows = source.batches(8, createRandom(1)).flat()
    expect(new Set(rows).size).toBe(source.count)
    expect((await open({ trustedRepeats: 0 })).count).toBe(pairs.count)
  })

  it('bring the features of their set', async () => {
    const source = await open()
    const { batchShapes } = temporalTower(tinyTower, { rows: source.lexiconRows })
    const trusted = pairs.count + metaSet.count + 2 // the second time that the third one comes
    const active = source.activeEntries([1, trusted], [])
    const feeds = source.trainFeeds([1, trusted], active, batchShapes)
    const text = float32Data(feeds['train.text']!)
    expect([...text.slice(0, width)]).toEqual([...pairs.texts.slice(width, 2 * width)])
    expect([...text.slice(width)]).toEqual([...metaSet.texts.slice(2 * width, 3 * width)])
    expect(active).toEqual([1, 2, 5])
    expect(feeds['train.wordFactors']!.shape).toEqual([2, source.lexiconRows])
    expect([...float32Data(feeds['train.known']!)]).toEqual([1, 0])
    expect(feeds['train.signals']!.shape).toEqual([2, 1])
  })
})

describe('the loss before training', () => {
  it('is that of the embeddings before training, above its median', async () => {
    const frozen = frozenPairs(pairs, width)
    const losses = await startLosses(shared.runtime, frozen, width)
    const dot = (i: number, j: number): number => {
      let sum = 0
      for (let d = 0; d < width; d++) sum += frozen.texts[i * width + d]! * frozen.videos[j * width + d]!
      return 20 * sum
    }
    const rows = [...Array(pairs.count).keys()]
    const plain = rows.map((i) => {
      const total = (of: (j: number) => number): number => Math.log(rows.reduce((sum, j) => sum + Math.exp(of(j)), 0))
      return (total((j) => dot(i, j)) + total((j) => dot(j, i))) / 2 - dot(i, i)
    })
    const median = [...plain].sort((a, b) => a - b)[pairs.count >> 1]!
    losses.forEach((loss, i) => expect(loss).toBeCloseTo(Math.max(-10, Math.min(10, plain[i]! - median)), 3))
  })
})

describe('a run with words of its own', () => {
  const train = async (changed: Partial<TrainingConfig> = {}, further: { checkpoint?: Uint8Array } = {}) => {
    const checkpoints: Uint8Array[] = []
    const epochs: TrainedEpoch[] = []
    const trained = await trainTowers({
      ...{ runtime: shared.runtime, tower: tinyTower, config: { ...config, ...changed }, pairs, metaSet, lexiconSize },
      ...further,
      onCheckpoint: (bytes) => checkpoints.push(bytes),
      onEpoch: (epoch) => epochs.push(epoch),
    })
    return { trained, checkpoints, epochs }
  }
  const withoutKeyBias = (parameters: TensorMap): TensorMap =>
    Object.fromEntries(Object.entries(parameters).filter(([name]) => !name.endsWith('bqkv')))

  it('gives each of them a vector, starting from none', async () => {
    const { trained } = await train()
    expect(trained.start[lexiconName]!.shape).toEqual([lexiconSize, width])
    expect(float32Data(trained.start[lexiconName]!).every((value) => value === 0)).toBe(true)
    // The first word that some text has is moved, in every run.
    expect(
      float32Data(trained.last[lexiconName]!)
        .slice(5 * width)
        .some((value) => value !== 0),
    ).toBe(true)
  })

  it('that was stopped goes on to the same bits', async () => {
    const { trained, checkpoints } = await train()
    for (const checkpoint of checkpoints) expect((await train({}, { checkpoint })).trained.last).toEqual(trained.last)
  })

  it.each(['mama', 'infonce'] as const)('in chunks trains as at once: %s', async (objective) => {
    const common = { objective, epochs: 1, learningRate: 0.01 }
    const [whole, chunked] = [await train(common), await train({ ...common, encodeChunk: 3 })]
    const difference = largestDifference(withoutKeyBias(chunked.trained.last), withoutKeyBias(whole.trained.last), 0.1)
    expect(difference).toBeLessThan(2e-3)
  })

  it('keeps what was known closer with a keeping term than without', async () => {
    const moved = async (keepWeight: number): Promise<number> => {
      const { trained } = await train({ keepWeight, objective: 'infonce', epochs: 12, learningRate: 5e-3 })
      const own = Object.entries(trained.last).filter(([name]) => name.startsWith('text.w'))
      return Math.sqrt(
        own
          .flatMap(([name, { data }]) => {
            const start = trained.start[name]!.data as Float32Array
            return [...(data as Float32Array)].map((value, i) => (value - start[i]!) ** 2)
          })
          .reduce((sum, value) => sum + value, 0),
      )
    }
    expect(await moved(30)).toBeLessThan(await moved(0))
  })

  it('says how many pairs its batches lean on', async () => {
    const { epochs } = await train()
    for (const { effectiveShare: share } of epochs) {
      expect(share).toBeGreaterThan(0)
      expect(share).toBeLessThanOrEqual(1)
    }
    expect(effectiveShare(Float32Array.of(1, 0, 0, 0))).toBe(0.25)
    expect(effectiveShare(Float32Array.of(0.3, 0.3))).toBeCloseTo(1, 6)
    expect((await train({ objective: 'infonce' })).epochs[0]!.effectiveShare).toBe(1)
  })
})
