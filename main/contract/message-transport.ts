/** The two ends of a message channel: a transport for the caller, and a server that carries the calls on. */
import { errorOf, type Failure } from './failure.ts'
import { replySchema, requestSchema, type Reply, type Request } from './messages.ts'
import { procedures, type ProcedureName } from './procedures.ts'
import type { Transport } from './transport.ts'

export type MessageTransport = Transport & {
  /** Takes a message from the other side; anything that is no reply is ignored. */
  receive(message: unknown): void
  /** Everything that waits fails with this error: the other side is gone. */
  failAll(error: Error): void
}

export type MessageTransportOptions = {
  readonly post: (request: Request) => void
  /** Default: `errorOf`. */
  readonly toError?: (failure: Failure) => Error
}

type Waiting = {
  readonly onEvent: (event: unknown) => void
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

/** The caller's end. Aborting rejects at once and sends a cancel. */
export function createMessageTransport({ post, toError = errorOf }: MessageTransportOptions): MessageTransport {
  const waiting = new Map<number, Waiting>()
  let nextId = 1

  const ask = (
    name: ProcedureName,
    input: unknown,
    signal: AbortSignal | undefined,
    onEvent: (event: unknown) => void,
  ): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error)
      const id = nextId++
      const settle = (): void => {
        waiting.delete(id)
        signal?.removeEventListener('abort', onAbort)
      }
      const onAbort = (): void => {
        settle()
        reject(signal?.reason as Error)
        try {
          post({ kind: 'cancel', id })
        } catch {
          // The other end is gone, and with it what was to be cancelled.
        }
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      waiting.set(id, {
        onEvent,
        resolve: (value) => (settle(), resolve(value)),
        reject: (error) => (settle(), reject(error)),
      })
      try {
        post({ kind: 'ask', id, name, input })
      } catch (error) {
        waiting.get(id)?.reject(error as Error) // the input cannot be cloned
      }
    })

  return {
    call: (name, input, { signal }) => ask(name, input, signal, () => {}),
    stream: (name, input, { signal, onEvent }) => ask(name, input, signal, onEvent),
    receive(message) {
      const parsed = replySchema.safeParse(message)
      if (!parsed.success) return
      const reply = parsed.data
      const caller = waiting.get(reply.id)
      if (reply.kind === 'event') caller?.onEvent(reply.event)
      else if (reply.kind === 'result') caller?.resolve(reply.value)
      else caller?.reject(toError(reply))
    },
    failAll(error) {
      for (const caller of [...waiting.values()]) caller.reject(error)
    },
  }
}

export type MessageServer = {
  /** Takes a message from the caller; what is no request is answered only if it can be. */
  receive(message: unknown): void
  /** Cancels what is at work: the caller is gone. */
  close(): void
}

/**
 * The serving end.
 * @param inner carries the calls on: to handlers of this process, or to another process
 * @param describe turns what was thrown into what may travel
 */
export function createMessageServer(
  inner: Transport,
  post: (reply: Reply) => void,
  describe: (error: unknown, aborted: boolean) => Failure,
): MessageServer {
  const working = new Map<number, AbortController>()

  const work = async (id: number, name: ProcedureName, input: unknown): Promise<void> => {
    const stop = new AbortController()
    working.set(id, stop)
    const { signal } = stop
    const onEvent = (event: unknown): void => void (signal.aborted || post({ kind: 'event', id, event }))
    let reply: Reply
    try {
      const answer =
        procedures[name].verb === 'call'
          ? inner.call(name, input, { signal })
          : inner.stream(name, input, { signal, onEvent })
      reply = { kind: 'result', id, value: await answer }
    } catch (error) {
      const { code, message, params } = describe(error, signal.aborted)
      reply = { kind: 'failure', id, code, message, params }
    }
    working.delete(id)
    post(reply)
  }

  return {
    receive(message) {
      const parsed = requestSchema.safeParse(message)
      if (!parsed.success) {
        const { kind, id } = (message ?? {}) as { kind?: unknown; id?: unknown }
        const isAsk = kind === 'ask' && typeof id === 'number' && Number.isInteger(id) && id > 0 && !working.has(id)
        if (isAsk) post({ kind: 'failure', id, code: 'usage', message: 'The message is not understood.', params: {} })
        return
      }
      const request = parsed.data
      if (request.kind === 'cancel') return working.get(request.id)?.abort()
      if (!working.has(request.id)) void work(request.id, request.name, request.input)
    },
    close() {
      for (const stop of working.values()) stop.abort()
    },
  }
}
