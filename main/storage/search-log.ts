/** What was searched for and found, kept in the library only. Runs in the engine. */

export type LoggedSearch = {
  readonly query: string
  readonly modelId: string | null
  readonly hitCount: number
  readonly tookMs: number
  readonly atMs: number
}

export type SearchLog = {
  add(search: Omit<LoggedSearch, 'atMs'>): void
  /** Newest first. */
  recent(limit: number): LoggedSearch[]
  clear(): void
}
