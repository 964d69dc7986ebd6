/**
 * Reads one file in one pass and hands it on in windows of bounded length, whatever the length of the file.
 *
 * [Note: One pass] A file is decoded from its first frame to its last by one process. To seek from stretch to stretch costs
 * the pictures before the next key frame in transport streams, lands anywhere where a clock begins anew, and fails where a
 * file has no index; and where a picture is held for long, a stretch without a frame looks like an end. In one pass the
 * decoder alone says where a file ends. Only reading that was stopped is taken up by seeking, where that is exact.
 *
 * A window ends with the first frame after a multiple of its length, so that a picture that is held belongs to the window in
 * which it begins. From each multiple on frames are chosen anew: reading which begins there gives the same.
 */
import {
  analysisArgs,
  analysisOutputs,
  descriptorOf,
  parseClock,
  parseLogLine,
  saysCutOff,
  saysDamage,
  splitJpegs,
  type AnalysisOutput,
  type AnalysisRequest,
} from './analysis-args.ts'
import type { StretchFrames } from './read-stretch.ts'
import { tinySide } from './shot-borders.ts'
import { startTool, type ToolOutcome } from './tool-process.ts'

export type ReadWindow = StretchFrames & {
  /** Time of the first frame behind the window, with which the next one begins. Null at the end of the file. */
  continuesAtSeconds: number | null
  /** Frames that were decoded for this window, and those of them that are damaged or were lost. */
  decodedFrames: number
  damagedFrames: number
  outcome: Pick<ToolOutcome, 'code' | 'stopped'> & { errors: string[]; isCutOff: boolean }
}

type Picture = { timeSeconds: number; bytes: Buffer }
type Output = {
  /** Times that the log gave, of pictures that have not arrived yet. */
  times: number[]
  pictures: Picture[]
  rest: Buffer
  lastSeconds: number
}

const maxErrors = 20
/** Of one window: a file that claims more pictures than any recording has is given up. */
const maxWindowBytes = 1024 * 1024 * 1024

/** A window is not shorter than this: a shot that its end cuts off sooner is left to the next one. */
export const shortestCutOffSeconds = 2

/** Where a window that begins at `startSeconds` may end, a multiple of `lengthSeconds`. Pure. */
export function windowEnd(startSeconds: number, lengthSeconds: number): number {
  return Math.ceil((startSeconds + shortestCutOffSeconds) / lengthSeconds - 1e-9) * lengthSeconds
}

/**
 * Windows in order, one at least. Leaving early ends the process.
 *
 * @param request its stretch begins at a multiple of `restartSeconds`, which is the length of a window
 */
