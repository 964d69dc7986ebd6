/** Training: what a run would use and take, runs and their curves, on which device, and what a version changed. */
import { AppError, type FeatureHandlers } from '../../contract/index.ts'
import type { SettingStore } from '../../storage/index.ts'
import type { Jobs, Work } from '../jobs/index.ts'
import type { WithReady } from '../search/index.ts'
import { trainableBlocks } from './blocks/trainable-blocks.ts'
import { compareModels, type Use } from './compare.ts'
import { listDevices } from './device-list.ts'
import { createOutlook, withDevice, type OutlookParts } from './outlook.ts'
import { createTrain, type TrainCollaborators } from './train-in-library.ts'
import { listRuns, runDetail } from './runs/training-runs.ts'

export type { DeviceParts } from './devices.ts'
export {
  exemplarParts,
  gatherPairs,
  generatedTexts,
  leastExemplars,
  pairKey,
  textsKeptAs,
  videoTexts,
} from './pairs.ts'
export type { BlockCosts, Trainer } from './ports.ts'
export { giveUpRun } from './runs/start-run.ts'
export { hasWeights, objectiveOf, relativeWeights, weightCurve } from './runs/training-runs.ts'

export type TrainingParts = TrainCollaborators &
  OutlookParts & {
    readonly jobs: Jobs
    readonly withReady: WithReady
    readonly appVersion: string
  }

export function createTraining(parts: TrainingParts): {
  readonly handlers: FeatureHandlers<'training'>
  readonly work: () => Pick<Work, 'train'>
} {
  const { access, jobs, devices, encoderId, encoderFacts } = parts
  const { view, change } = access
  const isTraining = (): boolean => jobs.queueIfWritable()?.isTraining() ?? false

  const train = createTrain(parts)
  const outlook = createOutlook(parts)
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
      preflight: (input) => outlook(view(), input),
      startTraining: async (input) => {
        const library = change()
        const { problems } = await outlook(library, input)
        const [problem] = problems
        if (problem !== undefined) throw new AppError(problem.code, problem.message)
        return { job: jobs.queue().start('train', withDevice(library, input)) }
      },
      runs: async () => listRuns(view(), isTraining()),
      run: async ({ run }) => runDetail(view(), run, await encoderId(), isTraining()),
      compare: async ({ before, after }, context) => {
        const library = view()
        const ready =
          (choice: string): Use =>
          (use) =>
            parts.withReady(library, choice, context.signal, use)
        const comparing = { library, encoderId: await encoderId(), before: ready(before), after: ready(after) }
        return compareModels(comparing, context)
      },
    },
    work: () => ({ train }),
  }
}
