/** Files that came from outside (the system, a second start, the menu) wait here until the page can take them. */
import type { OpenedFile } from '../main/contract/index.ts'

export type OpenedFiles = {
  add(paths: readonly string[]): void
  /** The page listens from now on, or not any more. */
  setReady(isReady: boolean): void
}

/** @param deliver called with what is new, once each */
export function createOpenedFiles(
  toFile: (path: string) => OpenedFile,
  deliver: (files: OpenedFile[]) => void,
): OpenedFiles {
  let waiting: string[] = []
  let ready = false
  const flush = (): void => {
    if (!ready || waiting.length === 0) return
    const paths = [...new Set(waiting)]
    waiting = []
    deliver(paths.map(toFile))
  }
  return {
    add(paths) {
      waiting.push(...paths)
      flush()
    },
    setReady(isReady) {
      ready = isReady
      flush()
    },
  }
}
