/** From segments that match to moments that a person can watch: touching segments of one file become one. Pure. */

export type SegmentHit = {
  readonly id: string
  readonly file: string
  readonly startSeconds: number
  readonly endSeconds: number
  readonly score: number
}

export type Moment = {
  readonly file: string
  readonly startSeconds: number
  readonly endSeconds: number
  /** The best of its segments. */
  readonly score: number
  /** The segment with that score: where to begin playing, which poster to show. */
  readonly best: SegmentHit
  /** In the order of time. */
  readonly segmentIds: readonly string[]
}

export type FileGroup = { readonly file: string; readonly score: number; readonly moments: readonly Moment[] }

export type MomentOptions = {
  /** Segments at most this far apart touch. Default 0.1: the rounding of times in files, less than three frames. */
  gapSeconds?: number
  /**
   * A neighbour joins only when its score is within this of the moment's best, so that a weak shot beside a strong one
   * does not blur the moment's borders. Default: no limit, for callers that pass matches of one strength only.
   */
  scoreDrop?: number
}

/** Merges touching or overlapping hits of the same file. Best moment first; equal scores by file and time. */
export function mergeMoments(hits: readonly SegmentHit[], options: MomentOptions = {}): Moment[] {
  const { gapSeconds = 0.1, scoreDrop = Infinity } = options
  const moments: Moment[] = []
  for (const own of groupBy(hits, (hit) => hit.file).values()) {
    let open: SegmentHit[] = []
    let bestScore = -Infinity
    let endSeconds = -Infinity
    const close = (): void => {
      if (open.length > 0) moments.push(momentOf(open))
      open = []
      bestScore = endSeconds = -Infinity
    }
    for (const hit of [...own].sort((a, b) => a.startSeconds - b.startSeconds || a.endSeconds - b.endSeconds)) {
      const lowest = open.reduce((low, segment) => Math.min(low, segment.score), Infinity)
      const isNear = hit.startSeconds <= endSeconds + gapSeconds
      const isAlike = Math.max(bestScore, hit.score) - Math.min(lowest, hit.score) <= scoreDrop
      if (!isNear || !isAlike) close()
      open.push(hit)
      bestScore = Math.max(bestScore, hit.score)
      endSeconds = Math.max(endSeconds, hit.endSeconds)
    }
    close()
  }
  return moments.sort(
    (a, b) => b.score - a.score || (a.file < b.file ? -1 : a.file > b.file ? 1 : a.startSeconds - b.startSeconds),
  )
}

function momentOf(segments: readonly SegmentHit[]): Moment {
  const best = segments.reduce((top, segment) => (segment.score > top.score ? segment : top))
  return {
    file: best.file,
    startSeconds: Math.min(...segments.map((segment) => segment.startSeconds)),
    endSeconds: Math.max(...segments.map((segment) => segment.endSeconds)),
    score: best.score,
    best,
    segmentIds: segments.map((segment) => segment.id),
  }
}

/** Moments by file, the file with the best moment first. `moments` are best first, as mergeMoments gives them. */
export function groupByFile(moments: readonly Moment[]): FileGroup[] {
  return [...groupBy(moments, (moment) => moment.file)].map(([file, own]) => ({
    file,
    score: own[0]!.score,
    moments: own,
  }))
}

function groupBy<T>(values: readonly T[], keyOf: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const value of values) {
    const group = groups.get(keyOf(value))
    if (group === undefined) groups.set(keyOf(value), [value])
    else group.push(value)
  }
  return groups
}
