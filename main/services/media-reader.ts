/** Fits main/media to what the indexing pipeline needs. */
import type { Media, Probe } from '../media/index.ts'
import { RefusedVideo, type VideoReader } from './ports.ts'

export function createMediaReader(media: Media): VideoReader {
  return {
    async *together(paths, { imageSize, imageFit, signal }) {
      for await (const { index, probe, shots } of media.readTogether(paths, { size: imageSize, fit: imageFit, signal })) {
        yield { index, info: { probe, durationSeconds: probe.durationSeconds }, shots }
      }
    },
    async probe(path, signal) {
      const probe = await media.probe(path, { signal })
      return 'refusal' in probe ? probe : { probe, durationSeconds: probe.durationSeconds }
    },
    async *shots(path, { probe }, { imageSize, imageFit, signal }) {
      for await (const shot of media.analyse(path, probe as Probe, { size: imageSize, fit: imageFit, signal })) {
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
