/** The trainer itself, with blocks of a small published encoder: what settings are tried on, and what is trained then. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRandom, sizeOf } from '../../../main/base/index.ts'
import { loadBundle, openUpperBlocks, type UpperBlocks } from '../../../main/encoders/index.ts'
import { createRuntime, type Runtime } from '../../../main/runtime/index.ts'
import type { PairFeatures } from '../../../main/services/ports.ts'
import { createTowerTrainer } from '../../../main/services/tower-trainer.ts'
import { exportFolder, importFrom } from '../encoders/exports.ts'

const frameCount = 2
let cpu: Runtime
let cut: UpperBlocks
let dim: number
beforeAll(async () => {
  cpu = await createRuntime({ threads: 1 })
  const bundle = await loadBundle((await importFrom(exportFolder('clip'), cpu)).folder)
  cut = await openUpperBlocks({ bundle, runtime: cpu, blocks: 1 })
  dim = bundle.manifest.embeddingWidth
})
afterAll(async () => {
  await cut.dispose()
  await cpu.dispose()
})

/** Random pairs whose frames have `width` numbers. */
function pairs(count: number, width: number): PairFeatures {
  const random = createRandom(4).fork(`${count} ${width}`)
  const numbers = (...shape: number[]): Float32Array =>
    Float32Array.from({ length: sizeOf(shape) }, () => random.normal())
  return {
    ids: Array.from({ length: count }, (_, i) => `pair ${i}`),
    ...{ frames: numbers(count, frameCount, width), mask: new Float32Array(count * frameCount).fill(1) },
    ...{ texts: numbers(count, dim), concepts: Array.from({ length: count }, () => 'concept') },
  }
}

test('tries settings on features of the encoder, and trains with its blocks after that', async () => {
  /** Numbers of a frame that went into training and judging, by whether an epoch of the run was done. */
  const widths = { trials: new Set<number>(), run: new Set<number>() }
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
            if (/(^|\.)frames$/.test(name)) widths[phase].add(sizeOf(shape.slice(2)))
          }
          return session.run(feeds, wanted)
        },
      }
    },
  }
  const trainer = createTowerTrainer(async () => watching)
  const blocks = { blocks: 1, rank: 1, rateFactor: 1 }
  const wishes = { objective: 'mama', marginRadians: 0.02, learnedShare: 1, epochs: 3, seed: 1, blocks } as const
  const plan = trainer.plan({ ...wishes, pairs: 6, dim, frameCount })
  const trialEpochs = trainer.work({ ...wishes, pairs: 6 }).trialEpochs
  const epochs: number[] = []
  await trainer.train({
    ...{ plan, device: 'cpu', upper: { vision: cut.model }, signal: new AbortController().signal },
    ...{ pairs: pairs(6, cut.dim), metaSet: pairs(4, cut.dim), heldOut: pairs(3, cut.dim) },
    trialsOn: { pairs: pairs(6, dim), metaSet: pairs(4, dim) },
    onStep: () => steps++,
    onEpoch: ({ epoch }) => epochs.push(epoch),
    onCheckpoint: () => (phase = 'run'),
  })
  expect(trialEpochs).toBe(6)
  // One step an epoch.
  expect([steps, epochs]).toEqual([trialEpochs + 3, [1, 2, 3]])
  expect(widths.run).toEqual(new Set([cut.dim]))
  // The first epoch of the run, before its checkpoint, is with the trials here.
  expect([...widths.trials]).toEqual([dim, cut.dim])
  expect(dim).not.toBe(cut.dim)
})
