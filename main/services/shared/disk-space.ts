/** What is free on the disk of a library, and what features take of it. */
import { statfs } from 'node:fs/promises'
import type { Library } from '../../storage/index.ts'

export async function freeBytesOf({ dir }: Library): Promise<number> {
  const { bavail, bsize } = await statfs(dir)
  return bavail * bsize
}

/** What a row of features or embeddings costs beside its numbers. */
const rowBytes = 250
const bytesANumber = 2

/** What features of an encoder, and embeddings made from them, take on the disk. */
export function featureBytes(of: { readonly frames: number; readonly segments: number; readonly dim: number }): number {
  return (of.frames + of.segments) * of.dim * bytesANumber + 2 * of.segments * rowBytes
}
