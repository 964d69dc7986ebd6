/** Search: moments found by words or by pictures, remembered searches, how well a version finds, and results taken elsewhere. */
import type { FeatureHandlers } from '../../contract/index.ts'
import type { VectorIndex } from '../../search/index.ts'
import type { News } from '../jobs/index.ts'
import type { MediaTools } from '../library/index.ts'
import type { Models } from '../models/index.ts'
import type { LibraryAccess } from '../shared/library-access.ts'
import { clipFile, cutClips } from './cut-clips.ts'
import { evaluateModel } from './evaluate.ts'
import { exportMoments } from './export-moments.ts'
import { createSearchIndexes, type WithReady } from './search-index.ts'
import { editSearches, listSearches } from './search-memory.ts'
import { searchMoments, similarMoments } from './search.ts'

export { clipsDir } from './cut-clips.ts'
export { embedCatalogue } from './embed.ts'
export { sameMoment } from './evaluate.ts'
export { scoreAll } from './score-all.ts'
export { searchMoments, type SearchParts } from './search.ts'
export type { ReadyModel, WithReady } from './search-index.ts'

export type SearchFeatureParts = {
  readonly access: LibraryAccess
  readonly news: News
  readonly models: Pick<Models, 'choose' | 'openTower'>
  readonly mediaTools: MediaTools
  readonly openVectorIndex: (dim: number) => Promise<VectorIndex>
  /** Whether videos are being indexed now: then a search may miss the newest ones. */
  readonly isIndexing: () => boolean
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export function createSearch(parts: SearchFeatureParts): {
  readonly handlers: FeatureHandlers<'search'>
  readonly withReady: WithReady
  /** The file of a clip; null for an unknown id. */
  clip(clipId: string): string | null
  /** Frees what searches hold, before the library is closed. */
  clear(): Promise<void>
} {
  const { access, news, models, mediaTools, openVectorIndex, now } = parts
  const { view, change } = access
  const indexes = createSearchIndexes({
    ...{ openTower: models.openTower, openVectorIndex, now },
    mayLag: parts.isIndexing,
  })
  const withReady: WithReady = async (library, choice, signal, use) => {
    const { model, encoder } = await models.choose(library, choice)
    return indexes.use(library, encoder, model, signal, (ready) => use(ready, encoder))
  }

  return {
    handlers: {
      search: async (input, context) => {
        const library = access.open('read')
        return withReady(library, input.model, context.signal, (ready, encoder) =>
          searchMoments({ library, encoder, ready, now }, input, context),
        )
      },
      similar: async (input, context) => {
        const library = view()
        return withReady(library, input.model, context.signal, (ready, encoder) =>
          similarMoments({ library, encoder, ready, now }, mediaTools, input, context),
        )
      },
      searches: async (input) => listSearches(view(), input),
      editSearches: async (input) => {
        const result = editSearches(change(), input)
        news.changed('searches')
        return result
      },
      evaluate: async (input, context) => {
        const library = access.open('read')
        const { model, encoder } = await models.choose(library, input.model)
        const openTower = (version: typeof model) => models.openTower(library, version)
        return evaluateModel({ library, encoder, model, openTower, openVectorIndex }, input, context)
      },
      exportMoments: (input) => exportMoments(view(), input),
      cutClips: (input, context) => cutClips(view(), mediaTools, input, context, now),
    },
    withReady,
    clip: (clipId) => clipFile(view(), clipId),
    clear: () => indexes.clear(),
  }
}
