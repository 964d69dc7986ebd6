/** The trainer itself, with blocks of a small published encoder: what settings are tried on, and what is trained then. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRandom, sizeOf } from '../../../../main/base/index.ts'
import {
  loadBundle,
  openUpperBlocks,
  openUpperTextBlocks,
  type UpperBlocks,
  type UpperTextBlocks,
} from '../../../../main/encoders/index.ts'
import { createRuntime, type Runtime } from '../../../../main/runtime/index.ts'
import type { PairFeatures } from '../../../../main/services/training/ports.ts'
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
    ...{ frames: numbers(count, frameCount, width), mask: new Float32Array(count * frameCount).fill(1) },
    ...{ texts: numbers(count, textWidth), concepts: Array.from({ length: count }, () => 'concept') },
    ...(textWidth !== dim && {
      textSide: { input_ids: Float32Array.from({ length: count * 77 }, () => random.integer(30)) },
    }),
  }
}

/** Numbers of a frame and of a text that went into training and judging: before the first checkpoint of the run, and after it. */
async function widthsOf(
  blocks: BlockSettings,
  upper: UpperModels,
  [width, textWidth]: readonly [number, number],
): Promise<{ trials: string[]; run: string[]; steps: number; epochs: number[]; trialEpochs: number }> {
  const widths = { trials: new Set<string>(), run: new Set<string>() }
  let phase: keyof typeof widths = 'trials'
  let steps = 0
  const watching: Runtime = {
    ...cpu,
    async createSession(model, options) {
      const session = await cpu.createSession(model, options)
      return {
        ...session,
        run(feeds, wanted) {
          for (const [name, { shape }] of Object.entries(feeds)) {
            if (/(^|\.)frames$/.test(name)) widths[phase].add(`frame ${sizeOf(shape.slice(2))}`)
            if (/(^|\.)text$/.test(name) && shape.length > 0) widths[phase].add(`text ${sizeOf(shape.slice(1))}`)
          }
          return session.run(feeds, wanted)
        },
      }
    },
  }
  const trainer = createTowerTrainer(async () => watching)
  const wishes = { objective: 'mama', marginRadians: 0.02, learnedShare: 1, epochs: 3, seed: 1, blocks } as const
  const plan = trainer.plan({ ...wishes, pairs: 6, dim, frameCount })
  const epochs: number[] = []
  await trainer.train({
    ...{ plan, device: 'cpu', upper, signal: new AbortController().signal },
    pairs: pairs(6, width, textWidth),
    metaSet: pairs(4, width, textWidth),
    heldOut: pairs(3, width, textWidth),
    trialsOn: { pairs: pairs(6, dim), metaSet: pairs(4, dim) },
    onStep: () => steps++,
    onEpoch: ({ epoch }) => epochs.push(epoch),
    onCheckpoint: () => (phase = 'run'),
  })
  const { trialEpochs } = trainer.work({ ...wishes, pairs: 6 })
  // Of the run, its first epoch comes before its first checkpoint.
  return { trials: [...widths.trials], run: [...widths.run].sort(), steps, epochs, trialEpochs }
}

const settings = { blocks: 0, rank: 1, rateFactor: 1 }

test('tries settings on features of the encoder, and trains with its blocks after that', async () => {
  const { trials, run, steps, epochs, trialEpochs } = await widthsOf(
    { ...settings, blocks: 1 },
    { vision: cut.model },
    [cut.dim, dim],
  )
  expect(trialEpochs).toBe(6)
  // One step an epoch.
  expect([steps, epochs]).toEqual([trialEpochs + 3, [1, 2, 3]])
  expect(run).toEqual([`frame ${cut.dim}`, `text ${dim}`])
  expect(trials).toEqual([`frame ${dim}`, `text ${dim}`, `frame ${cut.dim}`])
  expect(dim).not.toBe(cut.dim)
})

test('does so with blocks of texts, and with those of both', async () => {
  const upper = { vision: cut.model, text: cutTexts.model }
  const texts = await widthsOf({ ...settings, texts: 1 }, upper, [dim, cutTexts.dim])
  expect(texts.run).toEqual([`frame ${dim}`, `text ${cutTexts.dim}`])
  expect(texts.trials).toEqual([`frame ${dim}`, `text ${dim}`, `text ${cutTexts.dim}`])
  const both = await widthsOf({ ...settings, blocks: 1, texts: 1 }, upper, [cut.dim, cutTexts.dim])
  expect(both.run).toEqual([`frame ${cut.dim}`, `text ${cutTexts.dim}`])
  expect(both.trials.slice(0, 2)).toEqual([`frame ${dim}`, `text ${dim}`])
})
