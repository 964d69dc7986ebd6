/** What the parts of the screen hand to each other. */
import type { Answer, ProcedureOutput } from '../../../../main/contract/index.ts'

export type { Answer, AnswerMoment } from '../../../../main/contract/index.ts'

/** What a question is about: everything, one video, or what a search finds. An empty video or query is still to be chosen. */
export type QuestionScope =
  | { readonly kind: 'all' }
  | { readonly kind: 'video'; readonly video: string; readonly title: string }
  | { readonly kind: 'query'; readonly query: string }

export type Standing = ProcedureOutput<'answers'>
export type Correction = ProcedureOutput<'correctAnswer'>
export type Trained = ProcedureOutput<'trainAnswers'>
export type Kept = { readonly id: string; readonly answer: string }
/** Where pictures may go; null where no vision model is set. */
export type Vision = Standing['endpoint']
export type Refusal = Exclude<Answer['reason'], null>
