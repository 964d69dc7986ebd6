/**
 * Lets one process at a time write to a library. The lock is SQLite's own file lock on an empty database, which the
 * operating system takes back when a process dies in any way: there is no stale lock to detect, and a reused process id
 * cannot be mistaken for the owner. Runs in the engine.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { AppError } from '../contract/index.ts'

export type WriterLock = { release(): void }

/** @throws AppError library.locked, params: dir, pid (0 when unknown) */
export function takeWriterLock(dir: string, options: { readonly nativeBinding?: string } = {}): WriterLock {
  const db = new Database(join(dir, 'writer.lock'), {
    timeout: 0,
    ...(options.nativeBinding === undefined ? {} : { nativeBinding: options.nativeBinding }),
  })
  // The process id is for the message only; it is never used to decide.
  const pidFile = join(dir, 'writer.pid')
  try {
    db.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    db.close()
    if (!(error instanceof Database.SqliteError) || !error.code.startsWith('SQLITE_BUSY')) throw error
    const pid = readPid(pidFile)
    throw new AppError(
      'library.locked',
      `Another process${pid === 0 ? '' : ` (${pid})`} is working on the library ${dir}. Wait for it or close it.`,
      { dir, pid },
      { cause: error },
    )
  }
  writeFileSync(pidFile, String(process.pid))
  return {
    release() {
      if (db.open) db.close()
    },
  }
}

function readPid(file: string): number {
  try {
    return Number.parseInt(readFileSync(file, 'utf8'), 10) || 0
  } catch {
    // Without the file the message names no process; the refusal stands.
    return 0
  }
}
