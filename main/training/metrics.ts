/**
 * Retrieval metrics for queries with any number of relevant items. Pure functions over score arrays; ties, and scores
 * that are not numbers, always count against the model, so that a collapsed model cannot look good.
 */
import { assert } from '../base/index.ts'

/** `pessimistic` puts irrelevant items before relevant ones of the same score, `optimistic` behind them. */
export type TieRule = 'pessimistic' | 'optimistic'

export type RankingInput = {
  /** [Q, N] row-major: one row of scores a query, higher is better. */
  scores: Float32Array | Float64Array
  /** For each query the columns that are right. */
  relevant: readonly (readonly number[])[]
  /** For each query the columns that count neither way: they are taken out of the ranking. */
  uncertain?: readonly (readonly number[])[]
  ties?: TieRule
}

/** What one query achieved. */
export type QueryOutcome = {
  /** Index of the query. */
  query: number
  /** Rank of the best relevant item, counted from 1. */
  rank: number
  averagePrecision: number
  /** Share of the top 10 that is relevant, with min(10, relevant) as the denominator. */
  precisionAt10: number
  relevantCount: number
}

/** Means over queries; NaN where there was no query. */
export type MetricSummary = {
  queries: number
  'R@1': number
  'R@5': number
  'R@10': number
  medianRank: number
  meanRank: number
  meanAveragePrecision: number
  'P@10': number
}

export type RankingMetrics = MetricSummary & {
  /** Queries without any relevant item in the catalogue; they are left out of every mean. */
  skipped: number
  outcomes: QueryOutcome[]
}

/** How often a concept occurs in the customer's own data. */
export type Frequency = 'popular' | 'mid' | 'rare'

/**
 * Ranks (from 1, ascending) of the relevant items of one query among all items that are not uncertain.
 * The r-th relevant item, best first, stands at r plus the number of irrelevant items ahead of it, so only those are
 * counted: O(N log R) instead of sorting the row.
 *
 * @param scores [N]
 */
export function relevantRanks(
  scores: Float32Array | Float64Array,
  relevant: readonly number[],
  uncertain: readonly number[] = [],
  ties: TieRule = 'pessimistic',
): number[] {
  const role = new Uint8Array(scores.length) // 0 irrelevant, 1 relevant, 2 uncertain
  for (const column of uncertain) {
    assert(column >= 0 && column < scores.length, `uncertain column ${column} is outside [0, ${scores.length})`)
    role[column] = 2
  }
  for (const column of relevant) {
    assert(column >= 0 && column < scores.length, `relevant column ${column} is outside [0, ${scores.length})`)
    role[column] = 1
  }
  const targets: number[] = []
  for (let column = 0; column < scores.length; column++) {
    if (role[column] === 1) targets.push(worstIfNaN(scores[column]!, -Infinity))
  }
  targets.sort((a, b) => b - a)
  // ahead[r]: irrelevant items whose first target behind them is the r-th
  const ahead = new Uint32Array(targets.length + 1)
  for (let column = 0; column < scores.length; column++) {
    if (role[column] !== 0) continue
    const score = worstIfNaN(scores[column]!, Infinity)
    let low = 0
    let high = targets.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const isBehind = ties === 'pessimistic' ? targets[middle]! <= score : targets[middle]! < score
      if (isBehind) high = middle
      else low = middle + 1
    }
    ahead[low]! += 1
  }
  let irrelevantAhead = 0
  return targets.map((_, index) => {
    irrelevantAhead += ahead[index]!
    return index + 1 + irrelevantAhead
  })
}

function worstIfNaN(score: number, worst: number): number {
  return Number.isNaN(score) ? worst : score
}

/** Share of ranks that are at most `k`; NaN for no ranks. */
export function recallAt(ranks: readonly number[], k: number): number {
  return ranks.filter((rank) => rank <= k).length / ranks.length
}

/** Middle rank; of an even count the mean of the middle two. */
export function medianRank(ranks: readonly number[]): number {
  if (ranks.length === 0) return NaN
  const sorted = [...ranks].sort((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}

/** Mean over the relevant items of the precision at each one's rank. */
export function averagePrecision(ranks: readonly number[]): number {
  return ranks.reduce((sum, rank, index) => sum + (index + 1) / rank, 0) / ranks.length
}

/** Relevant items in the top `k` over min(k, relevant): 1 is reachable even where fewer than `k` are relevant. */
export function precisionAt(ranks: readonly number[], k: number): number {
  return ranks.filter((rank) => rank <= k).length / Math.min(k, ranks.length)
}

/** Means over queries. */
export function summarise(outcomes: readonly QueryOutcome[]): MetricSummary {
  const ranks = outcomes.map((outcome) => outcome.rank)
  const mean = (pick: (outcome: QueryOutcome) => number): number =>
    outcomes.reduce((sum, outcome) => sum + pick(outcome), 0) / outcomes.length
  return {
    queries: outcomes.length,
    'R@1': recallAt(ranks, 1),
    'R@5': recallAt(ranks, 5),
    'R@10': recallAt(ranks, 10),
    medianRank: medianRank(ranks),
    meanRank: mean((outcome) => outcome.rank),
    meanAveragePrecision: mean((outcome) => outcome.averagePrecision),
    'P@10': mean((outcome) => outcome.precisionAt10),
  }
}

/** All metrics of a score matrix [Q, N]. R@k counts a query as found when its best relevant item is in the top k. */
export function rankingMetrics({ scores, relevant, uncertain, ties }: RankingInput): RankingMetrics {
  const queries = relevant.length
  assert(
    queries === 0 ? scores.length === 0 : scores.length % queries === 0,
    `${scores.length} scores do not divide into ${queries} queries`,
  )
  assert(uncertain === undefined || uncertain.length === queries, 'uncertain must list one array a query')
  const items = queries === 0 ? 0 : scores.length / queries
  const outcomes: QueryOutcome[] = []
  for (let query = 0; query < queries; query++) {
    const row = scores.subarray(query * items, (query + 1) * items)
    const ranks = relevantRanks(row, relevant[query]!, uncertain?.[query], ties)
    if (ranks.length === 0) continue
    outcomes.push({
      query,
      rank: ranks[0]!,
      averagePrecision: averagePrecision(ranks),
      precisionAt10: precisionAt(ranks, 10),
      relevantCount: ranks.length,
    })
  }
  return { ...summarise(outcomes), skipped: queries - outcomes.length, outcomes }
}

/** Band of a concept that occurs `count` times: popular from 30, mid from 6, else rare. */
export function frequencyOf(count: number): Frequency {
  return count >= 30 ? 'popular' : count >= 6 ? 'mid' : 'rare'
}

/** The same means for each band. `frequencies` has one entry a query, in the order of the score rows. */
export function summariseByFrequency(
  outcomes: readonly QueryOutcome[],
  frequencies: readonly Frequency[],
): Record<Frequency, MetricSummary> {
  const band = (frequency: Frequency): MetricSummary =>
    summarise(outcomes.filter((outcome) => frequencies[outcome.query] === frequency))
  return { popular: band('popular'), mid: band('mid'), rare: band('rare') }
}
