/**
 * Decodes thousands of still pictures quickly: many files share one ffmpeg process, and a broken one fails only itself.
 */
import { readFile } from 'node:fs/promises'
import { assert, defined } from '../base/index.ts'
import { joinableFormat, type ImageFormat } from './image-format.ts'
import { reasonForFileError, refuse, type Refusal } from './refusals.ts'
import { runTool, type ToolOptions } from './tool-process.ts'

/** Exactly `width` x `height` (the picture is squashed), `shortSide` with the picture's own shape kept, or as it is. */
export type ImageSize = { width: number; height: number } | { shortSide: number } | { isWhole: true }

export type DecodedImage =
  | { path: string; width: number; height: number; /** [height, width, 3] uint8, RGB */ rgb: Uint8Array }
  | { path: string; refusal: Refusal }

export type DecodeImagesOptions = ImageSize & { signal?: AbortSignal | undefined; concurrency?: number }

type Loaded = { path: string; bytes: Uint8Array; format?: ImageFormat | undefined }
type Chunk = { format?: ImageFormat | undefined; files: Loaded[] }

const maxChunkFiles = 200
const maxChunkOutputBytes = 48 * 1024 * 1024
const maxPictureBytes = 512 * 1024 * 1024

/** One scaler for stills and video, so that a photo and a frame of it look the same to the model. */
export const scaleFlags = 'bilinear+accurate_rnd+full_chroma_int'

/**
 * Decodes `paths` in order, one result a path; a file that cannot be decoded yields its refusal.
 * Transparent pictures are put on white. Memory stays at a few chunks (about 50 MB each) whatever the count.
 */
export async function* decodeImages(
  ffmpegPath: string,
  paths: readonly string[],
  options: DecodeImagesOptions,
): AsyncGenerator<DecodedImage> {
  const filesAChunk =
    'width' in options
      ? Math.max(1, Math.min(maxChunkFiles, Math.floor(maxChunkOutputBytes / (options.width * options.height * 3))))
      : 1
  const groups = slices(paths, 'width' in options ? filesAChunk : 16)
  const pending: Promise<DecodedImage[]>[] = []
  const concurrency = options.concurrency ?? 2
  // A group left behind by an early return must not run on or reject unseen.
  const stop = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal
  const start = (): void => {
    const group = groups.shift()
    if (!group) return
    const work = decodeGroup(ffmpegPath, group, options, signal)
    work.catch(() => {})
    pending.push(work)
  }
  try {
    for (let i = 0; i < concurrency; i++) start()
    for (let work = pending.shift(); work; work = pending.shift()) {
      const images = await work
      start()
      yield* images
    }
  } finally {
    stop.abort()
  }
}

async function decodeGroup(
  ffmpegPath: string,
  paths: readonly string[],
  size: ImageSize,
  signal: AbortSignal,
): Promise<DecodedImage[]> {
  const results = new Map<number, DecodedImage>()
  const loaded: (Loaded & { index: number })[] = []
  await Promise.all(
    paths.map(async (path, index) => {
      try {
        const bytes = await readFile(path, { signal })
        if (bytes.length === 0) results.set(index, { path, refusal: refuse('empty', path) })
        else loaded.push({ index, path, bytes, format: joinableFormat(bytes) })
      } catch (error) {
        signal.throwIfAborted()
        results.set(index, { path, refusal: refuse(reasonForFileError(error), path) })
      }
    }),
  )
  loaded.sort((a, b) => a.index - b.index)
  for (const chunk of byFormat(loaded, 'width' in size)) {
    const images = await decodeChunk(ffmpegPath, chunk, size, signal)
    images.forEach((image, i) => results.set((chunk.files[i] as (typeof loaded)[number]).index, image))
  }
  return paths.map((_, index) => defined(results.get(index), 'the result of a picture'))
}

/** Joinable files of one format together, all others alone. */
function byFormat(files: readonly Loaded[], join: boolean): Chunk[] {
  if (!join) return files.map((file) => ({ format: file.format, files: [file] }))
  const chunks: Chunk[] = []
  for (const format of ['jpeg', 'png'] as const) {
    const members = files.filter((file) => file.format === format)
    if (members.length > 0) chunks.push({ format, files: members })
  }
  for (const file of files) if (!file.format) chunks.push({ files: [file] })
  return chunks
}

