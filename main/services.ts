/**
 * The composition root: the features of the app, each from its collaborators to the handlers of its procedures. The
 * command line, the server and the desktop app call the same handlers.
 */
import type { Handlers } from './contract/index.ts'
import { createAnswers } from './services/answers/index.ts'
import { createAudit } from './services/audit/index.ts'
import { createEncoders, createEncoderSet, encoderFacts, machineOf } from './services/encoders/index.ts'
import { createEndpoint } from './services/endpoint/index.ts'
import {
  createEngineParts,
  createLibraryAccess,
  type EngineOptions,
  type ServiceParts,
} from './services/engine-parts.ts'
import { createJobs, createNews, createWorkTally } from './services/jobs/index.ts'
import { createLabelling, labelMoments } from './services/labelling/index.ts'
import { countsOf, createLibraryFeature, type LibraryFiles } from './services/library/index.ts'
import { createModels } from './services/models/index.ts'
import { createSearch } from './services/search/index.ts'
import { createSettings, threadsOf } from './services/settings/index.ts'
import { createTraining, giveUpRun } from './services/training/index.ts'

export type { MediaLink } from './media/index.ts'
export { probeInThread } from './runtime/index.ts'
export type { EngineOptions, ServiceParts }

/** Files that a host serves to players and pictures, by id. */
export type MediaFiles = LibraryFiles & { clip(clipId: string): string | null }

export type Services = {
  readonly handlers: Handlers
  readonly mediaFiles: MediaFiles
  /** Threads of computations that the settings ask for; null: the runtime's own choice, also without a library. */
  threads(): number | null
  /** Something that windows show of the settings has changed outside the library, such as a key. */
  settingsChanged(): void
  close(): Promise<void>
}

/** The features over the real collaborators. */
export function createEngineServices(options: EngineOptions): Services {
  const parts = createEngineParts(options, () => services.threads())
  const services: Services = createServices(parts)
  return {
    ...services,
    async close() {
      await services.close()
      await parts.close()
    },
  }
}

/** The features over given collaborators. */
export function createServices(given: ServiceParts): Services {
  const { bundles, computer } = given
  const access = createLibraryAccess(given.libraryDir, given.openLibrary)
  const news = createNews(() => countsOf(access.open('read')))
  const tally = createWorkTally()
  const threads = (): number | null => threadsOf(access.ifThere())
  const machine = () => machineOf(computer, threads())
  const set = createEncoderSet(bundles, access.ifThere, machine)
  const common = {
    ...{ ...given, access, news, tally },
    ...{ encoder: set.active, encoderId: set.activeId, openedEncoder: set.opened, activeBundle: set.activeBundle },
    encoderFacts: () => encoderFacts(set, access.view(), machine()),
  }

  const jobs = createJobs({
    ...common,
    workOf: (of) => ({
      work: {
        ...library.work(of),
        ...training.work(),
        ...encoders.work(of),
        ...models.work(of),
        ...endpoint.work(of),
        ...answers.work(of),
      },
      giveUpRun: (input, others) => giveUpRun(of, input, others),
    }),
  })
  const models = createModels({ ...common, jobs })
  const search = createSearch({ ...common, models, isIndexing: jobs.isIndexing })
  const stopWork = async (): Promise<void> => {
    await jobs.stop()
    await answers.clear()
    await search.clear()
  }
  const library = createLibraryFeature({
    ...{ ...common, jobs, stopWork },
    ...{ activeModel: models.activeName, readFurther: models.readForActive, readExemplars: labelMoments },
  })
  const labelling = createLabelling({ ...common, withReady: search.withReady })
  const training = createTraining({ ...common, jobs, models, devices: given, withReady: search.withReady })
  const encoders = createEncoders({ ...common, jobs, encoders: set, versions: models.versions, machine })
  const audit = createAudit(common)
  const endpoint = createEndpoint({ ...common, jobs })
  const answers = createAnswers({ ...common, jobs, endpoint, withReady: search.withReady })
  const settings = createSettings({ ...common, jobs })

  return {
    handlers: {
      ...library.handlers,
      ...search.handlers,
      ...labelling.handlers,
      ...training.handlers,
      ...models.handlers,
      ...encoders.handlers,
      ...answers.handlers,
      ...audit.handlers,
      ...endpoint.handlers,
      ...settings.handlers,
      ...jobs.handlers,
    },
    mediaFiles: { ...library.files, clip: search.clip },
    threads,
    settingsChanged: () => news.changed('settings'),
    async close() {
      jobs.close()
      await stopWork()
      await library.close()
      news.close()
      access.close()
      await set.close()
    },
  }
}
