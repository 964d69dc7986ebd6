/** The media service: everything the rest of the engine may ask of ffmpeg and ffprobe. */
import { AppError } from '../contract/index.ts'
import { analyse, type AnalysedShot, type AnalyseOptions } from './analyse.ts'
import { cutClip, type Cut } from './cut-clip.ts'
import { decodeImages, type DecodedImage, type DecodeImagesOptions } from './decode-images.ts'
import { frameTimes } from './frame-times.ts'
import { makePreview, playbackFacts, type PlaybackFacts, type PreviewStep } from './playback.ts'
import { pictureGrid, type PictureGrid } from './picture-grid.ts'
import { probe, type Probe } from './probe.ts'
import { createReadTogether, type ReadTogetherOptions, type WholeVideo } from './read-together.ts'
import type { Refusal } from './refusals.ts'
import { thumbnail, type ThumbnailOptions } from './thumbnail.ts'
import { runTool } from './tool-process.ts'

export type MediaOptions = {
  /** Default: `ffmpeg` and `ffprobe` on the search path. */
  ffmpegPath?: string | undefined
  ffprobePath?: string | undefined
  /** A tool that gives nothing for this long is killed. Default 60 seconds. */
  timeoutMs?: number | undefined
  /** Threads of one decoder; the caller runs two or three videos at once. Default 1. */
  decoderThreads?: number | undefined
}

type Cancellable = { readonly signal?: AbortSignal | undefined }

export type Media = {
  /** What a file holds, or why it cannot be used. Throws only on abort and when ffprobe is missing. */
  probe(path: string, options?: { signal?: AbortSignal | undefined }): Promise<Probe | { refusal: Refusal }>
  /** Shots with their frames and posters, in one decode; a file without a picture yields one refusal. */
  analyse(path: string, probe: Probe, options: AnalyseOptions): AsyncIterable<AnalysedShot | { refusal: Refusal }>
  /**
   * Several short plain clips in one process, each with what `probe` and `analyse` give for it. All other files, and any
   * on which there is doubt, are left out without a word: read those with `probe` and `analyse`.
   */
  readTogether(paths: readonly string[], options: ReadTogetherOptions): AsyncGenerator<WholeVideo>
  /** Decodes still pictures in order, one result a path. */
  decodeImages(paths: readonly string[], options: DecodeImagesOptions): AsyncIterable<DecodedImage>
  /** A small JPEG, or null when there is no picture at that moment. */
  thumbnail(path: string, timeSeconds: number, options?: ThumbnailOptions): Promise<Uint8Array | null>
  /** Frames of a stretch, evenly spread, row by row as one JPEG; null when there is no picture in it. */
  pictureGrid(path: string, grid: PictureGrid, options?: Cancellable): Promise<Uint8Array | null>
  /** What a player must know of a file; null when it cannot be read as a video. */
  playbackFacts(path: string, options?: Cancellable): Promise<PlaybackFacts | null>
  /** Times of the frames within [start, end), seconds on the player's clock, ascending. */
  frameTimes(
    path: string,
    facts: PlaybackFacts,
    stretch: { readonly start: number; readonly end: number },
    options?: Cancellable,
  ): Promise<number[]>
  /** Writes a preview that every player shows; see `PreviewStep`. */
  makePreview(path: string, target: string, facts: PlaybackFacts, options?: Cancellable): AsyncIterable<PreviewStep>
  /** Writes a stretch as a file of its own. Null, or ffmpeg's last words when it could not. */
  cutClip(path: string, target: string, options: Cut & Cancellable): Promise<string | null>
  /** Version lines of both tools. @throws AppError `media.toolMissing` */
  versions(options?: { signal?: AbortSignal | undefined }): Promise<{ ffmpeg: string; ffprobe: string }>
}

/** Creates the service; nothing is started until it is asked for something. */
export function createMedia(options: MediaOptions = {}): Media {
  const { ffmpegPath = 'ffmpeg', ffprobePath = 'ffprobe', timeoutMs = 60_000, decoderThreads = 1 } = options
  const tools = { ffmpegPath, ffprobePath, timeoutMs, decoderThreads }

  const readTogether = createReadTogether(tools)

  const version = async (command: string, signal: AbortSignal | undefined): Promise<string> => {
    const run = await runTool(command, ['-version'], {
      signal,
      silenceTimeoutMs: timeoutMs,
      maxOutputBytes: 1024 * 1024,
    })
    const found = /version (\S+)/.exec(run.stdout.toString('utf8'))?.[1]
    if (!found) throw new AppError('media.toolMissing', `${command} does not work. Install ffmpeg again.`, { command })
    return found
  }
  return {
    probe: (path, { signal } = {}) => probe(ffprobePath, path, { signal, timeoutMs }),
    analyse: (path, info, analyseOptions) => analyse(tools, path, info, analyseOptions),
    readTogether,
    decodeImages: (paths, imageOptions) => decodeImages(ffmpegPath, paths, imageOptions),
    thumbnail: (path, timeSeconds, thumbnailOptions = {}) => thumbnail(tools, path, timeSeconds, thumbnailOptions),
    pictureGrid: (path, grid, options) => pictureGrid(tools, path, grid, options),
    playbackFacts: (path, options) => playbackFacts(tools, path, options),
    frameTimes: (path, facts, stretch, options) => frameTimes(tools, path, facts, stretch, options),
    makePreview: (path, target, facts, options) => makePreview(tools, path, target, facts, options),
    cutClip: (path, target, options) => cutClip(tools, path, target, options),
    versions: async ({ signal } = {}) => ({
      ffmpeg: await version(ffmpegPath, signal),
      ffprobe: await version(ffprobePath, signal),
    }),
  }
}
