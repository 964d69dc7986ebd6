/**
 * Retrieval metrics of one model version on a query file. Shots are ranked by their embeddings alone: with the keyword
 * part, a model would be judged by descriptions that may be wrong.
 */
import type { CallContext, Estimate, ProcedureInput, ProcedureOutput, RetrievalMetrics } from '../../contract/index.ts'
import type { VectorIndex } from '../../search/index.ts'
import type { Library, ModelVersion, SegmentWithPath } from '../../storage/index.ts'
import { bootstrapMean, frequencyOf, rankingMetrics, summarise, type QueryOutcome } from '../../training/index.ts'
import { findVideo } from '../library/index.ts'
import { nameOf, type Tower } from '../models/index.ts'
import type { FeatureEncoder } from '../shared/ports.ts'
import { embedCatalogue } from './embed.ts'
import { readQueries, type Query, type TimeRange } from './query-file.ts'
import { scoreAll } from './score-all.ts'

export type EvaluateParts = {
  readonly library: Library
  readonly encoder: FeatureEncoder
  readonly model: ModelVersion
  readonly openTower: (model: ModelVersion) => Promise<Tower>
  readonly openVectorIndex: (dim: number) => Promise<VectorIndex>
}

const bootstrapSeed = 1

/** @throws AppError `input.missing`, `input.invalid` */
export async function evaluateModel(
  { library, encoder, model, openTower, openVectorIndex }: EvaluateParts,
  { queries: path }: ProcedureInput<'evaluate'>,
  { signal }: CallContext,
): Promise<ProcedureOutput<'evaluate'>> {
  const queries = await readQueries(path)
  const { segmentIds, vectors, dim } = await embedCatalogue(library, encoder, model.id, () => openTower(model), signal)
  const strings = queries.map(({ text }) => text)
  const trunk = await encoder.encodeTexts(strings)
  const tower = await openTower(model)
  const texts = await tower.texts(trunk, strings).finally(() => tower.dispose())

  const segments = new Map(library.segments.all().map((segment) => [segment.id, segment]))
  const columns = segmentIds.map((id) => segments.get(id)!)
  const judged = judge(library, queries, columns, path)
  const index = await openVectorIndex(dim)
  index.replaceAll(
    segmentIds.map((_, column) => String(column)),
    vectors,
  )
  const scores = await scoreAll(index, texts, columns.length, signal).finally(() => index.dispose())
  const { outcomes, skipped } = rankingMetrics({ scores, ...judged })
  const frequencies = conceptCounts(queries, judged.relevant).map(frequencyOf)
  const band = (name: 'popular' | 'mid' | 'rare'): RetrievalMetrics | null => {
    const members = outcomes.filter(({ query }) => frequencies[query] === name)
    return members.length === 0 ? null : withIntervals(members)
  }
  const problems = [...judged.problems]
  if (skipped > 0)
    problems.push(`${skipped} of ${queries.length} queries have no right answer in this library and were left out.`)
  return {
    ...{ model: nameOf(model), segments: columns.length, overall: withIntervals(outcomes), problems },
    byFrequency: { popular: band('popular'), mid: band('mid'), rare: band('rare') },
  }
}

/** Which columns are right or uncertain for each query. A shot and a range mean the same when they share enough time. */
function judge(
  library: Library,
  queries: readonly Query[],
  columns: readonly SegmentWithPath[],
  path: string,
): { relevant: number[][]; uncertain: number[][]; problems: string[] } {
  const columnsOfVideo = new Map<string, number[]>()
  columns.forEach(({ videoId }, column) =>
    columnsOfVideo.set(videoId, [...(columnsOfVideo.get(videoId) ?? []), column]),
  )
  const videoIds = new Map<string, string | null>()
  const problems: string[] = []
  const videoOf = (file: string): string | null => {
    const known = videoIds.get(file)
    if (known !== undefined) return known
    const found = findVideo(library, file, path, 0)
    if ('problem' in found) problems.push(found.problem.message)
    const id = 'problem' in found ? null : found.video.id
    videoIds.set(file, id)
    return id
  }
  const columnsIn = (ranges: readonly TimeRange[]): Set<number> =>
    new Set(
      ranges.flatMap((range) => {
        const id = videoOf(range.file)
        return (id === null ? [] : (columnsOfVideo.get(id) ?? [])).filter((column) =>
          sameMoment(columns[column]!, range),
        )
      }),
    )
  const relevant = queries.map((query) => columnsIn(query.relevant))
  const uncertain = queries.map((query, i) =>
    [...columnsIn(query.uncertain)].filter((column) => !relevant[i]!.has(column)),
  )
  return { relevant: relevant.map((set) => [...set]), uncertain, problems }
}

/** True when the overlap is at least half of the shorter of the two. */
export function sameMoment(
  segment: { readonly startSeconds: number; readonly endSeconds: number },
  range: { readonly start: number; readonly end: number },
): boolean {
  const overlap = Math.min(segment.endSeconds, range.end) - Math.max(segment.startSeconds, range.start)
  const shorter = Math.min(segment.endSeconds - segment.startSeconds, range.end - range.start)
  return overlap > 0 && overlap >= shorter / 2
}

/** How often each query's concept occurs: the shots that are right for any query of the concept, else for the query. */
function conceptCounts(queries: readonly Query[], relevant: readonly (readonly number[])[]): number[] {
  const shots = new Map<string, Set<number>>()
  queries.forEach(({ concept }, i) => {
    if (concept !== null) shots.set(concept, new Set([...(shots.get(concept) ?? []), ...relevant[i]!]))
  })
  return queries.map(({ concept }, i) => (concept === null ? relevant[i]!.length : shots.get(concept)!.size))
}

function withIntervals(outcomes: readonly QueryOutcome[]): RetrievalMetrics {
  const summary = summarise(outcomes)
  const mean = (pick: (outcome: QueryOutcome) => number): Estimate => {
    const { mean: value, low, high } = bootstrapMean(outcomes.map(pick), { seed: bootstrapSeed })
    return { value: finite(value), low: outcomes.length < 2 ? null : low, high: outcomes.length < 2 ? null : high }
  }
  return {
    queries: outcomes.length,
    'R@1': mean(({ rank }) => Number(rank <= 1)),
    'R@5': mean(({ rank }) => Number(rank <= 5)),
    'R@10': mean(({ rank }) => Number(rank <= 10)),
    medianRank: { value: finite(summary.medianRank), low: null, high: null },
    meanRank: mean(({ rank }) => rank),
    MAP: mean(({ averagePrecision }) => averagePrecision),
    'P@10': mean(({ precisionAt10 }) => precisionAt10),
  }
}

/** JSON has no NaN; without any query the metric is 0 and `queries` says so. */
function finite(value: number): number {
  return Number.isFinite(value) ? value : 0
}
