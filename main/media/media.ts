/** The media service: everything the rest of the engine may ask of ffmpeg and ffprobe. */
import { AppError } from '../contract/index.ts'
import { analyse, type AnalysedShot, type AnalyseOptions } from './analyse.ts'
import { decodeImages, type DecodedImage, type DecodeImagesOptions } from './decode-images.ts'
import { probe, type Probe } from './probe.ts'
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

export type Media = {
  /** What a file holds, or why it cannot be used. Throws only on abort and when ffprobe is missing. */
  probe(path: string, options?: { signal?: AbortSignal | undefined }): Promise<Probe | { refusal: Refusal }>
  /** Shots with their frames and posters, in one decode; a file without a picture yields one refusal. */
  analyse(path: string, probe: Probe, options: AnalyseOptions): AsyncIterable<AnalysedShot | { refusal: Refusal }>
  /** Decodes still pictures in order, one result a path. */
  decodeImages(paths: readonly string[], options: DecodeImagesOptions): AsyncIterable<DecodedImage>
  /** A small JPEG, or null when there is no picture at that moment. */
  thumbnail(path: string, timeSeconds: number, options?: ThumbnailOptions): Promise<Uint8Array | null>
  /** Version lines of both tools. @throws AppError `media.toolMissing` */
  versions(options?: { signal?: AbortSignal | undefined }): Promise<{ ffmpeg: string; ffprobe: string }>
}

/** Creates the service; nothing is started until it is asked for something. */
export function createMedia(options: MediaOptions = {}): Media {
  const { ffmpegPath = 'ffmpeg', ffprobePath = 'ffprobe', timeoutMs = 60_000, decoderThreads = 1 } = options
  const tools = { ffmpegPath, timeoutMs, decoderThreads }

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
    decodeImages: (paths, imageOptions) => decodeImages(ffmpegPath, paths, imageOptions),
    thumbnail: (path, timeSeconds, thumbnailOptions = {}) => thumbnail(tools, path, timeSeconds, thumbnailOptions),
    versions: async ({ signal } = {}) => ({
      ffmpeg: await version(ffmpegPath, signal),
      ffprobe: await version(ffprobePath, signal),
    }),
  }
}
