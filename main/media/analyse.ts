/**
 * Reads a video for the index in one decode: shots, up to eight frames for each, and a poster. Long files are read in
 * stretches by keyframe seeking, so that memory stays bounded whatever the length.
 */
import { assert, type FrameFit } from '../base/index.ts'
import { chooseByQuality, frameQuality } from './frame-quality.ts'
import { eligibleFrames, nearest, planFrames, planShots, type Shot } from './plan-shots.ts'
import type { Probe } from './probe.ts'
import { readStretch, type ReadOutcome, type StretchFrames } from './read-stretch.ts'
import { refuse, type Refusal } from './refusals.ts'
import { findShotBorders } from './shot-borders.ts'
import { thumbnail } from './thumbnail.ts'

export type SampledFrame = { timeSeconds: number; /** [size, size, 3] uint8, RGB */ rgb: Uint8Array }

export type AnalysedShot = {
  /** Half-open [startSeconds, endSeconds), from the start of the file. */
  startSeconds: number
  endSeconds: number
  /** One to eight, in order; times are those the decoder gave. */
  frames: SampledFrame[]
  /** JPEG, at most 320 pixels wide; null when none could be made. */
  poster: Uint8Array | null
  /** Reading may begin anew at its end (`fromSeconds`) and gives the same from there on. */
  isResumePoint?: boolean
}

export type AnalyseOptions = {
  /** Side of the square model input, pixels. */
  size: number
  /** How frames become that square. Default: as the built-in encoder was trained. */
  fit?: FrameFit | null | undefined
  signal?: AbortSignal | undefined
  /**
   * Frames are chosen by what they show instead of by the clock alone. Default false: as the built-in encoder's features
   * were made.
   */
  byContent?: boolean | undefined
  /** Most frames a shot. Default 8. */
  framesPerShot?: number
  /** Longer shots are cut evenly. Default 20. */
  maxShotSeconds?: number
  /** Begins there instead of at the start: at the end of a shot that is a resume point. Default 0. */
  fromSeconds?: number | undefined
  /** Files longer than 1.5 times this are read in stretches of this length. Default 120. */
  stretchSeconds?: number
}

export type AnalyseTools = { ffmpegPath: string; timeoutMs: number; decoderThreads: number }

const defaultStretchSeconds = 120
const defaultFramesPerShot = 8
const defaultMaxShotSeconds = 20
/** A shot that a stretch's end cuts off sooner than this is read again with the next stretch. */
const shortestCutOffSeconds = 2

/**
 * Yields shots in order of time, each complete; a file that gives no picture yields one refusal. A file that is damaged
 * further on gives the shots up to there.
 */
export async function* analyse(
  tools: AnalyseTools,
  path: string,
  probe: Probe,
  options: AnalyseOptions,
): AsyncGenerator<AnalysedShot | { refusal: Refusal }> {
  const { size, fit, byContent, signal, framesPerShot = defaultFramesPerShot, fromSeconds = 0 } = options
  const { maxShotSeconds = defaultMaxShotSeconds, stretchSeconds = defaultStretchSeconds } = options
  assert(Number.isInteger(size) && size > 0, `frame size must be a positive whole number, got ${size}`)
  const { durationSeconds } = probe
  const inOne = fromSeconds === 0 && durationSeconds > 0 && durationSeconds <= stretchSeconds * 1.5
  const samplesPerSecond = samplingRate(durationSeconds, framesPerShot)

  // A video that was read up to its end before gives nothing more, and is no refusal.
  for (let start = fromSeconds, isFirst = fromSeconds === 0; ;) {
    // Even a file that lies about its length is read no further than this in one go.
    const limit = inOne ? wholeStretch(stretchSeconds).lengthSeconds : stretchSeconds
    const stretch = { startSeconds: start, lengthSeconds: limit }
    const request = { path, probe, size, fit, samplesPerSecond, stretch, threads: tools.decoderThreads }
    const read = await readStretch(tools.ffmpegPath, request, { signal, timeoutMs: tools.timeoutMs })
    const last = read.tiny.at(-1)
    if (!last || read.samples.length === 0) {
      if (isFirst) yield { refusal: refusalFor(read, path) }
      return
    }
    const cutOff =
      endOf(read) >= start + limit - 0.5 && (durationSeconds === 0 || start + limit < durationSeconds - 0.1)
    const end = cutOff ? start + limit : shownEnd(read, durationSeconds)
    const shots = planShots(findShotBorders(read.tiny), start, end, maxShotSeconds)
    const final = shots.at(-1)!
    const again = cutOff && shots.length > 1 && final.endSeconds - final.startSeconds < shortestCutOffSeconds
    if (again) shots.pop()
    for (const shot of shots) {
      const chosen = chosenFrames(read, shot, { size, byContent, framesPerShot })
      const filled = await fill(tools, path, shot, read, chosen, signal)
      yield cutOff && shot === shots.at(-1) ? { ...filled, isResumePoint: true } : filled
    }
    isFirst = false
    if (!cutOff || read.stopped) return
    start = again ? final.startSeconds : end
  }
}

