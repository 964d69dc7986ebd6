/**
 * Two model versions on the held-out exemplars, which trained neither: each text searches the whole catalogue. Metrics
 * before and after with their intervals, and of the difference query by query; popular concepts apart from rare ones.
 */
import {
  AppError,
  type CallContext,
  type ComparisonBand,
  type Estimate,
  type MetricChange,
  type ProcedureOutput,
} from '../../contract/index.ts'
import type { Library } from '../../storage/index.ts'
import {
  bootstrapMean,
  frequencyOf,
  pairedDifference,
  rankingMetrics,
  type Interval,
  type QueryOutcome,
} from '../../training/index.ts'
import { nameOf } from '../models/index.ts'
import { scoreAll, type ReadyModel } from '../search/index.ts'
import type { FeatureEncoder } from '../shared/ports.ts'
import { gatherPairs, textFeatures } from './pairs.ts'

const bootstrapSeed = 1
const shownMoves = 20

/** Hands a ready model and what it reads with to its function, as `SearchIndexes.use` does. */
export type Use = <T>(work: (ready: ReadyModel, encoder: FeatureEncoder) => Promise<T>) => Promise<T>

/** @param parts.encoderId of the encoder that both versions were trained over */
export async function compareModels(
  parts: {
    readonly library: Library
    readonly encoderId: string
    readonly before: Use
    readonly after: Use
  },
  { signal }: Pick<CallContext, 'signal'>,
): Promise<ProcedureOutput<'compare'>> {
  const { library, encoderId } = parts
  const { heldOut } = gatherPairs(library, encoderId, { keepSplit: false })
  if (heldOut.length < 2) {
    const message = 'There are too few held-out exemplars to compare models. Label some more pairs first.'
    throw new AppError('training.notEnough', message, { heldOut: heldOut.length })
  }
  const segments = library.segments.all()
  const columnOf = new Map(segments.map(({ id }, column) => [id, column]))
  // Exemplars of one concept and text are right for each other: their shots show the same thing.
  const relevant = heldOut.map(({ text, concept }) =>
    heldOut.flatMap((other) => {
      const isSame = other.concept === concept && other.text.toLowerCase() === text.toLowerCase()
      const column = isSame ? columnOf.get(other.segmentId) : undefined
      return column === undefined ? [] : [column]
    }),
  )
  const outcomesOf = async (
    { tower, index, model }: ReadyModel,
    encoder: FeatureEncoder,
  ): Promise<{ name: string; outcomes: QueryOutcome[] }> => {
    const strings = heldOut.map(({ text }) => text)
    const queries = await tower.texts(await textFeatures(library, encoder, strings), strings)
    const scores = await scoreAll(index, queries, segments.length, signal, (id) => columnOf.get(id))
    return { name: nameOf(model), outcomes: rankingMetrics({ scores, relevant }).outcomes }
  }
  const before = await parts.before(outcomesOf)
  const after = await parts.after(outcomesOf)
  const frequencies = heldOut.map(({ segmentId }) => frequencyOf(clipsLike(library, segmentId)))
  const band = (wanted: 'popular' | 'mid' | 'rare'): ComparisonBand | null => {
    const isIn = ({ query }: QueryOutcome): boolean => frequencies[query] === wanted
    const members = before.outcomes.filter(isIn)
    return members.length === 0 ? null : changes(members, after.outcomes.filter(isIn))
  }
  const moved = before.outcomes
    .map(({ query, rank }, i) => ({
      text: heldOut[query]!.text,
      segment: heldOut[query]!.segmentId,
      rankBefore: rank,
      rankAfter: after.outcomes[i]!.rank,
    }))
    .filter(({ rankBefore, rankAfter }) => rankBefore !== rankAfter)
    .sort((a, b) => gain(b) - gain(a))
  return {
    ...{ before: before.name, after: after.name, segments: segments.length },
    overall: changes(before.outcomes, after.outcomes),
    byFrequency: { popular: band('popular'), mid: band('mid'), rare: band('rare') },
    moved: moved.length <= shownMoves ? moved : [...moved.slice(0, shownMoves / 2), ...moved.slice(-shownMoves / 2)],
  }
}

/** From rank 50 to 10 counts as from 5 to 1. */
function gain({ rankBefore, rankAfter }: { rankBefore: number; rankAfter: number }): number {
  return Math.log(rankBefore / rankAfter)
}

/** Shots of the catalogue whose video has the same category. */
function clipsLike(library: Library, segmentId: string): number {
  const videoId = library.segments.get(segmentId)?.videoId
  const category = videoId === undefined ? null : (library.videos.get(videoId)?.category ?? null)
  return category === null ? 0 : library.videoList.clipsOfCategory(category)
}

const valueOf = {
  'R@1': ({ rank }) => Number(rank <= 1),
  'R@5': ({ rank }) => Number(rank <= 5),
  'R@10': ({ rank }) => Number(rank <= 10),
  MAP: ({ averagePrecision }) => averagePrecision,
  'P@10': ({ precisionAt10 }) => precisionAt10,
} satisfies Partial<Record<keyof ComparisonBand, (outcome: QueryOutcome) => number>>

/** Outcomes of the same queries in the same order. */
function changes(before: readonly QueryOutcome[], after: readonly QueryOutcome[]): ComparisonBand {
  const change = (pick: (outcome: QueryOutcome) => number): MetricChange => {
    const [old, now] = [before.map(pick), after.map(pick)]
    const difference = pairedDifference(now, old, { seed: bootstrapSeed })
    return {
      before: estimate(bootstrapMean(old, { seed: bootstrapSeed }), old.length),
      after: estimate(bootstrapMean(now, { seed: bootstrapSeed }), now.length),
      difference: estimate(difference, now.length),
      isClear: now.length >= 2 && difference.isClear,
    }
  }
  return {
    queries: before.length,
    'R@1': change(valueOf['R@1']),
    'R@5': change(valueOf['R@5']),
    'R@10': change(valueOf['R@10']),
    MAP: change(valueOf.MAP),
    'P@10': change(valueOf['P@10']),
  }
}

function estimate({ mean, low, high }: Interval, count: number): Estimate {
  return { value: mean, low: count < 2 ? null : low, high: count < 2 ? null : high }
}
