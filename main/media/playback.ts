/** Whether a browser's player can show a file, and the preview that is made when it cannot. */
import { renameSync, rmSync } from 'node:fs'
import { z } from 'zod'
import { firstIsAnother, pickTrack } from './pick-track.ts'
import { colourSchema, pictureKind, screenColours, wholePictureColours, type PictureKind } from './picture-kind.ts'
import { dispositionSchema, fileUrl } from './probe.ts'
import { runTool, startTool } from './tool-process.ts'

/** What decides whether a player can show a file. */
export type PlaybackFacts = {
  /** Names of the container as ffprobe gives them, such as `mov`, `mp4`. */
  readonly containers: readonly string[]
  readonly videoCodec: string
  /** Such as `yuv420p`; '' when unknown. */
  readonly pixelFormat: string
  /** Null without sound. */
  readonly audioCodec: string | null
  readonly durationSeconds: number
  /** Where the container's clock begins; players show it as 0. */
  readonly startSeconds: number
  readonly videoStream: number
  /** Whether a player would take another picture track, or a cover. */
  readonly isNotFirstTrack?: boolean
  /** Whether the pictures need more than what a player or ffmpeg does by itself. */
  readonly picture?: PictureKind | undefined
}

const factsSchema = z.object({
  streams: z
    .array(
      colourSchema.extend({
        index: z.number(),
        codec_type: z.string().optional(),
        codec_name: z.string().optional(),
        height: z.number().optional(),
        disposition: dispositionSchema.optional(),
      }),
    )
    .default([]),
  format: z.object({
    format_name: z.string(),
    duration: z.string().optional(),
    start_time: z.string().optional(),
  }),
})

export type FfmpegTools = { readonly ffmpegPath: string; readonly ffprobePath: string; readonly timeoutMs: number }

/** Null when the file cannot be read as a video. */
export async function playbackFacts(
  tools: FfmpegTools,
  path: string,
  options: { signal?: AbortSignal | undefined } = {},
): Promise<PlaybackFacts | null> {
  const entries =
    'stream=index,codec_type,codec_name,pix_fmt,height,color_space,color_transfer,color_primaries:stream_disposition=default,attached_pic,timed_thumbnails,still_image:format=format_name,duration,start_time'
  const run = await runTool(
    tools.ffprobePath,
    [
      ...['-v', 'error', '-protocol_whitelist', 'file', '-print_format', 'json', '-show_entries', entries],
      fileUrl(path),
    ],
    { signal: options.signal, silenceTimeoutMs: tools.timeoutMs, maxOutputBytes: 4 * 1024 * 1024 },
  )
  return run.code === 0 ? parseFacts(run.stdout.toString('utf8')) : null
}

/** Reads what ffprobe printed. Pure. */
export function parseFacts(json: string): PlaybackFacts | null {
  const parsed = factsSchema.safeParse(tryJson(json))
  if (!parsed.success) return null
  const { streams, format } = parsed.data
  const video = pickTrack(streams)
  if (video?.codec_name === undefined) return null
  const picture = pictureKind(video, video.height ?? 0)
  return {
    containers: format.format_name.split(','),
    videoCodec: video.codec_name,
    pixelFormat: video.pix_fmt ?? '',
    audioCodec: streams.find((stream) => stream.codec_type === 'audio')?.codec_name ?? null,
    durationSeconds: numberOr(format.duration, 0),
    startSeconds: numberOr(format.start_time, 0),
    videoStream: video.index,
    ...(firstIsAnother(streams) && { isNotFirstTrack: true }),
    ...(picture !== undefined && { picture }),
  }
}

const playableContainers = new Set(['mp4', 'mov', 'webm', 'matroska'])
/** Codec to the pixel formats that players decode without a graphics card. */
const playablePictures: Readonly<Record<string, RegExp>> = {
  h264: /^yuvj?420p$/,
  vp8: /^yuv420p$/,
  vp9: /^yuv420p$/,
  av1: /^yuv420p(10le)?$/,
}
const playableSound = new Set(['aac', 'mp3', 'opus', 'vorbis', 'flac', 'pcm_s16le'])

/**
 * Null when Chromium plays it as it is, else what stands in the way, in words such as `ProRes video`. A player may still
 * fail where this says null: builds of Chromium differ. Pure.
 */
export function obstacleToPlaying(facts: PlaybackFacts): string | null {
  const { containers, videoCodec, pixelFormat, audioCodec } = facts
  const pictures = playablePictures[videoCodec]
  if (pictures === undefined) return `${codecNames[videoCodec] ?? videoCodec} video`
  if (pixelFormat !== '' && !pictures.test(pixelFormat)) {
    return /(9|1\d)(le|be)/.test(pixelFormat) ? '10-bit or deeper video' : `video with ${pixelFormat} colours`
  }
  if (facts.isNotFirstTrack === true) return 'a picture track that is not the first'
  if (!containers.some((name) => playableContainers.has(name))) return `the ${containers[0]} container`
  if (audioCodec !== null && !playableSound.has(audioCodec)) return `${audioCodec} sound`
  return null
}

