/** `/media/...`: pictures and videos of the library by id. No path ever comes from a client. */
import { basename } from 'node:path'
import type { MediaFiles } from '../services.ts'
import { sendFile } from './http-files.ts'
import { finish, refused, type Exchange, type Route } from './http-server.ts'

const idPattern = /^\/media\/(video|poster|clip)\/([A-Za-z0-9-]{1,64})$/

/** The content of a poster never changes under its id. */
const keep = 'private, max-age=86400, immutable'

export function mediaRoute(files: MediaFiles): Route {
  return {
    prefix: '/media/',
    async answer(exchange) {
      const { request, response, path, signal } = exchange
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        return finish(response, 405, refused('Media are read with GET.'), true)
      }
      const [, kind, id = ''] = idPattern.exec(path) ?? []
      if (kind === undefined) return finish(response, 404, refused('There is nothing here.'))
      if (kind === 'video') return sendVideo(files, id, exchange, signal)
      const file = kind === 'poster' ? files.poster(id) : files.clip(id)
      if (file === null) return finish(response, 404, refused('There is nothing here.'))
      await sendFile(exchange, file, kind === 'poster' ? { cacheControl: keep } : { downloadAs: basename(file) })
    },
  }
}

async function sendVideo(files: MediaFiles, id: string, exchange: Exchange, signal: AbortSignal): Promise<void> {
  const { response } = exchange
  const found = await files.video(id, signal)
  if (found === null) return finish(response, 404, refused('There is nothing here.'))
  if ('path' in found) return sendFile(exchange, found.path)
  // A preview is being made: the same address will have it. `failed` says why there is none.
  if (found.state === 'preparing') response.setHeader('retry-after', '2')
  finish(response, found.state === 'preparing' ? 503 : 422, found)
}
