/** Cuts a stretch out of a video as a file of its own. The original is only read. */
import { extname } from 'node:path'
import { renameSync, rmSync } from 'node:fs'
import { encodedColours, encodeFile, playbackFacts, type FfmpegTools, type PlaybackFacts } from './playback.ts'
import { fileUrl } from './probe.ts'
import { runTool } from './tool-process.ts'

/** `exact` encodes anew and begins on the frame; `fast` copies and begins at the key frame before. */
export type CutMode = 'exact' | 'fast'

/** Extension of a clip, by what it is cut from. Pure. */
export function clipExtension(path: string, mode: CutMode): string {
  if (mode === 'exact') return '.mp4'
  const extension = extname(path).toLowerCase()
  return ['.mp4', '.mov', '.webm', '.mkv', '.m4v'].includes(extension) ? extension : '.mkv'
}

const exactEncoders = {
  libx264: ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '18'],
  // Every ffmpeg has this one.
  mpeg4: ['-c:v', 'mpeg4', '-q:v', '2'],
} as const

/** Seconds from the start of the file. */
export type Cut = {
  readonly start: number
  readonly end: number
  readonly mode: CutMode
  /** As decoded, where it is known: a container that says otherwise has a clock that cannot be sought by. */
  readonly durationSeconds?: number | null | undefined
}

/** One way to cut. `note` says in a few words what is not as asked; null for what was asked. */
export type CutWay = { readonly mode: CutMode; readonly extension: string; readonly note: string | null }

/**
 * The ways to try, in order, until one gives a clip with pictures: what a container cannot hold (sound without
 * compression, an old codec) another one can, and what cannot be copied is encoded anew. Pure.
 */
export function cutWays(mode: CutMode, extension: string): CutWay[] {
  const asked: CutWay = { mode, extension, note: null }
  if (mode === 'exact') return [asked]
  const others = ['.mov', '.mkv'].filter((other) => other !== extension)
  return [
    asked,
    ...others.map((other) => ({
      ...{ mode, extension: other },
      note: `It was written as ${other.slice(1).toUpperCase()}, because ${extension.slice(1).toUpperCase()} cannot hold all of it.`,
    })),
    { mode: 'exact', extension: '.mp4', note: 'It was encoded anew, because this file cannot be cut without that.' },
  ]
}

/** Where a decoder that is told a time does not begin there, it is told an earlier one. */
const marginSeconds = 15

/** Seconds to jump to before reading begins, and seconds of what is read from there to leave out. Pure. */
export function seekPlan(facts: PlaybackFacts, cut: Cut): { jump: number; leaveOut: number } {
  if (isSoughtByIndex(facts) || cut.start <= 0) return { jump: Math.max(0, cut.start), leaveOut: 0 }
  const jump =
    hasOneClock(facts, cut) && facts.containers.includes('mpegts') ? Math.max(0, cut.start - marginSeconds) : 0
  return { jump, leaveOut: cut.start - jump }
}

function isSoughtByIndex({ containers }: PlaybackFacts): boolean {
  return containers.some((name) => name === 'mp4' || name === 'matroska')
}

/** Whether the container is as long as decoding says, so that its clock does not begin anew somewhere. */
function hasOneClock({ durationSeconds }: PlaybackFacts, cut: Cut): boolean {
  const known = cut.durationSeconds ?? 0
  return known > 0 && durationSeconds > 0 && Math.abs(known - durationSeconds) < 1
}

/**
 * Where copying begins: the key frame at or before the start. Only where seeking does not go there by itself; null when
 * the file does not tell.
 */
async function keyFrameBefore(
  tools: FfmpegTools,
  path: string,
  facts: PlaybackFacts,
  cut: Cut,
  signal: AbortSignal | undefined,
): Promise<number | null> {
  if (!hasOneClock(facts, cut)) return null
  const until = (cut.start + facts.startSeconds + 1).toFixed(3)
  const listed = await runTool(
    tools.ffprobePath,
    [
      ...['-v', 'error', '-protocol_whitelist', 'file', '-select_streams', String(facts.videoStream)],
      ...['-read_intervals', `%${until}`, '-show_entries', 'packet=pts_time,dts_time,flags', '-of', 'csv=p=0'],
      fileUrl(path),
    ],
    { signal, silenceTimeoutMs: tools.timeoutMs, maxOutputBytes: 256 * 1024 * 1024 },
  )
  return lastKeyFrame(listed.stdout.toString('latin1'), facts.startSeconds, cut.start)
}

/**
 * Reads what ffprobe printed: when the last key frame that is shown up to `start` is decoded, which copying goes by; on the
 * player's clock. Pure.
 */
