/** Tells videos apart from what else is called the same, by what is in the file: `.ts` source texts, still GIF and WebP. */
import { open } from 'node:fs/promises'
import { transportStart } from './encryption.ts'

/** Extensions that say too little. */
export const doubtfulExtensions: ReadonlySet<string> = new Set(['.ts', '.gif', '.webp'])

const lookedBytes = 1024 * 1024

/** Whether a file of a doubtful extension is a recording or an animation. @throws the file system's errors */
export async function isMovingPicture(path: string): Promise<boolean> {
  const file = await open(path)
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(lookedBytes), 0, lookedBytes, 0)
    const bytes = buffer.subarray(0, bytesRead)
    const kind = bytes.toString('latin1', 0, 12)
    if (/^GIF8[79]a/.test(kind)) return gifFrames(bytes) > 1
    if (/^RIFF....WEBP$/s.test(kind)) return bytes.toString('latin1', 12, 16) === 'VP8X' && (bytes[20]! & 0x02) !== 0
    return transportStart(bytes) !== null
  } finally {
    await file.close()
  }
}

/** Pictures that begin within these bytes of a GIF, two at most; a first one that is not whole counts for two. Pure. */
export function gifFrames(bytes: Uint8Array): number {
  const tableBytes = (flags: number): number => ((flags & 0x80) !== 0 ? 3 * 2 ** ((flags & 7) + 1) : 0)
  let at = 13 + tableBytes(bytes[10] ?? 0)
  let frames = 0
  const skipParts = (): void => {
    while (at < bytes.length && bytes[at] !== 0) at += bytes[at]! + 1
    at += 1
  }
  while (at < bytes.length && frames < 2) {
    const block = bytes[at]
    if (block === 0x21) {
      at += 2
      skipParts()
    } else if (block === 0x2c) {
      frames += 1
      at += 10 + tableBytes(bytes[at + 9] ?? 0) + 1
      skipParts()
    } else return frames // its end, or damage
  }
  return frames === 1 && at > bytes.length ? 2 : frames
}
