/** Takes note of a file found on disk: whether its content is new, known, moved, a copy or changed. Runs in the engine. */
import { basename } from 'node:path'
import { defined } from '../base/index.ts'
import type { Connection } from './connection.ts'
import type { VideoRows } from './video-rows.ts'
import type { FoundFile, RegisterOutcome, Video, VideoStore } from './video.ts'

/** The failure code of a video whose file was overwritten by other content; finding the content again makes it pending. */
export const replacedFileCode = 'file.replaced'

export function createRegister(
  connection: Connection,
  rows: VideoRows,
  { now, newId }: { readonly now: () => number; readonly newId: () => string },
): VideoStore['register'] {
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
  /** A path now holds other content: the video that was there lives on at a copy, or is told that its file is gone. */
  const loseMainPath = (id: string, path: string): void => {
    const other = rows.paths(id).find((each) => each !== path)
    if (other === undefined) {
      rows.fail(id, { code: replacedFileCode, sentence: 'Another file has taken the place of this one.' })
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
    return defined(rows.get(id), 'the video just added')
  }

  /** Known content at a path that it was not known to have. */
  const attachKnown = (known: Video, file: FoundFile, pathExists: (path: string) => boolean): RegisterOutcome => {
    const stillThere = rows.paths(known.id).includes(known.path) && pathExists(known.path)
    attachPath(known.id, file)
    if (stillThere) return 'copy'
    connection.run('DELETE FROM video_paths WHERE path = ? AND video_id = ?', known.path, known.id)
    connection.run('UPDATE videos SET path = ? WHERE id = ?', file.path, known.id)
    if (known.failure?.code === replacedFileCode) rows.makePending(known.id)
    return 'moved'
  }

  const replaceContent = (video: Video, file: FoundFile): void => {
    rows.clearIndex(video.id)
    rows.makePending(video.id)
    connection.run(
      'UPDATE videos SET content_hash = ?, size_bytes = ?, probe = NULL, duration_seconds = NULL WHERE id = ?',
      file.contentHash,
      file.sizeBytes,
      video.id,
    )
    attachPath(video.id, file)
  }

  return (file, pathExists) => {
    return connection.write(() => {
      const known = rows.first('v.content_hash = ?', file.contentHash)
      const here = rows.first('v.id = (SELECT video_id FROM video_paths WHERE path = ?)', file.path)
      let outcome: RegisterOutcome
      let id: string
      if (here !== undefined && here.id === known?.id) {
        attachPath(here.id, file)
        ;[id, outcome] = [here.id, 'known']
      } else if (known !== undefined) {
        if (here !== undefined) loseMainPath(here.id, file.path)
        ;[id, outcome] = [known.id, attachKnown(known, file, pathExists)]
      } else if (here !== undefined && rows.paths(here.id).length === 1) {
        replaceContent(here, file)
        ;[id, outcome] = [here.id, 'changed']
      } else {
        if (here !== undefined) loseMainPath(here.id, file.path)
        ;[id, outcome] = [add(file).id, 'added']
      }
      return { video: defined(rows.get(id), 'the registered video'), outcome }
    })
  }
}
