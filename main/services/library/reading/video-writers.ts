/** What becomes of a video whose frames have been encoded: indexed anew, or only seen by one more encoder. */
import type { IndexedVideo, Library, Segment, Video } from '../../../storage/index.ts'
import type { ReadShot, VideoInfo, VideoRefusal } from '../ports.ts'

/** Features of the frames of one shot, [T, D]. */
export type EncodedShot = { readonly shot: ReadShot; readonly features: Float32Array }

export type EncodedVideo = {
  readonly encoderId: string
  readonly probe: unknown
  readonly durationSeconds: number
  readonly shots: readonly EncodedShot[]
  /** Whether a part of it was saved before, by `savePart`, now or before the last stop. */
  readonly isContinued: boolean
}

export interface VideoWriter {
  /** Seconds up to which a video was saved in parts by this encoder: reading goes on from there. */
  resumeAt(video: Video, encoderId: string): number
  /** More of a long video, in one transaction. */
  savePart(video: Video, encoded: EncodedVideo): void
  /** The rest of a video, or all of it, in one transaction. */
  save(video: Video, encoded: EncodedVideo): void
  /** For a video that could not be read. */
  refuse(video: Video, refusal: VideoRefusal, info: VideoInfo): void
}

/** Replaces the segments of a video by the shots that were read; a video that cannot be read is marked failed. */
export function createIndexWriter(library: Library): VideoWriter {
  const rowsOf = ({ shots, ...rest }: EncodedVideo): IndexedVideo => ({
    ...rest,
    segments: shots.map(({ shot, features }) => ({
      startSeconds: shot.startSeconds,
      endSeconds: shot.endSeconds,
      poster: shot.poster,
      features,
      frameCount: shot.frames.length,
      frameSeconds: shot.frames.map((frame) => frame.timeSeconds),
    })),
  })
  return {
    resumeAt({ id, status }, encoderId) {
      if (status !== 'pending') return 0
      const saved = library.segments.ofVideo(id)
      // Another encoder's beginning is no beginning for this one.
      const isOwn = saved.every((segment) => library.features.framesOf(segment.id, encoderId) !== undefined)
      return isOwn ? (saved.at(-1)?.endSeconds ?? 0) : 0
    },
    savePart: ({ id }, encoded) => library.segments.savePart(id, rowsOf(encoded)),
    save: ({ id }, encoded) => void library.segments.saveIndexed(id, rowsOf(encoded)),
    refuse({ id }, { reason, sentence }, { probe }) {
      library.videos.markFailed(id, { code: reason, sentence }, probe)
    },
  }
}

type FrameRow = { readonly timeSeconds: number; readonly row: Float32Array }

/** Where features of one more encoder go. */
export type FeatureKeeper = {
  /** Whether nothing is to be done for a segment: it is there, or not wanted. */
  has(segmentId: string, encoderId: string): boolean
  /** `rows` is [count, D]. */
  save(segmentId: string, encoderId: string, rows: Float32Array, count: number, frameSeconds: readonly number[]): void
}

function libraryKeeper({ features }: Library): FeatureKeeper {
  return {
    has: (segmentId, encoderId) => features.framesOf(segmentId, encoderId) !== undefined,
    save: (segmentId, encoderId, rows, count, seconds) =>
      features.saveFrames(segmentId, encoderId, rows, count, seconds),
  }
}

/**
 * Adds features of one more encoder to the segments that a video has. Segments, labels and the features of other encoders
 * stay as they are, whatever happens: a video that cannot be read now is only left out.
 *
 * @param keeper default: the library's own features
 */
export function createFeatureWriter(library: Library, keeper: FeatureKeeper = libraryKeeper(library)): VideoWriter {
  /** Frames of segments that reach into the next part, by video. */
  const left = new Map<string, FrameRow[]>()
  const unseen = ({ id }: Video, encoderId: string): Segment[] =>
    library.segments.ofVideo(id).filter((segment) => !keeper.has(segment.id, encoderId))

  const write = (video: Video, { encoderId, shots }: EncodedVideo, endSeconds: number): void => {
    const frames = [...(left.get(video.id) ?? []), ...framesOf(shots)]
    const segments = unseen(video, encoderId).filter((segment) => segment.endSeconds <= endSeconds)
    const times = frames.map(({ timeSeconds }) => timeSeconds)
    library.transaction(() => {
      framesOfSegments(segments, times).forEach((chosen, i) => {
        const dim = frames[0]!.row.length
        const rows = new Float32Array(chosen.length * dim)
        chosen.forEach((frame, place) => rows.set(frames[frame]!.row, place * dim))
        const seconds = chosen.map((frame) => times[frame]!)
        keeper.save(segments[i]!.id, encoderId, rows, chosen.length, seconds)
      })
    })
    const next = unseen(video, encoderId)[0]?.startSeconds ?? Infinity
    // The last one too, in case that a short segment after it has none of its own.
    left.set(
      video.id,
      frames.filter(({ timeSeconds }, i) => timeSeconds >= next || i === frames.length - 1),
    )
  }
  return {
    resumeAt(video, encoderId) {
      const next = unseen(video, encoderId)[0]
      return next === undefined || next.position === 0 ? 0 : next.startSeconds
    },
    savePart: (video, encoded) => write(video, encoded, encoded.shots.at(-1)!.shot.endSeconds),
    save(video, encoded) {
      write(video, encoded, Infinity)
      left.delete(video.id)
    },
    refuse: ({ id }) => void left.delete(id),
  }
}

function framesOf(shots: readonly EncodedShot[]): FrameRow[] {
  return shots.flatMap(({ shot, features }) => {
    const dim = features.length / shot.frames.length
    return shot.frames.map(({ timeSeconds }, i) => ({ timeSeconds, row: features.slice(i * dim, (i + 1) * dim) }))
  })
}

/**
 * Which frames belong to which segment. Shots are found again as they were, so that this is plain, but for videos that an
 * earlier version of the app has cut: there a segment without a frame of its own gets the nearest one. Pure.
 *
 * @param times of the frames in seconds, ascending; at least one
 * @returns for each segment the positions of its frames, at least one
 */
export function framesOfSegments(
  segments: readonly Pick<Segment, 'startSeconds' | 'endSeconds'>[],
  times: readonly number[],
): number[][] {
  return segments.map(({ startSeconds, endSeconds }) => {
    const inside = times.flatMap((time, i) => (time >= startSeconds && time < endSeconds ? [i] : []))
    if (inside.length > 0) return inside
    const middle = (startSeconds + endSeconds) / 2
    let nearest = 0
    times.forEach((time, i) => {
      if (Math.abs(time - middle) < Math.abs(times[nearest]! - middle)) nearest = i
    })
    return [nearest]
  })
}
