/** Segments (shots) of indexed videos, and the one transaction that writes a finished video. Runs in the engine. */

export type Segment = {
  readonly id: string
  readonly videoId: string
  /** From 0 within the video. */
  readonly position: number
  /** Half-open [startSeconds, endSeconds). */
  readonly startSeconds: number
  readonly endSeconds: number
  /** Relative to the library folder; null when there is no poster. */
  readonly posterPath: string | null
  readonly frameCount: number
}

/** A segment with the path of its video, for lists that show or write moments. */
export type SegmentWithPath = Segment & { readonly path: string }

export type IndexedSegment = {
  readonly startSeconds: number
  readonly endSeconds: number
  /** JPEG bytes, or null. */
  readonly poster: Uint8Array | null
  /** Trunk features of the sampled frames, [T, D] float32 in row order. */
  readonly features: Float32Array
  /** T, at least 1. */
  readonly frameCount: number
  /** Decoded time of each frame, seconds, length T. */
  readonly frameSeconds: readonly number[]
}

export type IndexedVideo = {
  readonly encoderId: string
  readonly probe: unknown
  readonly durationSeconds: number
  readonly segments: readonly IndexedSegment[]
}

/** All lists are ordered by path, then start. */
export type SegmentStore = {
  /**
   * Writes segments, posters, frame features and the state `indexed` of one video in ONE transaction; earlier segments
   * of the video are replaced. Exemplars keep their times and are tied to the new segments. Killed at any moment, it
   * leaves the video as it was (at most with poster files that the next try overwrites).
   */
  saveIndexed(videoId: string, indexed: IndexedVideo): Segment[]
  get(id: string): Segment | undefined
  ofVideo(videoId: string): Segment[]
  /** Segments of indexed videos. */
  all(): SegmentWithPath[]
  count(): number
  /** The segment of a video that shares most time with [startSeconds, endSeconds). */
  bestOverlap(videoId: string, startSeconds: number, endSeconds: number): Segment | undefined
  /** Absolute path of the poster file. */
  posterFile(segment: Segment): string | null
}
