/**
 * The indexing pipeline: several videos are decoded at once while the encoder works on batches that span videos. A video
 * is written in one transaction, a long one in several, each up to a place from which reading can go on. Stopped or killed
 * at any moment it leaves whole videos and whole parts.
 */
import { createAsyncQueue } from '../../../base/index.ts'
import { refuse, tilingFault, tilingSentence } from '../../../media/index.ts'
import type { Library, Video } from '../../../storage/index.ts'
import type { FrameEncoder } from '../../shared/ports.ts'
import { RefusedVideo, type ReadShot, type VideoInfo, type VideoReader, type VideoRefusal } from '../ports.ts'
import { createEncodeBatches } from './encode-batches.ts'
import { createIndexWriter, type EncodedVideo, type VideoWriter } from './video-writers.ts'

export type IndexOptions = {
  readonly library: Library
  readonly reader: VideoReader
  readonly encoder: FrameEncoder
  readonly signal: AbortSignal
  /** What becomes of a video that was read. Default: it is indexed anew, see `createIndexWriter`. */
  readonly writer?: VideoWriter
  /** Called when a video is done with. */
  readonly onVideo: (video: Video, outcome: VideoOutcome) => void
  /** Videos decoded at the same time. Default 2. */
  readonly decoders?: number
  /** Images per encoder run, across videos. Default 64. */
  readonly batchImages?: number
}

type WorkOptions = IndexOptions & { readonly writer: VideoWriter }

export type VideoOutcome =
  | {
      readonly kind: 'indexed'
      readonly segments: number
      readonly frames: number
      readonly durationSeconds: number
      /** What the file claims to be long, when it was cut off before. */
      readonly cutOffFromSeconds?: number | undefined
    }
  | { readonly kind: 'failed'; readonly refusal: VideoRefusal }
  /** Somebody took the video out of the library while it was read. */
  | { readonly kind: 'removed' }

/** A video on its way: its shots wait here until all their frames have features. */
type Open = {
  readonly video: Video
  info: VideoInfo
  /** Those that were not saved yet. */
  shots: EncodedShot[]
  /** Shots of which some frame has no features yet. */
  missing: number
  /** Of the shots that were saved already; `isContinued`: some were, now or before the last stop. */
  savedShots: number
  savedFrames: number
  isContinued: boolean
  /** End of the last shot, seconds. */
  endSeconds: number
  /** What decoding says is shown; null for a beginning that was read before, and for an end that was not told. */
  shownFromSeconds: number | null
  ending: ReadShot['ending'] | null
  /** Begin and end of the shots so far. */
  tiles: { readonly startSeconds: number; readonly endSeconds: number }[]
  complete: boolean
  failed: boolean
}
type EncodedShot = { readonly shot: ReadShot; readonly features: Float32Array; missing: number }
type Message =
  { readonly open: Open; readonly shot: ReadShot } | { readonly open: Open; readonly end: 'complete' | VideoRefusal }
type Job = { readonly open: Open; readonly into: EncodedShot; readonly frame: number; readonly rgb: Uint8Array }

/** Handed to the reader at once, who may read them in one go. */
const groupVideos = 8

const opened = (video: Video, info: VideoInfo, fromSeconds = 0): Open => ({
  ...{ video, info, shots: [], missing: 0 },
  ...{ savedShots: 0, savedFrames: 0, isContinued: fromSeconds > 0, endSeconds: fromSeconds },
  ...{ complete: false, failed: false, shownFromSeconds: null, ending: null, tiles: [] },
})

