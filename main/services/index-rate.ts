/** How fast this computer reads videos, learnt from imports, for telling how long others will take. */
import type { Library } from '../storage/index.ts'

const settingName = 'indexRate'
/** Shorter imports tell more about starting than about reading. */
const leastSeconds = 5

/** Seconds of video a second, on a machine of which nothing is known. */
export const typicalIndexRate = 30

export function learnIndexRate(library: Library, videoSeconds: number, elapsedSeconds: number): void {
  if (elapsedSeconds >= leastSeconds && videoSeconds > 0)
    library.settings.set(settingName, videoSeconds / elapsedSeconds)
}

export function knownIndexRate(library: Library): number | null {
  const rate = library.settings.get(settingName)
  return typeof rate === 'number' && Number.isFinite(rate) && rate > 0 ? rate : null
}