/** Decodes a chunk in one process; on any doubt halves it, so that one broken file costs few extra processes. */
async function decodeChunk(
  ffmpegPath: string,
  chunk: Chunk,
  size: ImageSize,
  signal: AbortSignal,
): Promise<DecodedImage[]> {
  const { files, format } = chunk
  const [first] = files
  assert(first, 'a chunk has files')
  if (files.length === 1) return [await decodeOne(ffmpegPath, first, size, signal)]
  assert('width' in size, 'pictures of unknown size are decoded alone')

  const frameBytes = size.width * size.height * bytesAPixel(format)
  const options: ToolOptions = {
    signal,
    silenceTimeoutMs: 60_000,
    maxOutputBytes: frameBytes * files.length * 2,
    input: files.map((file) => file.bytes),
  }
  const run = await runTool(ffmpegPath, imageArgs(format, size, 'rawvideo'), options)
  if (run.code === 0 && run.stderr === '' && run.stdout.length === frameBytes * files.length) {
    return files.map(({ path }, i) => {
      const pixels = new Uint8Array(run.stdout.buffer, run.stdout.byteOffset + i * frameBytes, frameBytes)
      return { path, width: size.width, height: size.height, rgb: format === 'jpeg' ? pixels : onWhite(pixels) }
    })
  }
  const middle = Math.ceil(files.length / 2)
  const left = await decodeChunk(ffmpegPath, { format, files: files.slice(0, middle) }, size, signal)
  return [...left, ...(await decodeChunk(ffmpegPath, { format, files: files.slice(middle) }, size, signal))]
}

async function decodeOne(
  ffmpegPath: string,
  file: Loaded,
  size: ImageSize,
  signal: AbortSignal,
): Promise<DecodedImage> {
  const { path, bytes, format } = file
  const run = await runTool(ffmpegPath, imageArgs(format, size, 'pam'), {
    signal,
    silenceTimeoutMs: 30_000,
    maxOutputBytes: maxPictureBytes,
    input: [bytes],
  })
  if (run.stopped === 'timedOut') return { path, refusal: refuse('timedOut', path, run.stderr) }
  const picture = parsePam(run.stdout)
  if (!picture) return { path, refusal: refuse('notAPicture', path, run.stderr) }
  return { path, ...picture }
}

/** The ffmpeg arguments that turn pictures on stdin into frames on stdout; `pam` says each frame's size, `rawvideo` does not. */
export function imageArgs(format: ImageFormat | undefined, size: ImageSize, output: 'rawvideo' | 'pam'): string[] {
  const scale =
    'width' in size
      ? `scale=${size.width}:${size.height}:flags=${scaleFlags}`
      : 'isWhole' in size
        ? 'null'
        : `scale='if(lt(iw,ih),${size.shortSide},-1)':'if(lt(iw,ih),-1,${size.shortSide})':flags=${scaleFlags}`
  // Colours under full transparency are arbitrary: they must not bleed into their neighbours while scaling.
  const filters = format === 'jpeg' ? scale : `format=gbrap,premultiply=inplace=1,${scale},format=rgba`
  const input = format === 'jpeg' ? ['-f', 'jpeg_pipe'] : format === 'png' ? ['-f', 'png_pipe'] : []
  return [
    ...[
      '-v',
      'error',
      '-nostdin',
      '-threads',
      '1',
      ...input,
      '-i',
      'pipe:0',
      '-vf',
      filters,
      '-fps_mode',
      'passthrough',
    ],
    ...(output === 'pam' ? ['-frames:v', '1', '-f', 'image2pipe', '-c:v', 'pam'] : ['-f', 'rawvideo']),
    ...['-pix_fmt', bytesAPixel(format) === 3 ? 'rgb24' : 'rgba', 'pipe:1'],
  ]
}

const bytesAPixel = (format: ImageFormat | undefined): 3 | 4 => (format === 'jpeg' ? 3 : 4)

/** Reads one PAM picture (8 bits, RGB or premultiplied RGBA); undefined when the bytes are not a whole one. */
export function parsePam(bytes: Buffer): { width: number; height: number; rgb: Uint8Array } | undefined {
  const header = /^P7\nWIDTH (\d+)\nHEIGHT (\d+)\nDEPTH ([34])\nMAXVAL 255\nTUPLTYPE \w+\nENDHDR\n/.exec(
    bytes.subarray(0, 128).toString('latin1'),
  )
  if (!header) return undefined
  const [width, height, depth] = [Number(header[1]), Number(header[2]), Number(header[3])]
  const pixels = bytes.subarray(header[0].length, header[0].length + width * height * depth)
  if (pixels.length !== width * height * depth) return undefined
  return { width, height, rgb: depth === 3 ? new Uint8Array(pixels) : onWhite(pixels) }
}

/** [N, 4] premultiplied RGBA -> [N, 3] RGB on white */
function onWhite(rgba: Uint8Array): Uint8Array {
  const rgb = new Uint8Array((rgba.length / 4) * 3)
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    const rest = 255 - rgba[from + 3]!
    for (let channel = 0; channel < 3; channel++) rgb[to + channel] = Math.min(255, rgba[from + channel]! + rest)
  }
  return rgb
}

function slices<T>(values: readonly T[], length: number): T[][] {
  const parts: T[][] = []
  for (let i = 0; i < values.length; i += length) parts.push(values.slice(i, i + length))
  return parts
}
