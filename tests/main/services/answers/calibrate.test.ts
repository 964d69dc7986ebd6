/** Probabilities from scores, and when an answer is sure enough. */
import { expect, test } from 'vitest'
import {
  fitLogistic,
  fitTemperature,
  logistic,
  riskCoverage,
  sigmoid,
  softmax,
  surenessFor,
  thinCurve,
} from '../../../../main/services/answers/calibrate.ts'

test('a temperature is as hot as the answers are often wrong', () => {
  const cases = (right: number) =>
    Array.from({ length: 20 }, (_, i) => ({ scores: [0.2, 0.1], right: i < right ? 0 : 1 }))
  const [sharp, soft] = [fitTemperature(cases(19)), fitTemperature(cases(12))]
  expect(sharp).toBeLessThan(soft)
  // The right temperature gives the right option the share of cases in which it is right.
  expect(softmax([0.2, 0.1], sharp)[0]).toBeCloseTo(0.95, 1)
  expect(softmax([0.2, 0.1], soft)[0]).toBeCloseTo(0.6, 1)
})

test('a logistic model finds where yes begins', () => {
  const rows = Array.from({ length: 40 }, (_, i) => [i / 40, Math.sin(i)])
  const weights = fitLogistic(
    rows,
    rows.map(([x]) => x! > 0.5),
  )
  expect(logistic(weights, [0.9, 0])).toBeGreaterThan(0.85)
  expect(logistic(weights, [0.1, 0])).toBeLessThan(0.15)
  expect(logistic(weights, [0.5, 0])).toBeCloseTo(0.5, 0)
})

test('probabilities stay finite for scores far apart', () => {
  expect(sigmoid(-1000)).toBe(0)
  expect(sigmoid(1000)).toBe(1)
  expect(softmax([1000, 0], 0.001)).toEqual([1, 0])
})

test('the risk-coverage curve goes from the surest answer to all of them', () => {
  const outcomes = [
    { sureness: 0.9, isRight: true },
    { sureness: 0.8, isRight: true },
    { sureness: 0.7, isRight: false },
    { sureness: 0.7, isRight: true },
    { sureness: 0.2, isRight: false },
  ]
  expect(riskCoverage(outcomes)).toEqual([
    { coverage: 0.2, risk: 0, threshold: 0.9 },
    { coverage: 0.4, risk: 0, threshold: 0.8 },
    { coverage: 0.8, risk: 0.25, threshold: 0.7 },
    { coverage: 1, risk: 0.4, threshold: 0.2 },
  ])
  expect(surenessFor(outcomes, 0.1)).toBe(0.8)
  expect(surenessFor(outcomes, 0.3)).toBe(0.7)
  expect(surenessFor([{ sureness: 0.6, isRight: false }], 0.1)).toBe(0.6)
  expect(thinCurve(riskCoverage(outcomes), 2).map(({ coverage }) => coverage)).toEqual([0.2, 1])
})
