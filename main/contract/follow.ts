/**
 * Following the engine's news without a gap: listen first, then read what is there, then take what was told meanwhile. Who
 * reads first and listens afterwards misses what happens in between, such as the end of a job.
 */
import type { ProcedureEvent } from './progress.ts'
import type { Client } from './transport.ts'

export type Following = {
  /** Reads what is there; what is told meanwhile waits. */
  readonly onOpen: () => Promise<void>
  readonly onEvent: (event: ProcedureEvent) => void
  readonly signal: AbortSignal
}

/**
 * One connection, from its start to its end.
 *
 * @throws what `watch` or `onOpen` throws; ends without when the engine ends it
 */
export async function followNews(client: Pick<Client, 'watch'>, { onOpen, onEvent, signal }: Following): Promise<void> {
  const stop = new AbortController()
  let waiting: ProcedureEvent[] | null = []
  let watching: Promise<unknown> | undefined
  try {
    await new Promise<void>((resolve, reject) => {
      watching = client.watch(
        {},
        {
          signal: AbortSignal.any([signal, stop.signal]),
          onEvent(event) {
            if (event.kind === 'listening') resolve()
            else if (waiting === null) onEvent(event)
            else waiting.push(event)
          },
        },
      )
      watching.then(() => resolve(), reject)
    })
    // What was read may be newer than what waits; it does no harm, because what waits ends with the newest, too.
    await onOpen()
    const told: readonly ProcedureEvent[] = waiting
    waiting = null
    for (const event of told) onEvent(event)
    await watching
  } finally {
    stop.abort()
    await watching?.catch(() => {}) // thrown above, or ended by us
  }
}
