/**
 * What a file is answered with, whole or a range of it (RFC 9110, 14): what players need to seek. Knows no HTTP server and
 * no Electron, so that both hosts of the window answer alike.
 */
import { lstat } from 'node:fs/promises'
import { extname } from 'node:path'

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

/** A request for a file, as far as the answer depends on it. */
export type FileRequest = {
  readonly method: string
  /** As it was sent: percent-encoded, without the query. */
  readonly path: string
  /** Value of a header by its lower-case name. */
  readonly header: (name: string) => string | undefined
}

/** Bytes `[start, end)` of a file, JSON, or nothing (HEAD, 304). */
export type AnswerBody =
  { readonly path: string; readonly start: number; readonly end: number } | { readonly json: unknown } | null

export type Answer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: AnswerBody
}

export type SendOptions = {
  /** How long a browser may keep it; default: not at all. */
  readonly cacheControl?: string
  /** Offered under this name instead of being shown. */
  readonly downloadAs?: string
}

/** An answer that says no, in the form that every client of the contract reads. */
export function refusal(status: number, message: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return jsonAnswer(status, { error: { code: 'usage', message, params: {} } }, headers)
}

export function jsonAnswer(status: number, json: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { 'content-type': 'application/json; charset=utf-8', ...headers }, body: { json } }
}

export const nothingHere = (): Answer => refusal(404, 'There is nothing here.')

/** Links are not followed: a file that is one is not there. */
export async function fileAnswer(request: FileRequest, path: string, options: SendOptions = {}): Promise<Answer> {
  const info = await lstat(path).catch(() => null)
  if (info === null || !info.isFile()) return nothingHere()
  const etag = `"${info.size.toString(16)}-${Math.trunc(info.mtimeMs).toString(16)}"`
  const headers: Record<string, string> = {
    'accept-ranges': 'bytes',
    etag,
    'content-type': types[extname(path).toLowerCase()] ?? 'application/octet-stream',
  }
  if (options.cacheControl !== undefined) headers['cache-control'] = options.cacheControl
  if (options.downloadAs !== undefined) {
    headers['content-disposition'] = `attachment; filename*=UTF-8''${encodeURIComponent(options.downloadAs)}`
  }
  if (request.header('if-none-match') === etag) return { status: 304, headers, body: null }
  // A range of a file that has changed since is of no use to whoever has its beginning.
  const isSame = [undefined, etag].includes(request.header('if-range'))
  const range = isSame ? parseRange(request.header('range'), info.size) : null
  if (range === 'outside') {
    return refusal(416, 'The file is shorter than this range.', { ...headers, ...wholeSize(info.size) })
  }
  const { start, end } = range ?? { start: 0, end: info.size }
  headers['content-length'] = String(end - start)
  if (range !== null) headers['content-range'] = `bytes ${start}-${end - 1}/${info.size}`
  const isEmpty = request.method === 'HEAD' || end === start
  return { status: range === null ? 200 : 206, headers, body: isEmpty ? null : { path, start, end } }
}

function wholeSize(size: number): Record<string, string> {
  return { 'content-range': `bytes */${size}`, 'content-type': 'application/json; charset=utf-8' }
}

/**
 * Half-open range of bytes of a file of `size`; null when the whole is to be sent (no range, several, or not understood).
 * An open range goes to the end of the file: players take a shorter answer for the whole of it. Pure.
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
