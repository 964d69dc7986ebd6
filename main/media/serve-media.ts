/** Serves `Media` to the engine over a link; what a media process does, however it was started. */
import { AppError } from '../contract/index.ts'
import type { EngineLink } from './media-link.ts'
import { createMedia, type MediaOptions } from './media.ts'
import { isStream, readAhead, type Ask, type Failure } from './media-protocol.ts'

type Work = { readonly stop: AbortController; credit: number; wake: () => void }

/** @param end called when the engine has closed or was killed, after the work was told to stop */
export function serveMedia(link: EngineLink, options: MediaOptions, end: () => void): void {
  const media = createMedia(options)
  const working = new Map<number, Work>()

  async function serve({ id, ask, args, options: rest }: Ask): Promise<void> {
    const work: Work = { stop: new AbortController(), credit: readAhead, wake: () => {} }
    working.set(id, work)
    const { signal } = work.stop
    // The engine's side has the types; the names and arguments are those of `Media`.
    const method = media[ask] as (...all: unknown[]) => unknown
    try {
      const result = method(...args, { ...rest, signal })
      if (!isStream(ask)) return link.send({ id, value: await result })
      for await (const item of result as AsyncIterable<unknown>) {
        link.send({ id, item })
        work.credit -= 1
        while (work.credit <= 0 && !signal.aborted) await new Promise<void>((resolve) => (work.wake = resolve))
        signal.throwIfAborted()
      }
      link.send({ id, end: true })
    } catch (error) {
      link.send({ id, failure: describe(error) })
    } finally {
      working.delete(id)
    }
  }

  link.onMessage((message) => {
    if ('ask' in message) return void serve(message)
    const work = working.get(message.id)
    if (work === undefined) return // answered in the meantime
    if ('cancel' in message) work.stop.abort()
    else work.credit += message.more
    work.wake()
  })
  // Its decoders must not outlive the engine.
  link.onGone(() => {
    for (const { stop } of working.values()) stop.abort()
    end()
  })
}

function describe(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error)
  return error instanceof AppError ? { message, code: error.code, params: error.params } : { message }
}
