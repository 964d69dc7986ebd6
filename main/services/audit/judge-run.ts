/** What a run thought of each training pair. The verdict is a rule on its numbers that is shown beside it. */
import { AppError, type Objective, type Verdict } from '../../contract/index.ts'
import type { Library, Run, SegmentWithPath } from '../../storage/index.ts'
import { frequencyOf } from '../../training/index.ts'
import { hasWeights, objectiveOf, relativeWeights } from '../training/index.ts'

/** Percentiles: a pair whose loss is this high is hard, whose weight is this low has lost its influence. */
export const thresholds = { highLoss: 80, lowLoss: 20, lowWeight: 30, highWeight: 70, rareClips: 6 } as const

/**
 * Beyond these a text is suspect: so likely wrong, and with so little weight, relative to the average pair. Without weights
 * the doubt stands alone and must be greater.
 */
export const suspicion = { doubt: 0.5, weight: 0.7, doubtWithoutWeights: 0.8 } as const

const ruleOfOthers =
  `too easy: its loss is below ${100 - thresholds.lowLoss} % and its weight also low; ` +
  `rare and raised: fewer than ${thresholds.rareClips} clips show its kind of thing and its weight is above ${thresholds.highWeight} %.`

/** Of runs from before doubts were kept, and of those where too few pairs could be compared. */
const ruleByQuota =
  `suspect: its loss is above ${thresholds.highLoss} % of the pairs and its weight below that of ${100 - thresholds.lowWeight} %; ` +
  `${ruleOfOthers} A run without weights judges by loss alone.`

const meaningOfDoubt =
  'doubt is how likely a text is wrong: two bell curves over the loss of a pair before training and after it, one of clips ' +
  'beside texts of other videos, one fitted to the right pairs, together with the share of wrong ones; trusted pairs count as right. ' +
  'A text of several shots is as doubtful as beside the shot that it fits best.'

/** How the verdicts of a run follow from its numbers, in words. */
export function ruleOf({ hasDoubts, isWeighted }: { hasDoubts: boolean; isWeighted: boolean }): string {
  if (!hasDoubts) return ruleByQuota
  const suspect = isWeighted
    ? `suspect: its doubt is above ${suspicion.doubt} and its weight below ${suspicion.weight} of the average pair's`
    : `suspect: its doubt is above ${suspicion.doubtWithoutWeights} (this run has no weights)`
  return `${suspect}; ${meaningOfDoubt} ${ruleOfOthers}`
}

export type JudgedPair = {
  /** In the run. */
  readonly position: number
  readonly segment: SegmentWithPath
  readonly text: string
  readonly concept: string | null
  readonly conceptClips: number
  readonly loss: number
  /** Relative to the average pair: 1 is as much as that. */
  readonly weight: number
  /** As the weighting network gave it, 0..1. */
  readonly rawWeight: number
  /**
   * How likely its text is wrong, 0..1: the least over the shots of its video that have this text, because a text is of the
   * whole video, and who shows four products need not show each of them all the time. Null where that is not known.
   */
  readonly doubt: number | null
  /** Share of pairs with a lower value, 0..100. */
  readonly lossPercentile: number
  readonly weightPercentile: number
  readonly verdict: Verdict
}

export type JudgedRun = {
  readonly run: Run
  readonly objective: Objective
  /** The recorded epoch that is judged: the last. */
  readonly epoch: number
  readonly hasWeights: boolean
  readonly hasDoubts: boolean
  /** In words. */
  readonly rule: string
  /** [N] over all pairs of the run, those of videos that have left included. */
  readonly loss: Float32Array
  /** Relative to the average pair. */
  readonly weight: Float32Array
  /** In the order of the run; without pairs whose video has left the library and without those the epoch did not see. */
  readonly pairs: readonly JudgedPair[]
}

/**
 * @param choice id of a run or the beginning of one, or the name of a version; default: the newest finished run
 * @throws AppError `model.missing` when there is no such run or it has recorded nothing
 */
