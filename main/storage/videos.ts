/** The files of the catalogue: one row per content, its paths, its state and why it failed. Runs in the engine. */
import { assert } from '../base/index.ts'
import type { Connection } from './connection.ts'
import { jsonText } from './json.ts'
import { refreshKeywords } from './keyword-index.ts'
import { createRegister, replacedFileCode } from './register-file.ts'
import { createVideoRows } from './video-rows.ts'
import type { VideoStore } from './video.ts'

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
