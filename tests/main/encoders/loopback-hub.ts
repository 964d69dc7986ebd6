/** A model hub on the loopback address that serves a folder, and can be told to misbehave. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { join } from 'node:path'

export const commit = 'c0ffee'.repeat(6) + 'c0ff'

/** Decides about one request for a file; true: it has answered. `count` is how often this file was asked for before. */
export type Mischief = (
  asked: { path: string; bytes: Buffer; count: number; request: IncomingMessage },
  response: ServerResponse,
) => boolean

export type LoopbackHub = {
  readonly url: string
  /** Paths of files that were asked for, with the range. */
  readonly log: string[]
  /** All requests, those for lists too. */
  requests: number
  mischief: Mischief
  close(): Promise<void>
}

/** Serves `folder` as the model `owner/small`; files from `largeFrom` bytes on are listed with their sha256. */
export async function startHub(folder: string, { largeFrom = 50_000, pageSize = 4 } = {}): Promise<LoopbackHub> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    statSync(join(folder, path)).isFile(),
  )
  const counts = new Map<string, number>()
  const entry = (path: string): object => {
    const bytes = readFileSync(join(folder, path))
    const gitBlob = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex')
    const lfs = { oid: createHash('sha256').update(bytes).digest('hex'), size: bytes.length, pointerSize: 130 }
    return { type: 'file', path, size: bytes.length, oid: gitBlob, ...(bytes.length >= largeFrom ? { lfs } : {}) }
  }
  const hub: LoopbackHub = { url: '', log: [], requests: 0, mischief: () => false, close: () => stop(server) }
  const server = createServer((request, response) => {
    hub.requests += 1
    const { pathname, searchParams } = new URL(request.url!, hub.url)
    const json = (content: unknown, headers: Record<string, string> = {}): void => {
      response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(content))
    }
    if (pathname === '/api/models/owner/small/revision/main') {
      return json({ sha: commit, cardData: { license: 'apache-2.0' } })
    }
    if (pathname === `/api/models/owner/small/tree/${commit}`) {
      const from = Number(searchParams.get('cursor') ?? 0)
      const page = paths.slice(from, from + pageSize).map(entry)
      const isLast = from + pageSize >= paths.length
      const next = `<${pathname}?recursive=true&cursor=${from + pageSize}>; rel="next"`
      return json([{ type: 'directory', path: 'onnx', oid: '' }, ...page], isLast ? {} : { link: next })
    }
    const path = decodeURIComponent(/^\/(?:owner\/small\/resolve\/[0-9a-f]+|cdn)\/(.+)$/.exec(pathname)?.[1] ?? '')
    if (!paths.includes(path)) return void response.writeHead(404).end()
    const bytes = readFileSync(join(folder, path))
    const count = counts.get(path) ?? 0
    counts.set(path, count + 1)
    hub.log.push(`${path} ${request.headers.range ?? ''}`.trim())
    if (hub.mischief({ path, bytes, count, request }, response)) return
    sendRange(bytes, request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  Object.assign(hub, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
  return hub
}

export function sendRange(bytes: Buffer, request: IncomingMessage, response: ServerResponse): void {
  const from = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
  if (from === 0) return void response.writeHead(200, { 'content-length': bytes.length }).end(bytes)
  const range = `bytes ${from}-${bytes.length - 1}/${bytes.length}`
  response.writeHead(206, { 'content-length': bytes.length - from, 'content-range': range }).end(bytes.subarray(from))
}

function stop(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(() => resolve()))
}

/** A proxy that only passes on what it is asked for, and counts. */
export async function startProxy(): Promise<{ url: string; passed: () => number; close: () => Promise<void> }> {
  let passed = 0
  const server = createServer((_, response) => response.writeHead(501).end())
  server.on('connect', (request, socket) => {
    passed += 1
    const [host, port] = request.url!.split(':')
    const through = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      through.pipe(socket).pipe(through)
    })
    through.on('error', () => socket.destroy())
    socket.on('error', () => through.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, passed: () => passed, close: () => stop(server) }
}
