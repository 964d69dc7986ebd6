/**
 * Reads a video for the index in one decode: shots, up to eight frames for each, and a poster. Long files come in windows,
 * so that memory stays bounded whatever the length.
 */
import { assert, type FrameFit } from '../base/index.ts'
import { chooseByQuality, frameQuality } from './frame-quality.ts'
import { eligibleFrames, nearest, planFrames, planShots, type Shot } from './plan-shots.ts'
import type { Probe } from './probe.ts'
import { isScrambledStream } from './encryption.ts'
import { lastPictureEnd } from './last-packet.ts'
import type { StretchFrames } from './read-stretch.ts'
import { readWindows, shortestCutOffSeconds, type ReadWindow } from './read-windows.ts'
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
  /** On the first shot of a video: its first shown moment, as decoded. */
  shownFromSeconds?: number
  /** On the last shot: what decoding said of the end. */
  ending?: Ending
}

/** The end of a video once all of it was decoded. */
export type Ending = {
  /** Last shown moment, seconds from the start of the file. */
  readonly shownToSeconds: number
  /** What the file claims to be long, when it was cut off before. */
  readonly cutOffFromSeconds?: number | undefined
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
  /** Files longer than 1.5 times this are handed on in stretches of this length. Default 120. */
  stretchSeconds?: number
}

export type AnalyseTools = { ffmpegPath: string; ffprobePath: string; timeoutMs: number; decoderThreads: number }

const defaultStretchSeconds = 120
const defaultFramesPerShot = 8
const defaultMaxShotSeconds = 20
/** A first frame that comes later than this is where the video begins. */
const lateStartSeconds = 0.1
/** Share of damaged frames from which a window is noise, not footage. */
const mostDamage = 0.5

/**
 * Yields shots in order of time, each complete; a file that gives no picture, or mostly damage, yields one refusal. A file
 * that is damaged a little or cut off gives the shots up to there, and its ending says so.
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
  // Even a file that lies about its length is held no longer than this.
  const isShort = durationSeconds > 0 && durationSeconds <= stretchSeconds * 1.5
  const restartSeconds = isShort ? stretchSeconds * 3 : stretchSeconds
  const canSeek = probe.isReadThrough !== true
  const request = {
    ...{ path, probe, size, fit, restartSeconds, threads: tools.decoderThreads },
    samplesPerSecond: samplingRate(durationSeconds, framesPerShot),
    hasMorePosters: !canSeek,
    stretch: { startSeconds: canSeek ? Math.floor(fromSeconds / restartSeconds + 1e-9) * restartSeconds : 0 },
  }
  const thumbnails = canSeek ? { ...tools, probe } : null

  let start = fromSeconds
  /** What the shot that the last window's end cut off had shown. */
  let carried: StretchFrames = { tiny: [], samples: [], posters: [] }
  const reading = { signal, timeoutMs: tools.timeoutMs, fromSeconds }
  for await (const window of readWindows(tools.ffmpegPath, request, reading)) {
    const read = joined(carried, window)
    const first = read.tiny[0]
    if (!first || read.samples.length === 0 || isMostlyDamaged(window, probe)) {
      // A video that was read up to its end before gives nothing more, and is no refusal.
      if (first || fromSeconds === 0) yield { refusal: await refusalFor(window, path) }
      return
    }
    const isFirst = start === 0
    if (isFirst) start = firstShown(read)
    const { continuesAtSeconds } = window
    const goesOn = continuesAtSeconds !== null
    const end = continuesAtSeconds ?? (await shownEnd(tools, path, probe, read, { signal }))
    const shots = planShots(findShotBorders(read.tiny, undefined, end), start, end, maxShotSeconds)
    const final = shots.at(-1)!
    const again = goesOn && shots.length > 1 && final.endSeconds - final.startSeconds < shortestCutOffSeconds
    if (again) shots.pop()
    for (const shot of shots) {
      const chosen = chosenFrames(read, shot, { size, byContent, framesPerShot })
      const filled = await fill(thumbnails, path, shot, read, chosen, signal)
      yield {
        ...filled,
        ...(isFirst && shot === shots[0] && { shownFromSeconds: first.timeSeconds }),
        ...(shot === shots.at(-1) && (goesOn ? { isResumePoint: true } : { ending: endingOf(window, probe, end) })),
      }
    }
    start = again ? final.startSeconds : end
    carried = again ? from(read, start) : from(read, Infinity)
  }
}

/** Where the first shot begins: at 0, unless there is nothing to see for longer than a frame. */
function firstShown({ tiny }: StretchFrames): number {
  const first = tiny[0]?.timeSeconds ?? 0
  return first > lateStartSeconds ? first : 0
}

function endingOf({ outcome }: ReadWindow, probe: Probe, end: number): Ending {
  const claimed = claimedEnd(probe)
  return {
    shownToSeconds: end,
    ...(outcome.isCutOff && claimed > end + 0.25 && { cutOffFromSeconds: claimed }),
  }
}

function joined(a: StretchFrames, b: StretchFrames): StretchFrames {
  if (a.tiny.length === 0 && a.samples.length === 0) return b
  return { tiny: [...a.tiny, ...b.tiny], samples: [...a.samples, ...b.samples], posters: [...a.posters, ...b.posters] }
}

