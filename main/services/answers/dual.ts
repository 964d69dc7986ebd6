/**
 * Answers without any training, by the dual encoder. An answer becomes a statement; what a statement scores on its best
 * moment, less what it scores on random moments of the catalogue, speaks for the answer: some words fit every picture.
 */
import { createRandom } from '../../base/index.ts'
import type { Library } from '../../storage/index.ts'
import { framesPerShot } from '../models/index.ts'
import type { ReadyModel } from '../search/index.ts'
import type { FeatureEncoder } from '../shared/ports.ts'
import { fitLogistic, fitTemperature, logistic, sigmoid, softmax, surenessFor, type ChoiceCase } from './calibrate.ts'
import { choicesFor } from './options.ts'
import { isYesNo, sameAnswer, statementOf, understand, type Understood } from './understand.ts'

export type DualParts = {
  readonly library: Library
  readonly encoder: FeatureEncoder
  readonly ready: ReadyModel
}

/** What a statement scores. */
export type StatementScore = {
  /** Of the best moment, as a cosine. */
  readonly best: number
  /** Mean and spread over random moments. */
  readonly bias: number
  readonly spread: number
  /** All moments of the scope, best first. */
  readonly hits: readonly { readonly id: string; readonly score: number }[]
}

export type StatementScorer = (statements: readonly string[], scope: readonly string[]) => Promise<StatementScore[]>

const randomMoments = 256
const chanceSeed = 1
const rememberedStatements = 5000

/** Statements' vectors and biases are remembered: the catalogue is the same for every question. */
export function createScorer({ encoder, ready }: DualParts): StatementScorer {
  const random = createRandom(chanceSeed)
  const chance = random.shuffled([...ready.segments.keys()].sort()).slice(0, randomMoments)
  const remembered = new Map<string, { query: Float32Array; bias: number; spread: number }>()
  return async (statements, scope) => {
    const unknown = [...new Set(statements)].filter((text) => !remembered.has(text))
    if (unknown.length > 0) {
      if (remembered.size > rememberedStatements) remembered.clear()
      const missing = [...new Set(statements)].filter((text) => !remembered.has(text))
      const vectors = await ready.tower.texts(await encoder.encodeTexts(missing), missing)
      missing.forEach((text, i) => {
        const query = vectors.slice(i * encoder.dim, (i + 1) * encoder.dim)
        const scores = [...ready.index.scores(query, chance).values()]
        const bias = scores.reduce((sum, score) => sum + score, 0) / Math.max(1, scores.length)
        const variance = scores.reduce((sum, score) => sum + (score - bias) ** 2, 0) / Math.max(1, scores.length)
        remembered.set(text, { query, bias, spread: Math.max(1e-6, Math.sqrt(variance)) })
      })
    }
    return statements.map((text) => {
      const { query, bias, spread } = remembered.get(text)!
      const hits = [...ready.index.scores(query, scope)]
        .map(([id, score]) => ({ id, score }))
        .sort((a, b) => b.score - a.score)
      return { best: hits[0]?.score ?? bias, bias, spread, hits }
    })
  }
}

export type DualCalibration = {
  /** Logistic weights of "it is there": bias, of the score, of how far it stands out of chance. */
  readonly presence: readonly number[]
  readonly temperature: number
  /** Shots that are at least so much alike show the same product. */
  readonly alike: number
  /** Below it, an answer is not sure. */
  readonly surenessNeeded: number
  /** Trusted pairs that all this comes from. */
  readonly pairs: number
}

/** Rules of thumb for a library without trusted pairs. */
export const uncalibrated: DualCalibration = {
  presence: [-3, 0, 2],
  temperature: 0.05,
  alike: 0.6,
  surenessNeeded: 0.5,
  pairs: 0,
}

const fewestPairs = { presence: 12, temperature: 12, alike: 3, sureness: 20 }
/** What may be wrong of the answers that are given as sure, on trusted pairs. */
const acceptedRisk = 0.2

export type DualAnswer = {
  readonly answer: string
  readonly sureness: number
  /** Where it has a scale of its own; default: the calibration's. */
  readonly surenessNeeded?: number
  readonly options: readonly { readonly answer: string; readonly probability: number }[]
  readonly moments: readonly { readonly segment: string; readonly shows: string }[]
}

