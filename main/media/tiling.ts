/**
 * The promise that no second of a video is lost: its shots lie one behind the other from its first shown moment to its
 * last. Pure; an import and the doctor check it on what was stored.
 */

export type TiledShot = { readonly startSeconds: number; readonly endSeconds: number }

/** What decoding says of a whole file, seconds on its clock. */
export type ShownExtent = { readonly firstSeconds: number; readonly lastSeconds: number }

/** Longest a frame is taken to last, where a gap of one frame is none. */
export const frameSeconds = 0.11
/** Shots meet exactly, up to rounding in the database. */
const roundingSeconds = 0.001

export type TilingFault = {
  readonly kind: 'none' | 'gap' | 'overlap' | 'start' | 'end'
  /** Seconds: where it is, and how much is missing or double. */
  readonly atSeconds: number
  readonly lengthSeconds: number
}

/** The first place where shots, in order, do not cover what is shown once and only once; null when they do. */
export function tilingFault(shots: readonly TiledShot[], shown: ShownExtent): TilingFault | null {
  const [first, last] = [shots[0], shots.at(-1)]
  const { firstSeconds, lastSeconds } = shown
  if (!first || !last) return { kind: 'none', atSeconds: firstSeconds, lengthSeconds: lastSeconds - firstSeconds }
  if (first.startSeconds > firstSeconds + frameSeconds) {
    return { kind: 'start', atSeconds: firstSeconds, lengthSeconds: first.startSeconds - firstSeconds }
  }
  for (const [i, shot] of shots.slice(1).entries()) {
    const step = shot.startSeconds - shots[i]!.endSeconds
    if (Math.abs(step) <= roundingSeconds) continue
    return { kind: step > 0 ? 'gap' : 'overlap', atSeconds: shots[i]!.endSeconds, lengthSeconds: Math.abs(step) }
  }
  const rest = Math.abs(lastSeconds - last.endSeconds)
  return rest > frameSeconds ? { kind: 'end', atSeconds: last.endSeconds, lengthSeconds: rest } : null
}

/** A fault in words that follow a file's name. */
export function tilingSentence({ kind, atSeconds, lengthSeconds }: TilingFault): string {
  const [at, length] = [atSeconds, lengthSeconds].map((seconds) => Number(seconds.toFixed(2)))
  if (kind === 'none') return 'has no moment in the index'
  if (kind === 'overlap') return `has ${length} s twice in the index, at ${at} s`
  return `lacks ${length} s in the index, from ${at} s`
}
