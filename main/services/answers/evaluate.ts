/** Measures answers on questions with known answers: how many are right, by type, and whether the cited moments show it. */
import type { Answer, AnswerModel, CallContext, ProcedureInput, ProcedureOutput } from '../../contract/index.ts'
import type { Library } from '../../storage/index.ts'
import { bootstrapMean } from '../../training/index.ts'
import { createVideoFinder } from '../library/index.ts'
import { sameMoment } from '../search/index.ts'
import { riskCoverage, thinCurve } from './calibrate.ts'
import { readKnownQuestions, type KnownQuestion } from './questions/index.ts'
import { sameAnswer, understand } from './understand.ts'

type Measured = ProcedureOutput<'evaluateQuestions'>
type CountedEstimate = Measured['overall']

/** Who is examined. */
export type Examined = {
  readonly library: Library
  readonly model: AnswerModel
  /** What trusted pairs ask for where an answer has no threshold of its own. */
  readonly surenessNeeded: number
  readonly answer: (asked: Pick<ProcedureInput<'ask'>, 'question' | 'choices' | 'video'>) => Promise<Answer>
}

export type JudgedAnswer = {
  readonly type: string
  readonly isRight: boolean
  readonly sureness: number
  /** Whether a cited moment is a true one; null where there is none to cite. */
  readonly isSupported: boolean | null
  /** Whether the commonest answer of the type is right here. */
  readonly isMajorityRight: boolean
}

const bootstrapSeed = 1
const curvePoints = 21

/** @throws AppError `input.missing`, `input.invalid`, `usage` */
export async function evaluateQuestions(
  { library, model, surenessNeeded, answer }: Examined,
  { questions: path }: ProcedureInput<'evaluateQuestions'>,
  { signal, onEvent }: CallContext,
): Promise<Measured> {
  const questions = await readKnownQuestions(path)
  const find = createVideoFinder(library, path)
  const majority = majorityOf(questions)
  const problems: string[] = []
  const judged: JudgedAnswer[] = []
  let needed = surenessNeeded
  for (const [i, known] of questions.entries()) {
    signal.throwIfAborted()
    const found = find(known.file, i + 1)
    if ('problem' in found) problems.push(found.problem.message)
    else {
      const { question, choices } = known
      const given = await answer({ question, choices: [...choices], video: found.video.id })
      needed = Math.max(needed, given.surenessNeeded)
      judged.push(judge(known, given, majority))
    }
    onEvent({
      ...{ kind: 'progress', stage: 'answering', unit: 'questions', done: i + 1, total: questions.length },
      ...{ ratePerSecond: null, remainingSeconds: null },
    })
  }
  return { ...measure(judged, needed), model, problems: [...new Set(problems)] }
}

function judge(known: KnownQuestion, answer: Answer, majority: ReadonlyMap<string, string>): JudgedAnswer {
  const isRight = answer.answer !== null && sameAnswer(answer.answer, known.answer)
  const cites = answer.moments.some(({ start, end }) =>
    known.moments.some((moment) => sameMoment({ startSeconds: start, endSeconds: end }, moment)),
  )
  const type = typeOf(known)
  return {
    // Of what says nothing of its sureness, what is proven goes first.
    ...{ type, isRight, sureness: answer.sureness ?? Number(answer.isProven) },
    isSupported: known.moments.length === 0 ? null : cites,
    isMajorityRight: sameAnswer(majority.get(type) ?? '', known.answer),
  }
}

function typeOf({ type, question, choices }: KnownQuestion): string {
  return type ?? understand(question, choices.length > 0).type
}

/** The commonest answer of each type; of equally common ones the first by name. */
export function majorityOf(questions: readonly KnownQuestion[]): Map<string, string> {
  const counts = new Map<string, Map<string, number>>()
  for (const question of questions) {
    const ofType = counts.get(typeOf(question)) ?? new Map<string, number>()
    counts.set(typeOf(question), ofType.set(question.answer, (ofType.get(question.answer) ?? 0) + 1))
  }
  return new Map(
    [...counts].map(([type, ofType]) => [
      type,
      [...ofType].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0]![0],
    ]),
  )
}

/** Pure. */
export function measure(judged: readonly JudgedAnswer[], threshold: number): Omit<Measured, 'model' | 'problems'> {
  const types = [...new Set(judged.map(({ type }) => type))].sort()
  const table = (pick: (answer: JudgedAnswer) => boolean): Measured['majority'] => ({
    overall: estimate(judged.map(pick)),
    byType: Object.fromEntries(
      types.map((type) => [type, estimate(judged.filter((answer) => answer.type === type).map(pick))]),
    ),
  })
  const sure = judged.filter(({ sureness }) => sureness >= threshold)
  return {
    ...table(({ isRight }) => isRight),
    majority: table(({ isMajorityRight }) => isMajorityRight),
    supported: estimate(
      judged.flatMap(({ isRight, isSupported }) => (isRight && isSupported !== null ? isSupported : [])),
    ),
    coverage: {
      threshold,
      covered: judged.length === 0 ? 0 : sure.length / judged.length,
      risk: sure.length === 0 ? 0 : sure.filter(({ isRight }) => !isRight).length / sure.length,
      curve: thinCurve(riskCoverage(judged), curvePoints),
    },
  }
}

function estimate(outcomes: readonly boolean[]): CountedEstimate {
  const count = outcomes.length
  if (count === 0) return { value: 0, low: null, high: null, count }
  const { mean, low, high } = bootstrapMean(outcomes.map(Number), { seed: bootstrapSeed })
  return { value: mean, low: count < 2 ? null : low, high: count < 2 ? null : high, count }
}
