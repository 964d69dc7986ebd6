/** One small JPEG of a video at a moment. */
import { posterWidth } from './analysis-args.ts'
import { fileUrl } from './probe.ts'
import { runTool } from './tool-process.ts'

export type ThumbnailOptions = {
  /** Pixels; never enlarged. Default 320. */ width?: number
  signal?: AbortSignal | undefined
}

/** JPEG bytes, or null when there is no picture at that moment. */
export async function thumbnail(
  tools: { ffmpegPath: string; timeoutMs: number },
  path: string,
  timeSeconds: number,
  { width = posterWidth, signal }: ThumbnailOptions,
): Promise<Uint8Array | null> {
  const run = await runTool(tools.ffmpegPath, thumbnailArgs(path, timeSeconds, width), {
    signal,
    silenceTimeoutMs: tools.timeoutMs,
    maxOutputBytes: 64 * 1024 * 1024,
  })
  return run.stdout.length > 0 ? new Uint8Array(run.stdout) : null
}

export function thumbnailArgs(path: string, timeSeconds: number, width: number): string[] {
  const scale = `scale='max(2,trunc(min(${width},iw*if(sar,sar,1))/2)*2)':'max(2,trunc(ow/iw/if(sar,sar,1)*ih/2)*2)',setsar=1`
  return [
    ...['-v', 'error', '-nostdin', '-protocol_whitelist', 'file,pipe', '-ss', Math.max(0, timeSeconds).toFixed(6)],
    ...['-i', fileUrl(path), '-an', '-sn', '-frames:v', '1', '-vf', `${scale},format=yuvj420p`],
    ...['-c:v', 'mjpeg', '-q:v', '6', '-f', 'image2pipe', 'pipe:1'],
  ]
}
