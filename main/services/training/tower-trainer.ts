/**
 * Fits main/training to what the services need: which runtime, which plan, and how what a run learned is judged. The
 * meta-set chooses the margin and how much of the learned change is kept; the held-out exemplars choose nothing.
 */
import { defined, type TensorMap } from '../../base/index.ts'
import type { Device } from '../../contract/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import {
  checkpointEpoch,
  checkpointSettings,
  checkRunMemory,
  chooseBlend,
  chooseSettings,
  costedRun,
  createTowerEncoder,
  meanAndSpread,
  mergedEncoder,
  packTensors,
  planTraining,
  readPlan,
  towerModels,
  trainedPart,
  trainedParts,
  trainTowers,
  trialEpochsOf,
  unpackTensors,
  workFor,
  type PairSet,
  type Settings,
  type TemporalTowerConfig,
  type TrainedParts,
  type TrainedTowers,
  type TrainingPlan,
} from '../../training/index.ts'
import type { Tower } from '../models/index.ts'
import { exemplarLoss, scoreExemplars } from './held-out.ts'
import type { PairFeatures, Trainer } from './ports.ts'

/** What is learned from, and which parts of the encoder learn with the towers. */
type Learning = {
  readonly parts: TrainedParts
  readonly pairs: PairFeatures
  readonly metaSet: PairFeatures
}

/** @param runtimeFor a runtime that somebody else disposes of */
export function createTowerTrainer(runtimeFor: (device: Device) => Promise<Runtime>): Trainer {
  return {
    checkpointEpoch,
    plan: planTraining,
    work: workFor,
    understandsPlan: (plan) => readPlan(plan) !== undefined,
    checkMemory({ plan: recorded, upper, ...counts }) {
      return checkRunMemory(costedRun(understood(recorded), upper), counts, process.availableMemory())
    },
    async train({
      device,
      pairs,
      metaSet,
      heldOut,
      signal,
      checkpoint,
      onEpoch,
      onCheckpoint,
      onStep,
      onRecovery,
      ...request
    }) {
      const runtime = await runtimeFor(device)
      const plan = understood(request.plan)
      const { tower, shares } = plan
      const parts = trainedParts(request.upper ?? {}, plan.trained)
      const whole: Learning = { parts, pairs, metaSet }
      const common = { runtime, tower, signal, onStep, availableBytes: process.availableMemory() }
      const dataOf = (of: Learning) => ({ ...of.parts, pairs: pairSet(of.pairs), metaSet: pairSet(of.metaSet) })
      const settings = await settingsFor()
      const config = { ...plan.config, ...settings }
      const trained = await trainTowers({
        ...{ ...common, ...dataOf(whole), config, checkpoint, onEpoch, onCheckpoint, onRecovery },
        scoreHeldOut: async (candidate) =>
          meanAndSpread(
            await withTower(candidate, parts, (open) => scoreExemplars(open, tower.width, heldOut, metaSet)),
          ).mean,
      })
      const { parameters, share } = await keep(trained, whole)
      return {
        weights: packTensors(parameters),
        ...{ marginRadians: trained.marginRadians, recoveries: trained.recoveries },
        ...{ learnedShare: share, epochs: config.epochs, config: tower },
        ...{ device: runtime.provider, deviceReason: reasonForDevice(device, runtime.provider) },
      }

      async function settingsFor(): Promise<Settings> {
        if (checkpoint !== undefined) return checkpointSettings(checkpoint)
        const epochs = trialEpochsOf(plan.config.epochs)
        const small: Learning = request.trialsOn === undefined ? whole : { ...request.trialsOn, parts: {} }
        const { trials: _, ...settings } = await chooseSettings({
          ...{ margins: plan.margins, weightings: plan.weightings },
          async tryOut(candidate) {
            const trialConfig = { ...plan.config, ...candidate, epochs }
            const trial = await trainTowers({ ...common, ...dataOf(small), config: trialConfig })
            return -(await keep(trial, small)).meanLoss
          },
        })
        return settings
      }

      function keep({ start, last }: TrainedTowers, { parts, metaSet }: Learning): ReturnType<typeof chooseBlend> {
        const lossOf = (candidate: TensorMap): Promise<number> =>
          withTower(candidate, parts, (open) => exemplarLoss(open, tower.width, metaSet))
        return chooseBlend({ start, end: last, shares, lossOf })
      }

      async function withTower<T>(
        parameters: TensorMap,
        trained: TrainedParts,
        measure: (open: Tower) => Promise<T>,
      ): Promise<T> {
        const encoder = await createTowerEncoder(runtime, tower, parameters, trained)
        try {
          return await measure(encoder)
        } finally {
          await encoder.dispose()
        }
      }
    },
    async openTower({ weights, config, blocks }): Promise<Tower> {
      const parameters = weights === null ? {} : unpackTensors(weights).tensors
      const parts = blocks && trainedParts(blocks.upper, blocks.settings)
      return createTowerEncoder(await runtimeFor('auto'), config as TemporalTowerConfig, parameters, parts)
    },
    trainedGraph: (half, weights, { model, bytes }, settings) =>
      mergedEncoder(half, trainedPart(model, settings), unpackTensors(weights).tensors, bytes),
    towerGraphs(weights, config) {
      const { videos, texts } = towerModels(config as TemporalTowerConfig, unpackTensors(weights).tensors)
      return { 'video-tower.onnx': videos, 'text-tower.onnx': texts }
    },
  }
}

/** Why the run was computed where it was, as one sentence. */
export function reasonForDevice(asked: Device, provider: string): string {
  // Services that measure devices put what they measured in the place of the second sentence.
  return asked === 'auto' ? `Trained on ${provider}.` : `Trained on ${provider}, as asked for.`
}

function understood(plan: unknown): TrainingPlan {
  return defined(readPlan(plan), 'a plan that this version understands')
}

function pairSet({ ids, concepts: _, ...features }: PairFeatures): PairSet {
  return { ...features, count: ids.length }
}
