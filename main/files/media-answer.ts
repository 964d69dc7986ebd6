/** `/media/...`: pictures and videos of the library by id. No path ever comes from a client. */
import { basename } from 'node:path'
import { fileAnswer, jsonAnswer, nothingHere, refusal, type Answer, type FileRequest } from './file-answer.ts'

export type MediaKind = 'video' | 'poster' | 'clip'

/** A file to send, or why there is none yet: a preview that is being made, or one that could not be made. */
export type FoundMedia = { readonly path: string } | { readonly state: string }

/** Null for an unknown id. */
export type FindMedia = (kind: MediaKind, id: string, signal: AbortSignal) => Promise<FoundMedia | null>

/** Where the files of a library are; what the engine offers beside the contract. */
export type MediaSource = {
  poster(id: string): string | null
  clip(id: string): string | null
  video(id: string, signal: AbortSignal): Promise<FoundMedia | null>
}

const idPattern = /^\/media\/(video|poster|clip)\/([A-Za-z0-9-]{1,64})$/

/** The content of a poster never changes under its id. */
const keep = 'private, max-age=86400, immutable'

export function mediaFinder(source: MediaSource): FindMedia {
  return async (kind, id, signal) => {
    if (kind === 'video') return source.video(id, signal)
    const path = source[kind](id)
    return path === null ? null : { path }
  }
}

export async function mediaAnswer(find: FindMedia, request: FileRequest, signal: AbortSignal): Promise<Answer> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return refusal(405, 'Media are read with GET.')
  const [, kind, id = ''] = idPattern.exec(request.path) ?? []
  if (kind === undefined) return nothingHere()
  const found = await find(kind as MediaKind, id, signal)
  if (found === null) return nothingHere()
  if ('path' in found) {
    const options = kind === 'poster' ? { cacheControl: keep } : { downloadAs: basename(found.path) }
    return fileAnswer(request, found.path, kind === 'video' ? {} : options)
  }
  // A preview is being made: the same address will have it. `failed` says why there is none.
  if (found.state === 'preparing') return jsonAnswer(503, found, { 'retry-after': '2' })
  return jsonAnswer(422, found)
}
