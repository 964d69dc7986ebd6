/** Cuts moments out of their files as clips. Originals are only read; a clip that is there already is not cut again. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { basename, extname, join, resolve } from 'node:path'
import { AppError, type CallContext, type ProcedureInput, type ProcedureOutput } from '../../contract/index.ts'
import type { Library } from '../../storage/index.ts'
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
      const clip = clipId(video.contentHash, start, end, mode)
      const stem = basename(video.fileName, extname(video.fileName)).slice(0, 60)
      const range = `${start.toFixed(2)}-${end.toFixed(2)}`
      const path = join(into, `${stem}_${range}_${clip}${mediaTools.clipExtension(video.path, mode)}`)
      const failure = existsSync(path) ? null : await mediaTools.cutClip(video.path, path, { start, end, mode, signal })
      if (failure === null) clips.push({ id: clip, video: id, path, sizeBytes: statSync(path).size })
      else fail(`${video.fileName} could not be cut: ${failure}.`)
    }
    meter.add()
  }
  return { folder: into, clips, failed }
}

export function clipsDir(library: Library): string {
  return join(library.dir, 'clips')
}

/** The file of a clip that was cut into the library's own folder; null for an unknown id. */
export function clipFile(library: Library, id: string): string | null {
  if (!/^[0-9a-f]{16}$/.test(id) || !existsSync(clipsDir(library))) return null
  const name = readdirSync(clipsDir(library)).find((file) => basename(file, extname(file)).endsWith(`_${id}`))
  return name === undefined ? null : join(clipsDir(library), name)
}

function clipId(contentHash: string, start: number, end: number, mode: string): string {
  return createHash('sha256').update(`${contentHash} ${start} ${end} ${mode}`).digest('hex').slice(0, 16)
}
