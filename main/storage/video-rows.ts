/** How rows of videos are read, and the changes of state that several functions make. Runs in the engine. */
import { basename } from 'node:path'
import type { Connection, SqlValue } from './connection.ts'
import { parseJson } from './json.ts'
import type { Video, VideoFailure, VideoStatus } from './video.ts'

type Row = {
  id: string
  path: string
  content_hash: string
  size_bytes: number
  sku: string | null
  title: string | null
  category: string | null
  status: VideoStatus
  failure_code: string | null
  failure_sentence: string | null
  probe: string | null
  duration_seconds: number | null
  added_at_ms: number
  indexed_at_ms: number | null
}

const columns = `v.id, v.path, v.content_hash, v.size_bytes, v.sku, v.title, v.category, v.status, v.failure_code,
  v.failure_sentence, v.probe, v.duration_seconds, v.added_at_ms, v.indexed_at_ms`

function fromRow(row: Row): Video {
  return {
    id: row.id,
    path: row.path,
    fileName: basename(row.path),
    contentHash: row.content_hash,
    sizeBytes: row.size_bytes,
    sku: row.sku,
    title: row.title,
    category: row.category,
    status: row.status,
    failure: row.failure_code === null ? null : { code: row.failure_code, sentence: row.failure_sentence ?? '' },
    probe: parseJson(row.probe),
    durationSeconds: row.duration_seconds,
    addedAtMs: row.added_at_ms,
    indexedAtMs: row.indexed_at_ms,
  }
}

export type VideoRows = {
  readonly first: (condition: string, ...values: SqlValue[]) => Video | undefined
  /** `rest` follows `FROM videos v`. */
  readonly several: (rest: string, ...values: SqlValue[]) => Video[]
  readonly get: (id: string) => Video | undefined
  readonly paths: (id: string) => string[]
  /** Removes what was indexed. */
  readonly clearIndex: (id: string) => void
  readonly fail: (id: string, failure: VideoFailure) => void
  /** Returns 1, or 0 when there is no such video. */
  readonly makePending: (id: string) => number
}

export function createVideoRows(connection: Connection): VideoRows {
  const first = (condition: string, ...values: SqlValue[]): Video | undefined => {
    const row = connection.get<Row>(`SELECT ${columns} FROM videos v WHERE ${condition}`, ...values)
    return row === undefined ? undefined : fromRow(row)
  }
  const several = (rest: string, ...values: SqlValue[]): Video[] =>
    connection.all<Row>(`SELECT DISTINCT ${columns} FROM videos v ${rest}`, ...values).map(fromRow)
  const get = (id: string) => first('v.id = ?', id)
  const paths = (id: string): string[] =>
    connection
      .all<{ path: string }>('SELECT path FROM video_paths WHERE video_id = ? ORDER BY path', id)
      .map(({ path }) => path)

  const clearIndex = (id: string): void => {
    connection.run('DELETE FROM segments WHERE video_id = ?', id)
  }
  const fail = (id: string, failure: VideoFailure): void => {
    clearIndex(id)
    connection.run(
      `UPDATE videos SET status = 'failed', failure_code = ?, failure_sentence = ?, indexed_at_ms = NULL WHERE id = ?`,
      failure.code,
      failure.sentence,
      id,
    )
  }
  const makePending = (id: string): number =>
    connection.run(
      `UPDATE videos SET status = 'pending', failure_code = NULL, failure_sentence = NULL, indexed_at_ms = NULL
       WHERE id = ?`,
      id,
    )
  return { first, several, get, paths, clearIndex, fail, makePending }
}
