/** The media process: serves `Media` to the engine that started it, and ends with it. */
import { AppError } from '../contract/index.ts'
import { createMedia, type MediaOptions } from './media.ts'
import { isStream, readAhead, type Ask, type Failure, type FromHost, type ToHost } from './media-protocol.ts'

type Work = { readonly stop: AbortController; credit: number; wake: () => void }

const media = createMedia(JSON.parse(process.argv[2] ?? '{}') as MediaOptions)
const working = new Map<number, Work>()

function send(message: FromHost): void {
  if (process.connected) process.send?.(message)
}

async function serve({ id, ask, args, options }: Ask): Promise<void> {
  const work: Work = { stop: new AbortController(), credit: readAhead, wake: () => {} }
  working.set(id, work)
  const { signal } = work.stop
  // The engine's side has the types; the names and arguments are those of `Media`.
  const method = media[ask] as (...all: unknown[]) => unknown
  try {
    const result = method(...args, { ...options, signal })
    if (!isStream(ask)) return send({ id, value: await result })
    for await (const item of result as AsyncIterable<unknown>) {
      send({ id, item })
      work.credit -= 1
      while (work.credit <= 0 && !signal.aborted) await new Promise<void>((resolve) => (work.wake = resolve))
      signal.throwIfAborted()
    }
    send({ id, end: true })
  } catch (error) {
    send({ id, failure: describe(error) })
  } finally {
    working.delete(id)
  }
}

function describe(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error)
  return error instanceof AppError ? { message, code: error.code, params: error.params } : { message }
}

process.on('message', (message: ToHost) => {
  if ('ask' in message) return void serve(message)
  const work = working.get(message.id)
  if (work === undefined) return // answered in the meantime
  if ('cancel' in message) work.stop.abort()
  else work.credit += message.more
  work.wake()
})

// The engine has closed or was killed: its decoders must not outlive it.
process.on('disconnect', () => {
  for (const { stop } of working.values()) stop.abort()
  process.exit(0)
})
