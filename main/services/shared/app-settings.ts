/** The settings of the app, kept in the library. What was never chosen, or was written by another version, is the default. */
import { AppError, settingsSchema, type ProcedureInput, type Settings } from '../../contract/index.ts'
import type { Library } from '../../storage/index.ts'

const settingName = 'app'

export const defaultSettings: Settings = {
  language: 'system',
  theme: 'system',
  shortcuts: {},
  device: 'auto',
  threads: null,
  indexWhen: 'always',
  networking: false,
  previewCacheBytes: 5_000_000_000,
}

export function readSettings(library: Library): Settings {
  const stored = library.settings.get(settingName)
  const fields = typeof stored === 'object' && stored !== null ? (stored as Record<string, unknown>) : {}
  const known = Object.entries(fields).filter(
    ([name, value]) =>
      Object.hasOwn(settingsSchema.shape, name) &&
      settingsSchema.shape[name as keyof Settings].safeParse(value).success,
  )
  return { ...defaultSettings, ...Object.fromEntries(known) }
}

/** @throws AppError `usage` when two commands would have the same key */
export function changeSettings(library: Library, changes: ProcedureInput<'changeSettings'>): Settings {
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
  const settings = { ...readSettings(library), ...given }
  const commandOf = new Map<string, string>()
  for (const [command, keys] of Object.entries(settings.shortcuts)) {
    for (const key of keys) {
      const other = commandOf.get(key)
      if (other !== undefined && other !== command) {
        const message = `${key} is the key of "${other}" already. Choose another for "${command}".`
        throw new AppError('usage', message, { field: 'shortcuts', key, command, other })
      }
      commandOf.set(key, command)
    }
  }
  library.settings.set(settingName, settings)
  return settings
}
