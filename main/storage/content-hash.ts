/** Tells files apart by content, quickly enough for large videos. Runs in the engine. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { AppError } from '../contract/index.ts'

const sampleBytes = 1024 * 1024
const wholeBytes = 4 * sampleBytes

/**
 * The parts of a file that are hashed: all of it up to 4 MiB, else 1 MiB each of head, middle and tail. Pure.
 * @returns half-open byte ranges
 */
export function hashedRanges(sizeBytes: number): { readonly start: number; readonly end: number }[] {
  if (sizeBytes <= wholeBytes) return [{ start: 0, end: sizeBytes }]
  const middle = Math.floor((sizeBytes - sampleBytes) / 2)
  return [0, middle, sizeBytes - sampleBytes].map((start) => ({ start, end: start + sampleBytes }))
}

/** Whether only samples of a file of this size are hashed. Pure. */
export function isSampled(sizeBytes: number): boolean {
  return sizeBytes > wholeBytes
}

/** SHA-256 of all of a file, for two whose samples are equal. */
export async function hashWhole(path: string, options: { readonly signal?: AbortSignal } = {}): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: sampleBytes })) {
    options.signal?.throwIfAborted()
    hash.update(chunk as Buffer)
  }
  return hash.digest('hex')
}

/**
 * `size-sha256` over `hashedRanges`. Empty files have no content to be told apart by, so theirs depends on the path.
 * @returns modifiedMs is the time of the last change, milliseconds since 1970, with fractions
 * @throws AppError input.missing when the file cannot be opened
 */
export async function hashContent(
  path: string,
  options: { readonly signal?: AbortSignal } = {},
): Promise<{ contentHash: string; sizeBytes: number; modifiedMs: number }> {
  const file = await open(path, 'r').catch((cause: unknown) => {
    throw new AppError(
      'input.missing',
      `${path} cannot be opened. Check that it exists and may be read.`,
      { path },
      { cause },
    )
  })
  try {
    const { size: sizeBytes, mtimeMs: modifiedMs } = await file.stat()
    const hash = createHash('sha256')
    if (sizeBytes === 0) hash.update(path)
    for (const range of hashedRanges(sizeBytes)) {
      options.signal?.throwIfAborted()
      const buffer = Buffer.alloc(range.end - range.start)
      let filled = 0
      while (filled < buffer.length) {
        const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, range.start + filled)
        if (bytesRead === 0) break // the file became shorter meanwhile
        filled += bytesRead
      }
      hash.update(buffer.subarray(0, filled))
    }
    return { contentHash: `${sizeBytes}-${hash.digest('hex')}`, sizeBytes, modifiedMs }
  } finally {
    await file.close()
  }
}
