/** What the library needs of videos and of ffmpeg: reading for an encoder, and what a window plays, cuts and looks at. */
import type { FrameFit } from '../../base/index.ts'

export type ReadFrame = { readonly timeSeconds: number; /** [S, S, 3] uint8, RGB */ readonly rgb: Uint8Array }

export type ReadShot = {
  /** Half-open [startSeconds, endSeconds). */
  readonly startSeconds: number
  readonly endSeconds: number
  readonly poster: Uint8Array | null
  /** At least one, in order of time. */
  readonly frames: readonly ReadFrame[]
  /** Reading may begin anew at its end (`fromSeconds`) and gives the same from there on. */
  readonly isResumePoint?: boolean
  /** On the first shot of a video: its first shown moment, as decoded. */
  readonly shownFromSeconds?: number
  /** On the last shot: the last shown moment, and what the file claims when it was cut off before. */
  readonly ending?: { readonly shownToSeconds: number; readonly cutOffFromSeconds?: number | undefined }
}

/** `durationSeconds` is 0 when the container does not say. */
export type VideoInfo = { readonly probe: unknown; readonly durationSeconds: number }
export type VideoRefusal = { readonly reason: string; readonly sentence: string }

/** A video that was read whole. */
export type ReadVideo = {
  /** Place of its path among those that were asked for. */
  readonly index: number
  readonly info: VideoInfo
  readonly shots: readonly ReadShot[]
}

/** The square pictures that an encoder takes, and how others become such; null: as `main/media` does it by itself. */
export type FrameSize = { readonly imageSize: number; readonly imageFit: FrameFit | null }

/** Reads one video in one decode. Shots come in order of time, each once its frames are complete. */
export interface VideoReader {
  /** Reads what can be read several at a time; all that it leaves out is read with `probe` and `shots`. */
  together?(paths: readonly string[], options: FrameSize & { signal: AbortSignal }): AsyncIterable<ReadVideo>
  /** Resolves with a refusal (never throws one) for a file that is no usable video. */
  probe(path: string, signal: AbortSignal): Promise<VideoInfo | { readonly refusal: VideoRefusal }>
  /** @throws RefusedVideo when the decode shows that the file cannot be used */
  shots(
    path: string,
    info: VideoInfo,
    options: FrameSize & { /** Default: from the start. */ fromSeconds?: number | undefined; signal: AbortSignal },
  ): AsyncIterable<ReadShot>
  /** Versions of ffmpeg and ffprobe in one sentence. @throws AppError `media.toolMissing` */
  version(signal: AbortSignal): Promise<string>
}

/** Thrown by a reader half-way through a file. */
export class RefusedVideo extends Error {
  readonly refusal: VideoRefusal
  constructor(refusal: VideoRefusal) {
    super(refusal.sentence)
    this.name = 'RefusedVideo'
    this.refusal = refusal
  }
}

/** What a player must know of a file: null when it cannot be read as a video. */
export type PlayableFile = {
  /** Why players cannot show it, in words such as `ProRes video`; null when they can. */
  readonly obstacle: string | null
  readonly durationSeconds: number
  /** As the media tools need it back. */
  readonly facts: unknown
}

/** What a window needs of ffmpeg beside indexing. Failures of the work are sentences, not errors. */
export interface MediaTools {
  inspect(path: string, signal: AbortSignal): Promise<PlayableFile | null>
  /** Seconds, ascending. */
  frameTimes(
    path: string,
    file: PlayableFile,
    stretch: { start: number; end: number },
    signal: AbortSignal,
  ): Promise<number[]>
  /** Extension of the files that `makePreview` writes. */
  readonly previewExtension: string
  makePreview(
    path: string,
    target: string,
    file: PlayableFile,
    options: { signal: AbortSignal; onFraction: (fraction: number) => void },
  ): Promise<string | null>
  clipExtension(path: string, mode: 'exact' | 'fast'): string
  cutClip(
    path: string,
    target: string,
    options: {
      start: number
      end: number
      mode: 'exact' | 'fast'
      durationSeconds?: number | null
      signal: AbortSignal
    },
  ): Promise<string | null>
  /** Pixels of a still picture [S, S, 3] uint8, or why it cannot be read. `path` is a file that the caller owns. */
  picture(path: string, size: FrameSize, signal: AbortSignal): Promise<Uint8Array | { readonly refusal: VideoRefusal }>
}
