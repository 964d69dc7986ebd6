/** A log that a process writes to a file without a name: nothing is left of it, even when this process is killed. */
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export type LogFile = {
  /** For the process to write to. */
  readonly descriptor: number
  /** The lines so far; undefined when the log is longer than a log should be (16 MiB). */
  lines(): Promise<string[] | undefined>
  close(): Promise<void>
}

const maxLogBytes = 16 * 1024 * 1024

/** @throws the file system's error when the folder for temporary files cannot be written */
export async function createLogFile(): Promise<LogFile> {
  const folder = await mkdtemp(join(tmpdir(), 'mama-log-'))
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true })
  try {
    const file = await open(join(folder, 'log'), 'wx+', 0o600)
    // An open file outlives its name, except where the system forbids to remove it: there it goes when it is closed.
    await remove().catch(() => {})
    return {
      descriptor: file.fd,
      async lines() {
        const { size } = await file.stat()
        if (size > maxLogBytes) return undefined
        const bytes = Buffer.alloc(size)
        await file.read(bytes, 0, size, 0)
        return bytes.toString('utf8').split('\n')
      },
      async close() {
        await file.close()
        await remove()
      },
    }
  } catch (error) {
    await remove()
    throw error
  }
}
