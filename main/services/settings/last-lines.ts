/** The end of a log, without reading the whole of it. */
import { open } from 'node:fs/promises'

const mostBytes = 32 * 1024

/** The last whole lines, oldest first; none where there is no such file. */
export async function lastLinesOf(file: string): Promise<string[]> {
  const handle = await open(file, 'r').catch(() => null)
  if (handle === null) return []
  try {
    const { size } = await handle.stat()
    const start = Math.max(0, size - mostBytes)
    const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(size - start), position: start })
    const lines = buffer.toString('utf8', 0, bytesRead).split('\n')
    // The first one is only a part of its line, and may begin within a character.
    return (start === 0 ? lines : lines.slice(1)).filter((line) => line !== '')
  } finally {
    await handle.close()
  }
}
