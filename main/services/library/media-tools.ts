/** Fits main/media to what a window needs: players, previews, clips, pictures. */
import { fitPicture } from '../../encoders/index.ts'
import { clipExtension, obstacleToPlaying, type Media, type PlaybackFacts } from '../../media/index.ts'
import type { MediaTools } from './ports.ts'

export function createMediaTools(media: Media): MediaTools {
  return {
    async inspect(path, signal) {
      const facts = await media.playbackFacts(path, { signal })
      if (facts === null) return null
      return { facts, obstacle: obstacleToPlaying(facts), durationSeconds: facts.durationSeconds }
    },
    frameTimes: (path, { facts }, stretch, signal) =>
      media.frameTimes(path, facts as PlaybackFacts, stretch, { signal }),
    previewExtension: '.webm',
    async makePreview(path, target, { facts }, { signal, onFraction }) {
      for await (const step of media.makePreview(path, target, facts as PlaybackFacts, { signal })) {
        if (typeof step !== 'number') return step.failure
        onFraction(step)
      }
      return null
    },
    clipExtension,
    cutClip: (path, target, options) => media.cutClip(path, target, options),
    async picture(path, { imageSize: size, imageFit: fit }, signal) {
      const wanted = fit === null ? { width: size, height: size, signal } : { isWhole: true as const, signal }
      for await (const image of media.decodeImages([path], wanted)) {
        if ('refusal' in image || fit === null) return 'refusal' in image ? image : image.rgb
        return fitPicture(image.rgb, image.width, image.height, size, fit)
      }
      throw new Error('internal: one picture gives one result')
    },
  }
}
