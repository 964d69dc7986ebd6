/** Remembers where the window was, in a small file of the user's own folder. Runs in Electron's main process. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'

const stateSchema = z.object({
  x: z.number(),
  y: z.number(),
  width: z.number().positive(),
  height: z.number().positive(),
  isMaximized: z.boolean(),
})

export type WindowState = z.infer<typeof stateSchema>

/** Null when there is none, or none that can be read. */
export function readWindowState(file: string): WindowState | null {
  try {
    return stateSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return null // the first start, or a damaged file: the window then opens where a new one does
  }
}

export function writeWindowState(file: string, state: WindowState): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(`${file}.partial`, JSON.stringify(state))
  renameSync(`${file}.partial`, file)
}
