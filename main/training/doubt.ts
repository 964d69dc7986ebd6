/**
 * How likely the text of a pair is wrong, by what the model made of it before training and after: a mixture of two
 * Gaussians over both losses. What wrong pairs look like is known beforehand, from clips beside texts that are not theirs;
 * what right ones look like, and how many are wrong, is fitted. So a catalogue without wrong texts has no suspects, however
 * its losses are spread. Pure, but for the losses themselves, which run on the runtime.
 *
 * [Note: Losses after training on the same pairs] The prototype trained twice more, each time on half of the pairs, to see a
 * pair's loss under a model that had not learned it. Here the finished towers give the second loss. They have learned part of
 * the wrong texts too, so that fewer of these are found; what it spares is two more trainings.
 */
import { assert, createRandom } from '../base/index.ts'
import type { Runtime } from '../runtime/index.ts'
import {
  aboveMedian,
  contrastiveLosses,
  medianOf,
  pairTotals,
  type FrozenPairs,
  type PairTotals,
} from './start-losses.ts'

/** Losses of pairs in nats above the median, [N] each: before training and after. */
export type LossesTwice = { readonly before: Float32Array; readonly after: Float32Array }

/** What tells a clip beside a text of its own from one beside a text of another's. */
export type PairNames = { readonly concepts: readonly string[]; readonly strings: readonly string[] }

export type Doubt = {
  /** [N]: how likely each pair is wrong, 0..1. */
  readonly wrong: Float32Array
  /** Of all pairs, so large a share is wrong. */
  readonly share: number
}

/** Added to the variance of each loss, in nats^2, so that few or equal pairs make no needle of a component. */
const leastVariance = 0.05
const rounds = 60
/** The fit starts from so large a share of right pairs, those with the lowest sum of losses. */
const rightAtStart = 0.7
/** Beforehand: two of ten more pairs are wrong. */
const priorWrong = 2
const priorPairs = 10
/** Fewer mismatched pairs do not show what wrong ones look like. */
const fewestMismatched = 8

/**
 * @param mismatched losses of clips beside texts that are not theirs, less the same medians
 * @param trusted losses of pairs that are known to be right
 */
export function doubtOf(pairs: LossesTwice, mismatched: LossesTwice, trusted: LossesTwice): Doubt {
  const count = pairs.before.length
  const points = pointsOf(pairs)
  const known = pointsOf(trusted)
  const wrongOnes = pointsOf(mismatched)
  assert(wrongOnes.length > 1, `${wrongOnes.length} mismatched pairs show nothing`)
  const all = [...points, ...known]
  const wrongDensity = fitted(wrongOnes, new Float64Array(wrongOnes.length).fill(1), wrongOnes.length - 1)
  const atWrong = points.map(wrongDensity.logDensity)
  const sums = Float64Array.from(points, ([x, y]) => x + y)
  const highest = sums.slice().sort()[Math.ceil(rightAtStart * count) - 1] ?? 0
  const wrong = Float32Array.from(sums, (sum) => (sum > highest ? 1 : 0))
  let share = (total(wrong) + priorWrong) / (count + priorPairs)
  for (let round = 0; round < rounds; round++) {
    const weights = Float64Array.from(all, (_, i) => (i < count ? 1 - wrong[i]! : 1))
    const right = fitted(all, weights, total(weights))
    const odds = Math.log(share / (1 - share))
    points.forEach((point, i) => {
      // A Gaussian is as thin on the side of the easy pairs, which are no less right for that.
      const isEasier = point[0] <= right.mean[0] && point[1] <= right.mean[1]
      wrong[i] = isEasier ? 0 : 1 / (1 + Math.exp(right.logDensity(point) - atWrong[i]! - odds))
    })
    share = (total(wrong) + priorWrong) / (count + priorPairs)
  }
  return { wrong, share }
}

type Point = readonly [number, number]

function pointsOf({ before, after }: LossesTwice): Point[] {
  assert(before.length === after.length, `${before.length} losses before and ${after.length} after`)
  return Array.from(before, (value, i) => [value, after[i]!] as const)
}

/** A Gaussian over weighted points. @param divisor of the covariance */
function fitted(
  points: readonly Point[],
  weights: Float64Array,
  divisor: number,
): { readonly mean: Point; logDensity(point: Point): number } {
  const sum = total(weights) || 1
  let [x, y, xx, xy, yy] = [0, 0, 0, 0, 0]
  points.forEach((point, i) => {
    x += (weights[i]! * point[0]) / sum
    y += (weights[i]! * point[1]) / sum
  })
  points.forEach((point, i) => {
    const [dx, dy] = [point[0] - x, point[1] - y]
    xx += weights[i]! * dx * dx
    xy += weights[i]! * dx * dy
    yy += weights[i]! * dy * dy
  })
  const scale = 1 / Math.max(divisor, Number.MIN_VALUE)
  const [a, b, c] = [xx * scale + leastVariance, xy * scale, yy * scale + leastVariance]
  const determinant = a * c - b * b
  return {
    mean: [x, y],
    logDensity([px, py]) {
      const [dx, dy] = [px - x, py - y]
      // Both components lack the same constant.
      return -(c * dx * dx - 2 * b * dx * dy + a * dy * dy) / (2 * determinant) - Math.log(determinant) / 2
    },
  }
}

function total(values: Float32Array | Float64Array): number {
  let sum = 0
  for (const value of values) sum += value
  return sum
}

/**
 * Puts clips beside texts of another video and other wording: the row of the text by the row of the clip. A clip for which a
 * few draws found none is left out.
 */
export function mismatches({ concepts, strings }: PairNames, seed: number): Map<number, number> {
  const random = createRandom(seed).fork('mismatches')
  const folded = strings.map((text) => text.trim().toLowerCase())
  const partners = new Map<number, number>()
  for (let clip = 0; clip < strings.length; clip++) {
    for (let draw = 0; draw < 30; draw++) {
      const text = random.integer(strings.length)
      if (concepts[text] === concepts[clip] || folded[text] === folded[clip]) continue
      partners.set(clip, text)
      break
    }
  }
  return partners
}

export type DoubtSources = {
  readonly runtime: Runtime
  /** Embeddings of the pairs, then of the trusted pairs: before training, and of the finished towers. */
  readonly before: FrozenPairs
  readonly after: FrozenPairs
  /** D */
  readonly width: number
  /** Of the pairs alone, in their order. */
  readonly names: PairNames
  readonly seed: number
}

/**
 * How likely each pair is wrong; undefined where too few clips can be put beside a text of another's to know what that looks
 * like, as in a library of one video.
 * @throws AppError `runtime.failed`
 */
export async function pairDoubts(sources: DoubtSources): Promise<Doubt | undefined> {
  const { runtime, before, after, width, names, seed } = sources
  const count = names.strings.length
  const partners = mismatches(names, seed)
  if (partners.size < fewestMismatched) return undefined
  const losses = async (embeddings: FrozenPairs) => {
    const totals: PairTotals = await pairTotals(runtime, embeddings, width)
    const own = contrastiveLosses(embeddings, totals, width)
    const median = medianOf(own)
    return {
      own: aboveMedian(own, median),
      mismatched: aboveMedian(contrastiveLosses(embeddings, totals, width, partners), median),
    }
  }
  const [first, last] = [await losses(before), await losses(after)]
  const part = (from: number, to?: number): LossesTwice => ({
    before: first.own.subarray(from, to),
    after: last.own.subarray(from, to),
  })
  return doubtOf(part(0, count), { before: first.mismatched, after: last.mismatched }, part(count))
}
