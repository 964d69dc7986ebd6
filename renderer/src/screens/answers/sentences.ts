/** How an answer, a choice and a failure are said. Pure. */
import { AppError } from '../../../../main/contract/index.ts'
import type { Formats, Messages } from '../../i18n/index.ts'
import type { Answer, AnswerMoment, QuestionScope } from './shapes.ts'

type Words = Messages['answers']

/** Choices that were typed, each once, behind those that are there. */
export function choicesIn(text: string, before: readonly string[] = []): string[] {
  const typed = text.split(/[;；\n]/).map((choice) => choice.trim())
  const all = [...before, ...typed.filter((choice) => choice !== '')]
  return all.filter((choice, i) => all.findIndex((other) => other.toLowerCase() === choice.toLowerCase()) === i)
}

/** An answer as a person says it: a yes or no in their language, a set by how many videos it has. */
export function spoken(answer: string, type: Answer['type'], words: Words): string {
  if (type === 'set' && /^\d+$/.test(answer)) return words.answer.videos(Number(answer))
  if (type !== 'present' && type !== 'catalogue') return answer
  return { yes: words.answer.yes, no: words.answer.no }[answer] ?? answer
}

/** The one sentence, and how sure it is; null where that is not known, or too little to be said. */
export function sentenceOfAnswer(
  answer: Answer,
  words: Words,
  formats: Formats,
): { readonly says: string; readonly sure: string | null } {
  const { type, model, state, sureness, thing } = answer
  if (state === 'unanswerable') return { says: words.cannot.title, sure: null }
  if (answer.answer === null) return { says: words.answer.notSureAtAll, sure: null }
  const given = spoken(answer.answer, type, words)
  if (state === 'notSure') {
    // A vision model says it in a sentence of its own.
    const guess =
      model === 'endpoint' ? `${words.answer.notSureAtAll} ${given}` : words.answer.notSure(withSmallHead(given))
    return { says: guess, sure: null }
  }
  const isCounted = type === 'set' && thing !== null && /^\d+$/.test(answer.answer)
  const says = isCounted
    ? words.answer.videosShow(Number(answer.answer), thing)
    : /[.!?。！？]$/.test(given)
      ? given
      : words.answer.said(withLargeHead(given))
  return { says, sure: sureness === null ? null : words.answer.sure(formats.percent(sureness)) }
}

/** Why the models here cannot answer; null for an answer. */
export function reasonOf({ reason, type }: Answer, words: Words): string | null {
  if (reason === null) return null
  // Understood, but the library knows no answers to choose from.
  return reason === 'other' && type !== 'unanswerable' ? words.cannot.noOptions : words.cannot[reason]
}

/** As a sentence begins. */
function withLargeHead(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** Inside a sentence; what is written in capitals stays. */
function withSmallHead(text: string): string {
  return /^\p{Lu}\P{Lu}*$/u.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text
}

export function sentenceOfScope(scope: QuestionScope, words: Words): string {
  if (scope.kind === 'video') return words.aboutScope.video(scope.title)
  return scope.kind === 'query' ? words.aboutScope.query(scope.query.trim()) : words.aboutScope.all
}

/** What keeps a question from being answered, where there is a way on that a sentence of the engine cannot offer. */
export type AskProblem = 'scope' | 'nothingMatches' | 'notIndexed' | 'noVideo' | 'nothing' | 'network'

export function problemOf(error: unknown): AskProblem | null {
  if (!(error instanceof AppError)) return null
  const { code, params } = error
  if (code === 'usage' && params['field'] === 'video') return 'scope'
  if (code === 'network.off') return 'network'
  if (code !== 'input.missing') return null
  if ('query' in params) return 'nothingMatches'
  if ('path' in params) return 'notIndexed'
  return 'video' in params ? 'noVideo' : 'nothing'
}

/** Marks of the moments of one video on its length, in percent; empty where its length is not known. */
export function marksOf(
  moment: AnswerMoment,
  moments: readonly AnswerMoment[],
): { left: number; width: number; isThis: boolean }[] {
  const { video, videoSeconds } = moment
  if (videoSeconds === null || videoSeconds <= 0) return []
  return moments
    .filter((other) => other.video === video)
    .map(({ segment, start, end }) => {
      const left = Math.min(100, Math.max(0, (100 * start) / videoSeconds))
      return {
        left,
        width: Math.min(100 - left, (100 * (end - start)) / videoSeconds),
        isThis: segment === moment.segment,
      }
    })
    .sort((a, b) => a.left - b.left)
}
