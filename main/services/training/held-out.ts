/**
 * How well a model finds exemplars, and whether that makes it better than another: the held-out exemplars, which neither
 * trained nor chose anything, decide whether a version is promoted.
 */
import { defined } from '../../base/index.ts'
import { pairedDifference, rankingMetrics, type Interval } from '../../training/index.ts'
import type { Tower } from '../models/index.ts'
import type { PairFeatures } from './ports.ts'

/**
 * For each judged exemplar the mean of two average precisions: finding its shot by its text and its text by its shot,
 * among all exemplars. Exemplars of one concept count as right for each other. Only exemplars are searched, since the
 * rest of the catalogue holds right answers that nobody has marked.
 *
 * @param others searched too, but not judged
 * @param dim D
 */
export async function scoreExemplars(
  tower: Pick<Tower, 'videos' | 'texts'>,
  dim: number,
  judged: PairFeatures,
  others?: PairFeatures,
): Promise<number[]> {
  const all = others === undefined ? judged : join(judged, others)
  const count = all.ids.length
  const videos = await tower.videos(all.frames, all.mask, count)
  const texts = await tower.texts(all.texts, all.strings, all.textSide)
  return averagePrecisions(texts, videos, dim, all.concepts).slice(0, judged.ids.length)
}

/** Both directions averaged, one number a row. @param texts [N, D] unit rows @param videos [N, D] unit rows */
export function averagePrecisions(
  texts: Float32Array,
  videos: Float32Array,
  dim: number,
  concepts: readonly string[],
): number[] {
  const relevant = concepts.map((concept) => concepts.flatMap((other, i) => (other === concept ? [i] : [])))
  const outcomes = (scores: Float32Array): number[] =>
    rankingMetrics({ scores, relevant }).outcomes.map(({ averagePrecision }) => averagePrecision)
  const forth = outcomes(cosines(texts, videos, dim))
  const back = outcomes(cosines(videos, texts, dim))
  return forth.map((value, i) => (value + back[i]!) / 2)
}

export type PromotionVerdict = {
  readonly promoted: boolean
  /** Mean gain of an exemplar, with the interval that 90 % of the resampled means lie in. */
  readonly gain: Interval
}

/**
 * Promotes when the mean gain is above 0 in more than three of four resamples of the exemplars. A promotion can be
 * taken back, so it asks for good odds, not for proof, which a dozen exemplars can hardly give.
 *
 * @param before score of each held-out exemplar under the active model
 * @param after the same exemplars under the new one
 */
export function judgePromotion(before: readonly number[], after: readonly number[]): PromotionVerdict {
  const seed = 1
  const odds = pairedDifference(after, before, { seed, level: 0.5 }) // a quarter of the means lies below `low`
  return { promoted: odds.low > leastGain, gain: pairedDifference(after, before, { seed, level: 0.9 }) }
}

/** Rounding of embeddings can look like a gain of this size. */
const leastGain = 1e-6

/** Products of all rows of `a` [Q, D] with all rows of `b` [N, D]: [Q, N]. */
export function cosines(a: Float32Array, b: Float32Array, dim: number): Float32Array {
  const rows = a.length / dim
  const columns = b.length / dim
  const scores = new Float32Array(rows * columns)
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      let sum = 0
      for (let d = 0; d < dim; d++) sum += a[i * dim + d]! * b[j * dim + d]!
      scores[i * columns + j] = sum
    }
  }
  return scores
}

function join(a: PairFeatures, b: PairFeatures): PairFeatures {
  const both = (left: Float32Array, right: Float32Array): Float32Array => {
    const out = new Float32Array(left.length + right.length)
    out.set(left)
    out.set(right, left.length)
    return out
  }
  return {
    ids: [...a.ids, ...b.ids],
    strings: [...a.strings, ...b.strings],
    frames: both(a.frames, b.frames),
    mask: both(a.mask, b.mask),
    texts: both(a.texts, b.texts),
    ...(a.textSide && {
      textSide: Object.fromEntries(
        Object.entries(a.textSide).map(([name, values]) => [name, both(values, defined(b.textSide?.[name], name))]),
      ),
    }),
    concepts: [...a.concepts, ...b.concepts],
  }
}
