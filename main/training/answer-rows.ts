/** Questions about clips as numbers: tables of frames and texts, rows that point into them, and batches made of rows. Pure. */
import { floatTensor, type TensorMap } from '../base/index.ts'
import type { FusionConfig } from './fusion-tower.ts'

/** What rows point into. All features have unit length. */
export type AnswerTables = {
  /** [C, T, D] of C clips. */
  readonly frames: Float32Array
  /** [C, T]: 1 for a frame, 0 for padding. */
  readonly mask: Float32Array
  /** [W, D] of questions as wholes, of their words, and of things that they name. */
  readonly texts: Float32Array
}

export type AnswerRow = {
  readonly clip: number
  /** Rows of `texts`: the whole question first, then its words. */
  readonly tokens: readonly number[]
  /** Row of `texts`; null where the question names nothing. */
  readonly thing: number | null
  /** Position among the answers that are told apart; the last is "something else". */
  readonly answer: number
  /** Kind of question, from 0. */
  readonly type: number
  /** Loss of the answer before training, as far as the dual encoder can tell; within its type, 0 is usual and 1 a spread. */
  readonly startLoss: number
}

/** The inputs of a fusion tower for rows, as `<prefix>.<name>`; without `answers` there is no `answer`. */
export function answerBatch(
  tables: AnswerTables,
  rows: readonly Omit<AnswerRow, 'answer' | 'type' | 'startLoss'>[],
  config: FusionConfig,
  prefix = '',
): TensorMap {
  const { width, frames: most, tokens: longest } = config
  const count = rows.length
  const frames = new Float32Array(count * most * width)
  const mask = new Float32Array(count * most)
  const tokens = new Float32Array(count * longest * width)
  const tokenMask = new Float32Array(count * longest)
  const thing = new Float32Array(count * width)
  const hasThing = new Float32Array(count)
  const text = (index: number): Float32Array => tables.texts.subarray(index * width, (index + 1) * width)
  rows.forEach((row, i) => {
    frames.set(tables.frames.subarray(row.clip * most * width, (row.clip + 1) * most * width), i * most * width)
    mask.set(tables.mask.subarray(row.clip * most, (row.clip + 1) * most), i * most)
    row.tokens.slice(0, longest).forEach((token, place) => {
      tokens.set(text(token), (i * longest + place) * width)
      tokenMask[i * longest + place] = 1
    })
    if (row.thing === null) return
    thing.set(text(row.thing), i * width)
    hasThing[i] = 1
  })
  return {
    [`${prefix}frames`]: floatTensor([count, most, width], frames),
    [`${prefix}mask`]: floatTensor([count, most], mask),
    [`${prefix}tokens`]: floatTensor([count, longest, width], tokens),
    [`${prefix}tokenMask`]: floatTensor([count, longest], tokenMask),
    [`${prefix}thing`]: floatTensor([count, width], thing),
    [`${prefix}hasThing`]: floatTensor([count, 1], hasThing),
  }
}

/** The right answers of rows, [B, A] with one 1 a row. */
export function answerTargets(rows: readonly AnswerRow[], answers: number): Float32Array {
  const targets = new Float32Array(rows.length * answers)
  rows.forEach(({ answer }, i) => (targets[i * answers + answer] = 1))
  return targets
}

/** How common the answer of each row is among `pairs` of its type: its logarithm, less the type's mean over the rows. */
export function frequencySignals(rows: readonly AnswerRow[], pairs: readonly AnswerRow[]): Float32Array {
  const counts = new Map<string, number>()
  const types = new Map<number, number>()
  const keyOf = ({ type, answer }: AnswerRow): string => `${type} ${answer}`
  for (const pair of pairs) {
    counts.set(keyOf(pair), (counts.get(keyOf(pair)) ?? 0) + 1)
    types.set(pair.type, (types.get(pair.type) ?? 0) + 1)
  }
  const signals = Float32Array.from(rows, (row) =>
    Math.log(((counts.get(keyOf(row)) ?? 0) + 1) / ((types.get(row.type) ?? 0) + 1)),
  )
  for (const type of new Set(rows.map((row) => row.type))) {
    const members = rows.flatMap((row, i) => (row.type === type ? [i] : []))
    const mean = members.reduce((sum, i) => sum + signals[i]!, 0) / members.length
    for (const i of members) signals[i]! -= mean
  }
  return signals
}
