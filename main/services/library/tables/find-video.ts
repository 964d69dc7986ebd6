/** Which video a table means by a file name: exact path, path beside the table, end of a path, or a name much like it. */
import { basename, dirname, isAbsolute, resolve, sep } from 'node:path'
import type { RowProblem } from '../../../contract/index.ts'
import { createNameFinder, type Library, type NamedPath, type NameMatch, type Video } from '../../../storage/index.ts'
import { uploadsDirOf } from '../../shared/library-folders.ts'

export type FoundVideo = { readonly video: Video } | { readonly problem: RowProblem }

export type VideoFinder = (file: string, row: number) => FoundVideo

export type NameRules = {
  /** A name may mean a video of another folder than the one it says, where it can only be that one. */
  readonly ignoreFolders?: boolean | undefined
}

/**
 * Finds videos for the rows of one table; the library must not change meanwhile.
 *
 * @param tablePath the table's own path: names in it may be relative to its folder
 */
export function createVideoFinder(
  { dir, videos }: Pick<Library, 'dir' | 'videos'>,
  tablePath: string,
  { ignoreFolders = false }: NameRules = {},
): VideoFinder {
  const uploads = uploadsDirOf(dir) + sep
  let finder: ((name: string) => NameMatch) | undefined // made for the first name that needs it
  const match = (name: string): NameMatch => {
    const paths = (): NamedPath[] =>
      videos.everyPath().map((named) => ({ ...named, folderless: named.path.startsWith(uploads) }))
    finder ??= createNameFinder(paths(), { ignoreFolders })
    return finder(name)
  }
  return (file, row) => {
    if (file.trim() === '') return { problem: { row, reason: 'unknownFile', message: 'The file name is empty.' } }
    const problem = (reason: RowProblem['reason'], message: string): FoundVideo => ({
      problem: { row, file, reason, message },
    })
    let nearMiss: FoundVideo | undefined
    for (const name of readings(file)) {
      const exact = videos.byPath(isAbsolute(name) ? name : resolve(dirname(tablePath), name))
      if (exact !== undefined) return { video: exact }
      const found = match(name)
      if (found.kind === 'found') return { video: videos.get(found.videoId)! }
      if (found.kind === 'several') {
        const message = `${file} could mean ${found.paths.length} videos of the library. Write more of its path, such as ${found.paths[0]}.`
        nearMiss ??= problem('ambiguousFile', message)
      } else if (found.kind === 'elsewhere') {
        const message = `${file} is not in the library; ${basename(name)} is there in another folder (${found.paths[0]}). Write that path, or import the table without regard to folders.`
        nearMiss ??= problem('otherFolder', message)
      }
    }
    return nearMiss ?? problem('unknownFile', `${file} is not in the library. Import it first.`)
  }
}

/** For one name alone; see `createVideoFinder`. */
export function findVideo(library: Library, file: string, tablePath: string, row: number): FoundVideo {
  return createVideoFinder(library, tablePath)(file, row)
}

/** What a cell may stand for: a path as it is, with the signs of Windows turned, or as a browser writes it. */
function readings(file: string): string[] {
  const name = file.trim().replaceAll('\\', '/').replace(/^\.\//, '')
  const url = /^file:\/\/(?:localhost)?(\/.*)$/i.exec(name)?.[1]
  const plain = url === undefined ? name : url.replace(/^\/([a-z]:\/)/i, '$1')
  const all = url === undefined ? [file, name] : [plain]
  try {
    const decoded = decodeURIComponent(plain)
    if (decoded !== plain) all.push(decoded)
  } catch {
    // A percent sign that is only a percent sign.
  }
  return [...new Set(all)]
}
