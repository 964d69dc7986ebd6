/** Fits main/training to what the services need: which runtime, which plan, and how what a run learned is judged. */
import { z } from 'zod'
import { defined, float32Data, type TensorMap } from '../../base/index.ts'
import type { Device } from '../../contract/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import {
  buildLexicon,
  checkpointEpoch,
  checkRunMemory,
  costedRun,
  createEntriesOf,
  createTowerEncoder,
  emptyLexicon,
  isEarlierPlan,
  lexiconName,
  meanAndSpread,
  mergedEncoder,
  packTensors,
  planTraining,
  readPlan,
  towerModels,
  trainedPart,
  trainedParts,
  trainTowers,
  unpackTensors,
  workFor,
  type Lexicon,
  type TemporalTowerConfig,
  type TowerEncoder,
  type TrainingPlan,
} from '../../training/index.ts'
import type { Tower } from '../models/index.ts'
import { scoreExemplars } from './held-out.ts'
import { doubtsOf } from './pair-doubts.ts'
import { pairSet } from './pair-facts.ts'
import type { Trainer } from './ports.ts'

/** @param runtimeFor a runtime that somebody else disposes of */
export function createTowerTrainer(runtimeFor: (device: Device) => Promise<Runtime>): Trainer {
  return {
    checkpointEpoch,
    isEarlierPlan,
    plan: planTraining,
    work: workFor,
    understandsPlan: (plan) => readPlan(plan) !== undefined,
    checkMemory({ plan: recorded, upper, ...counts }) {
      return checkRunMemory(costedRun(understood(recorded), upper), counts, process.availableMemory())
    },
    async train({ device, pairs, metaSet, heldOut, upper = {}, plain, knowsWord, ...request }) {
      const runtime = await runtimeFor(device)
      const { tower, config, trained: blocks } = understood(request.plan)
      const parts = trainedParts(upper, blocks)
      const lexicon = buildLexicon([...pairs.strings, ...metaSet.strings], { knowsWord })
      const facts = { lexicon, knowsWord, width: tower.width }
      const sets = {
        pairs: pairSet(pairs, facts, plain?.pairs),
        metaSet: pairSet(metaSet, facts, plain?.metaSet),
      }
      const openWith = async (parameters: TensorMap): Promise<Tower> =>
        towerOf(await createTowerEncoder(runtime, tower, parameters, parts), lexicon)
      const { signal, checkpoint, onStep, onEpoch, onCheckpoint, onRecovery } = request
      const trained = await trainTowers({
        ...{ runtime, tower, config, signal, checkpoint, onStep, onEpoch, onCheckpoint, onRecovery, ...parts },
        ...{ lexiconSize: lexicon.words.length, availableBytes: process.availableMemory() },
        ...sets,
        async scoreHeldOut(parameters) {
          const open = await openWith(parameters)
          try {
            return meanAndSpread(await scoreExemplars(open, tower.width, heldOut, metaSet)).mean
          } finally {
            await open.dispose()
          }
        },
      })
      const doubts = await doubtsOf(
        { pairs, metaSet },
        {
          ...{ runtime, width: tower.width, seed: config.seed, signal },
          before: [sets.pairs, sets.metaSet].map(({ facts }) => defined(facts?.frozen, 'embeddings before training')),
          openTower: () => openWith(trained.last),
        },
      )
      return {
        doubts,
        weights: packTensors(trained.last, { lexicon }),
        ...{ marginRadians: trained.marginRadians, recoveries: trained.recoveries },
        ...{ epochs: config.epochs, config: tower },
        lexicon: { words: lexicon.words.length, rare: lexicon.seen.filter((texts) => texts === 2).length },
        ...{ device: runtime.provider, deviceReason: reasonForDevice(device, runtime.provider) },
      }
    },
    async openTower({ weights, config, blocks }): Promise<Tower> {
      const { tensors, lexicon } = weights === null ? { tensors: {}, lexicon: emptyLexicon } : unpackVersion(weights)
      const parts = blocks && trainedParts(blocks.upper, blocks.settings)
      const runtime = await runtimeFor('auto')
      return towerOf(await createTowerEncoder(runtime, config as TemporalTowerConfig, tensors, parts), lexicon)
    },
    trainedGraph: (half, weights, { model, bytes }, settings) =>
      mergedEncoder(half, trainedPart(model, settings), unpackTensors(weights).tensors, bytes),
    towerGraphs(weights, config) {
      const { tensors, lexicon } = unpackVersion(weights)
      const { videos, texts } = towerModels(config as TemporalTowerConfig, tensors)
      const vectors = tensors[lexiconName]
      return {
        'video-tower.onnx': videos,
        'text-tower.onnx': texts,
        ...(vectors && { 'lexicon.json': lexiconFile(lexicon, float32Data(vectors)) }),
      }
    },
  }
}

/** Versions from before there was a lexicon have none. */
const extraSchema = z.object({
  lexicon: z.object({ words: z.array(z.string()), seen: z.array(z.number()) }),
})

function unpackVersion(weights: Uint8Array): { readonly tensors: TensorMap; readonly lexicon: Lexicon } {
  const { tensors, extra } = unpackTensors(weights)
  return { tensors, lexicon: extraSchema.safeParse(extra).data?.lexicon ?? emptyLexicon }
}

/** Finds the words of the lexicon in texts, and hands the rest on. */
function towerOf(encoder: TowerEncoder, lexicon: Lexicon): Tower {
  const entriesOf = createEntriesOf(lexicon)
  return {
    videos: (frames, mask, count) => encoder.videos(frames, mask, count),
    texts: (features, strings, side = {}) =>
      encoder.texts(features, strings.length, { side, entries: strings.map(entriesOf) }),
    dispose: () => encoder.dispose(),
  }
}

/** Words, how often each was seen and its vector: what computes the input `ownWords` of the exported text tower. */
function lexiconFile({ words, seen }: Lexicon, vectors: Float32Array): Uint8Array {
  const width = vectors.length / words.length
  const rows = words.map((word, row) => ({
    ...{ word, seen: seen[row]! },
    vector: [...vectors.subarray(row * width, (row + 1) * width)],
  }))
  return new TextEncoder().encode(JSON.stringify(rows))
}

/** Why the run was computed where it was, as one sentence. */
export function reasonForDevice(asked: Device, provider: string): string {
  // Services that measure devices put what they measured in the place of the second sentence.
  return asked === 'auto' ? `Trained on ${provider}.` : `Trained on ${provider}, as asked for.`
}

function understood(plan: unknown): TrainingPlan {
  return defined(readPlan(plan), 'a plan that this version understands')
}
