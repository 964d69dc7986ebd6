/** Trains the answer head on a library's questions. It is used from then on only where it beats the dual encoder on trusted pairs that it has not seen. */
import { hashString } from '../../base/index.ts'
import { AppError, type CallContext, type ProcedureInput, type ProcedureOutput } from '../../contract/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import type { Library, Question } from '../../storage/index.ts'
import { defaultAnswerTraining, oddsAboveZero, trainAnswers } from '../../training/index.ts'
import { isLearnable, prepareAnswers, type AnsweredQuestion } from './answer-data.ts'
import type { Answerer } from './answerer.ts'
import { fitTemperature, surenessFor } from './calibrate.ts'
import { answerDual, shotsIn } from './dual.ts'
import { openHead, type HeadAnswer } from './head-answers.ts'
import { saveHead, type SavedHead } from './head-file.ts'
import { choicesFor } from './options.ts'
import { questionsAbout } from './templates.ts'
import { sameAnswer, understand } from './understand.ts'
import { clipsOf } from './video-clips.ts'

/** Fewer questions than these are helped out by templates. */
const enoughQuestions = 50
const fewestTrusted = 8
/** Half of them train and judge weights, the other half judges the head. */
export const trustedNeeded = 2 * fewestTrusted
const promotedFrom = 0.8
const acceptedRisk = 0.2
const oddsSeed = 1
/** A pass over few questions has few steps. */
const leastSteps = 140

type Outcome = ProcedureOutput<'trainAnswers'>

/** @throws AppError `training.notEnough`, `runtime.failed`; an AbortError */
export async function trainInLibrary(
  answerer: Answerer,
  runtime: Runtime,
  { objective, seed, epochs }: ProcedureInput<'trainAnswers'>,
  { signal, onEvent }: CallContext,
  now: () => number,
): Promise<Outcome> {
  const { library, encoder, ready } = answerer
  const heldOutVideos = everySecond(library.questions.all({ trusted: true }).map(({ path }) => path))
  const canJudge = library.questions.count({ trusted: true }) >= trustedNeeded
  const made = canJudge ? makeQuestions(library) : 0
  const usable = library.questions
    .all()
    .filter(({ question, choices }) => isLearnable(understand(question, choices.length > 0)))
    .map((one) => ({ ...one, scope: shotsIn(ready, one.videoId, one.startSeconds, one.endSeconds) }))
    .filter(({ scope }) => scope.length > 0)
  const isHeldOut = ({ trusted, path }: Question): boolean => trusted && heldOutVideos.has(path)
  const heldOut = usable.filter(isHeldOut)
  const taught = usable.filter((one) => !isHeldOut(one))
  const [pairs, trusted] = [taught.filter((one) => !one.trusted), taught.filter((one) => one.trusted)]
  if (pairs.length === 0 || trusted.length < fewestTrusted || heldOut.length < fewestTrusted) {
    const message = `Answers need questions to learn from and at least ${trustedNeeded} trusted ones, of several videos; there are ${pairs.length} and ${trusted.length + heldOut.length}. Import more with: mama questions import FILE`
    throw new AppError('training.notEnough', message, { pairs: pairs.length, trusted: trusted.length + heldOut.length })
  }

  const clips = clipsOf(
    library,
    encoder,
    taught.map(({ scope }) => scope),
  )
  const questions = taught.map(({ question, choices, answer, trusted: isTrusted }, clip): AnsweredQuestion => ({
    ...{ clip, question, choices, answer, trusted: isTrusted },
  }))
  const data = await prepareAnswers(questions, clips, encoder)
  const rows = data.pairs.length + defaultAnswerTraining.trustedRepeats * data.trusted.length
  const stepsPerEpoch = Math.max(1, Math.floor(rows / Math.min(defaultAnswerTraining.batchSize, rows)))
  const training = {
    ...{ ...defaultAnswerTraining, objective, seed },
    epochs: epochs ?? Math.max(defaultAnswerTraining.epochs, Math.ceil(leastSteps / stepsPerEpoch)),
  }
  const head = await trainAnswers({
    ...{ runtime, config: data.config, answers: data.answers, tables: data.tables },
    ...{ pairs: data.pairs, trusted: data.trusted, training, signal },
    onEpoch: ({ epoch, meanLoss }) =>
      onEvent({ kind: 'epoch', epoch, epochs: training.epochs, loss: meanLoss, heldOutScore: null }),
  })

  // Judged where neither training nor weights have looked.
  const facts: SavedHead['facts'] = {
    ...{ format: 1, encoderId: encoder.id, names: [...data.names], config: data.config },
    ...{ temperature: 1, surenessNeeded: 0, trainedAtMs: now() },
  }
  const opened = await openHead(runtime, library, encoder, { head, facts })
  const given = await opened.answer(heldOut).finally(() => opened.dispose())
  const [before, after]: [number[], number[]] = [[], []]
  for (const [i, { question, choices, answer, scope }] of heldOut.entries()) {
    const understood = understand(question, choices.length > 0)
    const options = choicesFor(library, understood, choices)
    const dual = await answerDual(answerer, answerer.score, answerer.calibration, {
      understood,
      choices: options,
      scope,
    })
    const isDualRight = Number(dual !== null && sameAnswer(dual.answer, answer))
    const own = given[i]
    before.push(isDualRight)
    // What the head leaves to the dual encoder counts as that answers it.
    after.push(own === undefined || own === null ? isDualRight : Number(sameAnswer(own.answer, answer)))
  }
  const odds = oddsAboveZero(
    after.map((value, i) => value - before[i]!),
    { seed: oddsSeed },
  )
  const promoted = odds >= promotedFrom
  if (promoted) saveHead(library, { head, facts: { ...facts, ...calibrated(heldOut, given) } })
  return {
    ...{ objective, pairs: data.pairs.length, trusted: data.trusted.length, made, epochs: training.epochs },
    ...{ heldOut: heldOut.length, rightBefore: sum(before), rightAfter: sum(after), odds, promoted },
  }
}

