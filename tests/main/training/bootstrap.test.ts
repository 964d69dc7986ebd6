import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../main/base/index.ts'
import {
  areaUnderCurve,
  bootstrapMean,
  meanAndSpread,
  meanOverRuns,
  oddsAboveZero,
  pairedDifference,
  quantile,
} from '../../../main/training/bootstrap.ts'

describe('bootstrap', () => {
  it('the same seed gives the same interval, another seed another', () => {
    const values = [0, 1, 1, 0, 1, 0.5]
    expect(bootstrapMean(values, { seed: 1 })).toEqual(bootstrapMean(values, { seed: 1 }))
    expect(bootstrapMean(values, { seed: 1, resamples: 31 })).not.toEqual(
      bootstrapMean(values, { seed: 2, resamples: 31 }),
    )
  })

  it('equal values have an interval of no width', () => {
    expect(bootstrapMean([0.5, 0.5, 0.5], { seed: 3 })).toEqual({ mean: 0.5, low: 0.5, high: 0.5 })
  })

  it('no values have no interval', () => {
    expect(bootstrapMean([], { seed: 3 })).toEqual({ mean: NaN, low: NaN, high: NaN })
  })

  it('is close to the normal interval for many values', () => {
    // 400 standard normals: half width 1.96 / 20 = 0.098; resampling and sampling noise stay within a fifth of that
    const random = createRandom(7)
    const values = Array.from({ length: 400 }, () => random.normal())
    const { mean, low, high } = bootstrapMean(values, { seed: 11, resamples: 4000 })
    expect(high - mean).toBeGreaterThan(0.078)
    expect(high - mean).toBeLessThan(0.118)
    expect(mean - low).toBeGreaterThan(0.078)
    expect(mean - low).toBeLessThan(0.118)
  })

  it('a constant gain is clear in pairs though the queries differ widely', () => {
    const random = createRandom(9)
    const base = Array.from({ length: 30 }, () => random.uniform())
    const better = base.map((value) => value + 0.01)
    const difference = pairedDifference(better, base, { seed: 1 })
    expect(difference.isClear).toBe(true)
    expect(difference.mean).toBeCloseTo(0.01, 12)
    expect(bootstrapMean(better, { seed: 1 }).low).toBeLessThan(bootstrapMean(base, { seed: 1 }).high)
  })

  it('differences that cancel are not clear', () => {
    expect(pairedDifference([1, 0, 1, 0], [0, 1, 0, 1], { seed: 1 }).isClear).toBe(false)
  })

  it('quantiles are linear between neighbours', () => {
    expect(quantile([10, 20, 30, 40], 0.5)).toBe(25)
    expect(quantile([10, 20, 30, 40], 1)).toBe(40)
  })
})

describe('seeds', () => {
  it('the spread is the sample standard deviation', () => {
    expect(meanAndSpread([1, 2, 3, 4])).toEqual({
      mean: 2.5,
      spread: Math.sqrt(5 / 3),
      minimum: 1,
      maximum: 4,
      count: 4,
    })
    expect(meanAndSpread([7])).toMatchObject({ mean: 7, spread: 0 })
  })

  it('runs are averaged query by query', () => {
    expect([
      ...meanOverRuns([
        [0, 1],
        [1, 1],
      ]),
    ]).toEqual([0.5, 1])
    expect(() => meanOverRuns([[0], [1, 1]])).toThrow('runs differ')
  })
})

describe('area under the curve', () => {
  it('is 1 when separated, 0 when reversed, one half when equal', () => {
    expect(areaUnderCurve([3, 4], [1, 2])).toBe(1)
    expect(areaUnderCurve([1, 2], [3, 4])).toBe(0)
    expect(areaUnderCurve([1, 1], [1])).toBe(0.5)
  })

  it('equals the count over all pairs', () => {
    const random = createRandom(2)
    const higher = Array.from({ length: 30 }, () => random.integer(12))
    const lower = Array.from({ length: 20 }, () => random.integer(10))
    let wins = 0
    for (const a of higher) for (const b of lower) wins += a > b ? 1 : a === b ? 0.5 : 0
    expect(areaUnderCurve(higher, lower)).toBeCloseTo(wins / 600, 12)
  })
})

describe('the odds that a mean is above 0', () => {
  it('are those of a normal mean', () => {
    const random = createRandom(5)
    const values = Array.from({ length: 400 }, () => random.normal() + 0.05)
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    // Standard error 1 / 20: a mean of one error above 0 has odds of 0.84.
    const errors = 20 * mean
    const expected = 1 / (1 + Math.exp(-1.702 * errors)) // the logistic curve is within 0.01 of the normal one
    expect(Math.abs(oddsAboveZero(values, { seed: 1 }) - expected)).toBeLessThan(0.05)
  })

  it('are even where nothing changed, or by rounding only, or where there is nothing', () => {
    expect(oddsAboveZero([0, 0, 0], { seed: 1 })).toBe(0.5)
    expect(oddsAboveZero([1e-9, 1e-9], { seed: 1 })).toBe(0.5)
    expect(oddsAboveZero([], { seed: 1 })).toBe(0.5)
  })
})
