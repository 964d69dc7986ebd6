/** How fast this computer reads videos, learnt from imports, for telling how long others will take. */
import type { Library, Video } from '../../../storage/index.ts'

const settingName = 'indexRate'
/** Shorter imports tell more about starting than about reading. */
const leastSeconds = 5

/** Seconds of video a second, on a machine of which nothing is known. */
const typicalIndexRate = 30

export function learnIndexRate(library: Library, videoSeconds: number, elapsedSeconds: number): void {
  if (elapsedSeconds >= leastSeconds && videoSeconds > 0)
    library.settings.set(settingName, videoSeconds / elapsedSeconds)
}

function knownIndexRate(library: Library): number | null {
  const rate = library.settings.get(settingName)
  return typeof rate === 'number' && Number.isFinite(rate) && rate > 0 ? rate : null
}

export type ReadingTime = {
  readonly seconds: number
  /** What reading rests on: imports on this computer, or a typical machine. */
  readonly from: 'earlierImports' | 'typical'
}

/** @param picturesPerSecond of the encoder that reads; null: not known, and then it is taken to be as fast as reading */
export function readingTime(
  library: Library,
  { frames, videoSeconds }: { readonly frames: number; readonly videoSeconds: number },
  picturesPerSecond: number | null,
): ReadingTime {
  const known = knownIndexRate(library)
  // Reading and encoding go on side by side, so that the slower of the two is what it takes.
  const encoding = picturesPerSecond === null ? 0 : frames / picturesPerSecond
  return {
    seconds: Math.max(encoding, videoSeconds / (known ?? typicalIndexRate)),
    from: known === null ? 'typical' : 'earlierImports',
  }
}

export function secondsOf(videos: readonly Pick<Video, 'durationSeconds'>[]): number {
  return videos.reduce((sum, { durationSeconds }) => sum + (durationSeconds ?? 0), 0)
}
