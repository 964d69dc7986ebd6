import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../main/base/index.ts'
import {
  averagePrecision,
  frequencyOf,
  medianRank,
  precisionAt,
  rankingMetrics,
  relevantRanks,
  summariseByFrequency,
} from '../../../main/training/metrics.ts'

type Expected = {
  ranks: number[]
  r_at_1: number
  r_at_5: number
  r_at_10: number
  median_rank: number
  mean_rank: number
}
type Fixture = { name: string; similarity: number[][]; target: number[]; pessimistic: Expected; optimistic: Expected }

const fixtures = (
  JSON.parse(readFileSync(new URL('../../fixtures/reference/metrics.json', import.meta.url), 'utf8')) as {
    cases: Fixture[]
  }
).cases

/** Slow twin: sorts the whole row with the tie rule as second key and reads the ranks off. */
function ranksBySorting(row: number[], relevant: number[], uncertain: number[], relevantFirst: boolean): number[] {
  const isRelevant = (column: number): boolean => relevant.includes(column)
  return row
    .map((_, column) => column)
    .filter((column) => isRelevant(column) || !uncertain.includes(column))
    .sort((a, b) => row[b]! - row[a]! || (Number(isRelevant(b)) - Number(isRelevant(a))) * (relevantFirst ? 1 : -1))
    .map((column, index) => (isRelevant(column) ? index + 1 : 0))
    .filter((rank) => rank > 0)
}

describe('reference cases', () => {
  for (const ties of ['pessimistic', 'optimistic'] as const) {
    it.each(fixtures)(`$name has the ${ties} ranks of the reference`, (fixture) => {
      const metrics = rankingMetrics({
        scores: Float32Array.from(fixture.similarity.flat()),
        relevant: fixture.target.map((column) => [column]),
        ties,
      })
      const expected = fixture[ties]
      expect(metrics.outcomes.map((outcome) => outcome.rank)).toEqual(expected.ranks)
      expect(metrics['R@1']).toBeCloseTo(expected.r_at_1, 12)
      expect(metrics['R@5']).toBeCloseTo(expected.r_at_5, 12)
      expect(metrics['R@10']).toBeCloseTo(expected.r_at_10, 12)
      expect(metrics.medianRank).toBe(expected.median_rank)
      expect(metrics.meanRank).toBeCloseTo(expected.mean_rank, 12)
    })
  }
})

describe('several relevant items', () => {
  it('ranks by counting equals ranks by sorting, with ties and uncertain items', () => {
    const random = createRandom(5)
    for (let round = 0; round < 200; round++) {
      const items = 1 + random.integer(20)
      const row = Array.from({ length: items }, () => random.integer(6) / 4)
      const columns = random.shuffled(row.map((_, column) => column))
      const relevant = columns.slice(0, random.integer(items + 1))
      const uncertain = columns.slice(relevant.length, relevant.length + random.integer(4))
      const scores = Float32Array.from(row)
      expect(relevantRanks(scores, relevant, uncertain)).toEqual(ranksBySorting(row, relevant, uncertain, false))
      expect(relevantRanks(scores, relevant, uncertain, 'optimistic')).toEqual(
        ranksBySorting(row, relevant, uncertain, true),
      )
    }
  })

  it('average precision of ranks 1, 3 and 6 is (1 + 2/3 + 3/6) / 3', () => {
    expect(averagePrecision([1, 3, 6])).toBeCloseTo((1 + 2 / 3 + 3 / 6) / 3, 12)
  })

  it('precision at 10 of three relevant items divides by three', () => {
    expect(precisionAt([1, 4, 12], 10)).toBeCloseTo(2 / 3, 12)
    expect(
      precisionAt(
        Array.from({ length: 20 }, (_, index) => 2 * index + 1),
        10,
      ),
    ).toBeCloseTo(5 / 10, 12)
  })

  it('an uncertain item ahead of the match does not push it down', () => {
    const scores = Float32Array.from([0.9, 0.8, 0.7])
    expect(relevantRanks(scores, [1], [0])).toEqual([1])
    expect(relevantRanks(scores, [1])).toEqual([2])
  })

  it('an item listed as both relevant and uncertain is relevant', () => {
    expect(relevantRanks(Float32Array.from([0.1, 0.9]), [0], [0, 1])).toEqual([1])
  })

  it('queries with nothing relevant are counted as skipped and change no mean', () => {
    const metrics = rankingMetrics({ scores: Float32Array.from([1, 2, 2, 1]), relevant: [[], [0]] })
    expect(metrics).toMatchObject({ queries: 1, skipped: 1, 'R@1': 1, medianRank: 1 })
    expect(metrics.outcomes[0]!.query).toBe(1)
  })

  it('a model that gives only NaN is last everywhere', () => {
    expect(relevantRanks(new Float32Array(4).fill(NaN), [2])).toEqual([4])
  })

  it('a column outside the row is a bug', () => {
    expect(() => relevantRanks(new Float32Array(3), [3])).toThrow('internal: relevant column 3')
  })
})

describe('by frequency', () => {
  it('bands begin at 30 and 6', () => {
    expect([30, 29, 6, 5, 0].map(frequencyOf)).toEqual(['popular', 'mid', 'mid', 'rare', 'rare'])
  })

  it('each query counts in its own band, and an empty band has no numbers', () => {
    const metrics = rankingMetrics({ scores: Float32Array.from([1, 2, 2, 1, 2, 1]), relevant: [[0], [0], [0]] })
    const bands = summariseByFrequency(metrics.outcomes, ['rare', 'popular', 'popular'])
    expect(bands.rare).toMatchObject({ queries: 1, 'R@1': 0, meanRank: 2, 'P@10': 1 })
    expect(bands.popular).toMatchObject({ queries: 2, 'R@1': 1 })
    expect(bands.mid.queries).toBe(0)
    expect(bands.mid['R@1']).toBeNaN()
  })

  it('the median of an even count is the mean of the middle two', () => {
    expect(medianRank([9, 1, 4, 2])).toBe(3)
  })
})
