/** Answers one question: what is asked, of which moments, by which model, and how sure that is. */
import { assert } from '../../base/index.ts'
import {
  AppError,
  type Answer,
  type AnswerModel,
  type AnswerMoment,
  type CallContext,
  type ProcedureInput,
} from '../../contract/index.ts'
import type { Library, Video } from '../../storage/index.ts'
import { findVideo } from '../library/index.ts'
import { searchMoments, type ReadyModel, type SearchParts } from '../search/index.ts'
import type { Answerer } from './answerer.ts'
import type { Nearest } from './ask-endpoint.ts'
import { answerDual, presenceOf, uncalibrated, type DualAnswer } from './dual.ts'
import { choicesFor } from './options.ts'
import { understand, type Understood } from './understand.ts'

type Asked = ProcedureInput<'ask'>
type Context = Pick<CallContext, 'signal'>
type Reply = Omit<Answer, 'tookMs'>

/** Moments of a search that a question about its results is asked of; and of a thing that a question names. */
const [searchedMoments, namedMoments] = [20, 5]
/** Options that are worth showing. */
const shownOptions = 10
const shownVideos = 100

/** @throws AppError `usage` for a model that is not there, and for a question that needs a video */
export async function ask(answerer: Answerer, input: Asked, { signal }: Context, now: () => number): Promise<Reply> {
  const { choices } = input
  const understood = understand(input.question, choices.length > 0)
  assert(input.model !== 'endpoint', 'an endpoint is asked by askEndpoint')
  const chosen = chooseModel(input.model, answerer.head !== null)
  const common = {
    ...{ question: input.question, type: understood.type },
    thing: 'thing' in understood ? understood.thing : null,
  }
  const refuse = (reason: Exclude<Answer['reason'], null>): Reply => ({ ...common, ...unanswerable(reason) })
  if (understood.type === 'unanswerable') return refuse(understood.reason)

  const scope = await scopeOf(answerer, input, signal, now)
  const given: Given | null =
    understood.type === 'catalogue' || (understood.type === 'present' && scope === null)
      ? await inCatalogue(answerer, understood.thing, signal, now)
      : understood.type === 'set'
        ? await setOf(answerer, understood.thing, scope)
        : await aboutMoments(answerer, understood, {
            ...{ question: input.question, choices, model: chosen },
            scope: scope ?? (await namedScope(answerer, understood, signal, now)),
          })
  if (given === null) return refuse('other')

  const { calibration, library, ready } = answerer
  const needed = given.surenessNeeded ?? calibration.surenessNeeded
  const moments = given.moments.flatMap(({ segment, shows }) => describe(library, ready, segment, shows))
  return {
    ...{ ...common, model: given.model ?? 'dual', state: given.sureness >= needed ? 'answered' : 'notSure' },
    ...{ answer: given.answer, reason: null, sureness: given.sureness, surenessNeeded: needed },
    options: given.options.slice(0, shownOptions).map(({ answer, probability }) => ({ answer, probability })),
    ...{ moments, isProven: true, host: null, about: aboutOf(library, input, understood, moments) },
    calibratedOn: calibration.pairs,
  }
}

/** Where an endpoint is to look, for questions of any form. @throws as `ask` */
export async function nearestMoments(
  answerer: Answerer,
  input: Asked,
  { signal }: Context,
  now: () => number,
): Promise<Nearest> {
  const { library, encoder, ready, score } = answerer
  const understood = understand(input.question, input.choices.length > 0)
  const thing = 'thing' in understood ? understood.thing : null
  const text = thing ?? input.question
  const scope = await scopeOf(answerer, input, signal, now)
  const found =
    scope === null
      ? await momentsNamed({ library, encoder, ready, now }, text, signal)
      : (await score([text], scope))[0]!.hits.slice(0, namedMoments).map(({ id }) => id)
  const moments = found.flatMap((segment) => describe(library, ready, segment, thing ?? ''))
  if (moments.length === 0) {
    throw new AppError('input.missing', 'There is nothing to look at yet. Add videos, then ask again.', {})
  }
  return {
    ...{ question: input.question, type: understood.type, thing, moments },
    about: aboutOf(library, input, understood, moments),
  }
}

