/** The clean part of the sample catalogue: exemplars (labelled moments) and search queries with their right answers. */
import type { Random } from '../../main/base/random.ts'
import { hasInHouseName, houseWordOf, ranges, shotTimes, type Clip, type Product } from './catalogue-plan.ts'
import { describe } from './catalogue-texts.ts'
import { pick } from './captions.ts'
import type { ColourName } from './colours.ts'
import { kindNamed } from './kinds.ts'

export type Moment = { file: string; start: number; end: number }
export type Exemplar = Moment & { description: string; grade: 'exact' | 'partial' }
export type Target = { concept: string[]; colour?: ColourName; pattern?: string }
export type Query = {
  query: string
  relevant: Moment[]
  uncertain: Moment[]
  kind: 'article' | 'article+colour' | 'in-house'
  target: Target
}

export const exemplarCount = 48
export const queryCount = 100
const inHouseQueryCount = 40

type Showing = Moment & { product: Product; closeUp: boolean }

/** Every shot of every clip. */
export function showingsOf(clips: readonly Clip[]): Showing[] {
  return clips.flatMap((clip) => {
    const times = shotTimes(clip)
    return clip.shots.map((shot, i) => ({
      file: clip.file,
      ...times[i]!,
      product: shot.product,
      closeUp: shot.closeUp,
    }))
  })
}

/** Two labels for each in-house kind, one for each other kind, and more of the frequent ones until the count is reached. */
export function writeExemplars(clips: readonly Clip[], random: Random): Exemplar[] {
  const left = random.shuffled(showingsOf(clips).filter((showing) => !showing.closeUp))
  const order = [
    ...ranges.map((range) => range.kind),
    ...ranges.filter((range) => range.inHouseName).map((range) => range.kind),
    ...ranges.map((range) => range.kind),
  ]
  const chosen: Exemplar[] = []
  for (const kind of order) {
    if (chosen.length === exemplarCount) break
    const at = left.findIndex((showing) => showing.product.look.kind.name === kind)
    if (at < 0) continue
    const [showing] = left.splice(at, 1)
    const { file, start, end, product } = showing!
    const coarse = random.uniform() < 0.2
    chosen.push({
      file,
      start,
      end,
      description: coarse
        ? describe({ ...product, look: { ...product.look, pattern: 'plain' } }, random, null)
        : describe(product, random),
      grade: coarse ? 'partial' : 'exact',
    })
  }
  return chosen.sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.start - b.start))
}

/** Colours that a person could take for the asked one. */
const alike: Partial<Record<ColourName, readonly ColourName[]>> = {
  red: ['pink', 'orange'],
  orange: ['yellow', 'red'],
  yellow: ['orange'],
  pink: ['red', 'purple'],
  purple: ['blue', 'pink'],
  blue: ['purple'],
  brown: ['orange'],
  grey: ['black', 'white'],
  black: ['grey'],
  white: ['grey'],
}

function isUncertain({ look }: Product, target: Target): boolean {
  if (!target.concept.includes(look.kind.name) || !target.colour || look.colour === target.colour) return false
  const secondColour = look.pattern !== 'plain' && look.second === target.colour
  return secondColour || (alike[target.colour]?.includes(look.colour) ?? false)
}

function isRelevant({ look }: Product, target: Target): boolean {
  return target.concept.includes(look.kind.name) && (!target.colour || look.colour === target.colour)
}

/** Worded otherwise than the descriptions: synonyms for the known kinds; an in-house name has no synonym. */
function wordsFor(target: Target, random: Random): string {
  const kind = kindNamed(target.concept[0]!)
  const word = hasInHouseName(kind.name) ? houseWordOf(kind.name) : pick([kind.name, ...kind.synonyms], random)
  const phrase = target.colour
    ? pick([`${target.colour} ${word}`, `${target.colour} ${word}`, `${word} in ${target.colour}`], random)
    : word
  return pick([phrase, phrase, `show me ${phrase}`, `clip with ${phrase}`], random)
}

/** Queries over kinds and over kinds with a colour; each has at least one right moment. */
export function writeQueries(clips: readonly Clip[], random: Random): Query[] {
  const showings = showingsOf(clips)
  const kindTargets: Target[] = ranges.map((range) => ({ concept: [range.kind] }))
  const pairs = new Set(showings.map(({ product }) => `${product.look.kind.name}|${product.look.colour}`))
  const colourTargets: Target[] = [...pairs].map((pair) => {
    const [kind, colour] = pair.split('|') as [string, ColourName]
    return { concept: [kind], colour }
  })
  const inHouse = (target: Target): boolean => hasInHouseName(target.concept[0]!)
  const known = (target: Target): boolean => !inHouse(target)
  const knownKinds = random.shuffled(kindTargets.filter(known)).slice(0, 12)
  const knownColours = random.shuffled(colourTargets.filter(known)).slice(0, queryCount - inHouseQueryCount - 12)
  const houseKinds = kindTargets.filter(inHouse)
  const houseColours = random.shuffled(colourTargets.filter(inHouse)).slice(0, inHouseQueryCount - houseKinds.length)
  return random.shuffled([...knownKinds, ...knownColours, ...houseKinds, ...houseColours]).map((target) => {
    const momentsOf = (wanted: (product: Product, target: Target) => boolean): Moment[] =>
      showings.filter(({ product }) => wanted(product, target)).map(({ file, start, end }) => ({ file, start, end }))
    return {
      query: wordsFor(target, random),
      relevant: momentsOf(isRelevant),
      uncertain: momentsOf(isUncertain),
      kind: inHouse(target) ? 'in-house' : target.colour ? 'article+colour' : 'article',
      target,
    }
  })
}
