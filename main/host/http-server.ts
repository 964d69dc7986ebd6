/**
 * The loopback server: one door through which every request passes. It checks Host, Origin and token before anything
 * else is looked at, and then hands the request to the part that its path names.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { AppError } from '../contract/index.ts'
import { securityHeaders } from '../files/index.ts'
import { describeFailure } from './failure.ts'

export type RunningServer = { readonly port: number; readonly url: string; close(): Promise<void> }

/** A request that has passed the door. `signal` aborts when the client goes away. */
export type Exchange = {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Without the query; as it was sent, so still percent-encoded. */
  readonly path: string
  readonly query: URLSearchParams
  readonly signal: AbortSignal
}

/** Answers the requests whose path begins with its prefix. */
export type Route = { readonly prefix: string; readonly answer: (exchange: Exchange) => Promise<void> }

export type ServerOptions = {
  /** 0 takes a free port. */
  readonly port: number
  readonly token: string
  /** The first whose prefix fits answers. */
  readonly routes: readonly Route[]
}

/** Starts to listen on 127.0.0.1. @throws AppError `usage` when the port is taken */
export async function startHttpServer({ port: wanted, token, routes }: ServerOptions): Promise<RunningServer> {
  const server = createServer((request, response) => {
    answer(token, routes, request, response).catch((error: unknown) => {
      const { code, message, params } = describeFailure(error, false)
      finish(response, 500, { error: { code, message, params } })
    })
  })
  server.headersTimeout = 10_000
  // Uploads of large files take their time; a client that says nothing at all is cut off.
  server.requestTimeout = 0
  server.timeout = 0
  server.keepAliveTimeout = 5000
  await listen(server, wanted)
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
  token: string,
  routes: readonly Route[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value)
  const { path, query } = splitUrl(request.url ?? '/')
  const port = request.socket.localPort ?? 0
  const strange = refuseStranger(request, port)
  if (strange !== null) return finish(response, 403, refused(strange), true)
  if (path === '/' && request.method === 'GET' && query.has('token')) {
    return admit(response, port, token, query.get('token') ?? '')
  }
  if (!hasToken(request, port, token)) {
    return finish(
      response,
      401,
      refused('The token is missing or wrong. Open the address that mama serve printed.'),
      true,
    )
  }
  const route = routes.find(({ prefix }) => path.startsWith(prefix))
  if (route === undefined) return finish(response, 404, refused('There is nothing here.'))
  const left = new AbortController()
  response.on('close', () => left.abort())
  await route.answer({ request, response, path, query, signal: left.signal })
}

/** The checks that come before the token: a wrong Host means a rebound name, a wrong Origin another page. */
function refuseStranger(request: IncomingMessage, port: number): string | null {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`]
  const { host = '', origin } = request.headers
  if (!hosts.includes(host)) return 'This address is not served.'
  if (origin !== undefined && origin !== `http://${host}`) return 'Other pages may not use this server.'
  // Pictures and players send no Origin; browsers say here where such a request comes from.
  const site = request.headers['sec-fetch-site']
  const isNavigation = request.headers['sec-fetch-mode'] === 'navigate' && request.method === 'GET'
  if (site !== undefined && site !== 'same-origin' && site !== 'none' && !isNavigation) {
    return 'Other pages may not use this server.'
  }
  return null
}

/** Cookies know no ports, so the name does: two libraries can be served at once. */
function cookieName(port: number): string {
  return `mama-${port}`
}

/** The printed address, opened: the token moves from the address into a cookie that no script can read. */
function admit(response: ServerResponse, port: number, token: string, given: string): void {
  if (!sameSecret(given, token)) {
    return finish(response, 401, refused('The token is wrong. Open the address that mama serve printed.'), true)
  }
  response.writeHead(303, {
    location: '/',
    'set-cookie': `${cookieName(port)}=${token}; HttpOnly; SameSite=Strict; Path=/`,
  })
  response.end()
}

function hasToken(request: IncomingMessage, port: number, token: string): boolean {
  const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
  if (bearer !== undefined) return sameSecret(bearer, token)
  // What changes something needs an Origin too: a cookie comes along by itself.
  if (request.method !== 'GET' && request.method !== 'HEAD' && request.headers.origin === undefined) return false
  const cookies = (request.headers.cookie ?? '').split(';').map((cookie) => cookie.trim())
  const own = cookies.find((cookie) => cookie.startsWith(`${cookieName(port)}=`))
  return own !== undefined && sameSecret(own.slice(cookieName(port).length + 1), token)
}

function sameSecret(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}

/** Not `new URL`: it would resolve `..`, and a path that tries tricks must be seen as it was sent. */
function splitUrl(url: string): { path: string; query: URLSearchParams } {
  const mark = url.indexOf('?')
  return mark < 0
    ? { path: url, query: new URLSearchParams() }
    : { path: url.slice(0, mark), query: new URLSearchParams(url.slice(mark + 1)) }
}

export function refused(message: string): unknown {
  return { error: { code: 'usage', message, params: {} } }
}

/** @param close also ends the connection: whatever else the client sends is not read */
export function finish(response: ServerResponse, status: number, body: unknown, close = false): void {
  if (response.headersSent || response.destroyed) return
  const headers = { 'content-type': 'application/json; charset=utf-8' }
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
