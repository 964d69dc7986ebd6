/** Asks ffprobe what a file holds and decides whether it can be used as a video. Runs in the engine. */
import { access, constants, open, stat } from 'node:fs/promises'
import { z } from 'zod'
import { isEncryptedMp4 } from './encryption.ts'
import { pickTrack } from './pick-track.ts'
import { colourSchema, pictureKind, type PictureKind } from './picture-kind.ts'
import { reasonForFileError, refuse, type Refusal } from './refusals.ts'
import { runTool } from './tool-process.ts'

/** What the engine knows about a usable video. */
export type Probe = {
  /** As the container says; 0 when it does not say (then only a full decode tells). */
  durationSeconds: number
  /** Shown size in pixels: after rotation; pixels that are not square are not yet corrected. */
  width: number
  height: number
  codec: string
  /** Average frames per second; absent when unknown. Never use it to compute times. */
  framesPerSecond?: number | undefined
  /** Clockwise turn that players apply: 0, 90, 180 or 270. */
  rotationDegrees: number
  hasAudio: boolean
  interlaced: boolean
  /** Index of the picture track among all tracks. */
  streamIndex: number
  sizeBytes: number
  /** A decoder that is told a time does not always begin there: read from the start. Absent for MP4, Matroska and their like. */
  isReadThrough?: true | undefined
  /** When the picture track begins on the clock of the file; absent for 0. */
  trackStartSeconds?: number | undefined
  /** The duration is that of the longest track; absent when it is the picture track's own. */
  isFileDuration?: true | undefined
  /** Whether the pictures need more than what ffmpeg does by itself. */
  picture?: PictureKind | undefined
  /** Timecode of the first frame as a camera wrote it, such as `01:00:00:00`, with `;` when drop-frame. */
  timecode?: string | undefined
}

/** Formats that are lists of other files or no recordings: a hostile one could make the decoder open what it names. */
const refusedFormats = new Set(['hls', 'concat', 'dash', 'tty', 'lavfi', 'sdp', 'rtsp', 'imf', 'applehttp'])
const maxSide = 16384

/** What a track is for. */
export const dispositionSchema = z.object({
  attached_pic: z.number().optional(),
  timed_thumbnails: z.number().optional(),
  still_image: z.number().optional(),
  default: z.number().optional(),
})

const streamSchema = colourSchema.extend({
  index: z.number(),
  codec_type: z.string().optional(),
  codec_name: z.string().optional(),
  width: z.number().optional(),
  height: z.number().optional(),
  avg_frame_rate: z.string().optional(),
  field_order: z.string().optional(),
  duration: z.string().optional(),
  start_time: z.string().optional(),
  disposition: dispositionSchema.optional(),
  tags: z
    .object({ rotate: z.string().optional(), timecode: z.string().optional(), enc_key_id: z.string().optional() })
    .optional(),
  side_data_list: z.array(z.object({ rotation: z.number().optional() })).optional(),
})

const probeSchema = z.object({
  streams: z.array(streamSchema).default([]),
  format: z
    .object({
      format_name: z.string(),
      duration: z.string().optional(),
      start_time: z.string().optional(),
      tags: z.object({ timecode: z.string().optional() }).optional(),
    })
    .optional(),
})

/** The ffprobe arguments for a file. */
export function probeArgs(path: string): string[] {
  return [
    '-v',
    'error',
    '-protocol_whitelist',
    'file',
    '-print_format',
    'json',
    '-show_format',
    '-show_streams',
    fileUrl(path),
  ]
}

/** A path as ffmpeg must be given it: a leading dash or a colon in a name is then no option and no protocol. */
export function fileUrl(path: string): string {
  return `file:${path}`
}

