/** Routes over main/files: media by id and the built window, written to an HTTP response. */
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import {
  mediaAnswer,
  mediaFinder,
  windowAnswer,
  type Answer,
  type FileRequest,
  type MediaSource,
} from '../files/index.ts'
import { finish, refused, type Exchange, type Route } from './http-server.ts'

export function mediaRoute(files: MediaSource): Route {
  const find = mediaFinder(files)
  return { prefix: '/media/', answer: reading((exchange, request) => mediaAnswer(find, request, exchange.signal)) }
}

/** @param folder where the window was built to */
export function windowRoute(folder: string): Route {
  return { prefix: '/', answer: reading((_, request) => windowAnswer(folder, request)) }
}

/** Whoever sends something instead is refused at once, before its body is looked at. */
function reading(answer: (exchange: Exchange, request: FileRequest) => Promise<Answer>): Route['answer'] {
  return async (exchange) => {
    const { method } = exchange.request
    if (method === 'GET' || method === 'HEAD') return send(exchange, await answer(exchange, requestOf(exchange)))
    finish(exchange.response, 405, refused('Files are read with GET.'), true)
  }
}

function requestOf({ request, path }: Exchange): FileRequest {
  const header = (name: string): string | undefined => {
    const value = request.headers[name]
    return Array.isArray(value) ? value[0] : value
  }
  return { method: request.method ?? 'GET', path, header }
}

async function send({ response }: Exchange, { status, headers, body }: Answer): Promise<void> {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  if (body !== null && 'json' in body) return finish(response, status, body.json)
  response.writeHead(status)
  if (body === null) return void response.end()
  // A player that jumps closes the connection in the middle: that is no failure.
  await pipeline(createReadStream(body.path, { start: body.start, end: body.end - 1 }), response).catch(() => undefined)
}
