/** Search: the query's embedding against every shot, joined with the words of titles and descriptions, as moments. */
import type { CallContext, Moment, ProcedureInput, ProcedureOutput } from '../contract/index.ts'
import {
  calibrate,
  fuseByScore,
  mergeMoments,
  type RankedHit,
  type SegmentHit,
  type VectorIndex,
} from '../search/index.ts'
import type { Library, ModelVersion, SegmentWithPath } from '../storage/index.ts'
import { embedCatalogue } from './embed.ts'
import { nameOf } from './model-versions.ts'
import type { FeatureEncoder, Tower } from './ports.ts'

export type SearchParts = {
  readonly library: Library
  readonly encoder: FeatureEncoder
  readonly model: ModelVersion
  readonly openTower: (model: ModelVersion) => Promise<Tower>
  readonly openVectorIndex: (dim: number) => Promise<VectorIndex>
  readonly now: () => number
}

/** Neighbouring shots become one moment when their scores are this close, in deviations. */
const mergeWithin = 1

const clearDeviations = 3

export async function searchMoments(
  { library, encoder, model, openTower, openVectorIndex, now }: SearchParts,
  { text, k }: ProcedureInput<'search'>,
  { signal }: Pick<CallContext, 'signal'>,
): Promise<ProcedureOutput<'search'>> {
  const startedMs = now()
  const embedded = await embedCatalogue(library, encoder, model.id, () => openTower(model), signal)
  const tower = await openTower(model)
  const query = await encoder
    .encodeTexts([text])
    .then((trunk) => tower.texts(trunk, 1))
    .finally(() => tower.dispose())
  const index = await openVectorIndex(embedded.dim)
  index.replaceAll(embedded.segmentIds, embedded.vectors)
  const wanted = Math.max(100, 10 * k)
  const [found] = await index.search(query, wanted, { signal }).finally(() => index.dispose())
  const moments = rank({
    vector: found?.hits ?? [],
    sample: found?.sample ?? new Float32Array(0),
    keyword: wordHits(library, text, wanted),
    segments: new Map(library.segments.all().map((segment) => [segment.id, segment])),
  }).slice(0, k)
  if (!library.readOnly) {
    library.searchLog.add({ query: text, modelId: model.id, hitCount: moments.length, tookMs: now() - startedMs })
  }
  return { query: text, model: nameOf(model), segmentsSearched: embedded.segmentIds.length, moments }
}

/** Every shot of the videos whose title or description has the words; the score is the share of the words found. */
function wordHits(library: Library, text: string, limit: number): RankedHit[] {
  return library.keywords
    .search(text, { limit })
    .flatMap(({ videoId, matchedTerms, termCount }) =>
      library.segments.ofVideo(videoId).map(({ id }) => ({ id, score: matchedTerms / Math.max(1, termCount) })),
    )
}

/**
 * Both lists as one, in deviations above the middle of the catalogue: words lift what they describe by at most one
 * deviation, so that a wrong description cannot carry its video past a clear sight of the thing.
 */
export function rank(lists: {
  readonly vector: readonly RankedHit[]
  /** The query's scores over the catalogue, ascending. */
  readonly sample: Float32Array
  readonly keyword: readonly RankedHit[]
  readonly segments: ReadonlyMap<string, SegmentWithPath>
}): Moment[] {
  const { vector, sample, keyword, segments } = lists
  const best = vector[0]?.score ?? 0
  const calibration = calibrate(sample, best)
  const lead = best - calibration.median
  // A catalogue whose scores are mostly equal has no spread to measure by; the best then counts as a clear match.
  const strengthOf = (score: number): number =>
    calibration.deviation > 0
      ? calibration.strengthOf(score)
      : lead > 0
        ? (clearDeviations * (score - calibration.median)) / lead
        : 0
  const cosines = new Map(vector.map(({ id, score }) => [id, score]))
  const spoken = new Set(keyword.map(({ id }) => id))
  const fused = fuseByScore({ vector: vector.map(({ id, score }) => ({ id, score: strengthOf(score) })), keyword })
  const hits = fused.flatMap(({ id, score }): SegmentHit[] => {
    const segment = segments.get(id)
    if (segment === undefined) return []
    return [{ id, file: segment.path, startSeconds: segment.startSeconds, endSeconds: segment.endSeconds, score }]
  })
  return mergeMoments(hits, { scoreDrop: mergeWithin }).map(({ file, startSeconds, endSeconds, score, best: shot }) => {
    const cosine = cosines.get(shot.id)
    const strength = cosine === undefined ? 'none' : calibration.classify(cosine)
    const seen = strength !== 'none' || !spoken.has(shot.id)
    return {
      ...{ file, start: startSeconds, end: endSeconds, score },
      match: strength === 'strong' ? 'strong' : 'weak',
      foundBy: [...(seen ? ['picture' as const] : []), ...(spoken.has(shot.id) ? ['words' as const] : [])],
    }
  })
}
