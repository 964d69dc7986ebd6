/** Runs the analysis command over one stretch of a video and pairs its pictures with their decoded timestamps. */
import {
  analysisArgs,
  analysisOutputs,
  parseLogLine,
  splitJpegs,
  type AnalysisOutput,
  type AnalysisRequest,
} from './analysis-args.ts'
import { tinySide, type TinyFrame } from './shot-borders.ts'
import { startTool } from './tool-process.ts'

export type StretchFrames = {
  tiny: TinyFrame[]
  /** [size, size, 3] uint8, RGB */
  samples: { timeSeconds: number; rgb: Uint8Array }[]
  posters: { timeSeconds: number; jpeg: Buffer }[]
  errors: string[]
  stopped?: 'timedOut' | 'tooMuchOutput' | undefined
}

const maxStretchBytes = 1024 * 1024 * 1024
const maxErrors = 20

/** Times are seconds from the start of the file. A damaged stretch gives what could be decoded. */
export async function readStretch(
  ffmpegPath: string,
  request: AnalysisRequest,
  options: { signal?: AbortSignal | undefined; timeoutMs: number },
): Promise<StretchFrames> {
  const times: Record<AnalysisOutput, number[]> = { tiny: [], sample: [], poster: [] }
  const errors: string[] = []
  const onLine = (line: string): void => {
    const entry = parseLogLine(line)
    if (!entry) return
    if ('error' in entry) {
      if (errors.length < maxErrors) errors.push(entry.error)
    } else {
      const list = times[entry.output]
      const time = entry.timeSeconds + request.stretch.startSeconds
      list.push(Number.isFinite(time) ? Math.max(0, time) : (list.at(-1) ?? request.stretch.startSeconds))
    }
  }
  const run = startTool(ffmpegPath, analysisArgs(request), {
    signal: options.signal,
    silenceTimeoutMs: options.timeoutMs,
    maxOutputBytes: maxStretchBytes,
    extraOutputs: [analysisOutputs.sample, analysisOutputs.poster],
    onStderrLine: onLine,
  })
  const chunks: Record<AnalysisOutput, Buffer[]> = { tiny: [], sample: run.extra[0] ?? [], poster: run.extra[1] ?? [] }
  for await (const chunk of run.output) chunks.tiny.push(chunk)
  const { stopped } = await run.outcome

  const tiny = frames(Buffer.concat(chunks.tiny), tinySide * tinySide * 3, times.tiny)
  const samples = frames(Buffer.concat(chunks.sample), request.size * request.size * 3, times.sample)
  const jpegs = splitJpegs(Buffer.concat(chunks.poster))
  const posters = jpegs.flatMap((jpeg, i) => (i < times.poster.length ? [{ timeSeconds: times.poster[i]!, jpeg }] : []))
  return { tiny, samples, posters, errors, stopped }
}

/** Cuts raw frames apart; a last one that is not whole, or has no timestamp, is left out. */
function frames(
  bytes: Buffer,
  frameBytes: number,
  times: readonly number[],
): { timeSeconds: number; rgb: Uint8Array }[] {
  const count = Math.min(times.length, Math.floor(bytes.length / frameBytes))
  return Array.from({ length: count }, (_, i) => ({
    timeSeconds: times[i]!,
    rgb: new Uint8Array(bytes.buffer, bytes.byteOffset + i * frameBytes, frameBytes),
  }))
}