/** How sharp the head's numbers are, and from where on they are to be believed, on the held-out pairs. */
function calibrated(
  heldOut: readonly Pick<Question, 'answer'>[],
  given: readonly (HeadAnswer | null)[],
): { temperature: number; surenessNeeded: number } {
  const judged = given.flatMap((own, i) => (own === null ? [] : [{ ...own, right: heldOut[i]!.answer }]))
  const cases = judged.flatMap(({ options, right }) => {
    const place = options.findIndex(({ answer }) => sameAnswer(answer, right))
    const scores = options.map(({ probability }) => Math.log(Math.max(1e-12, probability)))
    // Temperatures of a head are around 1, ten times those of cosines.
    return place < 0 ? [] : [{ scores: scores.map((score) => score / 10), right: place }]
  })
  const temperature = cases.length === 0 ? 1 : 10 * fitTemperature(cases)
  const outcomes = judged.map(({ options, answer, right }) => {
    const powers = options.map(({ probability }) => Math.max(1e-12, probability) ** (1 / temperature))
    return { sureness: powers[0]! / sum(powers), isRight: sameAnswer(answer, right) }
  })
  return { temperature, surenessNeeded: surenessFor(outcomes, acceptedRisk) }
}

/** Half of the videos, whichever others there are: in the order of their names' hashes, every second. */
function everySecond(paths: readonly string[]): Set<string> {
  const sorted = [...new Set(paths)].sort((a, b) => hashString(a) - hashString(b) || (a < b ? -1 : 1))
  return new Set(sorted.filter((_, i) => i % 2 === 1))
}

/** Questions by templates, where there are too few; returns how many there are. */
function makeQuestions(library: Library): number {
  const known = library.questions.all().filter(({ trusted }) => !trusted)
  const isMade = ({ origin }: Question): boolean => origin === 'template'
  if (known.some((one) => !isMade(one)) && known.length >= enoughQuestions) return known.filter(isMade).length
  const asked = new Set(library.questions.all().map(({ videoId }) => videoId))
  const made = library.videos.list().flatMap((video) =>
    video.status !== 'indexed' || video.durationSeconds === null || asked.has(video.id)
      ? []
      : questionsAbout({
          ...{ id: video.id, durationSeconds: video.durationSeconds, category: video.category },
          texts: [video.title ?? '', ...library.descriptions.ofVideo(video.id).map(({ text }) => text)],
        }),
  )
  library.questions.saveAll(made)
  return library.questions.all().filter(isMade).length
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
