/** Fits main/training to what the services need: which runtime, which tower, and how a held-out score is taken. */
import type { TensorMap } from '../base/index.ts'
import type { Device } from '../contract/index.ts'
import type { Runtime } from '../runtime/index.ts'
import {
  checkpointEpoch,
  checkpointMargin,
  chooseMargin,
  createTowerEncoder,
  defaultTemporalTower,
  defaultTrainingConfig,
  epochsFor,
  packTensors,
  partsOf,
  trainTowers,
  unpackTensors,
  type PairSet,
  type TemporalTowerConfig,
} from '../training/index.ts'
import { meanAveragePrecision } from './held-out.ts'
import type { PairFeatures, Tower, Trainer } from './ports.ts'

/** @param runtimeFor a runtime that somebody else disposes of */
export function createTowerTrainer(runtimeFor: (device: Device) => Promise<Runtime>): Trainer {
  return {
    checkpointEpoch,
    async train({ dim, frameCount, pairs, metaSet, heldOut, onEpoch, onCheckpoint, ...request }) {
      const runtime = await runtimeFor(request.device)
      const tower = towerConfig(dim, frameCount)
      const { objective, seed, signal, checkpoint } = request
      const base = {
        ...defaultTrainingConfig,
        objective,
        seed,
        epochs: request.epochs ?? epochsFor(pairs.ids.length, defaultTrainingConfig),
      }
      const common = {
        ...{ runtime, tower, signal, pairs: pairSet(pairs), metaSet: pairSet(metaSet) },
        scoreHeldOut: (candidate: TensorMap) => scoreHeldOut(runtime, tower, candidate, heldOut),
      }
      const config = { ...base, marginRadians: await marginFor() }
      const { parameters } = await trainTowers({ ...common, config, checkpoint, onEpoch, onCheckpoint })

      async function marginFor(): Promise<number> {
        if (!partsOf(objective).margin) return 0
        if (checkpoint !== undefined) return checkpointMargin(checkpoint)
        if (request.marginRadians !== undefined) return request.marginRadians
        return (await chooseMargin({ ...common, config: base })).marginRadians
      }
      return {
        weights: packTensors(parameters),
        marginRadians: config.marginRadians,
        epochs: config.epochs,
        device: runtime.provider,
        config: tower,
      }
    },
    async openTower({ weights, config }): Promise<Tower> {
      const parameters = weights === null ? {} : unpackTensors(weights).tensors
      return createTowerEncoder(await runtimeFor('auto'), config as TemporalTowerConfig, parameters)
    },
  }
}

/** The tower over trunk features of width `dim`; its heads must divide the width. */
export function towerConfig(dim: number, frameCount: number): TemporalTowerConfig {
  const heads = [defaultTemporalTower.heads, 2, 1].find((count) => dim % count === 0)!
  return { ...defaultTemporalTower, heads, width: dim, frames: frameCount, textHidden: 2 * dim }
}

function pairSet({ ids, frames, mask, texts }: PairFeatures): PairSet {
  return { count: ids.length, frames, mask, texts }
}

async function scoreHeldOut(
  runtime: Runtime,
  config: TemporalTowerConfig,
  parameters: TensorMap,
  { ids, frames, mask, texts, concepts }: PairFeatures,
): Promise<number> {
  const encoder = await createTowerEncoder(runtime, config, parameters)
  try {
    const videos = await encoder.videos(frames, mask, ids.length)
    return meanAveragePrecision(await encoder.texts(texts, ids.length), videos, config.width, concepts)
  } finally {
    await encoder.dispose()
  }
}
