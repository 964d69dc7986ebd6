/** Questions about the footage: imported with their answers, asked, and measured. */
import type { Runtime } from '../../runtime/index.ts'
import type { CallContext, FeatureHandlers } from '../../contract/index.ts'
import type { News } from '../jobs/index.ts'
import type { WithReady } from '../search/index.ts'
import type { LibraryAccess } from '../shared/library-access.ts'
import { createAnswerers, type Answerer } from './answerer.ts'
import { ask } from './ask.ts'
import { evaluateQuestions } from './evaluate.ts'
import { trainInLibrary } from './train.ts'
import { importQuestions } from './import-questions.ts'

export { encodeQuestions, prepareAnswers, type Clips } from './answer-data.ts'
export { sameAnswer } from './understand.ts'

export type AnswersParts = {
  readonly access: LibraryAccess
  readonly news: News
  readonly withReady: WithReady
  readonly runtime: () => Promise<Runtime>
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export function createAnswers({ access, news, withReady, runtime, now }: AnswersParts): {
  readonly handlers: FeatureHandlers<'answers'>
  /** Frees what questions hold, before the library is closed. */
  clear(): Promise<void>
} {
  const answerers = createAnswerers(runtime)
  const withAnswerer = <T>(
    { signal }: Pick<CallContext, 'signal'>,
    use: (answerer: Answerer) => Promise<T>,
  ): Promise<T> => {
    const library = access.open('read')
    return withReady(library, 'active', signal, async (ready, encoder) =>
      use(await answerers.of(library, encoder, ready)),
    )
  }
  return {
    clear: () => answerers.clear(),
    handlers: {
      importQuestions: async (input, context) => {
        const result = await importQuestions(access.open('write'), input, context)
        news.changed('labels')
        return result
      },
      ask: async (input, context) => {
        return withAnswerer(context, (answerer) => ask(answerer, input, context, now))
      },
      evaluateQuestions: async (input, context) => {
        return withAnswerer(context, (answerer) => evaluateQuestions(answerer, input, context, now))
      },
      trainAnswers: async (input, context) => {
        access.open('write') // refused before anything is computed
        const result = await withAnswerer(context, async (answerer) =>
          trainInLibrary(answerer, await runtime(), input, context, now),
        )
        await answerers.clear()
        news.changed('models')
        return result
      },
    },
  }
}