/** What can be kept with its answer: about the video that was asked of, else about the best moment. */
function aboutOf(
  library: Library,
  { video }: Asked,
  understood: Understood,
  moments: readonly AnswerMoment[],
): Answer['about'] {
  if (['set', 'catalogue', 'unanswerable'].includes(understood.type)) return null
  if (video !== undefined) {
    const { id, durationSeconds } = videoNamed(library, video)
    return durationSeconds === null ? null : { video: id, start: 0, end: durationSeconds }
  }
  const [best] = moments
  return best === undefined ? null : { video: best.video, start: best.start, end: best.end }
}

function unanswerable(reason: Exclude<Answer['reason'], null>): Omit<Reply, 'question' | 'type' | 'thing'> {
  return {
    ...{ model: 'dual', state: 'unanswerable', answer: null, reason, sureness: 0, surenessNeeded: 0 },
    ...{ options: [], moments: [], isProven: true, host: null, about: null, calibratedOn: 0 },
  }
}

/** @throws AppError `usage` */
export function chooseModel(
  wanted: Exclude<AnswerModel, 'endpoint'> | undefined,
  hasHead: boolean,
): Exclude<AnswerModel, 'endpoint'> {
  if (wanted === 'answers' && !hasHead) {
    const message =
      'No trained answers are in use in this library. Train them with mama train --task answers, or ask with --model dual.'
    throw new AppError('usage', message, { field: 'model' })
  }
  return wanted ?? (hasHead ? 'answers' : 'dual')
}

/** Shots that are asked about; null: the whole catalogue. @throws AppError `usage`, `input.missing` */
async function scopeOf(
  { library, encoder, ready }: Answerer,
  { video, query }: Asked,
  signal: AbortSignal,
  now: () => number,
): Promise<string[] | null> {
  if (video !== undefined && query !== undefined) {
    throw new AppError('usage', 'Ask about a video or about what a search finds, not both.', { field: 'query' })
  }
  if (video !== undefined) {
    const { id, path } = videoNamed(library, video)
    const shots = (ready.segmentsOfVideo.get(id) ?? []).map((shot) => shot.id)
    if (shots.length > 0) return shots
    throw new AppError('input.missing', `${path} has not been indexed yet. Wait until it is, then ask again.`, { path })
  }
  if (query === undefined) return null
  const { moments, weakFrom } = await searchMoments(
    { library, encoder, ready, now },
    { text: query, k: searchedMoments, model: 'active', filter: {}, includeUnmatched: false, remember: false },
    { signal },
  )
  // Weak matches are often wrong: they are asked only where there is nothing better.
  const asked = weakFrom > 0 ? moments.slice(0, weakFrom) : moments
  if (asked.length > 0) return asked.flatMap(({ segments }) => segments)
  throw new AppError('input.missing', `Nothing in the library matches "${query}". Search for something else.`, {
    query,
  })
}

/** By its id, its path, or the end of its path. @throws AppError `input.missing` */
export function videoNamed(library: Library, name: string): Video {
  const known = library.videos.get(name)
  if (known !== undefined) return known
  const found = findVideo(library, name, name, 0)
  if ('video' in found) return found.video
  throw new AppError('input.missing', found.problem.message, { video: name })
}

/** A question without a scope is about the thing that it names. @throws AppError `usage` */
async function namedScope(
  { library, encoder, ready }: Answerer,
  understood: Understood,
  signal: AbortSignal,
  now: () => number,
): Promise<string[]> {
  const thing = 'thing' in understood ? understood.thing : null
  if (thing === null) {
    throw new AppError('usage', 'Say which video the question is about, with --video, or a search, with --query.', {
      field: 'video',
    })
  }
  return momentsNamed({ library, encoder, ready, now }, thing, signal)
}

async function momentsNamed(parts: SearchParts, text: string, signal: AbortSignal): Promise<string[]> {
  const { moments } = await searchMoments(
    parts,
    { text, k: namedMoments, model: 'active', filter: {}, includeUnmatched: true, remember: false },
    { signal },
  )
  return moments.map(({ segment }) => segment)
}

type Given = DualAnswer & { readonly model?: AnswerModel }

type AboutMoments = {
  readonly question: string
  readonly choices: readonly string[]
  readonly scope: readonly string[]
  readonly model: AnswerModel
}

