/**
 * Folders for tests, outside the repository. All of a test file are removed when it ends, whether it passed or not
 * (tests/remove-temporary-folders.ts), so that nobody has to remember; whoever wants one gone sooner removes it.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const key = Symbol.for('mama: temporary folders of this test file')
// On the process, so that a second copy of this module would share them.
const shared = globalThis as unknown as Record<symbol, Set<string> | undefined>
const folders = (shared[key] ??= new Set<string>())

/** @param purpose one word that tells what lies there, should it ever be found */
export function temporaryFolder(purpose: string): string {
  const folder = mkdtempSync(join(tmpdir(), `mama-${purpose}-`))
  folders.add(folder)
  return folder
}

export function removeTemporaryFolders(): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  folders.clear()
}
