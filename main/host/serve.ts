/**
 * The contract over HTTP on the loopback address, for this computer only: every request needs the token, the right Host
 * and, from a page, the right Origin. It knows procedures and JSON, nothing else: no files are served.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  AppError,
  isProcedureName,
  procedures,
  type Client,
  type ProcedureEvent,
  type ProcedureName,
} from '../contract/index.ts'
import { describeFailure } from './failure.ts'

export type ServeOptions = {
  /** 0 takes a free port. */
  readonly port: number
  readonly token: string
  readonly maxBodyBytes?: number
}

export type RunningServer = { readonly port: number; readonly url: string; close(): Promise<void> }

type AnyCall = (
  input: unknown,
  options: { signal: AbortSignal; onEvent: (event: ProcedureEvent) => void },
) => Promise<unknown>

const defaultMaxBodyBytes = 1024 * 1024

export function createToken(): string {
  return randomBytes(32).toString('base64url')
}

/**
 * Starts to listen on 127.0.0.1.
 * `POST /rpc/<procedure>` with `Authorization: Bearer <token>` and a JSON body answers `{"result"}` or `{"error"}`;
 * a streaming procedure answers lines of JSON, `{"event"}` first. Leaving cancels the work.
 * @throws AppError `usage` when the port is taken
 */
export async function startServer(client: Client, options: ServeOptions): Promise<RunningServer> {
  const server = createServer((request, response) => {
    answer(client, options, request, response).catch((error: unknown) => {
      const { code, message, params } = describeFailure(error, false)
      finish(response, 500, { error: { code, message, params } })
    })
  })
  server.headersTimeout = 10_000
  server.requestTimeout = 30_000
  await listen(server, options.port)
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `http://127.0.0.1:${port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(
  client: Client,
  { token, maxBodyBytes = defaultMaxBodyBytes }: ServeOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const refusal = refuse(request, token)
  if (refusal !== null) return finish(response, refusal.status, refused(refusal.message), true)
  const name = new URL(request.url ?? '/', 'http://127.0.0.1').pathname.slice('/rpc/'.length)
  if (!isProcedureName(name)) return finish(response, 404, refused('There is no such procedure.'))

  const body = await readBody(request, maxBodyBytes)
  if (body === null) return finish(response, 413, refused(`The request is larger than ${maxBodyBytes} bytes.`), true)
  let input: unknown
  try {
    input = JSON.parse(body)
  } catch {
    return finish(response, 400, refused('The request is not JSON.'))
  }
  const left = new AbortController()
  response.on('close', () => left.abort())
  await (procedures[name].verb === 'call'
    ? answerCall(client, name, input, left.signal, response)
    : answerStream(client, name, input, left.signal, response))
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
  signal: AbortSignal,
  response: ServerResponse,
): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/x-ndjson; charset=utf-8', ...safeHeaders })
  const write = (line: unknown): void => void (response.destroyed || response.write(`${JSON.stringify(line)}\n`))
  try {
    write({ result: await (client[name] as AnyCall)(input, { signal, onEvent: (event) => write({ event }) }) })
  } catch (error) {
    const { code, message, params } = describeFailure(error, signal.aborted)
    write({ error: { code, message, params } })
  }
  response.end()
}

/** The checks that come before anything is read. A wrong Host means a rebound name, a wrong Origin another page. */
function refuse(request: IncomingMessage, token: string): { status: number; message: string } | null {
  const port = request.socket.localPort
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`]
  if (!hosts.includes(request.headers.host ?? '')) return { status: 403, message: 'This address is not served.' }
  const { origin } = request.headers
  if (origin !== undefined && !hosts.some((host) => origin === `http://${host}`)) {
    return { status: 403, message: 'Other pages may not use this server.' }
  }
  const given = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
  if (given === undefined || !sameSecret(given, token))
    return { status: 401, message: 'The token is missing or wrong.' }
  if (!(request.url ?? '').startsWith('/rpc/')) return { status: 404, message: 'There is nothing here.' }
  if (request.method !== 'POST') return { status: 405, message: 'Procedures are called with POST.' }
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
    return { status: 415, message: 'The request is not JSON.' }
  }
  return null
}

function sameSecret(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
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

const safeHeaders = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }

function refused(message: string): unknown {
  return { error: { code: 'usage', message, params: {} } }
}

function finish(response: ServerResponse, status: number, body: unknown, close = false): void {
  if (response.headersSent || response.destroyed) return
  const headers = { 'content-type': 'application/json; charset=utf-8', ...safeHeaders }
  response.writeHead(status, close ? { ...headers, connection: 'close' } : headers)
  response.end(`${JSON.stringify(body)}\n`)
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE' || error.code === 'EACCES'
      const message = `Port ${port} cannot be used. Choose another with --port, or 0 for a free one.`
      reject(taken ? new AppError('usage', message, { port }, { cause: error }) : error)
    })
    server.listen({ host: '127.0.0.1', port }, () => resolve())
  })
}
