/** What the shell has for the page waits here until the page can take it: files from outside, and a command of a menu. */
import type { FromShell, OpenedFile, ShellCommand } from '../main/contract/index.ts'

export type PageInbox = {
  /** Files and folders from the system, a second start, or a menu. */
  addFiles(paths: readonly string[]): void
  /** Of several that wait, the newest counts. */
  addCommand(command: ShellCommand): void
  /** The page listens from now on, or not any more. */
  setReady(isReady: boolean): void
}

/** @param deliver called with what is new, once each */
export function createPageInbox(
  toFile: (path: string) => OpenedFile,
  deliver: (message: FromShell) => void,
): PageInbox {
  let paths: string[] = []
  let command: ShellCommand | null = null
  let ready = false
  const flush = (): void => {
    if (!ready) return
    const files = [...new Set(paths)]
    const given = command
    paths = []
    command = null
    if (files.length > 0) deliver({ kind: 'open', files: files.map(toFile) })
    if (given !== null) deliver({ kind: 'command', command: given })
  }
  return {
    addFiles(added) {
      paths.push(...added)
      flush()
    },
    addCommand(given) {
      command = given
      flush()
    },
    setReady(isReady) {
      ready = isReady
      flush()
    },
  }
}
