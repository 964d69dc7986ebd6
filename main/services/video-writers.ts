/** What becomes of a video whose frames have been encoded: indexed anew, or only seen by one more encoder. */
import type { IndexedSegment, Library, Segment, Video } from '../storage/index.ts'
import type { ReadShot, VideoInfo, VideoRefusal } from './ports.ts'

/** Features of the frames of one shot, [T, D]. */
export type EncodedShot = { readonly shot: ReadShot; readonly features: Float32Array }

export type EncodedVideo = {
  readonly encoderId: string
  readonly probe: unknown
  readonly durationSeconds: number
  readonly shots: readonly EncodedShot[]
}

export interface VideoWriter {
  /** In one transaction. */
  save(video: Video, encoded: EncodedVideo): void
  /** For a video that could not be read. */
  refuse(video: Video, refusal: VideoRefusal, info: VideoInfo): void
}

/** Replaces the segments of a video by the shots that were read; a video that cannot be read is marked failed. */
export function createIndexWriter(library: Library): VideoWriter {
  return {
    save(video, { encoderId, probe, durationSeconds, shots }) {
      const segments = shots.map(({ shot, features }): IndexedSegment => ({
        startSeconds: shot.startSeconds,
        endSeconds: shot.endSeconds,
        poster: shot.poster,
        features,
        frameCount: shot.frames.length,
        frameSeconds: shot.frames.map((frame) => frame.timeSeconds),
      }))
      library.segments.saveIndexed(video.id, { encoderId, probe, durationSeconds, segments })
    },
    refuse({ id }, { reason, sentence }, { probe }) {
      library.videos.markFailed(id, { code: reason, sentence }, probe)
    },
  }
}

/**
 * Adds features of one more encoder to the segments that a video has. Segments, labels and the features of other encoders
 * stay as they are, whatever happens: a video that cannot be read now is only left out.
 */
export function createFeatureWriter(library: Library): VideoWriter {
  return {
    save(video, { encoderId, shots }) {
      const dim = shots[0]!.features.length / shots[0]!.shot.frames.length
      const frames = shots.flatMap(({ shot, features }) =>
        shot.frames.map(({ timeSeconds }, i) => ({ timeSeconds, row: features.subarray(i * dim, (i + 1) * dim) })),
      )
      const segments = library.segments.ofVideo(video.id)
      const times = frames.map(({ timeSeconds }) => timeSeconds)
      library.transaction(() => {
        framesOfSegments(segments, times).forEach((chosen, i) => {
          const rows = new Float32Array(chosen.length * dim)
          chosen.forEach((frame, place) => rows.set(frames[frame]!.row, place * dim))
          const seconds = chosen.map((frame) => times[frame]!)
          library.features.saveFrames(segments[i]!.id, encoderId, rows, chosen.length, seconds)
        })
      })
    },
    refuse() {},
  }
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
