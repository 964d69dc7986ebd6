/** Which video a table means by a file name: exact path, path beside the table, end of a path, or base name. */
import { basename, dirname, isAbsolute, resolve } from 'node:path'
import type { RowProblem } from '../../../contract/index.ts'
import type { Library, Video } from '../../../storage/index.ts'

export type FoundVideo = { readonly video: Video } | { readonly problem: RowProblem }

/** @param tablePath the table's own path: names in it may be relative to its folder */
export function findVideo(videos: Library['videos'], file: string, tablePath: string, row: number): FoundVideo {
  const name = file.replaceAll('\\', '/').replace(/^\.\//, '')
  if (name === '') return { problem: { row, reason: 'unknownFile', message: 'The file name is empty.' } }
  const exact = videos.byPath(isAbsolute(name) ? name : resolve(dirname(tablePath), name))
  if (exact !== undefined) return { video: exact }
  for (const candidates of [() => videos.byPathEnd(name), () => videos.byFileName(basename(name))]) {
    const found = candidates()
    if (found.length === 1) return { video: found[0]! }
    if (found.length > 1) {
      const message = `${file} could mean ${found.length} videos of the library. Write more of its path.`
      return { problem: { row, file, reason: 'ambiguousFile', message } }
    }
  }
  return { problem: { row, file, reason: 'unknownFile', message: `${file} is not in the library. Import it first.` } }
}
