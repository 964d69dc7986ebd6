/** `POST /rpc/<procedure>`: JSON in; `{"result"}` or `{"error"}` out, for a stream lines of JSON with `{"event"}` first. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { isProcedureName, procedures, type Client, type ProcedureEvent, type ProcedureName } from '../contract/index.ts'
import { describeFailure } from './failure.ts'
import { finish, refused, type Exchange, type Route } from './http-server.ts'

type AnyCall = (
  input: unknown,
  options: { signal: AbortSignal; onEvent: (event: ProcedureEvent) => void },
) => Promise<unknown>

/** Leaving cancels the work. */
export function rpcRoute(client: Client, { maxBodyBytes }: { readonly maxBodyBytes: number }): Route {
  const prefix = '/rpc/'
  return {
    prefix,
    async answer({ request, response, path, signal }) {
      if (request.method !== 'POST') return finish(response, 405, refused('Procedures are called with POST.'), true)
      if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
        return finish(response, 415, refused('The request is not JSON.'), true)
      }
      const name = path.slice(prefix.length)
      if (!isProcedureName(name)) return finish(response, 404, refused('There is no such procedure.'), true)
      const body = await readBody(request, maxBodyBytes)
      if (body === null) {
        return finish(response, 413, refused(`The request is larger than ${maxBodyBytes} bytes.`), true)
      }
      let input: unknown
      try {
        input = JSON.parse(body)
      } catch {
        return finish(response, 400, refused('The request is not JSON.'))
      }
      await (procedures[name].verb === 'call'
        ? answerCall(client, name, input, signal, response)
        : answerStream(client, name, input, signal, response))
    },
  }
}

async function answerCall(
  client: Client,
  name: ProcedureName,
  input: unknown,
  signal: AbortSignal,
  response: ServerResponse,
): Promise<void> {
  try {
    const result = await (client[name] as AnyCall)(input, { signal, onEvent: () => {} })
    finish(response, 200, { result })
  } catch (error) {
    const { code, message, params, exitCode } = describeFailure(error, signal.aborted)
    finish(response, exitCode === 2 ? 400 : code === 'internal' ? 500 : 422, { error: { code, message, params } })
  }
}

async function answerStream(
  client: Client,
  name: ProcedureName,
  input: unknown,
  signal: Exchange['signal'],
  response: ServerResponse,
): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/x-ndjson; charset=utf-8' })
  // The client learns at once that the stream stands, though the first event may take its time.
  response.flushHeaders()
  const write = (line: unknown): void => void (response.destroyed || response.write(`${JSON.stringify(line)}\n`))
  try {
    write({ result: await (client[name] as AnyCall)(input, { signal, onEvent: (event) => write({ event }) }) })
  } catch (error) {
    const { code, message, params } = describeFailure(error, signal.aborted)
    write({ error: { code, message, params } })
  }
  response.end()
}

/** Null when the body is too large; the rest is not read then. */
async function readBody(request: IncomingMessage, maxBytes: number): Promise<string | null> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return null
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBytes) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
