/** Reading videos that are in the library already, for one more encoder: each in a transaction of its own, so that a stop loses little. */
import type { CallContext, FailedFile } from '../../../contract/index.ts'
import type { Library, Video } from '../../../storage/index.ts'
import type { FrameEncoder } from '../../shared/ports.ts'
import { createProgressMeter } from '../../shared/progress-meter.ts'
import type { VideoReader } from '../ports.ts'
import { indexVideos } from './index-videos.ts'
import { createFeatureWriter, type VideoWriter } from './video-writers.ts'

export type ReadParts = {
  readonly library: Library
  readonly reader: VideoReader
  /** Milliseconds. */
  readonly now: () => number
}

export type ReadRequest = {
  readonly encoder: FrameEncoder
  readonly videos: readonly Video[]
  /** What the progress is called. */
  readonly stage: string
  /** Default: features go to the library. */
  readonly writer?: VideoWriter
}

export type CatalogueRead = {
  readonly videos: number
  readonly frames: number
  /** Videos that cannot be read now, by path. */
  readonly failed: FailedFile[]
}

/** Small batches, because searches wait for the one that is running. */
const batchImages = 16

/** Indexed videos of which some segment has no features of the encoder, by path. */
export function videosUnseenBy(library: Library, encoderId: string): Video[] {
  const unseen = new Set(library.features.segmentsWithout(encoderId).map((id) => library.segments.get(id)?.videoId))
  return library.videos.list().filter(({ id, status }) => status === 'indexed' && unseen.has(id))
}

/** Segments and the features of other encoders stay as they are. @throws the abort reason, with whole videos kept */
export async function readVideosFor(
  { library, reader, now }: ReadParts,
  { encoder, videos, stage, writer = createFeatureWriter(library) }: ReadRequest,
  { signal, onEvent }: Pick<CallContext, 'signal' | 'onEvent'>,
): Promise<CatalogueRead> {
  const failed: FailedFile[] = []
  let encoded = 0
  let frames = 0
  if (videos.length > 0) {
    const meter = createProgressMeter({ stage, unit: 'videos', total: videos.length, now }, onEvent)
    await indexVideos(videos, {
      ...{ library, reader, encoder, signal, batchImages, writer },
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
  return { videos: encoded, frames, failed: failed.sort((a, b) => (a.file < b.file ? -1 : 1)) }
}
