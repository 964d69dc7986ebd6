/** What a run thought of each training pair. The verdict is a rule on percentiles that is shown beside it. */
import { AppError, type Objective, type Verdict } from '../../contract/index.ts'
import type { Library, Run, SegmentWithPath } from '../../storage/index.ts'
import { frequencyOf } from '../../training/index.ts'
import { hasWeights, objectiveOf } from '../training/index.ts'

/** Percentiles: a pair whose loss is this high is hard, whose weight is this low has lost its influence. */
export const thresholds = { highLoss: 80, lowLoss: 20, lowWeight: 30, highWeight: 70, rareClips: 6 } as const

export const auditRule =
  `suspect: its loss is above ${thresholds.highLoss} % of the pairs and its weight below that of ${100 - thresholds.lowWeight} %; ` +
  `too easy: its loss is below ${100 - thresholds.lowLoss} % and its weight also low; ` +
  `rare and raised: fewer than ${thresholds.rareClips} clips show its kind of thing and its weight is above ${thresholds.highWeight} %. ` +
  `A run without weights judges by loss alone.`

export type JudgedPair = {
  /** In the run. */
  readonly position: number
  readonly segment: SegmentWithPath
  readonly text: string
  readonly concept: string | null
  readonly conceptClips: number
  readonly loss: number
  readonly weight: number
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
  /** [N] over all pairs of the run, those of videos that have left included. */
  readonly loss: Float32Array
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
  const { loss, weight } = record
  const lossPercentiles = percentiles(loss)
  const weightPercentiles = percentiles(weight)
  const isWeighted = hasWeights(weight)
  const segments = new Map(library.segments.all().map((segment) => [segment.id, segment]))
  const categories = new Map(library.videoList.kinds().map(({ id, category }) => [id, category || null]))
  const clips = new Map<string, number>()
  for (const { videoId } of segments.values()) {
    const concept = categories.get(videoId) ?? null
    if (concept !== null) clips.set(concept, (clips.get(concept) ?? 0) + 1)
  }
  const pairs = library.pairRecords.pairs(run.id).flatMap(({ segmentId, text }, position): JudgedPair[] => {
    const segment = segmentId === null ? undefined : segments.get(segmentId)
    if (segment === undefined || Number.isNaN(loss[position]!)) return []
    const concept = categories.get(segment.videoId) ?? null
    const conceptClips = concept === null ? 0 : (clips.get(concept) ?? 0)
    const lossPercentile = lossPercentiles[position]!
    const weightPercentile = weightPercentiles[position]!
    return [
      {
        ...{ position, segment, text, concept, conceptClips, loss: loss[position]!, weight: weight[position]! },
        ...{ lossPercentile, weightPercentile },
        verdict: verdictOf(
          lossPercentile,
          isWeighted ? weightPercentile : null,
          concept === null ? null : conceptClips,
        ),
      },
    ]
  })
  return { run, objective: objectiveOf(run), epoch, hasWeights: isWeighted, loss, weight, pairs }
}

/**
 * A low weight alone is no reproach: very easy pairs weigh little too.
 * @param weightPercentile null: the run had no weights
 * @param conceptClips clips that show this kind of thing; null when the kind is not known
 */
export function verdictOf(
  lossPercentile: number,
  weightPercentile: number | null,
  conceptClips: number | null = null,
): Verdict {
  const { highLoss, lowLoss, lowWeight, highWeight } = thresholds
  const weighsLittle = weightPercentile === null || weightPercentile <= lowWeight
  if (lossPercentile >= highLoss && weighsLittle) return 'suspect'
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
  return verdictOrder[a.verdict] - verdictOrder[b.verdict] || a.weight - b.weight || b.loss - a.loss
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
