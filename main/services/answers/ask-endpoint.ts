/** Answers of the customer's vision model: frames of the moments nearest to the question go to it. */
import type { Answer, AnswerMoment, CallContext, ProcedureInput } from '../../contract/index.ts'
import type { Library } from '../../storage/index.ts'
import type { Endpoint } from '../endpoint/index.ts'

export type EndpointAsker = Pick<Endpoint, 'openAnswer'>

/** What the models here found for the question, without an answer. */
export type Nearest = Pick<Answer, 'question' | 'type' | 'thing' | 'about'> & {
  /** Best first. */
  readonly moments: readonly AnswerMoment[]
}

/**
 * What cites none of its frames is given as unproven, with the moments that it was shown.
 * @throws AppError `endpoint.off`, `network.off`, `endpoint.failed`; the abort reason
 */
export async function askEndpoint(
  endpoint: EndpointAsker,
  library: Library,
  { moments, ...asked }: Nearest,
  { allowNetwork }: Pick<ProcedureInput<'ask'>, 'allowNetwork'>,
  { signal }: Pick<CallContext, 'signal'>,
): Promise<Omit<Answer, 'tookMs'>> {
  const shown = moments.map(({ video, start, end }) => ({ videoId: video, startSeconds: start, endSeconds: end }))
  const given = await endpoint.openAnswer(library, { question: asked.question, moments: shown, allowNetwork }, signal)
  const cited = moments.filter(({ video, start, end }) =>
    given.citations.some(({ videoId, seconds }) => videoId === video && seconds >= start && seconds <= end),
  )
  return {
    ...{ ...asked, model: 'endpoint', reason: null, options: [], sureness: null, surenessNeeded: 0, calibratedOn: 0 },
    state: given.answerable ? 'answered' : 'notSure',
    answer: given.answer === '' ? null : given.answer,
    moments: given.isProven ? cited : [...moments],
    ...{ isProven: given.isProven, host: given.host },
  }
}
