/** Settings of the library: names with JSON values. The caller checks the form. Runs in the engine. */

export type SettingStore = {
  get(name: string): unknown
  /** undefined removes the setting. */
  set(name: string, value: unknown): void
  all(): Record<string, unknown>
}