const shownMoments = 5

/** Row of the logistic model of presence. */
function presenceRow({ bias, spread }: StatementScore, score: number): number[] {
  return [score, (score - bias) / spread]
}

/** How likely a moment shows what a statement says. */
export function presenceOf(calibration: DualCalibration, score: StatementScore, of: number): number {
  return logistic(calibration.presence, presenceRow(score, of))
}

export type DualQuestion = {
  readonly understood: Understood
  /** Never empty, but for `present`, `first` and `count`. */
  readonly choices: readonly string[]
  /** Shots that the question is about. */
  readonly scope: readonly string[]
}

/** Null for a question that has no statements: nothing to choose from. */
export async function answerDual(
  parts: DualParts,
  score: StatementScorer,
  calibration: DualCalibration,
  { understood, choices, scope }: DualQuestion,
): Promise<DualAnswer | null> {
  if (understood.type === 'present' && (choices.length === 0 || isYesNo(choices))) {
    const [found] = await score([understood.thing], scope)
    const yes = presenceOf(calibration, found!, found!.best)
    const isYes = yes >= 0.5
    const showing = found!.hits.filter((hit) => presenceOf(calibration, found!, hit.score) >= 0.5)
    const options = [
      { answer: wordFor('yes', choices), probability: yes },
      { answer: wordFor('no', choices), probability: 1 - yes },
    ].sort((a, b) => b.probability - a.probability)
    return {
      ...{ answer: options[0]!.answer, sureness: options[0]!.probability, options },
      moments: momentsOf(isYes && showing.length > 0 ? showing : found!.hits.slice(0, 1), understood.thing),
    }
  }
  if (understood.type === 'first') return firstOf(parts, score, understood.things, choices, scope)
  if (understood.type === 'count') return countOf(parts, calibration, choices, scope)
  if (choices.length === 0) return null

  const scores = await score(
    choices.map((choice) => statementOf(understood, choice)),
    scope,
  )
  const probabilities = softmax(
    scores.map(({ best, bias }) => best - bias),
    calibration.temperature,
  )
  const options = choices
    .map((answer, i) => ({ answer, probability: probabilities[i]!, hits: scores[i]!.hits }))
    .sort((a, b) => b.probability - a.probability)
  const best = options[0]!
  return {
    ...{ answer: best.answer, sureness: best.probability },
    options: options.map(({ answer, probability }) => ({ answer, probability })),
    moments: momentsOf(best.hits, best.answer),
  }
}

function wordFor(word: 'yes' | 'no', choices: readonly string[]): string {
  return choices.find((choice) => sameAnswer(choice, word)) ?? word
}

function momentsOf(hits: readonly { readonly id: string }[], shows: string): DualAnswer['moments'] {
  return hits.slice(0, shownMoments).map(({ id }) => ({ segment: id, shows }))
}

/** Each of the two has a moment that shows it most and the other least; the earlier moment says which comes first. */
async function firstOf(
  { ready }: DualParts,
  score: StatementScorer,
  things: readonly [string, string],
  choices: readonly string[],
  scope: readonly string[],
): Promise<DualAnswer | null> {
  if (scope.length === 0) return null
  const [a, b] = await score(things, scope)
  const standing = (found: StatementScore): Map<string, number> =>
    new Map(found.hits.map(({ id, score: own }) => [id, (own - found.bias) / found.spread]))
  const [ofA, ofB] = [standing(a!), standing(b!)]
  const contrast = (id: string): number => ofA.get(id)! - ofB.get(id)!
  const sorted = [...ofA.keys()].sort((x, y) => contrast(y) - contrast(x))
  const [momentA, momentB] = [sorted[0]!, sorted.at(-1)!]
  const startOf = (id: string): number => ready.segments.get(id)?.startSeconds ?? 0
  const isAFirst = startOf(momentA) <= startOf(momentB)
  const sureness = sigmoid(Math.min(Math.max(0, contrast(momentA)), Math.max(0, -contrast(momentB))))
  const word = (thing: string): string => choices.find((choice) => sameAnswer(choice, thing)) ?? thing
  const pair = [
    { answer: word(things[0]), moment: { segment: momentA, shows: things[0] }, isFirst: isAFirst },
    { answer: word(things[1]), moment: { segment: momentB, shows: things[1] }, isFirst: !isAFirst },
  ].sort((x, y) => Number(y.isFirst) - Number(x.isFirst))
  return {
    ...{ answer: pair[0]!.answer, sureness },
    options: pair.map(({ answer }, i) => ({ answer, probability: i === 0 ? sureness : 1 - sureness })),
    moments: pair.map(({ moment }) => moment),
  }
}