/** Frames a second to take of a video: enough for a shot that is as long as a short video. */
export function samplingRate(durationSeconds: number, framesPerShot = defaultFramesPerShot): number {
  return durationSeconds > 0 ? Math.min(30, Math.max(4, framesPerShot / durationSeconds)) : 4
}

/** The stretch that a video known to be short is read in. */
export function wholeStretch(stretchSeconds = defaultStretchSeconds): { startSeconds: 0; lengthSeconds: number } {
  return { startSeconds: 0, lengthSeconds: stretchSeconds * 3 }
}

/** The shots of a video that was read whole, otherwise with the default options of `analyse`. */
export async function shotsOfWhole(
  tools: AnalyseTools,
  path: string,
  { durationSeconds }: Probe,
  read: StretchFrames,
  options: { readonly size: number; readonly byContent?: boolean | undefined },
  signal: AbortSignal | undefined,
): Promise<AnalysedShot[]> {
  const shots = planShots(findShotBorders(read.tiny), 0, shownEnd(read, durationSeconds), defaultMaxShotSeconds)
  const filled: AnalysedShot[] = []
  for (const shot of shots) {
    const chosen = chosenFrames(read, shot, { ...options, framesPerShot: defaultFramesPerShot })
    filled.push(await fill(tools, path, shot, read, chosen, signal))
  }
  return filled
}

async function fill(
  tools: AnalyseTools,
  path: string,
  shot: Shot,
  read: StretchFrames,
  chosen: readonly number[],
  signal: AbortSignal | undefined,
): Promise<AnalysedShot> {
  const times = timesOf(read)
  // Copied: a view would keep the pixels of the whole stretch alive as long as one frame is.
  const frames = chosen.map((i) => ({
    timeSeconds: times[i]!,
    rgb: new Uint8Array(read.samples[i]!.rgb),
  }))
  const { startSeconds, endSeconds } = shot
  const middle = (startSeconds + endSeconds) / 2
  const inside = read.posters.filter(
    ({ timeSeconds }) =>
      timeSeconds >= startSeconds + shot.fadeInSeconds && timeSeconds < endSeconds - shot.fadeOutSeconds,
  )
  const at =
    inside.length > 0
      ? nearest(
          inside.map((poster) => poster.timeSeconds),
          middle,
        )
      : -1
  // Shots shorter than the distance of two posters may have got none.
  const poster =
    inside[at]?.jpeg ?? (await thumbnail(tools, path, frames[frames.length >> 1]?.timeSeconds ?? middle, { signal }))
  return { startSeconds, endSeconds, frames, poster: poster === null ? null : new Uint8Array(poster) }
}

function timesOf({ samples }: StretchFrames): number[] {
  return samples.map((frame) => frame.timeSeconds)
}

/** Positions of the frames that stand for a shot. */
function chosenFrames(
  read: StretchFrames,
  shot: Shot,
  options: { readonly size: number; readonly byContent?: boolean | undefined; readonly framesPerShot: number },
): number[] {
  const { samples } = read
  const { size, byContent = false, framesPerShot } = options
  if (!byContent) return planFrames(timesOf(read), shot, framesPerShot)
  const known = new Map<number, number>()
  const qualityOf = (position: number): number => {
    const quality = known.get(position) ?? frameQuality(samples[position]!.rgb, size)
    known.set(position, quality)
    return quality
  }
  return chooseByQuality(eligibleFrames(timesOf(read), shot), framesPerShot, qualityOf)
}

/** The last frame is shown about as long as the one before it. */
function endOf({ tiny }: StretchFrames): number {
  const last = tiny.at(-1)?.timeSeconds ?? 0
  const previous = tiny.at(-2)?.timeSeconds
  return last + (previous === undefined ? 0.04 : Math.min(1, Math.max(0.001, last - previous)))
}

/** Where the video ends: as it says, unless that is far from what was decoded. */
function shownEnd(read: StretchFrames, durationSeconds: number): number {
  return Math.max(endOf(read), Math.min(durationSeconds, endOf(read) + 0.5))
}

function refusalFor(read: ReadOutcome, path: string): Refusal {
  const log = read.errors.join('\n')
  if (read.stopped === 'timedOut') return refuse('timedOut', path, log)
  if (read.stopped === 'tooMuchOutput') return refuse('decoderFailed', path, log)
  if (/No such file or directory/.test(log)) return refuse('missing', path, log)
  if (/Decoder \(codec .*\) not found|no decoder found|Unknown decoder/i.test(log))
    return refuse('unsupportedCodec', path, log)
  return refuse('noFrames', path, log)
}
