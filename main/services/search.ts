/** Search: the query's embedding against every shot, joined with the words of titles and descriptions, as moments. */
import type { CallContext, Moment, ProcedureInput, ProcedureOutput } from '../contract/index.ts'
import type { VectorIndex } from '../search/index.ts'
import type { Library, ModelVersion } from '../storage/index.ts'
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

export async function searchMoments(
  { library, encoder, model, openTower, openVectorIndex, now }: SearchParts,
  { text, k }: ProcedureInput<'search'>,
  { signal }: Pick<CallContext, 'signal'>,
): Promise<ProcedureOutput<'search'>> {
  const startedMs = now()
  const embedded = await embedCatalogue(library, encoder, model.id, () => openTower(model), signal)
  const { segmentIds, vectors, dim } = embedded
  const trunk = await encoder.encodeTexts([text])
  const tower = await openTower(model)
  const query = await tower.texts(trunk, 1).finally(() => tower.dispose())
  const index = await openVectorIndex(dim)
  index.replaceAll(segmentIds, vectors)
  const [found] = await index.search(query, Math.max(50, 5 * k), { signal }).finally(() => index.dispose())
  const segments = new Map(library.segments.all().map((segment) => [segment.id, segment]))
  const moments = (found?.hits ?? []).slice(0, k).map(({ id, score }): Moment => {
    const segment = segments.get(id)!
    return { file: segment.path, start: segment.startSeconds, end: segment.endSeconds, score, foundBy: ['picture'] }
  })
  if (!library.readOnly) {
    library.searchLog.add({ query: text, modelId: model.id, hitCount: moments.length, tookMs: now() - startedMs })
  }
  return { query: text, model: nameOf(model), segmentsSearched: segmentIds.length, moments }
}