/** Shots that are alike show one product, whether or not they touch. */
async function countOf(
  parts: DualParts,
  calibration: DualCalibration,
  choices: readonly string[],
  scope: readonly string[],
): Promise<DualAnswer | null> {
  const tree = await likenessOf(parts, scope)
  if (tree === null) return null
  const count = groupsAt(tree, calibration.alike)
  // How near the numbers beside it are: the heights at which one product more or less would be seen.
  const numbers = choices.filter((choice) => /^\d+$/.test(choice.trim())).map(Number)
  const nearest = numbers.length === 0 ? count : numbers.reduce((a, b) => (distance(b) < distance(a) ? b : a))
  function distance(number: number): number {
    return Math.abs(number - count)
  }
  const gap = Math.min(...tree.merges.map((height) => Math.abs(height - calibration.alike)), 0.5)
  const sureness = sigmoid(gap * 20) * (nearest === count ? 1 : 0.5)
  const answer = choices.find((choice) => Number(choice) === nearest) ?? String(nearest)
  return {
    ...{ answer, sureness, options: [{ answer, probability: sureness }] },
    moments: tree.first(calibration.alike).map((segment, i) => ({ segment, shows: `product ${i + 1}` })),
  }
}

type Likeness = {
  /** Similarity at which two groups became one, in order; one fewer than shots. */
  readonly merges: readonly number[]
  /** The first shot of each group. */
  first(alike: number): string[]
}

function groupsAt({ merges }: Likeness, alike: number): number {
  return merges.filter((height) => height < alike).length + 1
}

/** Groups of average likeness: the two groups whose shots are most alike on average become one, until one is left. */
async function likenessOf({ library, encoder, ready }: DualParts, scope: readonly string[]): Promise<Likeness | null> {
  const ids = [...scope]
    .filter((id) => ready.segments.has(id))
    .sort((a, b) => ready.segments.get(a)!.startSeconds - ready.segments.get(b)!.startSeconds)
    .slice(0, 200)
  if (ids.length === 0) return null
  const { frames, mask } = library.features.loadFrames(encoder.id, ids, framesPerShot)
  const vectors = await ready.tower.videos(frames, mask, ids.length)
  const similarity = (a: number, b: number): number => {
    let sum = 0
    for (let i = 0; i < encoder.dim; i++) sum += vectors[a * encoder.dim + i]! * vectors[b * encoder.dim + i]!
    return sum
  }
  let groups = ids.map((_, i) => [i])
  const merges: number[] = []
  const history: { alike: number; groups: readonly (readonly number[])[] }[] = []
  const between = (a: readonly number[], b: readonly number[]): number =>
    a.reduce((sum, x) => sum + b.reduce((part, y) => part + similarity(x, y), 0), 0) / (a.length * b.length)
  while (groups.length > 1) {
    let [best, left, right] = [-Infinity, 0, 1]
    for (let a = 0; a < groups.length; a++) {
      for (let b = a + 1; b < groups.length; b++) {
        const value = between(groups[a]!, groups[b]!)
        if (value > best) [best, left, right] = [value, a, b]
      }
    }
    history.push({ alike: best, groups })
    merges.push(best)
    const joined = [...groups[left]!, ...groups[right]!].sort((a, b) => a - b)
    groups = [...groups.filter((_, i) => i !== left && i !== right), joined]
  }
  return {
    merges,
    first(alike) {
      const wanted = merges.filter((height) => height < alike).length + 1
      const found = history.find((step) => step.groups.length === wanted)?.groups ?? groups
      return found
        .map((group) => group[0]!)
        .sort((a, b) => a - b)
        .map((i) => ids[i]!)
    },
  }
}

