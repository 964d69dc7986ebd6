/** The files of the catalogue: one row per content, its paths, its state and why it failed. Runs in the engine. */
import { basename } from 'node:path'
import { assert, defined } from '../base/index.ts'
import type { Connection } from './connection.ts'
import { jsonText, parseJson } from './json.ts'
import { refreshKeywords } from './keyword-index.ts'

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
  /** By absolute path, copies included. */
  byPath(path: string): Video | undefined
  /** Every video with a path (copies included) of this base name. */
  byFileName(fileName: string): Video[]
  /** Every video whose path (copies included) ends with these path parts, for example `videos/v0001.mp4`. */
  byPathEnd(relativePath: string): Video[]
  bySku(sku: string): Video[]
  list(filter?: VideoFilter): Video[]
  /** Every path of a video, its own first, then copies. */
  paths(id: string): string[]
  /** Fields left out stay as they are; null clears one. */
  setMetadata(
    id: string,
    fields: { readonly sku?: string | null; readonly title?: string | null; readonly category?: string | null },
  ): void
  /** Marks a file as failed; what was indexed from it before goes away. */
  markFailed(id: string, failure: VideoFailure, probe?: unknown): void
  /** Makes failed videos pending again (all, or the named ones). Returns how many. */
  retry(ids?: readonly string[]): number
  /** Forgets a video with all that belongs to it. The file itself is not touched. */
  remove(id: string): void
}

/** The failure code of a video whose file was overwritten by other content; finding the content again makes it pending. */
export const replacedFileCode = 'file.replaced'

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

export function createVideoStore(
  connection: Connection,
  { now, newId }: { readonly now: () => number; readonly newId: () => string },
): VideoStore {
  const first = (condition: string, ...values: (string | number)[]): Video | undefined => {
    const row = connection.get<Row>(`SELECT ${columns} FROM videos v WHERE ${condition}`, ...values)
    return row === undefined ? undefined : fromRow(row)
  }
  const several = (rest: string, ...values: (string | number)[]): Video[] =>
    connection.all<Row>(`SELECT DISTINCT ${columns} FROM videos v ${rest}`, ...values).map(fromRow)
  const get = (id: string) => first('v.id = ?', id)
  const pathsOf = (id: string): string[] =>
    connection
      .all<{ path: string }>('SELECT path FROM video_paths WHERE video_id = ? ORDER BY path', id)
      .map(({ path }) => path)

  const attachPath = (videoId: string, file: FoundFile): void => {
    connection.run(
      `INSERT INTO video_paths (path, video_id, file_name, size_bytes, modified_ms) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (path) DO UPDATE SET video_id = excluded.video_id, size_bytes = excluded.size_bytes,
       modified_ms = excluded.modified_ms`,
      file.path,
      videoId,
      basename(file.path),
      file.sizeBytes,
      file.modifiedMs,
    )
  }
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

  /** A path now holds other content: the video that was there lives on at a copy, or is told that its file is gone. */
  const loseMainPath = (id: string, path: string): void => {
    const other = pathsOf(id).find((each) => each !== path)
    if (other === undefined) {
      fail(id, { code: replacedFileCode, sentence: 'Another file has taken the place of this one.' })
    } else {
      connection.run('UPDATE videos SET path = ? WHERE id = ? AND path = ?', other, id, path)
    }
  }

  const add = (file: FoundFile): Video => {
    const id = newId()
    connection.run(
      'INSERT INTO videos (id, path, content_hash, size_bytes, added_at_ms) VALUES (?, ?, ?, ?, ?)',
      id,
      file.path,
      file.contentHash,
      file.sizeBytes,
      now(),
    )
    attachPath(id, file)
    return defined(get(id), 'the video just added')
  }

  /** Known content at a path that it was not known to have. */
  const attachKnown = (known: Video, file: FoundFile, pathExists: (path: string) => boolean): RegisterOutcome => {
    const stillThere = pathsOf(known.id).includes(known.path) && pathExists(known.path)
    attachPath(known.id, file)
    if (stillThere) return 'copy'
    connection.run('DELETE FROM video_paths WHERE path = ? AND video_id = ?', known.path, known.id)
    connection.run('UPDATE videos SET path = ? WHERE id = ?', file.path, known.id)
    if (known.failure?.code === replacedFileCode) makePending(known.id)
    return 'moved'
  }

  const replaceContent = (video: Video, file: FoundFile): void => {
    clearIndex(video.id)
    makePending(video.id)
    connection.run(
      'UPDATE videos SET content_hash = ?, size_bytes = ?, probe = NULL, duration_seconds = NULL WHERE id = ?',
      file.contentHash,
      file.sizeBytes,
      video.id,
    )
    attachPath(video.id, file)
  }

  return {
    register(file, pathExists) {
      return connection.write(() => {
        const known = first('v.content_hash = ?', file.contentHash)
        const here = first('v.id = (SELECT video_id FROM video_paths WHERE path = ?)', file.path)
        let outcome: RegisterOutcome
        let id: string
        if (here !== undefined && here.id === known?.id) {
          attachPath(here.id, file)
          ;[id, outcome] = [here.id, 'known']
        } else if (known !== undefined) {
          if (here !== undefined) loseMainPath(here.id, file.path)
          ;[id, outcome] = [known.id, attachKnown(known, file, pathExists)]
        } else if (here !== undefined && pathsOf(here.id).length === 1) {
          replaceContent(here, file)
          ;[id, outcome] = [here.id, 'changed']
        } else {
          if (here !== undefined) loseMainPath(here.id, file.path)
          ;[id, outcome] = [add(file).id, 'added']
        }
        return { video: defined(get(id), 'the registered video'), outcome }
      })
    },
    findUntouched: (path, sizeBytes, modifiedMs) =>
      first(
        'v.id = (SELECT video_id FROM video_paths WHERE path = ? AND size_bytes = ? AND modified_ms = ?)',
        path,
        sizeBytes,
        modifiedMs,
      ),
    get,
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
    bySku: (sku) => several('WHERE v.sku = ? ORDER BY v.path', sku),
    list({ status, limit = -1, offset = 0 } = {}) {
      return status === undefined
        ? several('ORDER BY v.path LIMIT ? OFFSET ?', limit, offset)
        : several('WHERE v.status = ? ORDER BY v.path LIMIT ? OFFSET ?', status, limit, offset)
    },
    paths(id) {
      const main = get(id)?.path
      return pathsOf(id).sort((a, b) => Number(b === main) - Number(a === main))
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
