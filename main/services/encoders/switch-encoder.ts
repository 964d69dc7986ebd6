/**
 * Changing the encoder of a library. What the new one has not seen is encoded beside the features of the old one, video by
 * video, each in a transaction; only then is the new one used. Going back needs nothing: the old features are still there.
 */
import type { CallContext, ProcedureInput, ProcedureOutput } from '../../contract/index.ts'
import type { Library } from '../../storage/index.ts'
import { readingTime, readVideosFor, secondsOf, videosUnseenBy, type VideoReader } from '../library/index.ts'
import { readForVersion, type VersionEncoders } from '../models/index.ts'
import { featureBytes, freeBytesOf } from '../shared/disk-space.ts'
import type { ProcessorTimes } from '../shared/processor-times.ts'
import { createProgressMeter } from '../shared/progress-meter.ts'
import type { EncoderSet } from './encoder-set.ts'
import { speedOf, type Machine } from './encoder-speed.ts'

export type SwitchParts = {
  readonly library: Library
  readonly encoders: EncoderSet
  readonly versions: VersionEncoders
  readonly reader: VideoReader
  readonly machine: Machine
  /** Milliseconds. */
  readonly now: () => number
  readonly processorTimes: () => ProcessorTimes
}

/** @throws AppError `encoder.missing`, `encoder.invalid`; the abort reason, with whole videos kept */
export async function useEncoder(
  { library, encoders, versions, reader, machine, now, processorTimes }: SwitchParts,
  { encoder: bundle, leaveOut }: ProcedureInput<'useEncoder'>,
  { signal, onEvent }: CallContext,
): Promise<ProcedureOutput<'useEncoder'>> {
  const startedMs = now()
  const previous = await encoders.activeBundle()
  const trunk = await encoders.open(bundle)
  const videos = videosUnseenBy(library, trunk.id)
  if (videos.length > 0 && trunk.tune !== undefined) {
    createProgressMeter({ stage: 'measuring', unit: 'videos', total: videos.length, now }, onEvent)
    await speedOf(library, trunk, { machine, now, processorTimes, signal })
  }
  const parts = { library, reader, now }
  const read = await readVideosFor(parts, { encoder: trunk, videos, stage: 'encoding' }, { signal, onEvent })
  // The version that will be in use then may see pictures through blocks of its own.
  const active = library.models.active(trunk.id)
  const own =
    active === undefined
      ? null
      : await readForVersion(
          parts,
          { model: active, encoder: versions.of(library, active, trunk) },
          { signal, onEvent },
        )
  const again = (own?.failed ?? []).filter(({ file }) => read.failed.every((other) => other.file !== file))
  const failed = [...read.failed, ...again]
  const switched = failed.length === 0 || leaveOut
  if (switched && bundle !== previous) {
    encoders.use(library, bundle)
    await encoders.release(previous)
  }
  return {
    ...{ active: switched ? bundle : previous, previous, switched, videos: read.videos, frames: read.frames },
    failed,
    elapsedSeconds: (now() - startedMs) / 1000,
  }
}

export async function estimateSwitch(
  { library, encoders, machine, now, processorTimes }: Omit<SwitchParts, 'reader' | 'versions'>,
  { encoder: bundle }: ProcedureInput<'estimateEncoder'>,
  signal: AbortSignal,
): Promise<ProcedureOutput<'estimateEncoder'>> {
  const trunk = await encoders.open(bundle)
  const unseen = new Set(library.features.segmentsWithout(trunk.id))
  const segments = library.segments.all().filter(({ id }) => unseen.has(id))
  const frames = segments.reduce((sum, { frameCount }) => sum + frameCount, 0)
  const videos = videosUnseenBy(library, trunk.id)
  const videoSeconds = secondsOf(videos)
  const { picturesPerSecond } = await speedOf(library, trunk, { machine, now, processorTimes, signal })
  const time = readingTime(library, { frames, videoSeconds }, picturesPerSecond)
  return {
    ...{ encoder: bundle, videos: videos.length, frames, videoSeconds, picturesPerSecond },
    ...{ estimatedSeconds: time.seconds, estimatedFrom: time.from },
    diskBytes: featureBytes({ frames, segments: segments.length, dim: trunk.dim }),
    freeBytes: await freeBytesOf(library),
  }
}
