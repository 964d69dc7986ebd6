/** The study of answers on product photos: plain cross-entropy against learned weights at the noise that the files have. */
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { AppError } from '../../contract/index.ts'
import type { Encoder } from '../../encoders/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import {
  areaUnderCurve,
  bootstrapMean,
  defaultAnswerTraining,
  openAnswerScorer,
  pairedDifference,
  trainAnswers,
  type AnswerTraining,
  type Interval,
  type Objective,
} from '../../training/index.ts'
import { encodeQuestions, prepareAnswers, sameAnswer, type Clips } from '../answers/index.ts'

const rowSchema = z.looseObject({
  id: z.string(),
  type: z.string(),
  question: z.string(),
  answer: z.string(),
  choices: z.array(z.string()),
  /** For measuring only: whether weights tell wrong answers from right ones. */
  truth: z.string().optional(),
})

export type StudyQuestion = z.infer<typeof rowSchema>

/** @throws AppError `input.missing`, `input.invalid` */
export async function readStudyQuestions(path: string): Promise<StudyQuestion[]> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new AppError('input.missing', `${path} cannot be read. Check the path.`, { path }, { cause })
  })
  return text.split('\n').flatMap((line, i) => {
    if (line.trim() === '') return []
    const parsed = rowSchema.safeParse(JSON.parse(line))
    if (parsed.success) return [parsed.data]
    throw new AppError('input.invalid', `${path}, line ${i + 1}: ${z.prettifyError(parsed.error)}`, {
      path,
      line: i + 1,
    })
  })
}

export type AnswersStudyOptions = {
  readonly runtime: Runtime
  readonly encoder: Pick<Encoder, 'dim' | 'encodeTexts'>
  readonly train: readonly StudyQuestion[]
  readonly trusted: readonly StudyQuestion[]
  readonly test: readonly StudyQuestion[]
  /** Photos as clips, and which of them a product is. */
  readonly clips: Clips
  readonly clipOf: ReadonlyMap<string, number>
  readonly objectives: readonly Objective[]
  readonly seeds: number
  readonly blocks: number
  readonly training?: Partial<AnswerTraining>
  readonly say: (line: string) => void
}

export type AnswersArm = {
  readonly objective: Objective
  readonly open: Interval
  readonly choices: Interval
  readonly byType: Readonly<Record<string, { readonly open: number; readonly choices: number; readonly count: number }>>
  /** How well the weights tell wrong answers from right ones, of each seed; 0.5 is chance. */
  readonly weightsTell: readonly number[]
  readonly openOfSeeds: readonly number[]
  readonly choicesOfSeeds: readonly number[]
}

export type AnswersStudy = {
  readonly arms: readonly AnswersArm[]
  /** Of each arm after the first, what it has over the first, paired by question over all seeds. */
  readonly gains: readonly { readonly objective: Objective; readonly open: Interval; readonly choices: Interval }[]
  readonly majority: number
  /** Of the head before training: the dual encoder with the answers' own words. */
  readonly untrained: { readonly open: number; readonly choices: number }
}

const bootstrapSeed = 1

