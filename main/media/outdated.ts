/** Whether a video that an older version of the app indexed must be read anew. Pure. */
import type { Probe } from './probe.ts'
import { tilingFault, type TiledShot } from './tiling.ts'

/** Older versions took the container's duration, which is a little longer than the pictures. */
const oldToleranceSeconds = 1.5

/**
 * True for colours that were taken as they were (HDR, wide, transparent, large without a matrix), for files in which
 * seeking lost pictures, and where shots do not reach to the end.
 *
 * @param probe what the probe says now, as the media service made it
 */
export function wasReadWrongly(probe: unknown, shots: readonly TiledShot[]): boolean {
  const { picture, isReadThrough, durationSeconds = 0 } = probe as Partial<Probe>
  if (picture !== undefined || isReadThrough === true) return true
  const lastSeconds = Math.max(shots.at(-1)?.endSeconds ?? 0, durationSeconds - oldToleranceSeconds)
  return tilingFault(shots, { firstSeconds: shots[0]?.startSeconds ?? 0, lastSeconds }) !== null
}