/** Indexes `videos` in about their order. @throws the abort reason, or what the encoder threw */
export async function indexVideos(videos: readonly Video[], options: IndexOptions): Promise<void> {
  const { reader, encoder, decoders = 2, batchImages = 64 } = options
  const { imageSize, imageFit } = encoder
  const writer = options.writer ?? createIndexWriter(options.library)
  const stop = new AbortController()
  const signal = AbortSignal.any([options.signal, stop.signal])
  const queue = createAsyncQueue<Message>(16)
  const waiting = [...videos]

  /** False when nobody reads the queue any more. */
  const readTogether = async (group: Video[]): Promise<boolean> => {
    const paths = group.map(({ path }) => path)
    const read = new Set<number>()
    for await (const { index, info, shots } of reader.together?.(paths, { imageSize, imageFit, signal }) ?? []) {
      const open = opened(group[index]!, info)
      for (const shot of shots) if (!(await queue.push({ open, shot }))) return false
      if (!(await queue.push({ open, end: 'complete' }))) return false
      read.add(index)
    }
    for (const [index, video] of group.entries()) if (!read.has(index) && !(await readAlone(video))) return false
    return true
  }
  const readAlone = async (video: Video): Promise<boolean> => {
    signal.throwIfAborted()
    const fromSeconds = writer.resumeAt(video, encoder.id)
    const open = opened(video, { probe: null, durationSeconds: 0 }, fromSeconds)
    try {
      const info = await reader.probe(video.path, signal)
      if ('refusal' in info) throw new RefusedVideo(info.refusal)
      open.info = info
      for await (const shot of reader.shots(video.path, info, { imageSize, imageFit, fromSeconds, signal })) {
        if (!(await queue.push({ open, shot }))) return false
      }
      return await queue.push({ open, end: 'complete' })
    } catch (error) {
      if (!(error instanceof RefusedVideo)) throw error
      return queue.push({ open, end: error.refusal })
    }
  }
  const decodeLoop = async (): Promise<void> => {
    while (waiting.length > 0) {
      // Towards the end in smaller groups, so that the loops end at about the same time.
      const size = Math.max(1, Math.min(groupVideos, Math.ceil(waiting.length / (2 * decoders))))
      if (!(await readTogether(waiting.splice(0, size)))) return
    }
  }
  const decoding = Promise.all(Array.from({ length: decoders }, decodeLoop)).then(
    () => queue.end(),
    (error: unknown) => queue.end(error),
  )
  try {
    await encodeLoop(queue.items(), batchImages, { ...options, writer, signal })
  } finally {
    stop.abort()
    await decoding
  }
}

/** Takes frames to the encoder; while it is at work, the next ones are being collected. */
async function encodeLoop(messages: AsyncIterable<Message>, batchImages: number, options: WorkOptions): Promise<void> {
  const { encoder, signal } = options
  const batches = createEncodeBatches<Job>({
    size: batchImages,
    // Encoders that are brought are so large that pictures cost what they cost, one by one or many together.
    isEager: encoder.tune !== undefined,
    async run(jobs) {
      signal.throwIfAborted()
      await encodeBatch(jobs, encoder)
      for (const open of new Set(jobs.map((job) => job.open))) {
        savePart(open, options)
        finishIfWhole(open, options)
      }
    },
  })
  for await (const message of messages) {
    signal.throwIfAborted()
    const { open } = message
    if ('shot' in message) {
      const { shot } = message
      // The pictures go to the batch; keeping them in the shot too would hold a long video in memory.
      const frames = shot.frames.map(({ timeSeconds }) => ({ timeSeconds, rgb: noPixels }))
      const features = new Float32Array(frames.length * encoder.dim)
      const into: EncodedShot = { shot: { ...shot, frames }, features, missing: frames.length }
      open.shots.push(into)
      open.missing += 1
      open.endSeconds = shot.endSeconds
      open.shownFromSeconds ??= shot.shownFromSeconds ?? null
      open.ending = shot.ending ?? null
      open.tiles.push({ startSeconds: shot.startSeconds, endSeconds: shot.endSeconds })
      for (const [frame, { rgb }] of shot.frames.entries()) await batches.add({ open, into, frame, rgb })
    } else if (message.end === 'complete') {
      open.complete = true
      finishIfWhole(open, options)
    } else {
      open.failed = true
      fail(open, message.end, options)
    }
  }
  await batches.finish()
}

