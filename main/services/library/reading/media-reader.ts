/** Fits main/media to what the indexing pipeline needs. */
import type { FrameFit } from '../../../base/index.ts'
import type { AnalyseOptions, Media, Probe } from '../../../media/index.ts'
import { RefusedVideo, type VideoReader } from '../ports.ts'

/** Bytes of frames that one decoder may hold before it begins a new stretch of a long video. */
const mostStretchBytes = 150e6
/** As `main/media` samples all but the shortest videos. */
const samplesPerSecond = 4

/** Nothing for the built-in encoder: its features must stay what they are. */
function howToRead(size: number, fit: FrameFit | null): Pick<AnalyseOptions, 'fit' | 'byContent' | 'stretchSeconds'> {
  if (fit === null) return {}
  const seconds = Math.floor(mostStretchBytes / (samplesPerSecond * size * size * 3))
  return { fit, byContent: true, stretchSeconds: Math.min(120, Math.max(20, seconds)) }
}

export function createMediaReader(media: Media): VideoReader {
  return {
    async *together(paths, { imageSize, imageFit, signal }) {
      const options = { size: imageSize, fit: imageFit, byContent: imageFit !== null, signal }
      for await (const { index, probe, shots } of media.readTogether(paths, options)) {
        yield { index, info: { probe, durationSeconds: probe.durationSeconds }, shots }
      }
    },
    async probe(path, signal) {
      const probe = await media.probe(path, { signal })
      return 'refusal' in probe ? probe : { probe, durationSeconds: probe.durationSeconds }
    },
    async *shots(path, { probe }, { imageSize, imageFit, fromSeconds, signal }) {
      for await (const shot of media.analyse(path, probe as Probe, {
        size: imageSize,
        fromSeconds,
        signal,
        ...howToRead(imageSize, imageFit),
      })) {
        if ('refusal' in shot) throw new RefusedVideo(shot.refusal)
        yield shot
      }
    },
    async version(signal) {
      const { ffmpeg, ffprobe } = await media.versions({ signal })
      return ffmpeg === ffprobe ? `ffmpeg and ffprobe ${ffmpeg}` : `ffmpeg ${ffmpeg}, ffprobe ${ffprobe}`
    },
  }
}