/** Shots of a video that share time with a stretch of it. */
export function shotsIn(ready: ReadyModel, videoId: string, startSeconds: number, endSeconds: number): string[] {
  const shots = ready.segmentsOfVideo.get(videoId) ?? []
  const inside = shots.filter((shot) => shot.startSeconds < endSeconds && shot.endSeconds > startSeconds)
  return inside.map(({ id }) => id)
}

/** Whether a question is to be decided by yes or no. */
export function asksYesNo(understood: Understood, choices: readonly string[]): boolean {
  return understood.type === 'present' && (choices.length === 0 || isYesNo(choices))
}

/** What trusted pairs say about scores: where "yes" begins, how sharp choices are, when to say "not sure". */
export async function calibrateDual(parts: DualParts, score: StatementScorer): Promise<DualCalibration> {
  const { library, ready } = parts
  const trusted = library.questions.all({ trusted: true }).map((question) => ({
    ...question,
    understood: understand(question.question, question.choices.length > 0),
    scope: shotsIn(ready, question.videoId, question.startSeconds, question.endSeconds),
  }))
  // A free question is answered with what the library knows, so that is what its answer was right among.
  const usable = trusted
    .filter(({ scope }) => scope.length > 0)
    .map((one) => ({ ...one, choices: choicesFor(library, one.understood, one.choices) }))
  const rows: number[][] = []
  const labels: boolean[] = []
  const cases: ChoiceCase[] = []
  const counted: { tree: Likeness; count: number }[] = []
  for (const { understood, choices, answer, scope } of usable) {
    if (asksYesNo(understood, choices)) {
      const [found] = await score([statementOf(understood, answer)], scope)
      rows.push(presenceRow(found!, found!.best))
      labels.push(sameAnswer(answer, 'yes'))
    } else if (understood.type === 'count') {
      const tree = await likenessOf(parts, scope)
      if (tree !== null) counted.push({ tree, count: Number(answer) })
    } else if (!['first', 'unanswerable'].includes(understood.type) && choices.length > 1) {
      const scores = await score(
        choices.map((choice) => statementOf(understood, choice)),
        scope,
      )
      const right = choices.findIndex((choice) => sameAnswer(choice, answer))
      if (right >= 0) cases.push({ scores: scores.map(({ best, bias }) => best - bias), right })
    }
  }
  const bothKinds = labels.includes(true) && labels.includes(false)
  const hasPresence = bothKinds && rows.length >= fewestPairs.presence
  const hasTemperature = cases.length >= fewestPairs.temperature
  const hasAlike = counted.length >= fewestPairs.alike
  const fitted: DualCalibration = {
    ...uncalibrated,
    ...(hasPresence && { presence: fitLogistic(rows, labels) }),
    ...(hasTemperature && { temperature: fitTemperature(cases) }),
    ...(hasAlike && { alike: fitLikeness(counted) }),
    // Too few say nothing: what is sure then follows the rule of thumb.
    pairs: (hasPresence ? rows.length : 0) + (hasTemperature ? cases.length : 0) + (hasAlike ? counted.length : 0),
  }
  const outcomes: { sureness: number; isRight: boolean }[] = []
  for (const { understood, choices, answer, scope } of usable) {
    const given = await answerDual(parts, score, fitted, { understood, choices, scope })
    if (given !== null) outcomes.push({ sureness: given.sureness, isRight: sameAnswer(given.answer, answer) })
  }
  if (outcomes.length < fewestPairs.sureness) return fitted
  return { ...fitted, surenessNeeded: surenessFor(outcomes, acceptedRisk) }
}

/** The likeness that counts most of the trusted reels right; of several, the middle one. */
function fitLikeness(counted: readonly { readonly tree: Likeness; readonly count: number }[]): number {
  const ladder = Array.from({ length: 91 }, (_, i) => 0.05 + i * 0.01)
  const wrong = ladder.map((alike) =>
    counted.reduce((sum, { tree, count }) => sum + Math.abs(groupsAt(tree, alike) - count), 0),
  )
  const least = Math.min(...wrong)
  const best = ladder.filter((_, i) => wrong[i] === least)
  return best[best.length >> 1]!
}