export function lastKeyFrame(lines: string, clockStart: number, start: number): number | null {
  let last: number | null = null
  for (const line of lines.split('\n')) {
    const [pts = '', dts = '', flags = ''] = line.trim().split(',')
    const [shown, decoded] = [pts === 'N/A' ? dts : pts, dts === 'N/A' ? pts : dts].map(
      (time) => Number(time) - clockStart,
    )
    if (flags.startsWith('K') && shown! <= start + 1e-3 && Number.isFinite(decoded))
      last = Math.max(last ?? 0, decoded!)
  }
  return last
}

const formats: Readonly<Record<string, string>> = { '.mkv': 'matroska', '.webm': 'webm', '.mov': 'mov' }

export function cutArgs(
  path: string,
  target: string,
  options: Cut,
  encoder: keyof typeof exactEncoders,
  facts: PlaybackFacts,
): string[] {
  const { start, end, mode } = options
  const { jump, leaveOut } = seekPlan(facts, options)
  const seconds = Math.max(0.04, end - start)
  const { filters, tags } = encodedColours(facts.picture)
  const how =
    mode === 'exact'
      ? ['-vf', filters, ...tags, ...exactEncoders[encoder], '-c:a', 'aac', '-b:a', '160k']
      : ['-c', 'copy', '-avoid_negative_ts', 'make_zero']
  const format = formats[extname(target.replace(/\.partial$/, ''))] ?? 'mp4'
  return [
    ...['-v', 'error', '-nostdin', '-y', '-protocol_whitelist', 'file,pipe'],
    // AVI and program streams lack times of pictures that are shown in another order than they are stored.
    ...(mode === 'fast' ? ['-fflags', '+genpts'] : []),
    ...(jump > 0 ? ['-ss', jump.toFixed(6)] : []),
    ...['-i', fileUrl(path), ...(leaveOut > 0 ? ['-ss', leaveOut.toFixed(6)] : []), '-t', seconds.toFixed(6)],
    ...['-map', `0:${facts.videoStream}`, '-map', '0:a:0?', '-sn', '-dn', ...how],
    ...(format === 'mp4' || format === 'mov' ? ['-movflags', '+faststart'] : []),
    ...['-progress', 'pipe:1', '-nostats', '-f', format, fileUrl(target)],
  ]
}

/**
 * Writes [start, end) of the video at `path` to `target`, whose extension says the container. It appears when it is whole
 * and was seen to have pictures.
 * @returns null, or ffmpeg's last words when it could not
 */
export async function cutClip(
  tools: FfmpegTools,
  path: string,
  target: string,
  options: Cut & { readonly signal?: AbortSignal | undefined },
): Promise<string | null> {
  const { signal } = options
  const facts = await playbackFacts(tools, path, { signal })
  if (facts === null) return 'it cannot be read as a video'
  const partial = `${target}.partial`
  let cut: Cut = options
  if (options.mode === 'fast' && !isSoughtByIndex(facts)) {
    const start = await keyFrameBefore(tools, path, facts, options, signal)
    if (start === null) return 'it does not say where its key frames are'
    cut = { ...options, start: Math.max(0, start - 0.001) }
  }
  const attempt = async (encoder: keyof typeof exactEncoders): Promise<string | null> =>
    (await run(tools, cutArgs(path, partial, cut, encoder, facts), options)) ??
    (await problemOf(tools, partial, signal))
  try {
    let failure = await attempt('libx264')
    // A build without x264 says so at once.
    if (failure !== null && options.mode === 'exact') failure = await attempt('mpeg4')
    if (failure === null) renameSync(partial, target)
    return failure
  } finally {
    rmSync(partial, { force: true })
  }
}

async function run(
  tools: FfmpegTools,
  args: readonly string[],
  { signal, start, end }: Cut & { readonly signal?: AbortSignal | undefined },
): Promise<string | null> {
  const encoding = encodeFile(tools, args, { signal }, end - start)
  for (;;) {
    const step = await encoding.next()
    if (step.done === true) return step.value
  }
}

/** Null when a picture of the clip can be decoded. */
async function problemOf(tools: FfmpegTools, path: string, signal: AbortSignal | undefined): Promise<string | null> {
  const args = ['-v', 'error', '-nostdin', '-protocol_whitelist', 'file,pipe', '-i', fileUrl(path)]
  const one = ['-map', '0:v:0', '-frames:v', '1', '-f', 'rawvideo', '-pix_fmt', 'gray', '-vf', 'scale=8:8', 'pipe:1']
  const found = await runTool(tools.ffmpegPath, [...args, ...one], {
    signal,
    silenceTimeoutMs: tools.timeoutMs,
    maxOutputBytes: 1024 * 1024,
  })
  return found.code === 0 && found.stdout.length > 0 ? null : 'there is no picture in that stretch'
}
