/** The handlers of the training screen and of the model versions: what a run would take, runs as jobs, and which version is used. */
import { AppError, type Device, type Handlers } from '../../contract/index.ts'
import type { Library } from '../../storage/index.ts'
import { readSettings } from '../shared/app-settings.ts'
import { estimatePromotion } from '../models/choose-version.ts'
import { compareModels } from './compare.ts'
import { rememberedChoice, type DeviceParts } from './devices.ts'
import { discardModel } from '../models/model-versions.ts'
import type { News } from '../jobs/news.ts'
import type { BlockCosts, FeatureEncoder, Trainer } from '../shared/ports.ts'
import { preflight, type PreflightParts } from './preflight.ts'
import type { ReadyModel } from '../search/search-index.ts'
import { trainableBlocks } from './blocks/trainable-blocks.ts'
import { listRuns, runDetail } from './training-runs.ts'
import type { WorkQueue } from '../jobs/work-queue.ts'

/** The encoder in use, as estimates want to know it. */
export type EncoderFacts = {
  readonly id: string
  readonly bundle: string
  readonly dim: number
  /** Null: not measured on this computer. */
  readonly picturesPerSecond: number | null
}

export type TrainingHandlerParts = {
  /** The library to look at; made when there is none, read-only when another process writes to it. */
  readonly view: () => Library
  /** @throws AppError `library.locked` */
  readonly write: () => Library
  /** Of the encoder in use, without loading it. */
  readonly encoderId: () => Promise<string>
  readonly encoderFacts: () => Promise<EncoderFacts>
  /** @throws AppError `library.locked` */
  readonly queue: () => WorkQueue
  readonly isTraining: () => boolean
  readonly news: News
  readonly trainer: Trainer
  readonly devices: DeviceParts
  readonly blockCosts: BlockCosts
  /** Bytes that are free now. */
  readonly availableMemory: () => number
  readonly appVersion: string
  /** Makes a version ready to be searched with, for the time of `work`. */
  readonly withReady: <T>(
    library: Library,
    choice: string,
    signal: AbortSignal,
    work: (ready: ReadyModel, encoder: FeatureEncoder) => Promise<T>,
  ) => Promise<T>
}

type TrainingProcedures =
  | 'trainableBlocks'
  | 'preflight'
  | 'startTraining'
  | 'runs'
  | 'run'
  | 'compare'
  | 'estimatePromotion'
  | 'startPromotion'
  | 'discardModel'

export function createTrainingHandlers(parts: TrainingHandlerParts): Pick<Handlers, TrainingProcedures> {
  const { view, write, encoderId, encoderFacts, queue, isTraining, news, withReady } = parts
  const examine = async (library: Library, request: Parameters<typeof preflight>[1]): ReturnType<typeof preflight> => {
    const { trainer, devices, blockCosts, availableMemory } = parts
    const known: PreflightParts = {
      ...{ library, trainer, devices, blockCosts, availableMemory },
      ...{ encoderId: await encoderId(), encoder: encoderFacts },
    }
    return preflight(known, deviceOf(library, request, devices))
  }
  return {
    trainableBlocks: async () => {
      const { blockCosts, appVersion } = parts
      return trainableBlocks({ library: view(), blockCosts, appVersion }, await encoderFacts())
    },
    preflight: (input) => examine(view(), input),
    startTraining: async (input) => {
      const library = write()
      const { problems } = await examine(library, input)
      const [problem] = problems
      if (problem !== undefined) throw new AppError(problem.code, problem.message)
      return { job: queue().start('train', withDevice(library, input)) }
    },
    runs: async () => listRuns(view(), isTraining()),
    run: async ({ run }) => runDetail(view(), run, await encoderId(), isTraining()),
    compare: async ({ before, after }, context) => {
      const library = view()
      const ready = (choice: string) => {
        return <T>(work: (ready: ReadyModel, encoder: FeatureEncoder) => Promise<T>): Promise<T> =>
          withReady(library, choice, context.signal, work)
      }
      const comparing = { library, encoderId: await encoderId(), before: ready(before), after: ready(after) }
      return compareModels(comparing, context)
    },
    estimatePromotion: async ({ model }) => estimatePromotion(view(), await encoderFacts(), model),
    startPromotion: async (input) => {
      write()
      return { job: queue().start('promote', input) }
    },
    discardModel: async ({ model }) => {
      if (queue().isPromoting(model)) {
        const message = `Videos are being read so that ${model} can be used. Cancel that first, then discard it.`
        throw new AppError('work.running', message, { model })
      }
      const result = discardModel(write(), await encoderId(), model)
      news.changed('models', 'runs')
      return result
    },
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
