/** Cuts a stretch out of a video as a file of its own. The original is only read. */
import { extname } from 'node:path'
import { renameSync, rmSync } from 'node:fs'
import { encodeFile, type FfmpegTools } from './playback.ts'
import { fileUrl } from './probe.ts'

/** `exact` encodes anew and begins on the frame; `fast` copies and begins at the key frame before. */
export type CutMode = 'exact' | 'fast'

/** Extension of a clip, by what it is cut from. Pure. */
export function clipExtension(path: string, mode: CutMode): string {
  if (mode === 'exact') return '.mp4'
  const extension = extname(path).toLowerCase()
  return ['.mp4', '.mov', '.webm', '.mkv', '.m4v'].includes(extension) ? extension : '.mkv'
}

const exactEncoders = {
  libx264: ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '18', '-pix_fmt', 'yuv420p'],
  // Every ffmpeg has this one.
  mpeg4: ['-c:v', 'mpeg4', '-q:v', '2', '-pix_fmt', 'yuv420p'],
} as const

/** Seconds from the start of the file. */
export type Cut = { readonly start: number; readonly end: number; readonly mode: CutMode }

export function cutArgs(path: string, target: string, options: Cut, encoder: keyof typeof exactEncoders): string[] {
  const { start, end, mode } = options
  const seconds = Math.max(0.04, end - start)
  const even = ['-vf', 'scale=trunc(iw/2)*2:trunc(ih/2)*2']
  const how =
    mode === 'exact'
      ? [...even, ...exactEncoders[encoder], '-c:a', 'aac', '-b:a', '160k']
      : ['-c', 'copy', '-avoid_negative_ts', 'make_zero']
  const format = { '.mkv': 'matroska', '.webm': 'webm', '.mov': 'mov' }[clipExtension(path, mode)] ?? 'mp4'
  return [
    ...['-v', 'error', '-nostdin', '-y', '-protocol_whitelist', 'file,pipe', '-ss', start.toFixed(6)],
    ...['-i', fileUrl(path), '-t', seconds.toFixed(6), '-map', '0:v:0', '-map', '0:a:0?', '-sn', '-dn', ...how],
    ...(format === 'mp4' || format === 'mov' ? ['-movflags', '+faststart'] : []),
    ...['-progress', 'pipe:1', '-nostats', '-f', format, fileUrl(target)],
  ]
}

/**
 * Writes [start, end) of the video at `path` to `target`, which appears when it is whole.
 * @returns null, or ffmpeg's last words when it could not
 */
export async function cutClip(
  tools: FfmpegTools,
  path: string,
  target: string,
  options: Cut & { readonly signal?: AbortSignal | undefined },
): Promise<string | null> {
  const partial = `${target}.partial`
  const attempt = async (encoder: keyof typeof exactEncoders): Promise<string | null> => {
    const args = cutArgs(path, partial, options, encoder)
    const encoding = encodeFile(tools, args, { signal: options.signal }, options.end - options.start)
    for (;;) {
      const step = await encoding.next()
      if (step.done === true) return step.value
    }
  }
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
