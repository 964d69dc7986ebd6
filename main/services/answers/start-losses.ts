/**
 * The loss of each answer before training, as the dual encoder judges it: what tells wrong answers from right ones where the
 * encoder knows the words, and what a head that learns wrong answers by heart cannot hide. Pure.
 */
import { fitLogistic, logistic } from './calibrate.ts'

export type StartRow = {
  readonly type: string
  readonly answer: string
  /** Feature [D] of the clip, of unit length. */
  readonly clip: Float32Array
  /** Feature of what the question names, where it asks whether that is there; null for other questions. */
  readonly asked: Float32Array | null
  readonly isTrusted: boolean
}

/** Sharpness of the encoder's cosines. */
const scale = 20
/** How much of what an answer scores on any clip is taken out. */
const biasShare = 0.5
const fewestTrusted = 8

/** One loss a row; within a type their mean is 0 and their spread 1. Types of one answer have zeros. */
export function startLosses(rows: readonly StartRow[], featureOf: (answer: string) => Float32Array): Float32Array {
  const losses = new Float32Array(rows.length)
  const clips = sample(rows.map(({ clip }) => clip))
  const types = new Map<string, number[]>()
  rows.forEach(({ type }, i) => types.set(type, [...(types.get(type) ?? []), i]))
  for (const members of types.values()) {
    const own = members.map((i) => rows[i]!)
    const found = own.every(({ asked }) => asked !== null) ? presenceLosses(own) : choiceLosses(own, clips, featureOf)
    const mean = found.reduce((sum, value) => sum + value, 0) / found.length
    const spread = Math.sqrt(found.reduce((sum, value) => sum + (value - mean) ** 2, 0) / found.length)
    members.forEach((i, place) => (losses[i] = spread < 1e-6 ? 0 : (found[place]! - mean) / spread))
  }
  return losses
}

/** Where "yes" begins, trusted answers say; without enough of them, all answers do, most of which are right. */
function presenceLosses(rows: readonly StartRow[]): number[] {
  const near = rows.map(({ clip, asked }) => [dot(clip, asked!)])
  const trusted = rows.flatMap(({ isTrusted }, i) => (isTrusted ? [i] : []))
  const says = (i: number): boolean => rows[i]!.answer.toLowerCase() === 'yes'
  const both = trusted.some(says) && trusted.some((i) => !says(i))
  const judges = both && trusted.length >= fewestTrusted ? trusted : rows.map((_, i) => i)
  const weights = fitLogistic(
    judges.map((i) => near[i]!),
    judges.map(says),
  )
  return near.map((row, i) => {
    const yes = logistic(weights, row)
    return -Math.log(Math.max(1e-6, says(i) ? yes : 1 - yes))
  })
}

function choiceLosses(
  rows: readonly StartRow[],
  clips: readonly Float32Array[],
  featureOf: (answer: string) => Float32Array,
): number[] {
  const answers = [...new Set(rows.map(({ answer }) => answer))].sort()
  const place = new Map(answers.map((answer, i) => [answer, i]))
  const features = answers.map(featureOf)
  const bias = features.map((feature) => clips.reduce((sum, clip) => sum + dot(clip, feature), 0) / clips.length)
  return rows.map(({ clip, answer }) => {
    const scores = features.map((feature, i) => scale * (dot(clip, feature) - biasShare * bias[i]!))
    const top = Math.max(...scores)
    return Math.log(scores.reduce((sum, score) => sum + Math.exp(score - top), 0)) + top - scores[place.get(answer)!]!
  })
}

const mostClips = 512

/** Every n-th, so that about 512 are left. */
function sample<T>(values: readonly T[]): T[] {
  const every = Math.max(1, Math.floor(values.length / mostClips))
  return values.filter((_, i) => i % every === 0)
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}
