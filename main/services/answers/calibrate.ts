/** Turns scores into probabilities, and probabilities into "sure" and "not sure", on pairs whose answers are trusted. Pure. */

export function sigmoid(z: number): number {
  return z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z))
}

/** Probabilities of options with the given scores; the lower the temperature, the surer. */
export function softmax(scores: readonly number[], temperature: number): number[] {
  const top = Math.max(...scores)
  const parts = scores.map((score) => Math.exp((score - top) / temperature))
  const total = parts.reduce((sum, part) => sum + part, 0)
  return parts.map((part) => part / total)
}

export type ChoiceCase = {
  readonly scores: readonly number[]
  /** Position of the right one. */ readonly right: number
}

const temperatureSteps = 60
const [coldest, hottest] = [0.003, 1]

/** The temperature under which the right options are likeliest, out of a ladder from 0.003 to 1. */
export function fitTemperature(cases: readonly ChoiceCase[]): number {
  let [best, bestLoss] = [coldest, Infinity]
  for (let step = 0; step < temperatureSteps; step++) {
    const temperature = coldest * (hottest / coldest) ** (step / (temperatureSteps - 1))
    let loss = 0
    for (const { scores, right } of cases) loss -= Math.log(Math.max(1e-12, softmax(scores, temperature)[right]!))
    if (loss < bestLoss) [best, bestLoss] = [temperature, loss]
  }
  return best
}

const fitSteps = 400
const fitRate = 0.5
/** Keeps the weights of a few separable pairs finite. */
const ridge = 0.02

/**
 * Weights [1 + F] of a logistic model: the bias first, then one a feature. Gradient descent on standardised features, so
 * it needs no matrix and cannot fail.
 */
export function fitLogistic(rows: readonly (readonly number[])[], labels: readonly boolean[]): number[] {
  const features = rows[0]!.length
  const mean = Array.from({ length: features }, (_, f) => average(rows.map((row) => row[f]!)))
  const spread = mean.map((m, f) => Math.sqrt(average(rows.map((row) => (row[f]! - m) ** 2))) || 1)
  const standard = rows.map((row) => row.map((value, f) => (value - mean[f]!) / spread[f]!))
  const weights = new Array<number>(features).fill(0)
  let bias = 0
  for (let step = 0; step < fitSteps; step++) {
    const gradient = weights.map((weight) => ridge * weight)
    let biasGradient = 0
    standard.forEach((row, i) => {
      const error = sigmoid(bias + dot(weights, row)) - Number(labels[i]!)
      biasGradient += error / rows.length
      row.forEach((value, f) => (gradient[f]! += (error * value) / rows.length))
    })
    bias -= fitRate * biasGradient
    gradient.forEach((slope, f) => (weights[f]! -= fitRate * slope))
  }
  const plain = weights.map((weight, f) => weight / spread[f]!)
  return [bias - dot(plain, mean), ...plain]
}

/** What a logistic model says of one row. */
export function logistic(weights: readonly number[], row: readonly number[]): number {
  return sigmoid(weights[0]! + dot(weights.slice(1), row))
}

/** How sure an answer was, and whether it was right. */
export type Outcome = { readonly sureness: number; readonly isRight: boolean }

export type CoveragePoint = { readonly coverage: number; readonly risk: number; readonly threshold: number }

/** Share of answers that are given, and how many of these are wrong, for every threshold; from the strictest on. */
export function riskCoverage(outcomes: readonly Outcome[]): CoveragePoint[] {
  const sorted = [...outcomes].sort((a, b) => b.sureness - a.sureness)
  const points: CoveragePoint[] = []
  let wrong = 0
  sorted.forEach(({ sureness, isRight }, i) => {
    if (!isRight) wrong += 1
    // Equally sure answers are given together.
    if (sorted[i + 1]?.sureness === sureness) return
    points.push({ coverage: (i + 1) / sorted.length, risk: wrong / (i + 1), threshold: sureness })
  })
  return points
}

/** At most `count` points of a curve at even distances, first and last included. */
export function thinCurve(points: readonly CoveragePoint[], count: number): CoveragePoint[] {
  if (points.length <= count) return [...points]
  return Array.from({ length: count }, (_, i) => points[Math.round((i * (points.length - 1)) / (count - 1))]!)
}

/** The lowest sureness from which on at most `risk` of the answers are wrong; the surest one's where none is low enough. */
export function surenessFor(outcomes: readonly Outcome[], risk: number): number {
  const points = riskCoverage(outcomes)
  return points.findLast((point) => point.risk <= risk)?.threshold ?? points[0]?.threshold ?? 0
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0)
}