export async function* readWindows(
  ffmpegPath: string,
  request: AnalysisRequest & { restartSeconds: number },
  options: {
    signal?: AbortSignal | undefined
    timeoutMs: number
    /** Frames before this are left out, and the first window begins here. */
    fromSeconds: number
  },
): AsyncGenerator<ReadWindow> {
  const { restartSeconds, size, stretch } = request
  const empty = (): Output => ({ times: [], pictures: [], rest: Buffer.alloc(0), lastSeconds: stretch.startSeconds })
  const outputs: Record<AnalysisOutput, Output> = { tiny: empty(), sample: empty(), poster: empty() }
  const clocks = new Map<string, number>()
  const errors: string[] = []
  let [isCutOff, damaged, decoded] = [false, 0, 0]

  const onStderrLine = (line: string): void => {
    const clock = parseClock(line)
    if (clock) return void clocks.set(clock.name, clock.secondsPerTick)
    if (saysDamage(line)) damaged += 1
    if (saysCutOff(line)) isCutOff = true
    const entry = parseLogLine(line, clocks)
    if (!entry) return
    if ('error' in entry) return void (errors.length < maxErrors && errors.push(entry.error))
    const output = outputs[entry.output]
    // Times that step back, or are missing, are those of the frame before: what is shown goes on.
    // In whole microseconds, so that it does not matter where reading began.
    const time = Math.round((entry.timeSeconds + stretch.startSeconds) * 1e6) / 1e6
    output.lastSeconds = Number.isFinite(time) ? Math.max(output.lastSeconds, time) : output.lastSeconds
    output.times.push(output.lastSeconds)
    if (entry.output === 'tiny') decoded += 1
  }
  const run = startTool(ffmpegPath, analysisArgs([request]), {
    signal: options.signal,
    silenceTimeoutMs: options.timeoutMs,
    maxOutputBytes: Number.MAX_SAFE_INTEGER,
    extraOutputs: analysisOutputs.slice(1).map((output) => descriptorOf(output, 0)),
    onStderrLine,
  })
  const frameBytes = { tiny: tinySide * tinySide * 3, sample: size * size * 3 }

  /** Takes what has arrived and has its time. */
  const takeIn = (name: AnalysisOutput, chunks: Buffer[]): void => {
    const output = outputs[name]
    const bytes = chunks.length === 0 ? output.rest : Buffer.concat([output.rest, ...chunks])
    const found = name === 'poster' ? splitJpegs(bytes) : wholeFrames(bytes, frameBytes[name])
    let taken = 0
    for (const picture of found.slice(0, output.times.length)) {
      // Copied: a view would keep all that came in with it.
      output.pictures.push({ timeSeconds: output.times.shift()!, bytes: Buffer.from(picture) })
      taken += picture.length
    }
    output.rest = Buffer.from(bytes.subarray(taken))
    bytesInWindow += chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  }
  const waiting: Buffer[] = []
  let end = windowEnd(options.fromSeconds, restartSeconds)
  let bytesInWindow = 0
  const takeAll = (): void => {
    analysisOutputs.forEach((name, i) => takeIn(name, (i === 0 ? waiting : run.extra[i - 1]!).splice(0)))
  }
  /** Takes the pictures before a time away from those that wait. */
  const before = (end: number): StretchFrames => {
    const cut = (name: AnalysisOutput): Picture[] => {
      const { pictures } = outputs[name]
      const count = pictures.findIndex(({ timeSeconds }) => timeSeconds >= end - 1e-6)
      return pictures.splice(0, count < 0 ? pictures.length : count)
    }
    const frames = (name: AnalysisOutput): StretchFrames['tiny'] =>
      cut(name).map(({ timeSeconds, bytes }) => ({ timeSeconds, rgb: bytes }))
    return {
      tiny: frames('tiny'),
      samples: frames('sample'),
      posters: cut('poster').map(({ timeSeconds, bytes }) => ({ timeSeconds, jpeg: bytes })),
    }
  }

  const windowOf = (
    continuesAtSeconds: number | null,
    frames: StretchFrames,
    outcome: Partial<ToolOutcome>,
  ): ReadWindow => {
    const { code = null, stopped } = outcome
    const window = { ...frames, continuesAtSeconds, decodedFrames: decoded, damagedFrames: damaged }
    ;[decoded, damaged, bytesInWindow] = [0, 0, 0]
    return { ...window, outcome: { code, ...(stopped && { stopped }), errors, isCutOff } }
  }
  const goesOn = (): boolean =>
    analysisOutputs.every((name) => (outputs[name].pictures.at(-1)?.timeSeconds ?? -1) >= end - 1e-6)
  /** The windows that are whole with what has arrived: which ones there are does not depend on when it arrives. */
  function* wholeWindows(): Generator<ReadWindow> {
    takeAll()
    if (options.fromSeconds > 0) before(options.fromSeconds)
    // All outputs get the first frame after a window's end.
    while (goesOn()) {
      const frames = before(end)
      const next = outputs.tiny.pictures[0]!.timeSeconds
      end = windowEnd(next, restartSeconds)
      yield windowOf(next, frames, {})
    }
  }

  for await (const chunk of run.output) {
    waiting.push(chunk)
    yield* wholeWindows()
    if (bytesInWindow > maxWindowBytes) break
  }
  const isTooMuch = bytesInWindow > maxWindowBytes
  const outcome = await run.outcome
  yield* wholeWindows()
  yield windowOf(null, before(Infinity), isTooMuch ? { stopped: 'tooMuchOutput' } : outcome)
}

function wholeFrames(bytes: Buffer, frameBytes: number): Buffer[] {
  return Array.from({ length: Math.floor(bytes.length / frameBytes) }, (_, i) =>
    bytes.subarray(i * frameBytes, (i + 1) * frameBytes),
  )
}