function from({ tiny, samples, posters }: StretchFrames, start: number): StretchFrames {
  const isAfter = ({ timeSeconds }: { timeSeconds: number }): boolean => timeSeconds >= start - 1e-6
  return { tiny: tiny.filter(isAfter), samples: samples.filter(isAfter), posters: posters.filter(isAfter) }
}

function isMostlyDamaged({ damagedFrames, decodedFrames }: ReadWindow, { framesPerSecond = 0 }: Probe): boolean {
  // Not every frame of a fast video is looked at, but every damaged one is counted.
  const frames = decodedFrames * Math.max(1, framesPerSecond / 30)
  return damagedFrames > 2 && damagedFrames > frames * mostDamage
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
  probe: Probe,
  read: StretchFrames,
  options: { readonly size: number; readonly byContent?: boolean | undefined },
  signal: AbortSignal | undefined,
): Promise<AnalysedShot[]> {
  const end = plainEnd(read, probe)
  assert(end !== null, 'what is read whole says where it ends')
  const shots = planShots(findShotBorders(read.tiny, undefined, end), firstShown(read), end, defaultMaxShotSeconds)
  const filled: AnalysedShot[] = []
  for (const shot of shots) {
    const chosen = chosenFrames(read, shot, { ...options, framesPerShot: defaultFramesPerShot })
    filled.push({
      ...(await fill({ ...tools, probe }, path, shot, read, chosen, signal)),
      ...(shot === shots[0] && { shownFromSeconds: read.tiny[0]!.timeSeconds }),
      ...(shot === shots.at(-1) && { ending: { shownToSeconds: end } }),
    })
  }
  return filled
}

async function fill(
  /** Null where a shot without a poster must take the nearest one that was read. */
  thumbnails: (AnalyseTools & { probe: Probe }) | null,
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
  const poster = inside[at]?.jpeg ?? (await otherPoster())
  return { startSeconds, endSeconds, frames, poster: poster === null ? null : new Uint8Array(poster) }

  async function otherPoster(): Promise<Uint8Array | null> {
    if (thumbnails !== null)
      return thumbnail(thumbnails, path, frames[frames.length >> 1]?.timeSeconds ?? middle, {
        signal,
        probe: thumbnails.probe,
      })
    const held = read.posters.findLast((poster) => poster.timeSeconds < endSeconds) ?? read.posters[0]
    return held?.jpeg ?? null
  }
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

/** When the last frame begins, and how long the ones before it were shown. */
function lastOf({ tiny }: StretchFrames, { framesPerSecond = 25 }: Probe): { last: number; step: number } {
  const last = tiny.at(-1)?.timeSeconds ?? 0
  const previous = tiny.at(-2)?.timeSeconds
  return { last, step: previous === undefined ? 1 / framesPerSecond : Math.max(0.001, last - previous) }
}

/** Where a file claims to end, on its own clock; 0 when it does not say. */
function claimedEnd({ durationSeconds, trackStartSeconds = 0, isFileDuration }: Probe): number {
  return durationSeconds === 0 ? 0 : durationSeconds + (isFileDuration === true ? 0 : trackStartSeconds)
}

/**
 * Where the video ends, when decoding and the container agree on it within a frame or so; null when they do not. The last
 * frame is shown about as long as the one before it, unless the track says otherwise.
 */
export function plainEnd(read: StretchFrames, probe: Probe): number | null {
  const { last, step } = lastOf(read, probe)
  const claimed = claimedEnd(probe)
  if (claimed > last + 1e-4 && claimed <= last + Math.min(1, step * 2.5)) {
    // Other tracks may end a little later than this one.
    return probe.isFileDuration === true ? Math.min(claimed, last + step) : claimed
  }
  const isNoMore = claimed <= last + step || probe.isFileDuration === true
  return isNoMore && step <= 1 ? last + step : null
}

/** Where the video ends: by what was decoded; only how long its last picture is held must come from the container. */
async function shownEnd(
  tools: AnalyseTools,
  path: string,
  probe: Probe,
  read: StretchFrames,
  options: { signal: AbortSignal | undefined },
): Promise<number> {
  const plain = plainEnd(read, probe)
  if (plain !== null) return plain
  const { last, step } = lastOf(read, probe)
  const held = await lastPictureEnd(tools, path, probe, last, options)
  if (held !== null) return held
  // A slide show whose last slide is as long as the others, in a container that does not say how long pictures are.
  const claimed = claimedEnd(probe)
  return claimed > last && claimed <= last + 2 * step ? claimed : last + Math.min(1, step)
}

async function refusalFor({ outcome, ...window }: ReadWindow, path: string): Promise<Refusal> {
  const log = outcome.errors.join('\n')
  if (outcome.stopped === 'timedOut') return refuse('timedOut', path, log)
  if (outcome.stopped === 'tooMuchOutput') return refuse('decoderFailed', path, log)
  if (/No such file or directory/.test(log)) return refuse('missing', path, log)
  if (/Decoder \(codec .*\) not found|no decoder found|Unknown decoder/i.test(log))
    return refuse('unsupportedCodec', path, log)
  if (await isScrambledStream(path)) return refuse('encrypted', path, log)
  return refuse(window.tiny.length > 0 ? 'damaged' : 'noFrames', path, log)
}
