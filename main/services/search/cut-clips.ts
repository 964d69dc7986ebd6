/** Cuts moments out of their files as clips. Originals are only read; a clip that is there already is not cut again. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, extname, join, resolve, sep } from 'node:path'
import { z } from 'zod'
import { AppError, type CallContext, type ProcedureInput, type ProcedureOutput } from '../../contract/index.ts'
import { cutWays } from '../../media/index.ts'
import { writeFileAtomically, type Library, type Video } from '../../storage/index.ts'
import { existingVideo, type MediaTools } from '../library/index.ts'
import { createProgressMeter } from '../shared/progress-meter.ts'

type Clip = ProcedureOutput<'cutClips'>['clips'][number]

export async function cutClips(
  library: Library,
  mediaTools: MediaTools,
  { moments, folder, mode }: ProcedureInput<'cutClips'>,
  { signal, onEvent }: CallContext,
  now: () => number,
): Promise<ProcedureOutput<'cutClips'>> {
  const into = folder === undefined ? clipsDir(library) : resolve(folder)
  try {
    mkdirSync(into, { recursive: true })
  } catch (cause) {
    throw new AppError('input.invalid', `${into} cannot be written. Choose another folder.`, { path: into }, { cause })
  }
  const meter = createProgressMeter({ stage: 'cutting clips', unit: 'clips', total: moments.length, now }, onEvent)
  const clips: Clip[] = []
  const failed: { video: string; message: string }[] = []
  for (const { video: id, start, end } of moments) {
    signal.throwIfAborted()
    const video = existingVideo(library, id)
    const fail = (message: string): void => void failed.push({ video: id, message })
    if (!(end > start)) fail(`${video.fileName}: the range from ${start} to ${end} s is empty.`)
    else if (!existsSync(video.path)) fail(`${video.fileName} is not where it was. Locate it first.`)
    else {
      const cut = { start, end, durationSeconds: video.durationSeconds, signal }
      const made = await firstThatWorks({ library, mediaTools, into }, video, cut, mode)
      if ('failure' in made) fail(`${video.fileName} could not be cut: ${made.failure}.`)
      else clips.push({ ...made, video: id, sizeBytes: statSync(made.path).size })
    }
    meter.add()
  }
  return { folder: into, clips, failed }
}

type Range = { readonly start: number; readonly end: number }

/** Tries one way to cut after the other; a clip that is there already is not cut again. */
async function firstThatWorks(
  { library, mediaTools, into }: { library: Library; mediaTools: MediaTools; into: string },
  video: Video,
  cut: Range & { readonly durationSeconds: number | null; readonly signal: AbortSignal },
  asked: 'exact' | 'fast',
): Promise<{ id: string; path: string; note?: string } | { failure: string }> {
  let failure = ''
  for (const { mode, extension, note } of cutWays(asked, mediaTools.clipExtension(video.path, asked))) {
    const id = clipId(video.contentHash, cut.start, cut.end, mode)
    const path = pathOfClip(clipIds(library), join(into, clipName(titleOf(video), cut)), extension, id)
    const isThere = existsSync(path)
    const said = isThere ? null : await mediaTools.cutClip(video.path, path, { ...cut, mode })
    if (said === null) {
      noteClip(library, id, path)
      return { id, path, ...(note !== null && { note }) }
    }
    failure ||= said
  }
  return { failure }
}

/** The path of a clip: a number tells two apart that would be called the same. */
function pathOfClip(ids: Readonly<Record<string, string>>, stem: string, extension: string, id: string): string {
  for (let count = 1; ; count++) {
    const path = `${stem}${count === 1 ? '' : ` (${count})`}${extension}`
    if (ids[path] === id || !existsSync(path)) return path
  }
}

function titleOf({ title, fileName }: Video): string {
  return title ?? basename(fileName, extname(fileName))
}

const reserved = /^(con|prn|aux|nul|com\d|lpt\d)$/i

/** A name that a person reads and every system takes: `title, 00-12.4 to 00-15.0`. Pure. */
export function clipName(title: string, { start, end }: Range): string {
  const plain = title
    .normalize('NFC')
    .replace(/[<>:"/\\|?*\u0000-\u001f]+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  const short = Array.from(plain)
    .slice(0, 60)
    .join('')
    .replace(/[. ]+$/, '')
  const stem = short === '' ? 'clip' : reserved.test(short) ? `${short} clip` : short
  return `${stem}, ${clock(start)} to ${clock(end)}`
}

/** `00-12.4`, with hours in front where there are some. */
function clock(seconds: number): string {
  const tenths = Math.round(seconds * 10)
  const two = (value: number): string => String(value).padStart(2, '0')
  const [h, m, s] = [Math.floor(tenths / 36_000), Math.floor(tenths / 600) % 60, Math.floor(tenths / 10) % 60]
  return `${h > 0 ? `${two(h)}-` : ''}${two(m)}-${two(s)}.${tenths % 10}`
}

const idsSchema = z.record(z.string(), z.string())

/** Which clip lies at which path, so that names need not say it. */
function clipIds(library: Library): Record<string, string> {
  try {
    return idsSchema.parse(JSON.parse(readFileSync(idsFile(library), 'utf8')))
  } catch {
    return {} // there is none yet, or somebody changed it: clips are then cut again
  }
}

function noteClip(library: Library, id: string, path: string): void {
  const known = clipIds(library)
  if (known[path] === id) return
  writeFileAtomically(idsFile(library), Buffer.from(JSON.stringify({ ...known, [path]: id }, null, 1)))
}

function idsFile(library: Library): string {
  return join(library.dir, 'clips.json')
}

export function clipsDir(library: Library): string {
  return join(library.dir, 'clips')
}

/** The file of a clip that was cut into the library's own folder; null for an unknown id. */
export function clipFile(library: Library, id: string): string | null {
  if (!/^[0-9a-f]{16}$/.test(id) || !existsSync(clipsDir(library))) return null
  const folder = `${clipsDir(library)}${sep}`
  const known = Object.entries(clipIds(library)).find(([path, clip]) => clip === id && path.startsWith(folder))?.[0]
  if (known !== undefined && existsSync(known)) return known
  // Clips of older versions carry their id in their name.
  const name = readdirSync(clipsDir(library)).find((file) => basename(file, extname(file)).endsWith(`_${id}`))
  return name === undefined ? null : join(clipsDir(library), name)
}

function clipId(contentHash: string, start: number, end: number, mode: string): string {
  return createHash('sha256').update(`${contentHash} ${start} ${end} ${mode}`).digest('hex').slice(0, 16)
}
