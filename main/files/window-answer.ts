/** The window itself: the files that were built into one folder, and nothing beside it. */
import { realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { fileAnswer, nothingHere, refusal, type Answer, type FileRequest } from './file-answer.ts'

/** Names of built files have a hash in them, except those at the top. */
const keep = 'private, max-age=31536000, immutable'

/** @param folder where the window was built to */
export async function windowAnswer(folder: string, request: FileRequest): Promise<Answer> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return refusal(405, 'Files are read with GET.')
  const parts = partsOf(request.path)
  if (parts === null) return nothingHere()
  const isPage = parts.length === 0
  const file = join(folder, ...(isPage ? ['index.html'] : parts))
  const real = await realpath(file).catch(() => null)
  if (real === null && isPage) {
    return refusal(
      404,
      'The window is not built yet. Run npm start, which builds and opens it, or npm run build:renderer.',
    )
  }
  const root = await realpath(folder).catch(() => folder)
  // A link in the folder could lead anywhere: only what lies there by itself is served.
  if (real === null || real !== join(root, file.slice(folder.length)) || !real.startsWith(root + sep)) {
    return nothingHere()
  }
  return fileAnswer(request, real, parts[0] === 'assets' ? { cacheControl: keep } : {})
}

/** The folders and the file of a path; null when it is no plain path inside. Pure. */
export function partsOf(path: string): string[] | null {
  const parts = path.split('/').slice(1)
  if (parts.at(-1) === '') parts.pop()
  // Built files have plain names: whatever needs decoding, or is hidden, is none of them.
  return parts.every((part) => /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(part) && !part.includes('..')) ? parts : null
}
