/**
 * How well a model finds exemplars, and whether that makes it better than another: the held-out exemplars, which neither
 * trained nor chose anything, decide whether a version is promoted.
 */
import { defined, wordsOf } from '../../base/index.ts'
import { meanAndSpread, oddsAboveZero, rankingMetrics } from '../../training/index.ts'
import type { Tower } from '../models/index.ts'
import type { PairFeatures } from './ports.ts'

export type ExemplarScore = {
  /** Mean of two average precisions: finding its shot by its text and its text by its shot. */
  readonly score: number
  /** Whether its text finds a right shot first. */
  readonly isFirst: boolean
}

/**
 * For each judged exemplar the mean of two average precisions: finding its shot by its text and its text by its shot,
 * among all exemplars. Exemplars of one concept count as right for each other; where no concept is known, those whose texts
 * share a telling word may show the same and count neither way. Only exemplars are searched, since the rest of the catalogue
 * holds right answers that nobody has marked.
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
  return (await rankExemplars(tower, dim, judged, others)).map(({ score }) => score)
}

/** As `scoreExemplars`, with whether its own text finds each first. */
export async function rankExemplars(
  tower: Pick<Tower, 'videos' | 'texts'>,
  dim: number,
  judged: PairFeatures,
  others?: PairFeatures,
): Promise<ExemplarScore[]> {
  const all = others === undefined ? judged : join(judged, others)
  const count = all.ids.length
  const videos = await tower.videos(all.frames, all.mask, count)
  const texts = await tower.texts(all.texts, all.strings, all.textSide)
  return rankBothWays(texts, videos, dim, all).slice(0, judged.ids.length)
}

/** One score a row. @param texts [N, D] unit rows @param videos [N, D] unit rows */
function rankBothWays(texts: Float32Array, videos: Float32Array, dim: number, names: ExemplarNames): ExemplarScore[] {
  const { concepts } = names
  const relevant = concepts.map((concept) => concepts.flatMap((other, i) => (other === concept ? [i] : [])))
  const uncertain = perhapsTheSame(names)
  const forth = rankingMetrics({ scores: cosines(texts, videos, dim), relevant, uncertain }).outcomes
  const back = rankingMetrics({ scores: cosines(videos, texts, dim), relevant, uncertain }).outcomes
  return forth.map(({ averagePrecision, rank }, i) => ({
    score: (averagePrecision + back[i]!.averagePrecision) / 2,
    isFirst: rank === 1,
  }))
}

type ExemplarNames = Pick<PairFeatures, 'concepts' | 'strings'>

/** A word of more exemplars than this share of them tells nothing apart. */
const tellingShare = 0.25

/**
 * For each exemplar those that may show the same: of another name, but one of the two has no concept but its own text, and a
 * telling word is in both.
 */
export function perhapsTheSame({ concepts, strings }: ExemplarNames): number[][] {
  const words = strings.map((text) => new Set(wordsOf(text)))
  const counts = new Map<string, number>()
  for (const word of words.flatMap((set) => [...set])) counts.set(word, (counts.get(word) ?? 0) + 1)
  const isTelling = (word: string): boolean => counts.get(word)! <= Math.max(2, strings.length * tellingShare)
  const isNamed = concepts.map((concept, i) => concept !== strings[i]!.toLowerCase())
  return words.map((own, i) =>
    words.flatMap((others, j) => {
      if (concepts[i] === concepts[j] || (isNamed[i] && isNamed[j])) return []
      return [...own].some((word) => others.has(word) && isTelling(word)) ? [j] : []
    }),
  )
}

/** How a version does beside the one in use; `open`: the exemplars do not tell, so the customer decides. */
export type PromotionVerdict = 'better' | 'worse' | 'open'

export type Judgement = {
  readonly verdict: PromotionVerdict
  /** How likely the version finds exemplars better, 0..1. */
  readonly odds: number
  /** Mean score before and after. */
  readonly scores: { readonly before: number; readonly after: number }
  /** Of so many held-out exemplars, those that their own text finds first, before and after. */
  readonly exemplars: number
  readonly first: { readonly before: number; readonly after: number }
  /** Where they do not tell: about so many more labels would, if theirs gain as these do. Null: decided, or out of reach. */
  readonly labelsToDecide: number | null
}

/** Above these odds a version is promoted; below what is left to 1 it is clearly worse. */
export const leastOdds = 0.75

/**
 * Two exemplars that were not measured, one of which gained and one lost so much: a handful of exemplars that happen to agree
 * is no proof.
 */
const doubtfulGains = [0.3, -0.3]

/**
 * Judges by the mean gain of an exemplar, with the odds that it is above 0 in a resample of them. A promotion can be taken
 * back, so it asks for good odds, not for proof, which a dozen exemplars can hardly give.
 *
 * @param before of each held-out exemplar under the active model
 * @param after the same exemplars under the new one
 */
export function judgePromotion(before: readonly ExemplarScore[], after: readonly ExemplarScore[]): Judgement {
  const gains = after.map(({ score }, i) => score - before[i]!.score)
  const odds = oddsAboveZero([...gains, ...doubtfulGains], { seed: 1 })
  const isOpen = odds <= leastOdds && odds >= 1 - leastOdds
  const meanOf = (scores: readonly ExemplarScore[]): number => meanAndSpread(scores.map(({ score }) => score)).mean
  const firstOf = (scores: readonly ExemplarScore[]): number => scores.filter(({ isFirst }) => isFirst).length
  return {
    verdict: odds > leastOdds ? 'better' : odds < 1 - leastOdds ? 'worse' : 'open',
    ...{ odds, exemplars: after.length },
    scores: { before: meanOf(before), after: meanOf(after) },
    first: { before: firstOf(before), after: firstOf(after) },
    labelsToDecide: isOpen ? labelsToDecide(gains) : null,
  }
}

/** Of labels, every second one is held out. */
const labelsPerHeldOut = 2
/** What is further away than this is a guess on a guess. */
const furthestLabels = 100
/** Of a normal distribution, so many spreads below its mean lies what `leastOdds` is above. */
const leastOddsSpreads = 0.6745

/**
 * How many more labels would decide, if the exemplars among them gain as these do: the mean gain of n exemplars must stand so
 * far out of its own spread as `leastOdds` asks. Rounded up to fives.
 */
export function labelsToDecide(gains: readonly number[]): number | null {
  const { mean } = meanAndSpread(gains)
  const { spread } = meanAndSpread([...gains, ...doubtfulGains])
  for (let more = 1; more * labelsPerHeldOut <= furthestLabels; more++) {
    const count = gains.length + more + doubtfulGains.length
    const expected = (Math.abs(mean) * (gains.length + more)) / count
    if (expected > (leastOddsSpreads * spread) / Math.sqrt(count)) return 5 * Math.ceil((more * labelsPerHeldOut) / 5)
  }
  return null
}

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