/** The head answers what it can, the dual encoder all else; the moments are the dual encoder's either way. */
async function aboutMoments(
  answerer: Answerer,
  understood: Understood,
  { question, choices, scope, model }: AboutMoments,
): Promise<Given | null> {
  const { head, library, score, calibration } = answerer
  if (model === 'answers' && head !== null) {
    const [own] = await head.answer([{ question, choices, scope: inOrder(answerer, scope) }])
    if (own !== undefined && own !== null) {
      const { surenessNeeded } = head.saved.facts
      const moments = await momentsFor(answerer, understood, own.answer, scope)
      return { ...own, moments, surenessNeeded, model: 'answers' }
    }
  }
  const options = choicesFor(library, understood, choices)
  return answerDual(answerer, score, calibration, { understood, choices: options, scope })
}

async function momentsFor(
  answerer: Answerer,
  understood: Understood,
  answer: string,
  scope: readonly string[],
): Promise<DualAnswer['moments']> {
  const choices = understood.type === 'present' ? [] : [answer]
  const found = await answerDual(answerer, answerer.score, answerer.calibration, { understood, choices, scope })
  return found?.moments ?? []
}

function inOrder({ ready }: Answerer, scope: readonly string[]): string[] {
  const startOf = (id: string): number => ready.segments.get(id)?.startSeconds ?? 0
  return [...scope].sort((a, b) => startOf(a) - startOf(b))
}

/** Yes with the moments, or an honest no with the nearest ones: as far as a search can tell. */
async function inCatalogue(
  { library, encoder, ready }: Answerer,
  thing: string,
  signal: AbortSignal,
  now: () => number,
): Promise<DualAnswer> {
  const { moments, weakFrom, unknownWords } = await searchMoments(
    { library, encoder, ready, now },
    { text: thing, k: namedMoments, model: 'active', filter: {}, includeUnmatched: true, remember: false },
    { signal },
  )
  const isThere = weakFrom > 0
  const strength = moments[0]?.strength ?? 0
  // A word that no model knows and no text has: neither yes nor no is more than a guess.
  const isUnknown = unknownWords.length > 0 && !isThere
  const sureness = isThere ? strength : isUnknown ? 0 : 1 - strength
  const options = [
    { answer: isThere ? 'yes' : 'no', probability: sureness },
    { answer: isThere ? 'no' : 'yes', probability: 1 - sureness },
  ]
  return {
    // A search has a strength of its own, whose half is where matches begin.
    ...{ answer: options[0]!.answer, sureness, surenessNeeded: uncalibrated.surenessNeeded, options },
    moments: moments.slice(0, isThere ? weakFrom : 3).map(({ segment }) => ({ segment, shows: thing })),
  }
}

/** The videos of which a moment shows the thing, the likeliest first. */
async function setOf(
  { score, calibration, ready }: Answerer,
  thing: string,
  scope: readonly string[] | null,
): Promise<DualAnswer> {
  const [found] = await score([thing], scope ?? [...ready.segments.keys()])
  const seen = new Set<string>()
  const likely = found!.hits
    .map((hit) => ({ ...hit, presence: presenceOf(calibration, found!, hit.score) }))
    .filter(({ id, presence }) => {
      const video = ready.segments.get(id)!.videoId
      if (presence < 0.5 || seen.has(video)) return false
      seen.add(video)
      return true
    })
  const sureness =
    likely.length > 0
      ? likely.reduce((sum, { presence }) => sum + presence, 0) / likely.length
      : 1 - presenceOf(calibration, found!, found!.best)
  return {
    ...{ answer: String(likely.length), sureness, options: [] },
    moments: likely.slice(0, shownVideos).map(({ id }) => ({ segment: id, shows: thing })),
  }
}

/** With what the catalogue says of it now; nothing for a shot that has left since. */
function describe(library: Library, ready: ReadyModel, segment: string, shows: string): AnswerMoment[] {
  const shot = ready.segments.get(segment)
  const video = shot === undefined ? undefined : library.videos.get(shot.videoId)
  if (shot === undefined || video === undefined) return []
  return [
    {
      ...{ video: video.id, segment, file: video.path, fileName: video.fileName, title: video.title },
      ...{ start: shot.startSeconds, end: shot.endSeconds, videoSeconds: video.durationSeconds, shows },
    },
  ]
}
