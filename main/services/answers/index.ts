/** Questions about the footage: imported with their answers, asked, and measured. */
import type { CallContext, FeatureHandlers } from '../../contract/index.ts'
import type { News } from '../jobs/index.ts'
import type { WithReady } from '../search/index.ts'
import type { LibraryAccess } from '../shared/library-access.ts'
import { createAnswerers, type Answerer } from './answerer.ts'
import { ask, chooseModel } from './ask.ts'
import { evaluateQuestions } from './evaluate.ts'
import { importQuestions } from './import-questions.ts'

export { encodeQuestions, prepareAnswers, type Clips } from './answer-data.ts'
export { sameAnswer } from './understand.ts'

export type AnswersParts = {
  readonly access: LibraryAccess
  readonly news: News
  readonly withReady: WithReady
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export function createAnswers({ access, news, withReady, now }: AnswersParts): {
  readonly handlers: FeatureHandlers<'answers'>
} {
  const answerers = createAnswerers()
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
    handlers: {
      importQuestions: async (input, context) => {
        const result = await importQuestions(access.open('write'), input, context)
        news.changed('labels')
        return result
      },
      ask: async (input, context) => {
        chooseModel(input.model) // refused before anything is opened
        return withAnswerer(context, (answerer) => ask(answerer, input, context, now))
      },
      evaluateQuestions: async (input, context) => {
        chooseModel(input.model)
        return withAnswerer(context, (answerer) => evaluateQuestions(answerer, input, context, now))
      },
    },
  }
}
