/** `PUT /upload?name=<file name>`: a browser hands over a dropped file, whose path it does not know. */
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { MediaFiles } from '../services.ts'
import { finish, refused, type Route } from './http-server.ts'

/** Answers `{"result":{"path"}}`. What was not received whole is deleted. */
export function uploadRoute(files: MediaFiles, { maxBytes }: { readonly maxBytes: number }): Route {
  return {
    prefix: '/upload',
    async answer({ request, response, path, query, signal }) {
      if (path !== '/upload') return finish(response, 404, refused('There is nothing here.'), true)
      if (request.method !== 'PUT') return finish(response, 405, refused('Files are handed over with PUT.'), true)
      const name = plainName(query.get('name') ?? '')
      if (name === null) return finish(response, 400, refused('The file needs a plain name.'), true)
      const tooLarge = refused(`The file is larger than ${maxBytes} bytes. Import it from its folder instead.`)
      if (Number(request.headers['content-length'] ?? 0) > maxBytes) return finish(response, 413, tooLarge, true)
      const folder = files.uploadFolder()
      const target = join(folder, name)
      let isTooLarge = false
      try {
        await pipeline(
          request,
          limit(maxBytes, () => (isTooLarge = true)),
          createWriteStream(target, { flags: 'wx' }),
          {
            signal,
          },
        )
      } catch (error) {
        await rm(folder, { recursive: true, force: true })
        if (isTooLarge) return finish(response, 413, tooLarge, true)
        if (signal.aborted) return
        throw error
      }
      finish(response, 200, { result: { path: target } })
    },
  }
}

/** A name without folders, as it can lie on any disk; null for anything else. Pure. */
export function plainName(name: string): string | null {
  const isPlain = name.length > 0 && name.length <= 200 && !/^\.|[\\/:*?"<>|\u0000-\u001f]/.test(name)
  return isPlain ? name : null
}

function limit(maxBytes: number, onTooLarge: () => void): Transform {
  let size = 0
  return new Transform({
    transform(chunk: Buffer, _, done) {
      size += chunk.length
      if (size <= maxBytes) return done(null, chunk)
      onTooLarge()
      done(new Error('The file is too large.'))
    },
  })
}
