/** Settings of the library: names with JSON values. The caller checks the form. Runs in the engine. */
import type { Connection } from './connection.ts'
import { jsonText, parseJson } from './json.ts'

export type SettingStore = {
  get(name: string): unknown
  /** undefined removes the setting. */
  set(name: string, value: unknown): void
  all(): Record<string, unknown>
}

export function createSettingStore(connection: Connection): SettingStore {
  return {
    get: (name) =>
      parseJson(connection.get<{ value: string }>('SELECT value FROM settings WHERE name = ?', name)?.value ?? null) ??
      undefined,
    set(name, value) {
      connection.write(() =>
        value === undefined
          ? connection.run('DELETE FROM settings WHERE name = ?', name)
          : connection.run('INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)', name, jsonText(value)),
      )
    },
    all: () =>
      Object.fromEntries(
        connection
          .all<{ name: string; value: string }>('SELECT name, value FROM settings ORDER BY name')
          .map(({ name, value }) => [name, parseJson(value)]),
      ),
  }
}
