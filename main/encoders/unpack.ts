/**
 * Unpacks a ZIP archive that holds a published export: only the files that an import reads, and never outside the target
 * folder. An archive that would unpack to far more than it is (a "zip bomb") is refused before anything is written.
 */
import { createWriteStream } from 'node:fs'
import { mkdir, stat, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { crc32 } from 'node:zlib'
import { open, type Entry, type ZipFile } from 'yauzl'
import { AppError } from '../contract/index.ts'
import { ExportProblem } from './refusal.ts'

/** What an import may need; everything else in an archive stays in it. */
const wanted = /\.(onnx|onnx_data(_\d+)?|json|data|md|txt)$|(^|\/)LICEN[CS]E$/i
const mostEntries = 10_000
/** Weights hardly shrink and JSON shrinks about tenfold. */
const mostRatio = 100
const ratioCountsFromBytes = 1024 * 1024

export type UnpackOptions = {
  readonly signal?: AbortSignal | undefined
  readonly onBytes?: ((done: number, total: number) => void) | undefined
}

/** @throws ExportProblem for an archive that cannot be used; AppError `disk.full`; an AbortError */
export async function unpackArchive(archive: string, target: string, options: UnpackOptions = {}): Promise<void> {
  const zip = await openZip(archive)
  try {
    const entries = await listEntries(zip, options.signal)
    checkSizes(entries, (await stat(archive)).size)
    const total = entries.reduce((sum, entry) => sum + entry.uncompressedSize, 0)
    await mkdir(target, { recursive: true })
    await checkDisk(target, total)
    let done = 0
    for (const entry of entries) {
      options.signal?.throwIfAborted()
      const path = join(target, entry.fileName)
      await mkdir(dirname(path), { recursive: true })
      await writeEntry(zip, entry, path, options.signal)
      done += entry.uncompressedSize
      options.onBytes?.(done, total)
    }
  } finally {
    zip.close()
  }
}

/** @throws AppError `disk.full` when `bytes` more do not fit beside what a computer needs to go on */
export async function checkDisk(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  const free = bavail * bsize
  if (free >= bytes * 1.02 + 50e6) return
  const words = (value: number): string => `${(value / 1e9).toFixed(1)} GB`
  throw new AppError(
    'disk.full',
    `The encoder needs ${words(bytes)} and the disk of ${folder} has ${words(free)} free. Make room and try again.`,
    { folder, neededBytes: bytes, freeBytes: free },
  )
}

function openZip(path: string): Promise<ZipFile> {
  return new Promise((resolve, reject) => {
    // File names are checked by the library (absolute, `..`, backslashes), and an entry that is longer than it says fails.
    open(
      path,
      { lazyEntries: true, autoClose: false, validateEntrySizes: true, strictFileNames: true },
      (error, zip) => (error === null ? resolve(zip) : reject(unreadable(error))),
    )
  })
}

function listEntries(zip: ZipFile, signal: AbortSignal | undefined): Promise<Entry[]> {
  return new Promise((resolve, reject) => {
    const entries: Entry[] = []
    let seen = 0
    zip.on('entry', (entry: Entry) => {
      seen += 1
      if (signal?.aborted) return reject(signal.reason as Error)
      if (seen > mostEntries) return reject(new ExportProblem(`the archive holds more than ${mostEntries} files`))
      if (isWanted(entry)) entries.push(entry)
      zip.readEntry()
    })
    zip.on('end', () => resolve(entries))
    zip.on('error', (error: Error) => reject(unreadable(error)))
    zip.readEntry()
  })
}

function isWanted({ fileName, externalFileAttributes }: Entry): boolean {
  const kind = (externalFileAttributes >>> 16) & 0o170000
  const isLink = kind === 0o120000
  return !isLink && !fileName.endsWith('/') && !/(^|\/)(\.|__MACOSX\/)/.test(fileName) && wanted.test(fileName)
}

/** Before anything is written. Entries that share their bytes are the other way to make much of little. */
function checkSizes(entries: readonly Entry[], archiveBytes: number): void {
  let compressed = 0
  for (const { fileName, compressedSize, uncompressedSize } of entries) {
    compressed += compressedSize
    if (uncompressedSize > ratioCountsFromBytes && uncompressedSize > compressedSize * mostRatio) {
      throw new ExportProblem(
        `its ${fileName} would unpack from ${compressedSize} to ${uncompressedSize} bytes, which no model file does`,
      )
    }
  }
  if (compressed > archiveBytes) throw new ExportProblem('the files in the archive overlap each other')
}

async function writeEntry(zip: ZipFile, entry: Entry, path: string, signal: AbortSignal | undefined): Promise<void> {
  const stream = await new Promise<Readable>((resolve, reject) => {
    zip.openReadStream(entry, (error, opened) => (error === null ? resolve(opened) : reject(unreadable(error))))
  })
  try {
    let sum = 0
    const checked = async function* (pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
      for await (const piece of pieces) {
        sum = crc32(piece, sum)
        yield piece
      }
    }
    await pipeline(stream, checked, createWriteStream(path), signal === undefined ? {} : { signal })
    if (sum !== entry.crc32) throw new Error(`${entry.fileName} is damaged`)
  } catch (error) {
    signal?.throwIfAborted()
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') {
      throw new AppError(
        'disk.full',
        `The disk of ${path} is full. Make room and try again.`,
        { path },
        { cause: error },
      )
    }
    throw unreadable(error)
  }
}

function unreadable(cause: unknown): ExportProblem {
  const reason = cause instanceof Error ? cause.message.replace(/\.$/, '') : 'unknown reason'
  return new ExportProblem(`the archive is no ZIP file that can be unpacked (${reason})`, { cause })
}
