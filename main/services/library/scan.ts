/** Finds the files to import. Names do not decide what a video is (the probe does), but plain tables and texts are left out. */
import { opendir, realpath, stat } from 'node:fs/promises'
import { basename, extname, join, relative, resolve, sep } from 'node:path'
import { AppError } from '../../contract/index.ts'
import { doubtfulExtensions, isMovingPicture } from '../../media/index.ts'

export type ScanResult = {
  /** Absolute paths, sorted, each once. */
  readonly files: string[]
  /** Files that are plainly not media, hidden files, and links that lead out of their folder. */
  readonly skipped: number
  /** Files and folders that could not be looked at, each with the file system's error. */
  readonly unreadable: readonly { readonly path: string; readonly error: unknown }[]
}

/** What lies beside videos in a catalogue and is certainly none. A file named on its own is always probed. */
const notMedia = new Set(
  (
    '.csv .tsv .txt .json .jsonl .md .html .htm .xml .yml .yaml .srt .vtt .ass .pdf .doc .docx .xls .xlsx .ods .zip .gz .tar .7z .rar ' +
    '.jpg .jpeg .png .gif .webp .heic .tif .tiff .bmp .svg .psd .ai .mp3 .wav .flac .aac .m4a .ogg .db .sqlite .ini .log .py .js .ts .lnk .url'
  ).split(' '),
)

/**
 * Walks folders (not into hidden ones) and takes named files as they are. A link is followed only while its target lies
 * inside the folder that was named.
 * @param leaveOut a folder that is never looked into: the library's own, which often lies beside the videos
 * @throws AppError `input.missing`
 */
export async function scan(
  paths: readonly string[],
  { signal, leaveOut }: { signal: AbortSignal; leaveOut: string },
): Promise<ScanResult> {
  const files = new Set<string>()
  let skipped = 0
  const unreadable: { path: string; error: unknown }[] = []
  const realLeaveOut = await realpath(leaveOut).catch(() => resolve(leaveOut)) // it may not exist yet

  const walk = async (folder: string, root: string, visited: Set<string>): Promise<void> => {
    signal.throwIfAborted()
    try {
      await look(folder, root, visited)
    } catch (error) {
      signal.throwIfAborted()
      unreadable.push({ path: folder, error })
    }
  }
  const look = async (folder: string, root: string, visited: Set<string>): Promise<void> => {
    const realFolder = await realpath(folder)
    if (visited.has(realFolder) || realFolder === realLeaveOut) return
    visited.add(realFolder)
    for await (const entry of await opendir(folder)) {
      const path = join(folder, entry.name)
      if (entry.name.startsWith('.')) {
        if (!entry.isDirectory()) skipped += 1
        continue
      }
      const kind = entry.isSymbolicLink() ? await kindOfLink(path, root) : kindOf(entry)
      if (kind === 'folder') await walk(path, root, visited)
      else if (kind === 'file' && (await mayBeVideo(path))) files.add(path)
      else skipped += 1
    }
  }

  for (const given of paths) {
    const path = resolve(given)
    const found = await stat(path).catch((cause: unknown) => {
      throw new AppError('input.missing', `${given} does not exist. Check the path.`, { path: given }, { cause })
    })
    if (!found.isDirectory()) files.add(path)
    else await walk(path, await realpath(path), new Set())
  }
  return { files: [...files].sort(), skipped, unreadable }
}

/** The text file beside a video that may describe it: `shoe.mp4` has `shoe.txt` or `shoe.mp4.txt`. */
export function sidecarPaths(videoPath: string): string[] {
  const extension = extname(videoPath)
  const stem = videoPath.slice(0, videoPath.length - extension.length)
  return basename(stem) === '' ? [`${videoPath}.txt`] : [`${stem}.txt`, `${videoPath}.txt`]
}

/** By its name, and by what is in it where the name says too little. */
async function mayBeVideo(path: string): Promise<boolean> {
  const extension = extname(path).toLowerCase()
  if (!notMedia.has(extension)) return true
  // One that cannot be read is reported when it is taken note of.
  return doubtfulExtensions.has(extension) && isMovingPicture(path).catch(() => true)
}

type Kind = 'file' | 'folder' | 'other'

function kindOf(entry: { isFile(): boolean; isDirectory(): boolean }): Kind {
  return entry.isDirectory() ? 'folder' : entry.isFile() ? 'file' : 'other'
}

async function kindOfLink(path: string, root: string): Promise<Kind> {
  try {
    const target = await realpath(path)
    const way = relative(root, target)
    if (way === '..' || way.startsWith(`..${sep}`) || resolve(way) === way) return 'other'
    return kindOf(await stat(target))
  } catch {
    return 'other' // a dangling link: there is nothing to import
  }
}