const noPixels = new Uint8Array(0)

async function encodeBatch(jobs: readonly Job[], encoder: FrameEncoder): Promise<void> {
  const pixels = encoder.imageSize * encoder.imageSize * 3
  const rgb = new Uint8Array(jobs.length * pixels)
  jobs.forEach((job, i) => rgb.set(job.rgb, i * pixels))
  const features = await encoder.encodeImages(rgb, jobs.length)
  const { dim } = encoder
  jobs.forEach(({ open, into, frame }, i) => {
    into.features.set(features.subarray(i * dim, (i + 1) * dim), frame * dim)
    into.missing -= 1
    if (into.missing === 0) open.missing -= 1
  })
}

/** What is ready of a long video, up to the last place where reading can begin anew. */
function savePart(open: Open, { library, encoder, writer }: WorkOptions): void {
  const ready = open.shots.findIndex(({ missing }) => missing > 0)
  const count =
    open.shots.slice(0, ready < 0 ? open.shots.length : ready).findLastIndex((s) => s.shot.isResumePoint) + 1
  if (count === 0 || open.failed || library.videos.get(open.video.id) === undefined) return
  const shots = open.shots.slice(0, count)
  writer.savePart(open.video, encodedOf(open, shots, encoder))
  open.isContinued = true
  open.savedShots += count
  open.savedFrames += framesIn(shots)
  open.shots = open.shots.slice(count)
}

/** Hands a video on once its last frame has its features. */
function finishIfWhole(open: Open, { library, encoder, writer, onVideo }: WorkOptions): void {
  if (!open.complete || open.failed || open.missing > 0) return
  open.complete = false // once only
  const { video, shots } = open
  if (library.videos.get(video.id) === undefined) return onVideo(video, { kind: 'removed' })
  const fault = faultOf(open)
  if (fault !== null) return fail(open, fault, { library, writer, onVideo })
  const encoded = encodedOf(open, shots, encoder)
  writer.save(video, encoded)
  const [segments, frames] = [open.savedShots + shots.length, open.savedFrames + framesIn(shots)]
  const { durationSeconds } = encoded
  const { cutOffFromSeconds } = open.ending ?? {}
  onVideo(video, { kind: 'indexed', segments, frames, durationSeconds, cutOffFromSeconds })
}

function encodedOf(open: Open, shots: readonly EncodedShot[], { id: encoderId }: FrameEncoder): EncodedVideo {
  const { info, isContinued } = open
  // Containers may say nothing of how long they are, or something else than what can be seen; the decoder knows.
  const told = info.durationSeconds > 0 ? info.durationSeconds : open.endSeconds
  const durationSeconds = open.ending?.shownToSeconds ?? told
  return { encoderId, probe: info.probe, durationSeconds, shots, isContinued }
}

/** Why a video must not be said to be indexed: a part of what decoding shows belongs to no shot. */
function faultOf({ video, tiles, ending, shownFromSeconds }: Open): VideoRefusal | null {
  if (ending === null || ending === undefined) return null // the reader does not say
  const firstSeconds = shownFromSeconds ?? tiles[0]?.startSeconds ?? 0
  const fault = tilingFault(tiles, { firstSeconds, lastSeconds: ending.shownToSeconds })
  return fault === null ? null : refuse('notWhole', video.path, tilingSentence(fault))
}

function framesIn(shots: readonly EncodedShot[]): number {
  return shots.reduce((sum, { shot }) => sum + shot.frames.length, 0)
}

function fail(
  open: Open,
  refusal: VideoRefusal,
  { library, writer, onVideo }: Pick<WorkOptions, 'library' | 'writer' | 'onVideo'>,
): void {
  if (library.videos.get(open.video.id) === undefined) return onVideo(open.video, { kind: 'removed' })
  writer.refuse(open.video, refusal, open.info)
  onVideo(open.video, { kind: 'failed', refusal })
}
