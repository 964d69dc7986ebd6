/**
 * The graphics process may die with its driver. Chromium starts it again by itself; when it keeps dying, the next start of
 * the app draws without it. Runs in Electron's main process, partly before Electron is ready.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { restartDelayMs, type RestartPolicy } from './restart-policy.ts'

export type GraphicsFallback = {
  /** True: this start has to draw in software. */
  readonly isOff: boolean
  /** The graphics process has died. @returns true when the next start will do without it */
  gone(): boolean
}

const policy: RestartPolicy = { limit: 2, withinMs: 120_000, firstDelayMs: 0, longestDelayMs: 0 }

/**
 * @param file remembers the choice; @param version of the app: another one tries the graphics again
 */
export function graphicsFallback(file: string, version: string, now: () => number): GraphicsFallback {
  let goneAtMs: number[] = []
  return {
    isOff: read(file) === version,
    gone() {
      goneAtMs = [...goneAtMs, now()].slice(-(policy.limit + 1))
      if (restartDelayMs(goneAtMs, policy) !== null) return false
      try {
        mkdirSync(dirname(file), { recursive: true })
        writeFileSync(file, version)
        return true
      } catch {
        return false // the next start tries the graphics again
      }
    },
  }
}

/** Null when nothing is remembered. */
function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return null
  }
}
