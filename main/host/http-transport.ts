/** The client's end of main/host/serve.ts: the two verbs of the contract over HTTP. */
import { errorOf, type Failure, type ProcedureName, type Transport } from '../contract/index.ts'

type Line = {
  event?: unknown
  result?: unknown
  error?: Failure
}

/** @param url of the server, ending in a slash */
export function createHttpTransport({ url, token }: { url: string; token: string }): Transport {
  const send = (name: ProcedureName, input: unknown, signal: AbortSignal | undefined): Promise<Response> =>
    fetch(`${url}rpc/${name}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(input),
      signal: signal ?? null,
    })
  return {
    async call(name, input, { signal }) {
      return resultOf((await (await send(name, input, signal)).json()) as Line)
    },
    async stream(name, input, { signal, onEvent }) {
      const response = await send(name, input, signal)
      for await (const line of linesOf(response)) {
        if (line.event === undefined) return resultOf(line)
        onEvent(line.event)
      }
      throw new Error('internal: the server closed the stream before its result')
    },
  }
}

function resultOf({ result, error }: Line): unknown {
  if (error !== undefined) throw errorOf(error)
  return result
}

async function* linesOf(response: Response): AsyncGenerator<Line> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line !== '') yield JSON.parse(line) as Line
  }
  if (rest !== '') yield JSON.parse(rest) as Line
}
