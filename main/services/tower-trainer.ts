/**
 * Fits main/training to what the services need: which runtime, which plan, and how what a run learned is judged. The
 * meta-set chooses the margin and how much of the learned change is kept; the held-out exemplars choose nothing.
 */
import type { TensorMap } from '../base/index.ts'
import { defined } from '../base/index.ts'
import type { Device } from '../contract/index.ts'
import type { Runtime } from '../runtime/index.ts'
import {
  checkpointEpoch,
  checkpointMargin,
  chooseBlend,
  chooseMargin,
  createTowerEncoder,
  meanAndSpread,
  packTensors,
  planTraining,
  readPlan,
  trainTowers,
  unpackTensors,
  workFor,
  type PairSet,
  type TemporalTowerConfig,
  type TrainedTowers,
} from '../training/index.ts'
import { scoreExemplars } from './held-out.ts'
import type { PairFeatures, Tower, Trainer } from './ports.ts'

/** @param runtimeFor a runtime that somebody else disposes of */
export function createTowerTrainer(runtimeFor: (device: Device) => Promise<Runtime>): Trainer {
  return {
    checkpointEpoch,
    plan: planTraining,
    work: workFor,
    understandsPlan: (plan) => readPlan(plan) !== undefined,
    async train({ device, pairs, metaSet, heldOut, signal, checkpoint, onEpoch, onCheckpoint, ...request }) {
      const runtime = await runtimeFor(device)
      const plan = defined(readPlan(request.plan), 'a plan that this version understands')
      const { tower, shares } = plan
      const score = async (candidate: TensorMap, ...exemplars: [PairFeatures, PairFeatures?]): Promise<number[]> => {
        const encoder = await createTowerEncoder(runtime, tower, candidate)
        try {
          return await scoreExemplars(encoder, tower.width, ...exemplars)
        } finally {
          await encoder.dispose()
        }
      }
      const keep = ({ start, last }: TrainedTowers): ReturnType<typeof chooseBlend> =>
        chooseBlend({ start, end: last, shares, score: (candidate) => score(candidate, metaSet) })

      const common = { runtime, tower, signal, pairs: pairSet(pairs), metaSet: pairSet(metaSet) }
      const marginRadians = await marginFor()
      const config = { ...plan.config, marginRadians }
      const trained = await trainTowers({
        ...{ ...common, config, checkpoint, onEpoch, onCheckpoint },
        scoreHeldOut: async (candidate) => meanAndSpread(await score(candidate, heldOut, metaSet)).mean,
      })
      const { parameters, share } = await keep(trained)
      return {
        weights: packTensors(parameters),
        ...{ marginRadians, learnedShare: share, epochs: config.epochs, config: tower },
        ...{ device: runtime.provider, deviceReason: reasonForDevice(device, runtime.provider) },
      }

      async function marginFor(): Promise<number> {
        if (checkpoint !== undefined) return checkpointMargin(checkpoint)
        const { marginRadians: chosen } = await chooseMargin({
          ...{ ...common, config: { ...plan.config, marginRadians: 0 }, candidates: plan.margins },
          scoreTrial: async (trial) => (await keep(trial)).score,
        })
        return chosen
      }
    },
    async openTower({ weights, config }): Promise<Tower> {
      const parameters = weights === null ? {} : unpackTensors(weights).tensors
      return createTowerEncoder(await runtimeFor('auto'), config as TemporalTowerConfig, parameters)
    },
  }
}

/** Why the run was computed where it was, as one sentence. */
export function reasonForDevice(asked: Device, provider: string): string {
  if (asked !== 'auto') return `Trained on ${provider}, as asked for.`
  return provider === 'cpu'
    ? 'Trained on the processor: auto does not measure other devices yet. Name one with --device to use it.'
    : `Trained on ${provider}, the device that this app was started with.`
}

function pairSet({ ids, frames, mask, texts }: PairFeatures): PairSet {
  return { count: ids.length, frames, mask, texts }
}
