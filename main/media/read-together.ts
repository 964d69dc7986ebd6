/**
 * Reads short plain clips several at a time.
 *
 * [Note: Together or alone] Debian's ffmpeg spends longer on being loaded than on decoding a short clip, so clips whose
 * headers are plain ([Note: Plain clips]) share a process. This path only ever gives videos; it never refuses one. When
 * anything is odd (an error in the log, a time missing, a picture unlike the header, too long a wait), nothing of that
 * process is used and its clips are left out: the caller reads them alone, with ffprobe, as it reads all others. So a
 * hostile file costs its neighbours some time and nothing else, and every refusal comes from one place.
 */
import type { FrameFit } from '../base/index.ts'
import { AppError } from '../contract/index.ts'
import { plainEnd, samplingRate, shotsOfWhole, wholeStretch, type AnalysedShot, type AnalyseTools } from './analyse.ts'
import type { AnalysisRequest } from './analysis-args.ts'
import { readPlainMp4, type PlainClip } from './plain-mp4.ts'
import type { Probe } from './probe.ts'
import { readStretches, type LoggedStretch } from './read-stretch.ts'

export type ReadTogetherOptions = {
  /** Side of the square model input, pixels. */
  size: number
  /** How frames become that square. Default: as the built-in encoder was trained. */
  fit?: FrameFit | null | undefined
  /** As in `AnalyseOptions`. */
  byContent?: boolean | undefined
  signal?: AbortSignal | undefined
}

export type WholeVideo = {
  /** Place of its path among those that were asked for. */
  index: number
  probe: Probe
  shots: AnalysedShot[]
}

type Clip = PlainClip & { path: string; index: number }

const limits = {
  clips: 8,
  /** Decoders keep up to 17 pictures each. */
  pictureAreas: 4_000_000,
  /** Of one clip, pixels over all frames: beyond about this, decoding it costs several times what a start costs. */
  decodedPixels: 64_000_000,
  seconds: 60,
  /** Frames that are taken of the clips of a process: the larger an encoder's pictures are, the fewer clips. */
  sampleBytes: 150e6,
}
/** A machine on which this keeps failing (another ffmpeg, a slow disk) is left alone. */
const maxFailuresAhead = 3

export type ReadTogether = (paths: readonly string[], options: ReadTogetherOptions) => AsyncGenerator<WholeVideo>

/**
 * The function that yields those of `paths` that could be read together, in their order, with the probe and the shots
 * that `probe` and `analyse` would give. Throws only on abort and when ffmpeg is missing.
 */
export function createReadTogether(tools: AnalyseTools): ReadTogether {
  let failuresAhead = 0
  return async function* (paths, { size, fit, byContent, signal }) {
    if (failuresAhead >= maxFailuresAhead) return
    const headers = await Promise.all(paths.map(readPlainMp4))
    const clips = headers.flatMap((plain, index) => (plain === null ? [] : [{ ...plain, path: paths[index]!, index }]))
    for (const batch of batchesOf(
      clips.filter((clip) => isShort(clip, size)),
      size,
    )) {
      signal?.throwIfAborted()
      const stretches = await readBatch(tools, batch, { size, fit }, signal)
      failuresAhead = Math.max(0, failuresAhead + (stretches === null ? 1 : -1))
      for (const [i, { index, path, probe }] of stretches === null ? [] : batch.entries()) {
        if (plainEnd(stretches![i]!, probe) === null) continue // how long its last picture is held must be looked up
        yield {
          index,
          probe,
          shots: await shotsOfWhole(tools, path, probe, stretches![i]!, { size, byContent }, signal),
        }
      }
    }
  }
}

/** Bytes of the frames that are taken of a clip. */
function sampleBytes({ probe: { durationSeconds } }: Clip, size: number): number {
  return Math.ceil(durationSeconds * samplingRate(durationSeconds)) * size * size * 3
}

function isShort(clip: Clip, size: number): boolean {
  const { probe, frameCount } = clip
  const area = probe.width * probe.height
  return (
    area <= limits.pictureAreas &&
    area * frameCount <= limits.decodedPixels &&
    probe.durationSeconds > 0 &&
    probe.durationSeconds <= limits.seconds &&
    sampleBytes(clip, size) <= limits.sampleBytes
  )
}

function batchesOf(clips: readonly Clip[], size: number): Clip[][] {
  const batches: Clip[][] = []
  let areas = 0
  let bytes = 0
  for (const clip of clips) {
    const area = clip.probe.width * clip.probe.height
    const taken = sampleBytes(clip, size)
    const batch = batches.at(-1)
    const fits = areas + area <= limits.pictureAreas && bytes + taken <= limits.sampleBytes
    if (batch && batch.length < limits.clips && fits) {
      batch.push(clip)
      areas += area
      bytes += taken
    } else {
      batches.push([clip])
      areas = area
      bytes = taken
    }
  }
  return batches
}

/** Null when not everything is as it should be. */
async function readBatch(
  tools: AnalyseTools,
  batch: readonly Clip[],
  frame: { readonly size: number; readonly fit: FrameFit | null | undefined },
  signal: AbortSignal | undefined,
): Promise<LoggedStretch[] | null> {
  const requests = batch.map(({ path, probe }): AnalysisRequest => {
    const samplesPerSecond = samplingRate(probe.durationSeconds)
    return { path, probe, ...frame, samplesPerSecond, stretch: wholeStretch(), threads: tools.decoderThreads }
  })
  // The silence limit watches one clip's output only; this one ends all, and short clips need far less.
  const limit = AbortSignal.timeout(tools.timeoutMs)
  try {
    const read = await readStretches(tools.ffmpegPath, requests, {
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
      timeoutMs: tools.timeoutMs,
    })
    const sound = read.code === 0 && read.errors.length === 0 && read.stretches.every((s, i) => isAsSaid(s, batch[i]!))
    return sound ? read.stretches : null
  } catch (error) {
    signal?.throwIfAborted()
    if (error instanceof AppError) throw error
    return null // it took too long, or there is no room for its log
  }
}

/** Whether what was decoded is what the header said, and every picture has its time. */
function isAsSaid({ complete, isHdr, tiny, samples, logged }: LoggedStretch, { probe }: Clip): boolean {
  const { width, height } = probe
  const asSaid = logged.every((picture) => !picture.interlaced && picture.width === width && picture.height === height)
  return complete && !isHdr && asSaid && tiny.length > 0 && samples.length > 0
}
