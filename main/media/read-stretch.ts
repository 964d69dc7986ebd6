/** Runs the analysis command over several whole short files and pairs their pictures with their decoded timestamps. */
import {
  analysisArgs,
  analysisOutputs,
  descriptorOf,
  parseClock,
  parseLogLine,
  saysHdr,
  splitJpegs,
  type AnalysisOutput,
  type AnalysisRequest,
  type LoggedFrame,
} from './analysis-args.ts'
import { createLogFile } from './log-file.ts'
import { tinySide, type TinyFrame } from './shot-borders.ts'
import { startTool, type ToolOutcome } from './tool-process.ts'

export type StretchFrames = {
  tiny: TinyFrame[]
  /** [size, size, 3] uint8, RGB */
  samples: { timeSeconds: number; rgb: Uint8Array }[]
  posters: { timeSeconds: number; jpeg: Buffer }[]
}

/** How the process went that all stretches of one call share. */
export type ReadOutcome = Pick<ToolOutcome, 'code' | 'stopped'> & { errors: string[] }

type Options = { signal?: AbortSignal | undefined; timeoutMs: number }

const maxOutputBytes = 1024 * 1024 * 1024
const maxErrors = 20

export type LoggedStretch = StretchFrames & {
  /** What the log said of each frame that `tiny` has. */
  logged: LoggedFrame['picture'][]
  /** Whether each picture of each output is whole and has its line in the log. */
  complete: boolean
  /** Whether a frame says that it is HDR, which a header without its colours does not. */
  isHdr: boolean
}

/**
 * Reads several files whole in one process. The errors are not told apart by file. The log is read at the end, at a
 * fraction of the cost of line by line: the silence limit does not see progress, so it must suit the whole work, and the
 * file system's errors are thrown.
 */
export async function readStretches(
  ffmpegPath: string,
  requests: readonly AnalysisRequest[],
  options: Options,
): Promise<ReadOutcome & { stretches: LoggedStretch[] }> {
  const logs = requests.map((): Record<AnalysisOutput, number[]> => ({ tiny: [], sample: [], poster: [] }))
  const pictures: LoggedFrame['picture'][][] = requests.map(() => [])
  const errors: string[] = []
  let isHdr = false // the line does not say of which file, and one doubt spoils all
  const clocks = new Map<string, number>()
  const onLine = (line: string): void => {
    isHdr ||= saysHdr(line)
    const clock = parseClock(line)
    if (clock) return void clocks.set(clock.name, clock.secondsPerTick)
    const entry = parseLogLine(line, clocks)
    if (!entry) return
    if ('error' in entry) return void (errors.length < maxErrors && errors.push(entry.error))
    const list = logs[entry.index]?.[entry.output]
    if (!list) return
    const { startSeconds } = requests[entry.index]!.stretch
    const time = Math.round((entry.timeSeconds + startSeconds) * 1e6) / 1e6
    list.push(Number.isFinite(time) ? Math.max(0, time) : (list.at(-1) ?? startSeconds))
    if (entry.output === 'tiny') pictures[entry.index]!.push(entry.picture)
  }
  const descriptors = requests.flatMap((_, index) => analysisOutputs.map((output) => descriptorOf(output, index)))
  const log = await createLogFile()
  const chunks: Buffer[][] = [[]] // in the order of `descriptors`
  let outcome: ToolOutcome
  try {
    const run = startTool(ffmpegPath, analysisArgs(requests, { inBulk: true }), {
      signal: options.signal,
      silenceTimeoutMs: options.timeoutMs,
      maxOutputBytes,
      extraOutputs: descriptors.slice(1),
      stderrDescriptor: log.descriptor,
    })
    chunks.push(...run.extra)
    for await (const chunk of run.output) chunks[0]!.push(chunk)
    outcome = await run.outcome
    const lines = await log.lines()
    if (lines) lines.forEach(onLine)
    else errors.push('[fatal] The log has become too long.')
  } finally {
    await log.close()
  }
  const { code, stopped } = outcome

  const stretches = requests.map(({ size }, index): LoggedStretch => {
    const bytesOf = (output: AnalysisOutput): Buffer =>
      Buffer.concat(chunks[index * analysisOutputs.length + analysisOutputs.indexOf(output)] ?? [])
    const times = logs[index]!
    const [tinyBytes, sampleBytes] = [bytesOf('tiny'), bytesOf('sample')]
    const [tinyFrameBytes, sampleFrameBytes] = [tinySide * tinySide * 3, size * size * 3]
    const jpegs = splitJpegs(bytesOf('poster'))
    return {
      tiny: frames(tinyBytes, tinyFrameBytes, times.tiny),
      samples: frames(sampleBytes, sampleFrameBytes, times.sample),
      posters: jpegs.flatMap((jpeg, i) => (i < times.poster.length ? [{ timeSeconds: times.poster[i]!, jpeg }] : [])),
      logged: pictures[index]!,
      isHdr,
      complete:
        tinyBytes.length === times.tiny.length * tinyFrameBytes &&
        sampleBytes.length === times.sample.length * sampleFrameBytes &&
        jpegs.length === times.poster.length,
    }
  })
  return { stretches, errors, code, ...(stopped === undefined ? {} : { stopped }) }
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
