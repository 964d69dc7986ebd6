/**
 * Changing the encoder of a library. What the new one has not seen is encoded beside the features of the old one, video by
 * video, each in a transaction; only then is the new one used. Going back needs nothing: the old features are still there.
 */
import { statfs } from 'node:fs/promises'
import type { CallContext, FailedFile, ProcedureInput, ProcedureOutput } from '../contract/index.ts'
import type { Library, Video } from '../storage/index.ts'
import type { EncoderSet } from './encoder-set.ts'
import { speedOf, type Machine } from './encoder-speed.ts'
import { indexVideos } from './index-videos.ts'
import { knownIndexRate, typicalIndexRate } from './index-rate.ts'
import type { VideoReader } from './ports.ts'
import type { ProcessorTimes } from './processor-times.ts'
import { createProgressMeter } from './progress-meter.ts'
import { createFeatureWriter } from './video-writers.ts'

export type SwitchParts = {
  readonly library: Library
  readonly encoders: EncoderSet
  readonly reader: VideoReader
  readonly machine: Machine
  /** Milliseconds. */
  readonly now: () => number
  readonly processorTimes: () => ProcessorTimes
}

/** Small batches, because searches with the old encoder wait for the one that is running. */
const batchImages = 16

/** Indexed videos of which some segment has no features of the encoder, by path. */
export function videosUnseenBy(library: Library, encoderId: string): Video[] {
  const unseen = new Set(library.features.segmentsWithout(encoderId).map((id) => library.segments.get(id)?.videoId))
  return library.videos.list().filter(({ id, status }) => status === 'indexed' && unseen.has(id))
}

/** @throws AppError `encoder.missing`, `encoder.invalid`; the abort reason, with whole videos kept */
export async function useEncoder(
  { library, encoders, reader, machine, now, processorTimes }: SwitchParts,
  { encoder: bundle, leaveOut }: ProcedureInput<'useEncoder'>,
  { signal, onEvent }: CallContext,
): Promise<ProcedureOutput<'useEncoder'>> {
  const startedMs = now()
  const previous = await encoders.activeBundle()
  const trunk = await encoders.open(bundle)
  const videos = videosUnseenBy(library, trunk.id)
  const failed: FailedFile[] = []
  let encoded = 0
  let frames = 0
  if (videos.length > 0) {
    if (trunk.tune !== undefined) {
      createProgressMeter({ stage: 'measuring', unit: 'videos', total: videos.length, now }, onEvent)
      await speedOf(library, trunk, { machine, now, processorTimes, signal })
    }
    const meter = createProgressMeter({ stage: 'encoding', unit: 'videos', total: videos.length, now }, onEvent)
    await indexVideos(videos, {
      ...{ library, reader, encoder: trunk, signal, batchImages, writer: createFeatureWriter(library) },
      onVideo(video, outcome) {
        if (outcome.kind === 'indexed') {
          encoded += 1
          frames += outcome.frames
        } else if (outcome.kind === 'failed') {
          const { reason, sentence } = outcome.refusal
          failed.push({ file: video.path, reason, message: sentence })
          onEvent({ kind: 'note', message: sentence })
        }
        meter.add()
      },
    })
  }
  const switched = failed.length === 0 || leaveOut
  if (switched && bundle !== previous) {
    encoders.use(library, bundle)
    await encoders.release(previous)
  }
  return {
    ...{ active: switched ? bundle : previous, previous, switched, videos: encoded, frames },
    failed: failed.sort((a, b) => (a.file < b.file ? -1 : 1)),
    elapsedSeconds: (now() - startedMs) / 1000,
  }
}

/** What a row of features or embeddings costs beside its numbers. */
const rowBytes = 250
const bytesANumber = 2

export async function estimateSwitch(
  { library, encoders, machine, now, processorTimes }: Omit<SwitchParts, 'reader'>,
  { encoder: bundle }: ProcedureInput<'estimateEncoder'>,
  signal: AbortSignal,
): Promise<ProcedureOutput<'estimateEncoder'>> {
  const trunk = await encoders.open(bundle)
  const unseen = new Set(library.features.segmentsWithout(trunk.id))
  const segments = library.segments.all().filter(({ id }) => unseen.has(id))
  const frames = segments.reduce((sum, { frameCount }) => sum + frameCount, 0)
  const videos = videosUnseenBy(library, trunk.id)
  const videoSeconds = videos.reduce((sum, { durationSeconds }) => sum + (durationSeconds ?? 0), 0)
  const { picturesPerSecond } = await speedOf(library, trunk, { machine, now, processorTimes, signal })
  const known = knownIndexRate(library)
  // Reading and encoding go on side by side, so that the slower of the two is what it takes.
  const estimatedSeconds = Math.max(frames / picturesPerSecond, videoSeconds / (known ?? typicalIndexRate))
  const { bavail, bsize } = await statfs(library.dir)
  return {
    ...{ encoder: bundle, videos: videos.length, frames, videoSeconds, estimatedSeconds, picturesPerSecond },
    estimatedFrom: known === null ? 'typical' : 'earlierImports',
    diskBytes: (frames + segments.length) * trunk.dim * bytesANumber + 2 * segments.length * rowBytes,
    freeBytes: bavail * bsize,
  }
}