/** Reads what ffprobe printed. Pure. */
export function parseProbe(json: string, path: string, sizeBytes: number): Probe | { refusal: Refusal } {
  const parsed = probeSchema.safeParse(safeJson(json))
  if (!parsed.success || !parsed.data.format) return { refusal: refuse('notMedia', path) }
  const { format, streams } = parsed.data
  if (format.format_name.split(',').some((name) => refusedFormats.has(name)))
    return { refusal: refuse('notMedia', path) }
  // A cover picture inside a song is a video track to ffmpeg, but not to a person.
  const video = pickTrack(streams)
  if (!video) return { refusal: refuse('noVideo', path) }
  if (video.tags?.enc_key_id !== undefined) return { refusal: refuse('encrypted', path) }
  if (!video.codec_name || video.codec_name === 'unknown') return { refusal: refuse('unsupportedCodec', path) }
  const { width, height } = video
  // An animated WebP is recognised, but this ffmpeg has no decoder for it.
  if (!width || !height) return { refusal: refuse(video.codec_name === 'webp' ? 'unsupportedCodec' : 'noFrames', path) }
  if (width > maxSide || height > maxSide) return { refusal: refuse('tooLarge', path) }

  const rotationDegrees = clockwiseRotation(video)
  const turned = rotationDegrees === 90 || rotationDegrees === 270
  const trackDuration = positive(video.duration)
  const trackStartSeconds = Number(((numeric(video.start_time) ?? 0) - (numeric(format.start_time) ?? 0)).toFixed(6))
  return {
    durationSeconds: trackDuration ?? positive(format.duration) ?? 0,
    ...(trackDuration === undefined ? { isFileDuration: true } : {}),
    ...(trackStartSeconds > 0 ? { trackStartSeconds } : {}),
    ...(turned ? { width: height, height: width } : { width, height }),
    codec: video.codec_name,
    framesPerSecond: parseRate(video.avg_frame_rate),
    rotationDegrees,
    hasAudio: streams.some((stream) => stream.codec_type === 'audio'),
    interlaced: ['tt', 'bb', 'tb', 'bt'].includes(video.field_order ?? ''),
    streamIndex: video.index,
    sizeBytes,
    // By an index of all pictures.
    ...(/\b(mp4|matroska)\b/.test(format.format_name) ? {} : { isReadThrough: true }),
    picture: pictureKind(video, height),
    // MP4 and MOV keep it in a track of its own, MXF and Matroska with the container or the pictures.
    timecode: [video, ...streams, format].map(({ tags }) => tags?.timecode).find((timecode) => timecode !== undefined),
  }
}

/** Probes a file. Only abort and a missing ffprobe throw; all else that can be wrong is a refusal. */
export async function probe(
  ffprobePath: string,
  path: string,
  options: { signal?: AbortSignal | undefined; timeoutMs: number },
): Promise<Probe | { refusal: Refusal }> {
  let sizeBytes: number
  try {
    const info = await stat(path)
    // A pipe or a device would keep the reader waiting for ever.
    if (!info.isFile()) return { refusal: refuse('notAFile', path) }
    await access(path, constants.R_OK)
    sizeBytes = info.size
  } catch (error) {
    return { refusal: refuse(reasonForFileError(error), path) }
  }
  if (sizeBytes === 0) return { refusal: refuse('empty', path) }
  const run = await runTool(ffprobePath, probeArgs(path), {
    signal: options.signal,
    silenceTimeoutMs: options.timeoutMs,
    maxOutputBytes: 16 * 1024 * 1024,
  })
  if (run.stopped === 'timedOut') return { refusal: refuse('timedOut', path, run.stderr) }
  // ffprobe also says so of any file named .mp4 that is none: only a real box at the start makes it a cut-off recording.
  if (/moov atom not found/.test(run.stderr) && (await startsWithMp4Box(path)))
    return { refusal: refuse('incomplete', path, run.stderr) }
  if (run.code !== 0) return { refusal: refuse('notMedia', path, run.stderr) }
  // ffprobe says of an encrypted track what it would be if it were none.
  if (/"format_name": "mov,/.test(run.stdout.toString('latin1')) && (await isEncryptedMp4(path)))
    return { refusal: refuse('encrypted', path) }
  return parseProbe(run.stdout.toString('utf8'), path, sizeBytes)
}

async function startsWithMp4Box(path: string): Promise<boolean> {
  const file = await open(path)
  try {
    const { buffer } = await file.read(Buffer.alloc(8), 0, 8, 0)
    return ['ftyp', 'mdat', 'free', 'wide', 'skip'].includes(buffer.toString('latin1', 4, 8))
  } finally {
    await file.close()
  }
}

/** ffprobe gives the anti-clockwise angle of the display matrix; old files carry a clockwise `rotate` tag. */
function clockwiseRotation(stream: z.infer<typeof streamSchema>): number {
  const matrix = stream.side_data_list?.find((item) => item.rotation !== undefined)?.rotation
  const clockwise = matrix !== undefined ? -matrix : Number(stream.tags?.rotate ?? 0)
  if (!Number.isFinite(clockwise)) return 0
  return (((Math.round(clockwise / 90) * 90) % 360) + 360) % 360
}

function parseRate(rate: string | undefined): number | undefined {
  const [top, bottom] = (rate ?? '').split('/').map(Number)
  const value = (top ?? 0) / (bottom ?? 1)
  return Number.isFinite(value) && value > 0 ? value : undefined
}

function numeric(text: string | undefined): number | undefined {
  const value = Number(text)
  return text !== undefined && Number.isFinite(value) ? value : undefined
}

function positive(text: string | undefined): number | undefined {
  const value = Number(text)
  return Number.isFinite(value) && value > 0 ? value : undefined
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // the schema then refuses it
  }
}
