/** Labelling: what to label next and why, decisions that can be undone, and tables of exemplars. */
import type { FeatureHandlers } from '../../contract/index.ts'
import type { News } from '../jobs/index.ts'
import type { WithReady } from '../search/index.ts'
import type { LibraryAccess } from '../shared/library-access.ts'
import { performEdit, stepHistory } from './edit-labels.ts'
import { createAgreements, labelQueue, labelsPage } from './label-queue.ts'
import { labelMoments } from './label.ts'

export { labelMoments } from './label.ts'

export type LabellingParts = {
  readonly access: LibraryAccess
  readonly news: News
  readonly withReady: WithReady
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** A new unique id; letters, digits and dashes. */
  readonly newId: () => string
}

export function createLabelling({ access, news, withReady, now, newId }: LabellingParts): {
  readonly handlers: FeatureHandlers<'labelling'>
} {
  const { view, change } = access
  const agreements = createAgreements()
  const editing = () => ({ library: change(), newId, now })
  return {
    handlers: {
      label: async (input, context) => {
        const result = await labelMoments(access.open('write'), input, context)
        news.changed('videos', 'labels')
        return result
      },
      labelQueue: async (input, { signal }) => {
        const library = view()
        return withReady(library, 'active', signal, (ready, encoder) =>
          labelQueue({ library, encoder, ready, agreements }, input),
        )
      },
      edit: async (request) => {
        const outcome = performEdit(editing(), request)
        news.changed(request.action === 'describe' ? 'texts' : 'labels', 'videos')
        return outcome
      },
      history: async (input) => {
        const outcome = stepHistory(editing(), input)
        news.changed('texts', 'labels', 'videos')
        return outcome
      },
      labels: async (input) => labelsPage(view(), input),
    },
  }
}
