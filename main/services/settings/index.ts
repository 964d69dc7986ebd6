/** The app around the library: its settings, the space it takes, the doctor, and the report for support. */
import type { CallContext, FeatureHandlers } from '../../contract/index.ts'
import type { Library } from '../../storage/index.ts'
import type { Jobs, News } from '../jobs/index.ts'
import { changeSettings, readSettings } from '../shared/app-settings.ts'
import type { LibraryAccess } from '../shared/library-access.ts'
import { diagnostics } from './diagnostics.ts'
import { examine, type DoctorParts } from './doctor.ts'
import { lastLinesOf } from './last-lines.ts'
import { clearStorage, storageUse } from './storage-use.ts'

export type SettingsParts = Omit<DoctorParts, 'openLibrary'> & {
  readonly access: LibraryAccess
  readonly jobs: Jobs
  readonly news: News
  /** Of the encoder in use, without loading it. */
  readonly encoderId: () => Promise<string>
  readonly appVersion: string
  /** The host's log; null where it keeps none. */
  readonly logFile: string | null
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export function createSettings(parts: SettingsParts): { readonly handlers: FeatureHandlers<'settings'> } {
  const { access, jobs, news, encoderId, appVersion, logFile, now } = parts
  const { view, change } = access
  const doctor = (context: CallContext) => examine({ ...parts, openLibrary: () => access.open('read') }, context)
  return {
    handlers: {
      doctor: (_, context) => doctor(context),
      settings: async () => readSettings(view()),
      changeSettings: async (changes) => {
        const settings = changeSettings(change(), changes)
        news.changed('settings')
        return settings
      },
      storage: async () => storageUse(view()),
      clearStorage: async (input) => clearStorage(change(), input),
      diagnostics: async (_, context) => {
        const library = view()
        return diagnostics({
          ...{ library, appVersion, encoderId: await encoderId().catch(() => 'none'), now },
          ...{ settings: readSettings(library), jobs: jobs.queueIfWritable()?.list() ?? [] },
          ...{ doctor: await doctor(context), storage: await storageUse(library) },
          log: logFile === null ? [] : await lastLinesOf(logFile),
        })
      },
    },
  }
}

/** Threads of computations that the settings ask for; null: the runtime's own choice, also without a library. */
export function threadsOf(library: Library | null): number | null {
  return library === null ? null : readSettings(library).threads
}
