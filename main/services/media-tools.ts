/** Fits main/media to what a window needs: players, previews, clips, pictures. */
import {
  clipExtension,
  cutClip,
  frameTimes,
  makePreview,
  obstacleToPlaying,
  playbackFacts,
  type FfmpegTools,
  type Media,
  type PlaybackFacts,
} from '../media/index.ts'
import type { MediaTools } from './ports.ts'

export function createMediaTools(media: Pick<Media, 'decodeImages'>, tools: FfmpegTools): MediaTools {
  return {
    async inspect(path, signal) {
      const facts = await playbackFacts(tools, path, { signal })
      if (facts === null) return null
      return { facts, obstacle: obstacleToPlaying(facts), durationSeconds: facts.durationSeconds }
    },
    frameTimes: (path, { facts }, stretch, signal) =>
      frameTimes(tools, path, facts as PlaybackFacts, stretch, { signal }),
    previewExtension: '.webm',
    makePreview: (path, target, { facts }, options) =>
      makePreview(tools, path, target, facts as PlaybackFacts, options),
    clipExtension,
    cutClip: (path, target, options) => cutClip(tools, path, target, options),
    async picture(path, size, signal) {
      for await (const image of media.decodeImages([path], { width: size, height: size, signal })) {
        return 'refusal' in image ? image : image.rgb
      }
      throw new Error('internal: one picture gives one result')
    },
  }
}