export function judgeRun(library: Library, choice: string | undefined): JudgedRun {
  const run = findRun(library, choice)
  const epoch = library.pairRecords.epochs(run.id).at(-1)
  const record = epoch === undefined ? undefined : library.pairRecords.read(run.id, epoch)
  if (epoch === undefined || record === undefined) {
    throw new AppError('model.missing', `Run ${run.id} has not finished an epoch yet.`, { run: run.id })
  }
  const { loss } = record
  const weight = relativeWeights(record.weight)
  const named = library.pairRecords.pairs(run.id)
  const lossPercentiles = percentiles(loss)
  const weightPercentiles = percentiles(weight)
  const isWeighted = hasWeights(record.weight)
  const segments = new Map(library.segments.all().map((segment) => [segment.id, segment]))
  const categories = new Map(library.videoList.kinds().map(({ id, category }) => [id, category || null]))
  const clips = new Map<string, number>()
  for (const { videoId } of segments.values()) {
    const concept = categories.get(videoId) ?? null
    if (concept !== null) clips.set(concept, (clips.get(concept) ?? 0) + 1)
  }
  const videoOf = ({ segmentId }: { segmentId: string | null }): string | undefined =>
    segmentId === null ? undefined : segments.get(segmentId)?.videoId
  const doubts = doubtsOfTexts(
    library.pairRecords.doubts(run.id),
    named.map((pair) => `${videoOf(pair) ?? ''} ${pair.text}`),
  )
  const pairs = named.flatMap(({ segmentId, text }, position): JudgedPair[] => {
    const segment = segmentId === null ? undefined : segments.get(segmentId)
    if (segment === undefined || Number.isNaN(loss[position]!)) return []
    const concept = categories.get(segment.videoId) ?? null
    const conceptClips = concept === null ? 0 : (clips.get(concept) ?? 0)
    const lossPercentile = lossPercentiles[position]!
    const weightPercentile = weightPercentiles[position]!
    const doubt = doubts?.[position] ?? null
    return [
      {
        ...{ position, segment, text, concept, conceptClips, loss: loss[position]!, weight: weight[position]! },
        ...{ rawWeight: record.weight[position]!, doubt, lossPercentile, weightPercentile },
        verdict: verdictOf(
          lossPercentile,
          isWeighted ? weightPercentile : null,
          concept === null ? null : conceptClips,
          doubt === null ? undefined : isDoubted(doubt, isWeighted ? weight[position]! : null),
        ),
      },
    ]
  })
  const hasDoubts = doubts !== undefined
  const rule = ruleOf({ hasDoubts, isWeighted })
  return { run, objective: objectiveOf(run), epoch, hasWeights: isWeighted, hasDoubts, rule, loss, weight, pairs }
}

/**
 * Doubts [N] of pairs as doubts of their texts: each the least among the pairs of one text of one video.
 * @param texts [N]: what is equal for these
 */
export function doubtsOfTexts(doubts: Float32Array | undefined, texts: readonly string[]): Float32Array | undefined {
  if (doubts === undefined) return undefined
  const least = new Map<string, number>()
  texts.forEach((text, i) => least.set(text, Math.min(least.get(text) ?? 1, doubts[i]!)))
  return Float32Array.from(texts, (text) => least.get(text)!)
}

/** Whether a text is suspect by how likely it is wrong. @param weight relative to the average pair; null: the run had none */
export function isDoubted(doubt: number, weight: number | null): boolean {
  return weight === null ? doubt > suspicion.doubtWithoutWeights : doubt > suspicion.doubt && weight < suspicion.weight
}

/**
 * A low weight alone is no reproach: very easy pairs weigh little too.
 * @param weightPercentile null: the run had no weights
 * @param conceptClips clips that show this kind of thing; null when the kind is not known
 * @param doubted as `isDoubted` says; left out where the run knows no doubts: then the hardest fifth are suspect
 */
export function verdictOf(
  lossPercentile: number,
  weightPercentile: number | null,
  conceptClips: number | null = null,
  doubted: boolean | undefined = undefined,
): Verdict {
  const { highLoss, lowLoss, lowWeight, highWeight } = thresholds
  const weighsLittle = weightPercentile === null || weightPercentile <= lowWeight
  if (doubted ?? (lossPercentile >= highLoss && weighsLittle)) return 'suspect'
  if (lossPercentile <= lowLoss && weightPercentile !== null && weighsLittle) return 'too easy'
  const isRare = conceptClips !== null && frequencyOf(conceptClips) === 'rare'
  return isRare && weightPercentile !== null && weightPercentile >= highWeight ? 'rare and raised' : 'ordinary'
}

/** Share of values that are lower, 0..100; ties share one percentile. */
export function percentiles(values: Float32Array): Float64Array {
  const sorted = values.slice().sort()
  const below = (value: number): number => {
    let low = 0
    let high = sorted.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (sorted[middle]! < value) low = middle + 1
      else high = middle
    }
    return low
  }
  return Float64Array.from(values, (value) => (100 * below(value)) / Math.max(1, values.length - 1))
}

const verdictOrder: Record<Verdict, number> = { suspect: 0, 'rare and raised': 1, ordinary: 2, 'too easy': 3 }

/** What wants looking at first: suspects, then by falling doubt. */
export function byVerdict(a: JudgedPair, b: JudgedPair): number {
  const byDoubt = a.verdict === 'suspect' ? (b.doubt ?? 0) - (a.doubt ?? 0) : 0
  return verdictOrder[a.verdict] - verdictOrder[b.verdict] || byDoubt || a.weight - b.weight || b.loss - a.loss
}

function findRun(library: Library, choice: string | undefined): Run {
  const runs = library.runs.all()
  const model = library.models.all().find(({ name }) => name === choice)
  const found =
    choice === undefined
      ? runs.find(({ state }) => state === 'finished')
      : (runs.find(({ id }) => id === choice || id === model?.runId) ??
        runs.find(({ id }) => choice.length >= 4 && id.startsWith(choice)))
  if (found !== undefined) return found
  const message =
    choice === undefined
      ? 'No training run has finished yet. Start one with mama train.'
      : `There is no run "${choice}". Leave --run out to see the newest, or name a model version.`
  throw new AppError('model.missing', message, { run: choice ?? '' })
}
