/** Training: what a run would use and take, runs and their curves, on which device, and what a version changed. */
import { AppError, type Device, type FeatureHandlers, type Handlers } from '../../contract/index.ts'
import type { Library, ModelVersion, SettingStore } from '../../storage/index.ts'
import type { Jobs, Work, WorkTally } from '../jobs/index.ts'
import type { VideoReader } from '../library/index.ts'
import type { Models } from '../models/index.ts'
import type { ReadyModel, WithReady } from '../search/index.ts'
import { readSettings } from '../shared/app-settings.ts'
import type { LibraryAccess } from '../shared/library-access.ts'
import type { BundleStore, FeatureEncoder } from '../shared/ports.ts'
import { trainableBlocks } from './blocks/trainable-blocks.ts'
import { compareModels } from './compare.ts'
import { listDevices } from './device-list.ts'
import { chooseDevice, rememberedChoice, type DeviceParts } from './devices.ts'
import type { BlockCosts, Trainer } from './ports.ts'
import { preflight, type PreflightParts } from './preflight.ts'
import { trainModel } from './train.ts'
import { trainOnDevice } from './train-on-device.ts'
import { listRuns, runDetail } from './training-runs.ts'

export { createBlockCosts } from './blocks/block-costs.ts'
export type { DeviceParts } from './devices.ts'
export { exemplarParts, gatherPairs, leastExemplars, pairKey, textsKeptAs, videoTexts } from './pairs.ts'
export type { BlockCosts, Trainer } from './ports.ts'
export { giveUpRun } from './start-run.ts'
export { createTowerTrainer } from './tower-trainer.ts'
export { hasWeights, objectiveOf, weightCurve } from './training-runs.ts'

export type TrainingParts = {
  readonly access: LibraryAccess
  readonly jobs: Jobs
  readonly tally: WorkTally
  readonly models: Pick<Models, 'versions' | 'openTower'>
  readonly withReady: WithReady
  readonly reader: VideoReader
  readonly bundles: Pick<BundleStore, 'cut' | 'cutTexts'>
  readonly trainer: Trainer
  readonly devices: DeviceParts
  readonly blockCosts: BlockCosts
  /** The encoder in use. */
  readonly encoder: () => Promise<FeatureEncoder>
  /** Its id, without loading it. */
  readonly encoderId: () => Promise<string>
  /** The id of its bundle. */
  readonly activeBundle: () => Promise<string>
  /** It, as estimates want to know it. */
  readonly encoderFacts: () => Promise<Awaited<ReturnType<PreflightParts['encoder']>> & { readonly id: string }>
  /** Bytes of memory that are free now. */
  readonly availableMemory: () => number
  readonly appVersion: string
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export function createTraining(parts: TrainingParts): {
  readonly handlers: FeatureHandlers<'training'>
  readonly work: () => Pick<Work, 'train'>
} {
  const { access, jobs, models, trainer, bundles, reader, devices, encoder, encoderId, encoderFacts, now } = parts
  const { view, change } = access
  const isTraining = (): boolean => jobs.queueIfWritable()?.isTraining() ?? false

  const train: Handlers['train'] = async (input, context) => {
    const library = access.open('write')
    const trunk = await encoder()
    const openTower = (model: ModelVersion) => models.openTower(library, model)
    const onDevice = trainOnDevice(trainer, (signal) => chooseDevice(devices, library.settings, { signal }))
    const bundle = await parts.activeBundle()
    return parts.tally.during('training', () =>
      trainModel(
        {
          ...{ library, encoder: trunk, trainer: onDevice, openTower, reader, now },
          ...{ cut: (blocks) => bundles.cut(bundle, blocks), machine: devices.machine },
          cutTexts: (blocks, texts) => bundles.cutTexts(bundle, blocks, texts),
          encoderOf: (model) => models.versions.of(library, model, trunk),
        },
        input,
        context,
      ),
    )
  }
  const examine = async (library: Library, request: Parameters<typeof preflight>[1]): ReturnType<typeof preflight> => {
    const { blockCosts, availableMemory } = parts
    const known: PreflightParts = {
      ...{ library, trainer, devices, blockCosts, availableMemory },
      ...{ encoderId: await encoderId(), encoder: encoderFacts },
    }
    return preflight(known, deviceOf(library, request, devices))
  }
  /** Without a library nothing is remembered. */
  const settingsIfThere = (): Pick<SettingStore, 'get' | 'set'> => {
    try {
      return access.open('write').settings
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'library.missing') throw error
      return { get: () => undefined, set: () => undefined }
    }
  }

  return {
    handlers: {
      train,
      devices(input, { signal }) {
        const list = () => listDevices(devices, settingsIfThere(), { ...input, signal })
        return input.measure ? parts.tally.undisturbed('a training step', list) : list()
      },
      trainableBlocks: async () => {
        const { blockCosts, appVersion } = parts
        return trainableBlocks({ library: view(), blockCosts, appVersion }, await encoderFacts())
      },
      preflight: (input) => examine(view(), input),
      startTraining: async (input) => {
        const library = change()
        const { problems } = await examine(library, input)
        const [problem] = problems
        if (problem !== undefined) throw new AppError(problem.code, problem.message)
        return { job: jobs.queue().start('train', withDevice(library, input)) }
      },
      runs: async () => listRuns(view(), isTraining()),
      run: async ({ run }) => runDetail(view(), run, await encoderId(), isTraining()),
      compare: async ({ before, after }, context) => {
        const library = view()
        const ready = (choice: string) => {
          return <T>(use: (ready: ReadyModel, encoder: FeatureEncoder) => Promise<T>): Promise<T> =>
            parts.withReady(library, choice, context.signal, use)
        }
        const comparing = { library, encoderId: await encoderId(), before: ready(before), after: ready(after) }
        return compareModels(comparing, context)
      },
    },
    work: () => ({ train }),
  }
}

/** The device of the settings, where the request leaves it open. */
function withDevice<T extends { readonly device: Device }>(library: Library, request: T): T {
  return request.device === 'auto' ? { ...request, device: readSettings(library).device } : request
}

/** As `withDevice`; what auto comes to, as far as it is known without measuring. */
function deviceOf<T extends { readonly device: Device }>(library: Library, request: T, devices: DeviceParts): T {
  const asked = withDevice(library, request)
  return asked.device === 'auto'
    ? { ...asked, device: rememberedChoice(devices, library.settings)?.device ?? 'cpu' }
    : asked
}
