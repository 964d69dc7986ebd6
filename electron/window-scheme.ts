/** `mama://app/`: the window and the media of the library, by id and with ranges. Runs in Electron's main process. */
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { protocol, type Session } from 'electron'
import {
  mediaAnswer,
  nothingHere,
  securityHeaders,
  windowAnswer,
  type Answer,
  type FileRequest,
  type FindMedia,
} from '../main/files/index.ts'
import { isOwnUrl, scheme } from './allowed-urls.ts'

/** Must be called before the app is ready. `stream`: players ask for ranges instead of waiting for the whole file. */
export function registerWindowScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true, codeCache: true } },
  ])
}

export function handleWindowScheme(session: Session, parts: { windowDir: string; findMedia: FindMedia }): void {
  session.protocol.handle(scheme, async (request) => responseOf(await answer(request, parts)))
}

async function answer(request: Request, parts: { windowDir: string; findMedia: FindMedia }): Promise<Answer> {
  if (!isOwnUrl(request.url)) return nothingHere()
  const asked: FileRequest = {
    method: request.method,
    path: new URL(request.url).pathname,
    header: (name) => request.headers.get(name) ?? undefined,
  }
  return asked.path.startsWith('/media/')
    ? mediaAnswer(parts.findMedia, asked, request.signal)
    : windowAnswer(parts.windowDir, asked)
}

function responseOf({ status, headers, body }: Answer): Response {
  const all = { ...securityHeaders, ...headers }
  if (body === null) return new Response(null, { status, headers: all })
  if ('json' in body) return new Response(JSON.stringify(body.json), { status, headers: all })
  // Read as the player takes it; it closes the stream when it jumps.
  const bytes = createReadStream(body.path, { start: body.start, end: body.end - 1 })
  return new Response(Readable.toWeb(bytes), { status, headers: all })
}
