/** The bundles of the desktop app, built when they are older than their sources. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { ensureBuilt, oneAtATime } from '../e2e/window.ts'

export const root = join(import.meta.dirname, '..', '..')

export function ensureDesktopBuilt(): void {
  ensureBuilt()
  oneAtATime('desktop', () => {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/build-desktop.mjs', '--if-older'], {
      cwd: root,
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`the desktop app could not be bundled: ${stderr}`)
  })
}