const codecNames: Readonly<Record<string, string>> = {
  prores: 'ProRes',
  mpeg2video: 'MPEG-2',
  mpeg1video: 'MPEG-1',
  mpeg4: 'MPEG-4 Part 2',
  msmpeg4v3: 'DivX 3',
  hevc: 'H.265',
  mjpeg: 'Motion JPEG',
  dvvideo: 'DV',
  wmv3: 'Windows Media',
  vc1: 'VC-1',
  theora: 'Theora',
  dnxhd: 'DNxHD',
}

/** Longest side of a preview, pixels. */
const previewSide = 960

/**
 * VP8 in WebM: every Chromium plays it, and no build of ffmpeg needs a licence for it. Times of frames stay as they are;
 * key frames are close, so that stepping is quick.
 */
export function previewArgs(path: string, target: string, facts: PlaybackFacts): string[] {
  const small = `scale='if(gt(iw,ih),min(${previewSide},iw),-2)':'if(gt(iw,ih),-2,min(${previewSide},ih))'`
  const { filters, tags } = encodedColours(facts.picture, small)
  return [
    ...['-v', 'error', '-nostdin', '-y', '-protocol_whitelist', 'file,pipe', '-i', fileUrl(path)],
    ...['-map', `0:${facts.videoStream}`, '-map', '0:a:0?', '-sn', '-dn', '-map_metadata', '-1'],
    ...[
      '-vf',
      filters,
      ...tags,
      '-fps_mode',
      'passthrough',
      '-c:v',
      'libvpx',
      '-deadline',
      'realtime',
      '-cpu-used',
      '8',
    ],
    ...['-b:v', '1800k', '-g', '24', '-threads', '2', '-c:a', 'libopus', '-ac', '2', '-b:a', '96k'],
    ...['-progress', 'pipe:1', '-nostats', '-f', 'webm', fileUrl(target)],
  ]
}

/**
 * Filters and tags of pictures that are encoded anew: in the colours of a screen, and even in size.
 *
 * @param scale a filter that makes them smaller; '' for as they are
 */
export function encodedColours(kind: PictureKind | undefined, scale = ''): { filters: string; tags: string[] } {
  const whole = wholePictureColours(kind)
  const onScreen = screenColours(kind, scale)
  const size = onScreen === '' && scale !== '' ? `${scale},` : ''
  const even = 'scale=trunc(iw/2)*2:trunc(ih/2)*2'
  // Where all is said, and nothing is changed, what is said goes on.
  if (kind === undefined) return { filters: `${size}${even},format=yuv420p`, tags: [] }
  const tags = ['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709', '-color_range', 'tv']
  return { filters: `${whole}${onScreen}${size}${even}:out_color_matrix=bt709:out_range=tv,format=yuv420p`, tags }
}

/** How far it is, 0..1, or ffmpeg's last words when it could not go on. */
export type PreviewStep = number | { readonly failure: string }

/** Makes a preview at `target`, which appears when it is whole: at the end, unless the last step is a failure. */
export async function* makePreview(
  tools: FfmpegTools,
  path: string,
  target: string,
  facts: PlaybackFacts,
  options: { signal?: AbortSignal | undefined } = {},
): AsyncGenerator<PreviewStep, void> {
  const partial = `${target}.partial`
  try {
    const failure = yield* encodeFile(tools, previewArgs(path, partial, facts), options, facts.durationSeconds)
    if (failure === null) renameSync(partial, target)
    else yield { failure }
  } finally {
    rmSync(partial, { force: true })
  }
}

/**
 * Runs ffmpeg that writes a file and reports on stdout (`-progress pipe:1`).
 * @yields the fraction done, 0..1
 * @returns null, or ffmpeg's last words when it could not
 */
export async function* encodeFile(
  tools: Pick<FfmpegTools, 'ffmpegPath' | 'timeoutMs'>,
  args: readonly string[],
  options: { signal?: AbortSignal | undefined },
  durationSeconds: number,
): AsyncGenerator<number, string | null> {
  const run = startTool(tools.ffmpegPath, args, {
    signal: options.signal,
    silenceTimeoutMs: tools.timeoutMs,
    maxOutputBytes: 256 * 1024 * 1024,
  })
  let rest = ''
  for await (const chunk of run.output) {
    const lines = (rest + chunk.toString('latin1')).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const us = /^out_time_us=(\d+)/.exec(line)?.[1]
      if (us !== undefined && durationSeconds > 0) yield Math.min(1, Number(us) / 1e6 / durationSeconds)
    }
  }
  const { code, stderr, stopped } = await run.outcome
  if (stopped !== undefined) return 'it took too long'
  return code === 0 ? null : stderr.trim().split('\n').slice(-2).join(' ').slice(0, 300) || 'ffmpeg failed'
}

function numberOr(text: string | undefined, other: number): number {
  const value = Number(text)
  return text !== undefined && Number.isFinite(value) ? value : other
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // the schema then refuses it
  }
}
