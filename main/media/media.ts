/** The media service: everything the rest of the engine may ask of ffmpeg and ffprobe. */
import { decodeImages, type DecodedImage, type DecodeImagesOptions } from './decode-images.ts'

export type MediaOptions = {
  /** Defaults to `ffmpeg` and `ffprobe` on the search path. */
  ffmpegPath?: string
  ffprobePath?: string
}

export type Media = {
  /** Decodes still pictures in order, one result a path. */
  decodeImages(paths: readonly string[], options: DecodeImagesOptions): AsyncIterable<DecodedImage>
}

/** Creates the service; nothing is started until it is asked for something. */
export function createMedia(options: MediaOptions = {}): Media {
  const ffmpegPath = options.ffmpegPath ?? 'ffmpeg'
  return {
    decodeImages: (paths, imageOptions) => decodeImages(ffmpegPath, paths, imageOptions),
  }
}
