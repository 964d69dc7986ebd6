/** Sends a file, whole or a range of it (RFC 9110, 14): what players need to seek. */
import { createReadStream } from 'node:fs'
import { lstat } from 'node:fs/promises'
import { extname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { finish, refused, type Exchange } from './http-server.ts'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.mp4': 'video/mp4',
  '.m4v': 'video/mp4',
  '.mov': 'video/mp4',
  '.webm': 'video/webm',
  '.mkv': 'video/x-matroska',
}

export type SendOptions = {
  /** How long a browser may keep it; default: not at all. */
  readonly cacheControl?: string
  /** Offered under this name instead of being shown. */
  readonly downloadAs?: string
}

/** Links are not followed: a file that is one is not there. */
export async function sendFile(
  { request, response }: Exchange,
  path: string,
  options: SendOptions = {},
): Promise<void> {
  const info = await lstat(path).catch(() => null)
  if (info === null || !info.isFile()) return finish(response, 404, refused('There is nothing here.'))
  const etag = `"${info.size.toString(16)}-${Math.trunc(info.mtimeMs).toString(16)}"`
  response.setHeader('accept-ranges', 'bytes')
  response.setHeader('etag', etag)
  response.setHeader('content-type', types[extname(path).toLowerCase()] ?? 'application/octet-stream')
  if (options.cacheControl !== undefined) response.setHeader('cache-control', options.cacheControl)
  if (options.downloadAs !== undefined) {
    const name = encodeURIComponent(options.downloadAs)
    response.setHeader('content-disposition', `attachment; filename*=UTF-8''${name}`)
  }
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304)
    return void response.end()
  }
  // A range of a file that has changed since is of no use to whoever has its beginning.
  const isSame = request.headers['if-range'] === undefined || request.headers['if-range'] === etag
  const range = isSame ? parseRange(request.headers.range, info.size) : null
  if (range === 'outside') {
    response.setHeader('content-range', `bytes */${info.size}`)
    return finish(response, 416, refused('The file is shorter than this range.'))
  }
  const { start, end } = range ?? { start: 0, end: info.size }
  response.setHeader('content-length', end - start)
  if (range !== null) response.setHeader('content-range', `bytes ${start}-${end - 1}/${info.size}`)
  response.writeHead(range === null ? 200 : 206)
  if (request.method === 'HEAD' || end === start) return void response.end()
  // A player that jumps closes the connection in the middle: that is no failure.
  await pipeline(createReadStream(path, { start, end: end - 1 }), response).catch(() => undefined)
}

/**
 * Half-open range of bytes of a file of `size`; null when the whole is to be sent (no range, several, or not understood).
 * Pure.
 */
export function parseRange(
  header: string | undefined,
  size: number,
): { start: number; end: number } | 'outside' | null {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '') ?? []
  if (first === '' && last === '') return null
  if (first === '') {
    const count = Math.min(Number(last), size)
    return count === 0 ? 'outside' : { start: size - count, end: size }
  }
  const start = Number(first)
  if (start >= size) return 'outside'
  const end = last === '' ? size : Math.min(Number(last) + 1, size)
  return end > start ? { start, end } : null
}
