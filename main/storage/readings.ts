/**
 * Which videos are to be read anew because an older version of the app read them wrongly. They stay in the index, as they
 * are, until the new reading takes their place. Runs in the engine.
 */
import type { SettingStore } from './settings.ts'

/** Raised when what is read of files changes so that some of them must be read again. */
export const readingVersion = 2

const versionSetting = 'readingVersion'
const anewSetting = 'readAnew'

export type Readings = {
  /** Whether this library was looked through for what this version reads in another way. */
  isCurrent(): boolean
  /** Notes the outcome of looking it through. */
  markCurrent(readAnew: readonly string[]): void
  /** Ids of videos that wait for their new reading. */
  waiting(): string[]
  done(videoId: string): void
}

export function createReadings(settings: SettingStore): Readings {
  const waiting = (): string[] => (settings.get(anewSetting) as string[] | undefined) ?? []
  return {
    isCurrent: () => settings.get(versionSetting) === readingVersion,
    markCurrent(readAnew) {
      settings.set(anewSetting, [...new Set([...waiting(), ...readAnew])])
      settings.set(versionSetting, readingVersion)
    },
    waiting,
    done(videoId) {
      const rest = waiting().filter((id) => id !== videoId)
      settings.set(anewSetting, rest)
    },
  }
}
