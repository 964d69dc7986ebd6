/**
 * The app's log: what started, ended, failed and was refused, one line each, in a file of bounded size. It holds no text of
 * the customer's: callers write sentences of their own, and of errors only what `traceOf` leaves. Main process.
 */
import { appendFileSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Which part of the app a line is about. */
export type LogSource = 'app' | 'window' | 'engine' | 'media' | 'graphics'

export type LogFile = {
  readonly path: string
  write(source: LogSource, what: string): void
}

export type LogOptions = {
  readonly now: () => number
  /** Beyond this the file becomes an old one. Default 512 KiB. */
  readonly maxBytes?: number
  /** Old files that are kept beside it, `NAME.1` the newest. Default 3. */
  readonly keep?: number
}

/** @param folder the system's place for logs; made when it is not there */
export function openLogFile(folder: string, { now, maxBytes = 512 * 1024, keep = 3 }: LogOptions): LogFile {
  const path = join(folder, 'mama-studio.log')
  return {
    path,
    write(source, what) {
      // Written at once, because the next thing that happens may be the end of this process.
      try {
        mkdirSync(dirname(path), { recursive: true })
        if (sizeOf(path) >= maxBytes) rotate(path, keep)
        appendFileSync(path, `${new Date(now()).toISOString()} ${source}: ${what.replace(/\s*\n\s*/g, ' | ')}\n`)
      } catch {
        // A full disk must not stop the app, and there is no other place to say it.
      }
    },
  }
}

function rotate(path: string, keep: number): void {
  rmSync(`${path}.${keep}`, { force: true })
  for (let age = keep - 1; age >= 1; age -= 1) {
    if (sizeOf(`${path}.${age}`) >= 0) renameSync(`${path}.${age}`, `${path}.${age + 1}`)
  }
  if (keep > 0) renameSync(path, `${path}.1`)
  else rmSync(path)
}

/** -1 when there is no such file. */
function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? -1
}
