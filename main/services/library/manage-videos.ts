/** What a window does with single videos: try again, find a moved file, take out of the library. Files are never touched. */
import { existsSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { AppError, type ProcedureInput, type VideoRow } from '../../contract/index.ts'
import type { FoundFile, Library } from '../../storage/index.ts'
import { existingVideo, videoRow } from './list-videos.ts'

/**
 * Accepts `path` as the place of a video's file when the content is the same. A video that had failed is pending again.
 * @throws AppError `input.missing`; `input.invalid` for another content
 */
export async function locateVideo(
  library: Library,
  hashContent: (path: string, options: { signal: AbortSignal }) => Promise<Omit<FoundFile, 'path'>>,
  { video: id, path: given }: ProcedureInput<'locateVideo'>,
  signal: AbortSignal,
): Promise<VideoRow> {
  const video = existingVideo(library, id)
  const path = resolve(given)
  const found = await hashContent(path, { signal })
  if (found.contentHash !== video.contentHash) {
    const message = `${path} is not ${video.fileName}: its content differs. Choose another file, or import it as a new video.`
    throw new AppError('input.invalid', message, { path, video: id })
  }
  library.transaction(() => {
    library.videos.register({ path, ...found }, existsSync)
    if (library.videos.get(id)?.status === 'failed') library.videos.retry([id])
  })
  return videoRow(library, id)
}

/** Takes videos out, with the pictures that the library made of them. Ids that are gone are passed over. */
export function removeVideos(library: Library, ids: readonly string[]): number {
  const posters: string[] = []
  const removed = library.transaction(() => {
    const known = ids.filter((id) => library.videos.get(id) !== undefined)
    for (const id of known) {
      for (const segment of library.segments.ofVideo(id)) {
        const file = library.segments.posterFile(segment)
        if (file !== null) posters.push(file)
      }
      library.videos.remove(id)
    }
    return known.length
  })
  // Only once the rows are gone: a picture without a row is litter, a row without its picture is a hole.
  for (const file of posters) rmSync(file, { force: true })
  return removed
}
