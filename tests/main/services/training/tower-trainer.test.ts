/** The trainer itself, with blocks of a small published encoder: what is trained, and what it makes of words of its own. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRandom, sizeOf, type TensorMap } from '../../../../main/base/index.ts'
import {
  loadBundle,
  openUpperBlocks,
  openUpperTextBlocks,
  type UpperBlocks,
  type UpperTextBlocks,
} from '../../../../main/encoders/index.ts'
import { createRuntime, type GraphSession, type Runtime } from '../../../../main/runtime/index.ts'
import type { PairFeatures, Trainer, TrainingResult } from '../../../../main/services/training/ports.ts'
import { createTowerTrainer } from '../../../../main/services/training/tower-trainer.ts'
import type { BlockSettings, UpperModels } from '../../../../main/training/index.ts'
import { exportFolder, importFrom } from '../../encoders/exports.ts'

const frameCount = 2
let cpu: Runtime
let cut: UpperBlocks
let cutTexts: UpperTextBlocks
let dim: number
beforeAll(async () => {
  cpu = await createRuntime({ threads: 1 })
  const bundle = await loadBundle((await importFrom(exportFolder('clip'), cpu)).folder)
  cut = await openUpperBlocks({ bundle, runtime: cpu, blocks: 1 })
  cutTexts = await openUpperTextBlocks({ bundle, runtime: cpu, blocks: 1 })
  dim = bundle.manifest.embeddingWidth
})
afterAll(async () => {
  await Promise.all([cut.dispose(), cutTexts.dispose()])
  await cpu.dispose()
})

/** Random pairs whose frames and texts have so many numbers each; texts below blocks have the tokens that these read too. */
function pairs(count: number, width: number, textWidth = dim): PairFeatures {
  const random = createRandom(4).fork(`${count} ${width}`)
  const numbers = (...shape: number[]): Float32Array =>
    Float32Array.from({ length: sizeOf(shape) }, () => random.normal())
  return {
    ids: Array.from({ length: count }, (_, i) => `pair ${i}`),
    strings: Array.from({ length: count }, (_, i) => (i % 2 === 0 ? 'a red velora' : 'a red boot')),
    ...{ frames: numbers(count, frameCount, width), mask: new Float32Array(count * frameCount).fill(1) },
    ...{ texts: numbers(count, textWidth), concepts: Array.from({ length: count }, () => 'concept') },
    ...(textWidth !== dim && {
      textSide: { input_ids: Float32Array.from({ length: count * 77 }, () => random.integer(30)) },
    }),
  }
}

/** Numbers of a frame and of a text that went into training and judging, from the first step on. */
async function widthsOf(
  blocks: BlockSettings,
  upper: UpperModels,
  [width, textWidth]: readonly [number, number],
): Promise<{ run: string[]; steps: number; epochs: number[]; result: TrainingResult; trainer: Trainer }> {
  const widths = new Set<string>()
  let steps = 0
  const watching: Runtime = {
    ...cpu,
    async createSession(model, options) {
      const session = await cpu.createSession(model, options)
      const { run } = session
      // The session itself, since others may share its state.
      return Object.assign(session, {
        run(feeds: TensorMap, wanted?: Parameters<GraphSession['run']>[1]) {
          // Beside `video` stand finished embeddings: the loss over the chunks of a batch.
          const read = 'video' in feeds ? [] : Object.entries(feeds)
          for (const [name, { shape }] of read) {
            if (/(^|\.)frames$/.test(name)) widths.add(`frame ${sizeOf(shape.slice(2))}`)
            if (/(^|\.)text$/.test(name) && shape.length > 0) widths.add(`text ${sizeOf(shape.slice(1))}`)
          }
          return run(feeds, wanted)
        },
      })
    },
  }
  const trainer = createTowerTrainer(async () => watching)
  const wishes = { objective: 'mama', marginRadians: 0.02, epochs: 3, seed: 1, blocks } as const
  const plan = trainer.plan({ ...wishes, pairs: 6, metaSet: 4, dim, frameCount })
  const epochs: number[] = []
  const result = await trainer.train({
    ...{ plan, device: 'cpu', upper, signal: new AbortController().signal },
    pairs: pairs(6, width, textWidth),
    metaSet: pairs(4, width, textWidth),
    heldOut: pairs(3, width, textWidth),
    plain: { pairs: pairs(6, dim), metaSet: pairs(4, dim) },
    knowsWord: (word) => word !== 'velora',
    onStep: () => steps++,
    onEpoch: ({ epoch }) => epochs.push(epoch),
    onCheckpoint: () => undefined,
  })
  return { run: [...widths].sort(), steps, epochs, result, trainer }
}