/** @throws AppError `input.invalid` for a product without a photo */
export async function runAnswersStudy(options: AnswersStudyOptions): Promise<AnswersStudy> {
  const { runtime, encoder, train, trusted, test, clips, seeds, objectives, say } = options
  const asked = <T extends StudyQuestion>(row: T): T & { clip: number } => {
    const clip = options.clipOf.get(row.id)
    if (clip !== undefined) return { ...row, clip }
    throw new AppError('input.invalid', `A question names the product ${row.id}, which has no photo.`, { id: row.id })
  }
  const questions = [
    ...train.map((row) => ({ ...asked(row), trusted: false })),
    ...trusted.map((row) => ({ ...asked(row), trusted: true })),
  ]
  const data = await prepareAnswers(questions, clips, encoder, { blocks: options.blocks })
  const tested = test.map(asked)
  const texts = await encodeQuestions(tested, [], encoder)
  const testTables = { ...data.tables, texts: texts.texts }
  const testRows = tested.map((row) => texts.rowOf(row))
  const isRight = train.map(({ answer, truth }) => truth === undefined || sameAnswer(answer, truth))
  const shares = majorityShare(test)

  const judge = (logits: Float32Array): { open: number[]; choices: number[] } => {
    const width = data.names.length + 1
    const number = new Map(data.names.map((name, i) => [name, i]))
    const best = (row: number, among: readonly number[]): number =>
      among.reduce((top, i) => (logits[row * width + i]! > logits[row * width + top]! ? i : top), among[0]!)
    const everything = Array.from({ length: width }, (_, i) => i)
    const right = (row: number, among: readonly number[]): number =>
      among.length > 0 && data.names[best(row, among)] === test[row]!.answer ? 1 : 0
    return {
      open: test.map((_, row) => right(row, everything)),
      choices: test.map(({ choices }, row) =>
        right(
          row,
          choices.flatMap((choice) => number.get(choice) ?? []),
        ),
      ),
    }
  }

  const arms: AnswersArm[] = []
  const outcomes: { objective: Objective; open: number[][]; choices: number[][] }[] = []
  let untrained = { open: NaN, choices: NaN }
  for (const objective of objectives) {
    const [open, choices, tell]: [number[][], number[][], number[]] = [[], [], []]
    for (let seed = 1; seed <= seeds; seed++) {
      let weight = new Float32Array(0)
      const training = { ...defaultAnswerTraining, ...options.training, objective, seed }
      const common = { runtime, config: data.config, answers: data.answers, tables: data.tables }
      const score = async (epochs: number): Promise<{ open: number[]; choices: number[] }> => {
        const head = await trainAnswers({
          ...{ ...common, pairs: data.pairs, trusted: data.trusted, training: { ...training, epochs } },
          onEpoch: (epoch) => {
            weight = epoch.weight.slice()
            say(`${objective}, seed ${seed}, epoch ${epoch.epoch}: loss ${epoch.meanLoss.toFixed(3)}`)
          },
        })
        const scorer = await openAnswerScorer(runtime, head)
        return judge(await scorer.logits(testTables, testRows).finally(() => scorer.dispose()))
      }
      if (Number.isNaN(untrained.open)) {
        const before = await score(0)
        untrained = { open: meanOf(before.open), choices: meanOf(before.choices) }
      }
      const result = await score(training.epochs)
      open.push(result.open)
      choices.push(result.choices)
      const weightsOf = (right: boolean): Float32Array => weight.filter((_, i) => isRight[i] === right)
      tell.push(areaUnderCurve(weightsOf(true), weightsOf(false)))
    }
    outcomes.push({ objective, open, choices })
    arms.push({
      ...{ objective, open: overSeeds(open), choices: overSeeds(choices), weightsTell: tell },
      byType: typesOf(test, meanRows(open), meanRows(choices)),
      openOfSeeds: open.map(meanOf),
      choicesOfSeeds: choices.map(meanOf),
    })
  }
  const [first, ...others] = outcomes
  return {
    ...{ arms, majority: shares, untrained },
    gains: others.map(({ objective, open, choices }) => ({
      objective,
      open: pairedDifference(meanRows(open), meanRows(first!.open), { seed: bootstrapSeed }),
      choices: pairedDifference(meanRows(choices), meanRows(first!.choices), { seed: bootstrapSeed }),
    })),
  }
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Of each question, over seeds. */
function meanRows(rows: readonly (readonly number[])[]): number[] {
  return rows[0]!.map((_, i) => meanOf(rows.map((row) => row[i]!)))
}

function overSeeds(rows: readonly (readonly number[])[]): Interval {
  return bootstrapMean(meanRows(rows), { seed: bootstrapSeed })
}

function typesOf(
  test: readonly StudyQuestion[],
  open: readonly number[],
  choices: readonly number[],
): AnswersArm['byType'] {
  const types = [...new Set(test.map(({ type }) => type))].sort()
  return Object.fromEntries(
    types.map((type) => {
      const members = test.flatMap((row, i) => (row.type === type ? [i] : []))
      const mean = (values: readonly number[]): number => meanOf(members.map((i) => values[i]!))
      return [type, { open: mean(open), choices: mean(choices), count: members.length }]
    }),
  )
}

/** Share of questions whose answer is the commonest of their type. */
function majorityShare(test: readonly StudyQuestion[]): number {
  const types = new Set(test.map(({ type }) => type))
  let right = 0
  for (const type of types) {
    const counts = new Map<string, number>()
    for (const row of test) if (row.type === type) counts.set(row.answer, (counts.get(row.answer) ?? 0) + 1)
    right += Math.max(...counts.values())
  }
  return right / test.length
}
