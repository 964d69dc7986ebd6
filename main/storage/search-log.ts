/** What was searched for and found, kept in the library only. Runs in the engine. */
import type { Connection } from './connection.ts'

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
  /** The newest search of each text, newest first. */
  recentTexts(limit: number): LoggedSearch[]
  clear(): void
}

export function createSearchLog(connection: Connection, { now }: { readonly now: () => number }): SearchLog {
  return {
    add({ query, modelId, hitCount, tookMs }) {
      connection.write(() =>
        connection.run(
          'INSERT INTO search_log (query, model_id, hit_count, took_ms, at_ms) VALUES (?, ?, ?, ?, ?)',
          query,
          modelId,
          hitCount,
          tookMs,
          now(),
        ),
      )
    },
    recent: (limit) =>
      connection.all<LoggedSearch>(
        `SELECT query, model_id AS modelId, hit_count AS hitCount, took_ms AS tookMs, at_ms AS atMs
         FROM search_log ORDER BY row_id DESC LIMIT ?`,
        limit,
      ),
    recentTexts: (limit) =>
      connection.all<LoggedSearch>(
        `SELECT query, model_id AS modelId, hit_count AS hitCount, took_ms AS tookMs, at_ms AS atMs FROM search_log
         WHERE row_id IN (SELECT max(row_id) FROM search_log GROUP BY query) ORDER BY row_id DESC LIMIT ?`,
        limit,
      ),
    clear() {
      connection.write(() => connection.run('DELETE FROM search_log'))
    },
  }
}
