/** The files of the catalogue: one row per content, its paths, its state and why it failed. Runs in the engine. */
import { assert } from '../base/index.ts'
import type { Connection } from './connection.ts'
import { jsonText } from './json.ts'
import { refreshKeywords } from './keyword-index.ts'
import { createRegister, replacedFileCode } from './register-file.ts'
import { createVideoRows } from './video-rows.ts'

/** pending = known, not indexed yet; failed = refused with a reason, waits for a retry. */
export type VideoStatus = 'pending' | 'indexed' | 'failed'

/** Why a file could not be indexed: a code from a closed list of the caller's and one plain sentence. */
export type VideoFailure = { readonly code: string; readonly sentence: string }

export type Video = {
  readonly id: string
  /** Absolute path where the content was last seen. */
  readonly path: string
  readonly fileName: string
  /** From `hashContent`; two files with equal content are one video. */
  readonly contentHash: string
  readonly sizeBytes: number
  readonly sku: string | null
  readonly title: string | null
  readonly category: string | null
  readonly status: VideoStatus
  readonly failure: VideoFailure | null
  /** What the probe said, as the media service wrote it; null until probed. */
  readonly probe: unknown
  readonly durationSeconds: number | null
  /** Milliseconds since 1970. */
  readonly addedAtMs: number
  readonly indexedAtMs: number | null
}

/** A file as found on disk. `modifiedMs` lets a later scan skip hashing an untouched file. */
export type FoundFile = {
  readonly path: string
  readonly contentHash: string
  readonly sizeBytes: number
  readonly modifiedMs: number
}

/**
 * What became of a found file: `added` is new; `known` was there at this path; `moved` was known under a path that is
 * gone; `copy` has the content of another file that still exists; `changed` has new content at a known path and is
 * pending again.
 */
export type RegisterOutcome = 'added' | 'known' | 'moved' | 'copy' | 'changed'

export type VideoFilter = { readonly status?: VideoStatus; readonly limit?: number; readonly offset?: number }

/** All lists are ordered by path, so that they do not depend on the order of an interrupted import. */
export type VideoStore = {
  /**
   * Takes note of a file. Idempotent by content.
   * @param pathExists asked about the earlier path of known content; decides between `moved` and `copy`
   */
  register(
    file: FoundFile,
    pathExists: (path: string) => boolean,
  ): { readonly video: Video; readonly outcome: RegisterOutcome }
  /** The video of a path whose size and time of change are as recorded: hashing it again can be skipped. */
  findUntouched(path: string, sizeBytes: number, modifiedMs: number): Video | undefined
  get(id: string): Video | undefined
  byContent(contentHash: string): Video | undefined
  /** By absolute path, copies included. */
  byPath(path: string): Video | undefined
  /** Every video with a path (copies included) of this base name. */
  byFileName(fileName: string): Video[]
  /** Every video whose path (copies included) ends with these path parts, for example `videos/v0001.mp4`. */
  byPathEnd(relativePath: string): Video[]
  /** Every path that is known, copies included. */
  everyPath(): { readonly path: string; readonly videoId: string }[]
  bySku(sku: string): Video[]
  list(filter?: VideoFilter): Video[]
  /** Every path of a video, its own first, then copies. */
  paths(id: string): string[]
  /** Fields left out stay as they are; null clears one. */
  setMetadata(
    id: string,
    fields: { readonly sku?: string | null; readonly title?: string | null; readonly category?: string | null },
  ): void
  /** Corrects how long a video is; the file and its segments stay as they are. */
  setDuration(id: string, durationSeconds: number): void
  /** Marks a file as failed; what was indexed from it before goes away. */
  markFailed(id: string, failure: VideoFailure, probe?: unknown): void
  /** Makes failed videos pending again (all, or the named ones). Returns how many. */
  retry(ids?: readonly string[]): number
  /** Forgets a video with all that belongs to it. The file itself is not touched. */
  remove(id: string): void
}

export function createVideoStore(
  connection: Connection,
  { now, newId }: { readonly now: () => number; readonly newId: () => string },
): VideoStore {
  const rows = createVideoRows(connection)
  const { first, several, get, fail, makePending } = rows

  return {
    register: createRegister(connection, rows, { now, newId }),
    findUntouched: (path, sizeBytes, modifiedMs) =>
      first(
        'v.id = (SELECT video_id FROM video_paths WHERE path = ? AND size_bytes = ? AND modified_ms = ?)',
        path,
        sizeBytes,
        modifiedMs,
      ),
    get,
    byContent: (contentHash) => first('v.content_hash = ?', contentHash),
    byPath: (path) => first('v.id = (SELECT video_id FROM video_paths WHERE path = ?)', path),
    byFileName: (fileName) =>
      several('JOIN video_paths p ON p.video_id = v.id WHERE p.file_name = ? ORDER BY v.path', fileName),
    byPathEnd(relativePath) {
      const end = relativePath.replaceAll('\\', '/').replace(/^(\.?\/)+/, '')
      return several(
        `JOIN video_paths p ON p.video_id = v.id WHERE p.file_name = ?
         AND substr('/' || replace(p.path, '\\', '/'), -length(?)) = ? ORDER BY v.path`,
        end.slice(end.lastIndexOf('/') + 1),
        `/${end}`,
        `/${end}`,
      )
    },
    everyPath: () => connection.all('SELECT path, video_id AS videoId FROM video_paths ORDER BY path'),
    bySku: (sku) => several('WHERE v.sku = ? ORDER BY v.path', sku),
    list({ status, limit = -1, offset = 0 } = {}) {
      return status === undefined
        ? several('ORDER BY v.path LIMIT ? OFFSET ?', limit, offset)
        : several('WHERE v.status = ? ORDER BY v.path LIMIT ? OFFSET ?', status, limit, offset)
    },
    paths(id) {
      const main = get(id)?.path
      return rows.paths(id).sort((a, b) => Number(b === main) - Number(a === main))
    },
    setMetadata(id, fields) {
      connection.write(() => {
        for (const name of ['sku', 'title', 'category'] as const) {
          const value = fields[name]
          if (value !== undefined) connection.run(`UPDATE videos SET ${name} = ? WHERE id = ?`, value, id)
        }
        refreshKeywords(connection, id)
      })
    },
    setDuration(id, durationSeconds) {
      connection.write(() => connection.run('UPDATE videos SET duration_seconds = ? WHERE id = ?', durationSeconds, id))
    },
    markFailed(id, failure, probe) {
      assert(failure.code !== '' && failure.sentence !== '', 'a failure needs a code and a sentence')
      connection.write(() => {
        fail(id, failure)
        if (probe !== undefined) connection.run('UPDATE videos SET probe = ? WHERE id = ?', jsonText(probe), id)
      })
    },
    retry(ids) {
      return connection.write(() => {
        const failed = several("WHERE v.status = 'failed' AND v.failure_code <> ? ORDER BY v.path", replacedFileCode)
        const chosen = ids === undefined ? failed : failed.filter(({ id }) => ids.includes(id))
        return chosen.reduce((count, { id }) => count + makePending(id), 0)
      })
    },
    remove(id) {
      connection.write(() => connection.run('DELETE FROM videos WHERE id = ?', id))
    },
  }
}
