/** Joins what the vectors found with what the words found into one ranking. Pure. */

export type RankedHit = { readonly id: string; readonly score: number }

/** A hit with its rank (from 1) in every list that had it, by the list's name. */
export type FusedHit = { readonly id: string; readonly score: number; readonly ranks: Readonly<Record<string, number>> }

export type RankedList = {
  /** Such as `vector` or `keyword`. */
  readonly name: string
  /** Best first. */
  readonly hits: readonly RankedHit[]
  /** Default 1. */
  readonly weight?: number
}

/**
 * Reciprocal rank fusion: score = sum over lists of weight / (constant + rank). Needs no comparable scores, so it suits
 * lists of different kinds (cosines, bm25); what both lists have near the top comes first. Equal hits share the rank of
 * the first of them: all shots of one video get the same keyword score, and their order there means nothing.
 *
 * @param constant how little the very top counts over the rest; 60 is the value of the method's authors
 *   (Cormack, Clarke and Buettcher, SIGIR 2009)
 */
export function fuseByRank(lists: readonly RankedList[], constant = 60): FusedHit[] {
  const fused = new Map<string, { score: number; ranks: Record<string, number> }>()
  for (const { name, hits, weight = 1 } of lists) {
    let rank = 0
    hits.forEach(({ id, score }, index) => {
      if (index === 0 || score !== hits[index - 1]!.score) rank = index + 1
      const entry = fused.get(id) ?? { score: 0, ranks: {} }
      if (entry.ranks[name] !== undefined) return
      entry.score += weight / (constant + rank)
      entry.ranks[name] = rank
      fused.set(id, entry)
    })
  }
  return sorted([...fused].map(([id, entry]) => ({ id, ...entry })))
}

export type ScoreFusionOptions = {
  /** Hits of the vectors, best first, with their scores in deviations (see calibration). */
  readonly vector: readonly RankedHit[]
  /** Hits of the words, best first; scores in 0..1, such as the share of the query's words that were found. */
  readonly keyword: readonly RankedHit[]
  /** How many deviations a complete keyword match is worth. Default 1. */
  readonly keywordWeight?: number
}

/**
 * Score fusion: deviations + keywordWeight x keyword score. Keeps the gaps between scores, which ranks throw away: a
 * description that is wrong (as many are) lifts its video a little, and cannot carry it past a clear sight of the thing.
 * A hit that only the words found starts from the lowest vector score listed (or 0 when there is none).
 */
export function fuseByScore({ vector, keyword, keywordWeight = 1 }: ScoreFusionOptions): FusedHit[] {
  const floor = vector.reduce((lowest, hit) => Math.min(lowest, hit.score), vector.length === 0 ? 0 : Infinity)
  const fused = new Map<string, { score: number; ranks: Record<string, number> }>()
  vector.forEach(({ id, score }, index) => fused.set(id, { score, ranks: { vector: index + 1 } }))
  keyword.forEach(({ id, score }, index) => {
    const entry = fused.get(id) ?? { score: floor, ranks: {} }
    entry.score += keywordWeight * score
    entry.ranks.keyword = index + 1
    fused.set(id, entry)
  })
  return sorted([...fused].map(([id, entry]) => ({ id, ...entry })))
}

/** Best first; equal scores by id, so that the same search always gives the same page. */
function sorted(hits: FusedHit[]): FusedHit[] {
  return hits.sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
}
