/** Questions about clips, made ready for the answer head: texts encoded once, answers numbered, losses before training. */
import { floatTensor, wordsOf, type Tensor } from '../../base/index.ts'
import { defaultFusion, type AnswerRow, type AnswerTables, type FusionConfig } from '../../training/index.ts'
import type { FeatureEncoder } from '../shared/ports.ts'
import { startLosses } from './start-losses.ts'
import { isYesNo, understand, type Understood } from './understand.ts'

export { sameAnswer } from './understand.ts'

export type ClipQuestion = {
  /** Row of the clips. */
  readonly clip: number
  readonly question: string
  readonly choices: readonly string[]
}

export type AnsweredQuestion = ClipQuestion & { readonly answer: string; readonly trusted: boolean }

export type Clips = {
  /** [C, T, D], rows of unit length or of zeros. */
  readonly frames: Float32Array
  /** [C, T] */
  readonly mask: Float32Array
  /** T */
  readonly perClip: number
}

export type AnswerData = {
  readonly tables: AnswerTables
  readonly config: FusionConfig
  /** What the head tells apart; "something else" comes after the last. */
  readonly names: readonly string[]
  /** [A + 1, D] */
  readonly answers: Tensor
  /** In the order of the questions, without the trusted ones. */
  readonly pairs: readonly AnswerRow[]
  readonly trusted: readonly AnswerRow[]
}

/** "Something else" stands for all other answers. */
const mostAnswers = 1000

/** Types that the head can learn: order and number are no matter of what a clip looks like. */
export function isLearnable({ type }: Understood): boolean {
  return !['first', 'count', 'set', 'catalogue', 'unanswerable'].includes(type)
}

export type TextTable = {
  readonly texts: Float32Array
  rowOf(question: ClipQuestion): Pick<AnswerRow, 'clip' | 'tokens' | 'thing'>
  feature(text: string): Float32Array
}

/** Texts of questions, of their words and things, and `more`, each encoded once. */
export async function encodeQuestions(
  questions: readonly ClipQuestion[],
  more: readonly string[],
  encoder: Pick<FeatureEncoder, 'dim' | 'encodeTexts'>,
): Promise<TextTable> {
  const thingOf = ({ question, choices }: ClipQuestion): string | null => {
    const understood = understand(question, choices.length > 0)
    return 'thing' in understood ? understood.thing : null
  }
  const partsOf = (question: ClipQuestion): string[] => {
    const thing = thingOf(question)
    return [question.question, ...(thing === null ? [] : [thing]), ...wordsOf(question.question)]
  }
  const all = [...new Set([...questions.flatMap(partsOf), ...more])]
  const place = new Map(all.map((text, i) => [text, i]))
  const texts = await encoder.encodeTexts(all)
  return {
    texts,
    rowOf(question) {
      const thing = thingOf(question)
      return {
        clip: question.clip,
        tokens: partsOf(question).map((text) => place.get(text)!),
        thing: thing === null ? null : place.get(thing)!,
      }
    },
    feature: (text) => texts.subarray(place.get(text)! * encoder.dim, (place.get(text)! + 1) * encoder.dim),
  }
}

/** @param settings of the tower; default: the usual ones */
export async function prepareAnswers(
  questions: readonly AnsweredQuestion[],
  clips: Clips,
  encoder: Pick<FeatureEncoder, 'dim' | 'encodeTexts'>,
  settings: { readonly blocks?: number } = {},
): Promise<AnswerData> {
  const { dim } = encoder
  const usable = questions.filter(({ question, choices }) => isLearnable(understand(question, choices.length > 0)))
  const names = commonest(usable.map(({ answer }) => answer)).slice(0, mostAnswers)
  const texts = await encodeQuestions(usable, [...new Set(usable.map(({ answer }) => answer))], encoder)
  const number = new Map(names.map((name, i) => [name, i]))
  const types = [
    ...new Set(usable.map(({ question, choices }) => understand(question, choices.length > 0).type)),
  ].sort()
  const means = clipMeans(clips, dim)
  const typed = usable.map((one) => ({ ...one, type: understand(one.question, one.choices.length > 0).type }))
  const rows = typed.map((one) => ({ one, ...texts.rowOf(one) }))
  const clipOf = (clip: number): Float32Array => means.subarray(clip * dim, (clip + 1) * dim)
  const starts = startLosses(
    rows.map(({ one, clip, thing }) => {
      const asks = one.type === 'present' && (one.choices.length === 0 || isYesNo(one.choices)) && thing !== null
      return {
        ...{ type: one.type, answer: one.answer, clip: clipOf(clip), isTrusted: one.trusted },
        asked: asks ? texts.texts.subarray(thing * dim, (thing + 1) * dim) : null,
      }
    }),
    texts.feature,
  )
  const numbered = rows.map(({ one, ...row }, i): AnswerRow & { trusted: boolean } => ({
    ...row,
    answer: number.get(one.answer) ?? names.length,
    type: types.indexOf(one.type),
    startLoss: starts[i]!,
    trusted: one.trusted,
  }))
  const answers = new Float32Array((names.length + 1) * dim)
  names.forEach((name, i) => answers.set(texts.feature(name), i * dim))
  return {
    tables: { frames: clips.frames, mask: clips.mask, texts: texts.texts },
    config: {
      ...defaultFusion,
      ...settings,
      // Heads share the width of an embedding evenly.
      heads: [4, 2, 1].find((heads) => dim % heads === 0)!,
      ...{ width: dim, frames: clips.perClip, nearness: nearnessOf(rows, clipOf, texts, dim) },
    },
    names,
    answers: floatTensor([names.length + 1, dim], answers),
    pairs: numbered.filter(({ trusted }) => !trusted),
    trusted: numbered.filter(({ trusted }) => trusted),
  }
}

function commonest(answers: readonly string[]): string[] {
  const counts = new Map<string, number>()
  for (const answer of answers) counts.set(answer, (counts.get(answer) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([answer]) => answer)
}

/** Means of the clips' frames [C, D], of unit length. */
export function clipMeans({ frames, mask, perClip }: Clips, dim: number): Float32Array {
  const count = mask.length / perClip
  const means = new Float32Array(count * dim)
  for (let clip = 0; clip < count; clip++) {
    const mean = means.subarray(clip * dim, (clip + 1) * dim)
    for (let frame = clip * perClip; frame < (clip + 1) * perClip; frame++) {
      if (mask[frame] === 1) mean.forEach((_, i) => (mean[i]! += frames[frame * dim + i]!))
    }
    const length = Math.hypot(...mean) || 1
    mean.forEach((value, i) => (mean[i] = value / length))
  }
  return means
}

/** How near clips are to what their questions name. */
function nearnessOf(
  rows: readonly Pick<AnswerRow, 'clip' | 'thing'>[],
  clipOf: (clip: number) => Float32Array,
  { texts }: TextTable,
  dim: number,
): FusionConfig['nearness'] {
  const near = rows.flatMap(({ clip, thing }) =>
    thing === null ? [] : clipOf(clip).reduce((sum, value, i) => sum + value * texts[thing * dim + i]!, 0),
  )
  if (near.length === 0) return { mean: 0, deviation: 1 }
  const mean = near.reduce((sum, value) => sum + value, 0) / near.length
  const variance = near.reduce((sum, value) => sum + (value - mean) ** 2, 0) / near.length
  return { mean, deviation: Math.max(1e-3, Math.sqrt(variance)) }
}