const settings = { blocks: 0, rank: 1, rateFactor: 1 }

test('trains with blocks of the encoder from the first step on', async () => {
  const { run, steps, epochs } = await widthsOf({ ...settings, blocks: 1 }, { vision: cut.model }, [cut.dim, dim])
  // Six pairs and three times four trusted pairs fit into one step an epoch.
  expect([steps, epochs]).toEqual([3, [1, 2, 3]])
  expect(run).toEqual([`frame ${cut.dim}`, `text ${dim}`])
  expect(dim).not.toBe(cut.dim)
})

test('does so with blocks of texts, and with those of both', async () => {
  const upper = { vision: cut.model, text: cutTexts.model }
  const texts = await widthsOf({ ...settings, texts: 1 }, upper, [dim, cutTexts.dim])
  expect(texts.run).toEqual([`frame ${dim}`, `text ${cutTexts.dim}`])
  const both = await widthsOf({ ...settings, blocks: 1, texts: 1 }, upper, [cut.dim, cutTexts.dim])
  expect(both.run).toEqual([`frame ${cut.dim}`, `text ${cutTexts.dim}`])
})

test('a version holds the words that the encoder does not know, and reads them in whatever text comes', async () => {
  const upper = { vision: cut.model }
  const blocks = { ...settings, blocks: 1 }
  const { result, trainer } = await widthsOf(blocks, upper, [cut.dim, dim])
  expect(result.lexicon).toEqual({ words: 1, rare: 0 })
  expect(result.doubts).toBeUndefined() // six pairs of one concept: none can be put beside a text of another
  const tower = await trainer.openTower({ weights: result.weights, config: result.config, dim, frameCount })
  const feature = Float32Array.from({ length: dim }, (_, i) => Math.cos(i))
  const embed = async (text: string): Promise<number[]> => [...(await tower.texts(feature, [text]))]
  const [own, folded, other] = [await embed('Velora!'), await embed('some velora'), await embed('boots')]
  expect(own).toEqual(folded)
  expect(own).not.toEqual(other)
  await tower.dispose()
  const files = trainer.towerGraphs(result.weights, result.config)
  const [entry, ...more] = JSON.parse(new TextDecoder().decode(files['lexicon.json'])) as {
    word: string
    vector: number[]
  }[]
  expect([entry!.word, entry!.vector.length, more]).toEqual(['velora', dim, []])
})

test('says of each pair how likely it is wrong, also of pairs that are fetched batch by batch', async () => {
  const trainer = createTowerTrainer(async () => cpu)
  const [count, trusted] = [12, 8]
  const wishes = { objective: 'mama', epochs: 2, seed: 1 } as const
  const differing = (features: PairFeatures): PairFeatures => ({
    ...features,
    concepts: features.ids,
    strings: features.ids.map((id) => `a boot, ${id}`),
  })
  const [all, metaSet, heldOut] = [pairs(count, dim), pairs(trusted, dim), pairs(3, dim)].map(differing) as [
    PairFeatures,
    PairFeatures,
    PairFeatures,
  ]
  const perRow = frameCount * dim
  const fetched: PairFeatures = {
    ...all,
    frames: new Float32Array(0),
    framesOf: (rows) =>
      Float32Array.from(rows.flatMap((row) => [...all.frames.subarray(row * perRow, (row + 1) * perRow)])),
  }
  const train = async (of: PairFeatures): Promise<TrainingResult> =>
    trainer.train({
      plan: trainer.plan({ ...wishes, pairs: count, metaSet: trusted, dim, frameCount }),
      ...{ device: 'cpu', signal: new AbortController().signal, pairs: of, metaSet, heldOut },
      plain: { pairs: all, metaSet },
      knowsWord: () => true,
      onEpoch: () => undefined,
      onCheckpoint: () => undefined,
    })
  const { doubts } = await train(all)
  expect(doubts).toHaveLength(count)
  expect([...doubts!].every((doubt) => doubt >= 0 && doubt <= 1)).toBe(true)
  expect((await train(fetched)).doubts).toEqual(doubts)
})
