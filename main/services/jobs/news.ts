/** News for windows: who listens hears of jobs and of lists that changed, the latter gathered so that an import does not flood. */
import type { Changeable, Counts, ProcedureEvent } from '../../contract/index.ts'

export type News = {
  tell(event: ProcedureEvent): void
  /** These lists are out of date. Told together with others a moment later. */
  changed(...what: Changeable[]): void
  /** Returns the way to stop listening. */
  listen(listener: (event: ProcedureEvent) => void): () => void
  close(): void
}

/** Changes of this span are told at once. */
const gatherMs = 250

/** @param counts asked when changes are told; may throw while the library is closed */
export function createNews(counts: () => Counts): News {
  const listeners = new Set<(event: ProcedureEvent) => void>()
  const waiting = new Set<Changeable>()
  let timer: NodeJS.Timeout | undefined
  const tell = (event: ProcedureEvent): void => listeners.forEach((listener) => listener(event))
  const flush = (): void => {
    timer = undefined
    const what = [...waiting]
    waiting.clear()
    try {
      tell({ kind: 'change', what, counts: counts() })
    } catch {
      // The library was closed in between; whoever opens it again asks for everything.
    }
  }
  return {
    tell,
    changed(...what) {
      if (listeners.size === 0) return
      for (const each of what) waiting.add(each)
      if (timer !== undefined) return
      timer = setTimeout(flush, gatherMs)
      timer.unref()
    },
    listen(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close() {
      clearTimeout(timer)
      listeners.clear()
    },
  }
}
