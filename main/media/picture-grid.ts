/** Frames of a stretch, evenly spread, as one JPEG: what a vision model is shown of a shot. One decode, one process. */
import { jpegColours, wholePictureColours } from './picture-kind.ts'
import { fileUrl, probe as probeFile, type Probe } from './probe.ts'
import { runTool } from './tool-process.ts'

export type PictureGrid = {
  /** Half-open [start, end), seconds from the start of the file. */
  readonly start: number
  readonly end: number
  readonly rows: number
  readonly columns: number
  /** Of one frame, pixels; frames keep their shape and are never enlarged. */
  readonly longSide: number
}

/** A still moment is shown for this long, so that it fills its grid. */
const leastSeconds = 0.04

/** JPEG bytes, or null when there is no picture in the stretch. */
export async function pictureGrid(
  tools: { ffmpegPath: string; ffprobePath: string; timeoutMs: number },
  path: string,
  grid: PictureGrid,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<Uint8Array | null> {
  const probe = await probeFile(tools.ffprobePath, path, { signal, timeoutMs: tools.timeoutMs })
  if ('refusal' in probe) return null
  const run = await runTool(tools.ffmpegPath, pictureGridArgs(path, grid, probe), {
    signal,
    silenceTimeoutMs: tools.timeoutMs,
    maxOutputBytes: 64 * 1024 * 1024,
  })
  return run.stdout.length > 0 ? new Uint8Array(run.stdout) : null
}

export function pictureGridArgs(
  path: string,
  { start, end, rows, columns, longSide }: PictureGrid,
  { streamIndex, picture, interlaced }: Probe,
): string[] {
  const count = rows * columns
  const seconds = Math.max(end - start, leastSeconds)
  // To the middle of the first part; the others follow at the length of a part.
  const half = seconds / count / 2
  const from = start + half
  const filters = [
    ...(interlaced ? ['yadif=deint=interlaced'] : []),
    // The last frame again where there are too few.
    `fps=fps=${(count / seconds).toFixed(6)}:start_time=0:round=near`,
    `tpad=stop_mode=clone:stop=${count}`,
    `${wholePictureColours(picture)}${jpegColours(picture, withinSquare(longSide))}`,
    `tile=${columns}x${rows}`,
  ].join(',')
  // A moment without a length is looked at where it is.
  const seek = from > leastSeconds ? ['-ss', (end - start > leastSeconds ? from : start).toFixed(6)] : []
  return [
    ...['-v', 'error', '-nostdin', '-protocol_whitelist', 'file,pipe', ...seek],
    ...['-t', (seconds - half).toFixed(6), '-i', fileUrl(path)],
    ...['-map', `0:${streamIndex}`, '-frames:v', '1', '-vf', filters],
    ...['-c:v', 'mjpeg', '-q:v', '4', '-f', 'image2pipe', 'pipe:1'],
  ]
}

/** The filter that makes a picture as it is shown fit into a square; both sides even, never enlarged. */
export function withinSquare(side: number): string {
  const shape = 'iw*if(sar,sar,1)'
  const factor = `min(1,${side}/max(${shape},ih))`
  // A hair more, because 448 may come out as 447.99.
  const even = (length: string): string => `'max(2,trunc(${length}*${factor}/2+0.001)*2)'`
  return `scale=${even(shape)}:${even('ih')}`
}
