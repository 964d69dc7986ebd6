/** How sure a measured number is: resampled intervals over queries, mean and spread over seeds, and the AUC. Pure. */
import { assert, createRandom } from '../base/index.ts'

export type Interval = { mean: number; low: number; high: number }

export type BootstrapOptions = {
  seed: number
  /** How often the queries are drawn again, with replacement. Default 2000. */
  resamples?: number
  /** Share of the resampled means inside the interval. Default 0.95. */
  level?: number
}

/**
 * Percentile interval of the mean of `values` over queries. With several seeds, average each query over the seeds
 * first: the seeds of one query are not independent queries.
 */
export function bootstrapMean(values: ArrayLike<number>, options: BootstrapOptions): Interval {
  const { seed, resamples = 2000, level = 0.95 } = options
  const count = values.length
  if (count === 0) return { mean: NaN, low: NaN, high: NaN }
  assert(resamples > 0 && level > 0 && level < 1, `resamples ${resamples} and level ${level} are out of range`)
  const random = createRandom(seed)
  const means = new Float64Array(resamples)
  for (let resample = 0; resample < resamples; resample++) {
    let sum = 0
    for (let i = 0; i < count; i++) sum += values[random.integer(count)]!
    means[resample] = sum / count
  }
  means.sort()
  return { mean: meanOf(values), low: quantile(means, (1 - level) / 2), high: quantile(means, (1 + level) / 2) }
}

/**
 * Interval of mean(a - b) where `a[i]` and `b[i]` belong to the same query. Narrower than comparing two separate
 * intervals, because hard queries are hard for both. The difference is real when 0 is outside.
 */
export function pairedDifference(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  options: BootstrapOptions,
): Interval & { isClear: boolean } {
  assert(a.length === b.length, `paired arrays differ in length: ${a.length} and ${b.length}`)
  const interval = bootstrapMean(
    Float64Array.from(a, (value, index) => value - b[index]!),
    options,
  )
  return { ...interval, isClear: interval.low > 0 || interval.high < 0 }
}

/** Change of a mean that rounding of embeddings can make. */
const leastChange = 1e-6

/**
 * How likely the mean of `values` is above 0: the share of resampled means that are, those of about 0 counted half.
 * Default 2000 resamples.
 */
export function oddsAboveZero(values: readonly number[], { seed, resamples = 2000 }: BootstrapOptions): number {
  const count = values.length
  if (count === 0) return 0.5
  const random = createRandom(seed)
  let above = 0
  for (let resample = 0; resample < resamples; resample++) {
    let sum = 0
    for (let i = 0; i < count; i++) sum += values[random.integer(count)]!
    const mean = sum / count
    above += Math.abs(mean) <= leastChange ? 0.5 : mean > 0 ? 1 : 0
  }
  return above / resamples
}

/** Quantile of ascending values, linear between neighbours. */
export function quantile(sorted: ArrayLike<number>, fraction: number): number {
  if (sorted.length === 0) return NaN
  const position = fraction * (sorted.length - 1)
  const below = Math.floor(position)
  const low = sorted[below]!
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!
  return low + (high - low) * (position - below)
}

/** Mean, sample standard deviation (n - 1; 0 for a single value) and range, as over the seeds of a run. */
export function meanAndSpread(values: ArrayLike<number>): {
  mean: number
  spread: number
  minimum: number
  maximum: number
  count: number
} {
  const count = values.length
  const mean = meanOf(values)
  let squares = 0
  let minimum = count === 0 ? NaN : Infinity
  let maximum = count === 0 ? NaN : -Infinity
  for (let i = 0; i < count; i++) {
    squares += (values[i]! - mean) ** 2
    minimum = Math.min(minimum, values[i]!)
    maximum = Math.max(maximum, values[i]!)
  }
  return {
    mean,
    spread: count === 0 ? NaN : count === 1 ? 0 : Math.sqrt(squares / (count - 1)),
    minimum,
    maximum,
    count,
  }
}

/** Each query's mean over several runs (seeds). All runs must list the same queries. */
export function meanOverRuns(runs: readonly ArrayLike<number>[]): Float64Array {
  const first = runs[0]
  assert(first !== undefined, 'no runs to average')
  const means = new Float64Array(first.length)
  for (const run of runs) {
    assert(run.length === first.length, `runs differ in length: ${run.length} and ${first.length}`)
    for (let i = 0; i < run.length; i++) means[i]! += run[i]! / runs.length
  }
  return means
}

function meanOf(values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]!
  return sum / values.length
}

/**
 * Area under the ROC curve: the chance that a random value of `higher` exceeds one of `lower`, ties counted half.
 * 0.5 means no separation; NaN when either is empty. By ranks, O(n log n).
 */
export function areaUnderCurve(higher: ArrayLike<number>, lower: ArrayLike<number>): number {
  const total = higher.length + lower.length
  const valueAt = (index: number): number => (index < higher.length ? higher[index]! : lower[index - higher.length]!)
  const order = Array.from({ length: total }, (_, index) => index).sort((a, b) => valueAt(a) - valueAt(b))
  let rankSum = 0
  for (let start = 0; start < total;) {
    let end = start + 1
    while (end < total && valueAt(order[end]!) === valueAt(order[start]!)) end++
    const sharedRank = (start + 1 + end) / 2
    for (let i = start; i < end; i++) if (order[i]! < higher.length) rankSum += sharedRank
    start = end
  }
  return (rankSum - (higher.length * (higher.length + 1)) / 2) / (higher.length * lower.length)
}
