/** The window's end of `mama serve`: the contract's two verbs over HTTP. The session cookie of the page is the key. */
import { errorOf, type Failure, type ProcedureName, type Transport } from '../../../main/contract/index.ts'

type Line = {
  event?: unknown
  result?: unknown
  error?: Failure
}

/** The engine does not answer: it was stopped, it fails again and again, or the page's session has ended. */
export class ConnectionError extends Error {
  readonly kind: 'unreachable' | 'failed' | 'session'

  constructor(kind: 'unreachable' | 'failed' | 'session') {
    super(`the engine is ${kind === 'session' ? 'not open to this page' : 'not reachable'}`)
    this.name = 'ConnectionError'
    this.kind = kind
  }
}

/** @param base address of the server, ending in a slash */
export function createPageTransport(base: string): Transport {
  const send = async (name: ProcedureName, input: unknown, signal: AbortSignal | undefined): Promise<Response> => {
    const response = await fetch(`${base}rpc/${name}`, {
      method: 'POST',
      credentials: 'same-origin',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(input),
      signal: signal ?? null,
    }).catch((error: unknown) => {
      throw signal?.aborted ? error : new ConnectionError('unreachable')
    })
    if (response.status === 401 || response.status === 403) throw new ConnectionError('session')
    return response
  }
  return {
    async call(name, input, { signal }) {
      return resultOf((await (await send(name, input, signal)).json()) as Line)
    },
    async stream(name, input, { signal, onEvent }) {
      for await (const line of linesOf(await send(name, input, signal))) {
        if (line.event === undefined) return resultOf(line)
        onEvent(line.event)
      }
      throw new ConnectionError('unreachable')
    },
  }
}

function resultOf({ result, error }: Line): unknown {
  if (error !== undefined) throw errorOf(error)
  return result
}

async function* linesOf(response: Response): AsyncGenerator<Line> {
  if (response.body === null) return
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      const lines = (rest + value).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) if (line !== '') yield JSON.parse(line) as Line
    }
  } finally {
    reader.cancel().catch(() => {}) // the other side may have gone already
  }
  if (rest !== '') yield JSON.parse(rest) as Line
}
