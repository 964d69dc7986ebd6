/** One small JPEG of a video at a moment. */
import { posterWidth } from './analysis-args.ts'
import { withinSquare } from './picture-grid.ts'
import { jpegColours, wholePictureColours } from './picture-kind.ts'
import { fileUrl, probe as probeFile, type Probe } from './probe.ts'
import { runTool } from './tool-process.ts'

export type ThumbnailOptions = {
  /** Pixels; never enlarged. Default 320. */ width?: number
  /** Of the longer side, pixels, in place of a width. */ longSide?: number | undefined
  signal?: AbortSignal | undefined
  /** Of the file, when it is known. */
  probe?: Probe | undefined
}

/** JPEG bytes, or null when there is no picture at that moment. */
export async function thumbnail(
  tools: { ffmpegPath: string; ffprobePath: string; timeoutMs: number },
  path: string,
  timeSeconds: number,
  { width = posterWidth, longSide, signal, probe }: ThumbnailOptions,
): Promise<Uint8Array | null> {
  const found = probe ?? (await probeFile(tools.ffprobePath, path, { signal, timeoutMs: tools.timeoutMs }))
  if ('refusal' in found) return null
  const run = await runTool(tools.ffmpegPath, thumbnailArgs(path, timeSeconds, width, found, longSide), {
    signal,
    silenceTimeoutMs: tools.timeoutMs,
    maxOutputBytes: 64 * 1024 * 1024,
  })
  return run.stdout.length > 0 ? new Uint8Array(run.stdout) : null
}

export function thumbnailArgs(
  path: string,
  timeSeconds: number,
  width: number,
  probe: Probe,
  longSide?: number,
): string[] {
  const { streamIndex, picture, interlaced } = probe
  const narrow = `scale='max(2,trunc(min(${width},iw*if(sar,sar,1))/2)*2)':'max(2,trunc(ow/iw/if(sar,sar,1)*ih/2)*2)'`
  const size = longSide === undefined ? narrow : withinSquare(longSide)
  const deinterlace = interlaced ? 'yadif=deint=interlaced,' : ''
  const filters = `${deinterlace}${wholePictureColours(picture)}${jpegColours(picture, size)}`
  // To the very start nothing is sought; see `inputArgs` of the analysis.
  const seek = timeSeconds > 0 ? ['-ss', timeSeconds.toFixed(6)] : []
  return [
    ...['-v', 'error', '-nostdin', '-protocol_whitelist', 'file,pipe', ...seek, '-i', fileUrl(path)],
    ...['-map', `0:${streamIndex}`, '-frames:v', '1', '-vf', filters],
    ...['-c:v', 'mjpeg', '-q:v', '6', '-f', 'image2pipe', 'pipe:1'],
  ]
}
