/** Questions about the footage: imported with their answers, asked, corrected, trained on, and measured. */
import type { Runtime } from '../../runtime/index.ts'
import type { Answer, CallContext, FeatureHandlers, ProcedureInput, ProcedureOutput } from '../../contract/index.ts'
import type { Library } from '../../storage/index.ts'
import type { Endpoint } from '../endpoint/index.ts'
import type { Jobs, News, Work } from '../jobs/index.ts'
import type { WithReady } from '../search/index.ts'
import type { LibraryAccess } from '../shared/library-access.ts'
import { createAnswerers, type Answerer } from './answerer.ts'
import { askEndpoint } from './ask-endpoint.ts'
import { ask, chooseModel, nearestMoments } from './ask.ts'
import { evaluateQuestions } from './evaluate.ts'
import { headOf } from './head-file.ts'
import { correctAnswer, importQuestions, recentQuestions, rememberQuestion, undoCorrection } from './questions/index.ts'
import { trainInLibrary, trustedNeeded } from './train.ts'

export { encodeQuestions, prepareAnswers, sameAnswer, type Clips } from './answer-data.ts'

export type AnswersParts = {
  readonly access: LibraryAccess
  readonly jobs: Jobs
  readonly news: News
  readonly endpoint: Pick<Endpoint, 'openAnswer' | 'standing'>
  readonly withReady: WithReady
  readonly runtime: () => Promise<Runtime>
  readonly encoderId: () => Promise<string>
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export function createAnswers(parts: AnswersParts): {
  readonly handlers: FeatureHandlers<'answers'>
  readonly work: (library: Library) => Pick<Work, 'answers'>
  /** Frees what questions hold, before the library is closed. */
  clear(): Promise<void>
} {
  const { access, jobs, news, endpoint, withReady, runtime, now } = parts
  const answerers = createAnswerers(runtime)
  type Context = Pick<CallContext, 'signal'>

  const withAnswerer = <T>(
    library: Library,
    { signal }: Context,
    use: (answerer: Answerer) => Promise<T>,
  ): Promise<T> => withReady(library, 'active', signal, (ready, encoder) => answerers.use(library, encoder, ready, use))

  const askOne = async (library: Library, input: ProcedureInput<'ask'>, context: Context): Promise<Answer> => {
    const startedMs = now()
    const timed = (answer: Omit<Answer, 'tookMs'>): Answer => ({ ...answer, tookMs: now() - startedMs })
    if (input.model !== 'endpoint') {
      return timed(await withAnswerer(library, context, (answerer) => ask(answerer, input, context, now)))
    }
    const nearest = await withAnswerer(library, context, (answerer) => nearestMoments(answerer, input, context, now))
    return timed(await askEndpoint(endpoint, library, nearest, input, context))
  }

  const train = async (
    library: Library,
    input: ProcedureInput<'trainAnswers'>,
    context: CallContext,
  ): Promise<ProcedureOutput<'trainAnswers'>> => {
    const result = await withAnswerer(library, context, async (answerer) =>
      trainInLibrary(answerer, await runtime(), input, context, now),
    )
    await answerers.clear()
    news.changed('models')
    return result
  }

  return {
    clear: () => answerers.clear(),
    work: (library) => ({
      answers: (input, context) => train(library, input, { ...context, onEvent: asProgress(context.onEvent) }),
    }),
    handlers: {
      importQuestions: async (input, context) => {
        const result = await importQuestions(access.open('write'), input, context)
        news.changed('labels')
        return result
      },
      answers: async () => {
        const library = access.view()
        const head = headOf(library, await parts.encoderId())
        const { isOn, host, model } = endpoint.standing(library)
        return {
          ...{
            questions: library.questions.count(),
            trusted: library.questions.count({ trusted: true }),
            trustedNeeded,
          },
          head: head === null ? null : { trainedAt: new Date(head.trainedAtMs).toISOString() },
          endpoint: isOn && host !== null ? { host, model } : null,
          recent: recentQuestions(library),
        }
      },
      ask: async (input, context) => {
        const library = access.open('read')
        const answer = await askOne(library, input, context)
        rememberQuestion(library, answer.question)
        return answer
      },
      correctAnswer: async (input) => {
        const result = correctAnswer(access.change(), input)
        news.changed('labels')
        return result
      },
      undoCorrection: async (input) => {
        const result = undoCorrection(access.change(), input)
        news.changed('labels')
        return result
      },
      evaluateQuestions: async (input, context) => {
        const library = access.open('read')
        const { model: wanted } = input
        const { model, surenessNeeded } = await withAnswerer(library, context, async ({ head, calibration }) => ({
          model: wanted === 'endpoint' ? wanted : chooseModel(wanted, head !== null),
          surenessNeeded: calibration.surenessNeeded,
        }))
        const answer = (asked: Pick<ProcedureInput<'ask'>, 'question' | 'choices' | 'video'>): Promise<Answer> =>
          askOne(library, { ...asked, model, allowNetwork: false }, context)
        return evaluateQuestions({ library, model, surenessNeeded, answer }, input, context)
      },
      trainAnswers: async (input, context) => train(access.open('write'), input, context),
      startAnswers: async (input) => {
        access.change()
        return { job: jobs.queue().start('answers', input) }
      },
    },
  }
}

/** Epochs of a job that is no training run of the search. */
function asProgress(tell: CallContext['onEvent']): CallContext['onEvent'] {
  return (event) =>
    tell(
      event.kind !== 'epoch'
        ? event
        : {
            ...{ kind: 'progress', stage: 'learning', done: event.epoch, total: event.epochs, unit: 'epochs' },
            ...{ ratePerSecond: null, remainingSeconds: null },
          },
    )
}
