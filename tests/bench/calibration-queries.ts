/**
 * Questions that a catalogue of products cannot answer: invented words, subjects of other worlds, and products that it
 * does not hold. Each list has two halves, so that what was tuned on one can be measured on the other. Pure.
 */
import type { Random } from '../../main/base/index.ts'
import { knownConcepts, namesOf } from '../../scripts/built-in/synonyms.ts'

/** One in two for tuning, the others for measuring. */
export type Half = 'tuning' | 'measuring'

/** Real words about what no product catalogue shows. */
const offTopic: Readonly<Record<Half, readonly string[]>> = {
  tuning: [
    ...['annual shareholder meeting', 'thunderstorm over the ocean', 'supreme court ruling', 'brain surgery'],
    ...['flight delay at the airport', 'mortgage interest rates', 'volcano eruption', 'medieval castle siege'],
    ...['stock market crash', 'university lecture on physics', 'traffic jam', 'election debate', 'ballet performance'],
    ...['oil refinery', 'penguin colony', 'highway bridge construction', 'court hearing', 'software release notes'],
    ...['symphony orchestra', 'dentist appointment', 'satellite launch', 'earthquake damage', 'chess tournament'],
    ...['wedding ceremony in a church', 'mountain glacier', 'insurance claim', 'job interview', 'subway station'],
    ...['cybersecurity audit', 'galaxy telescope', 'prime minister speech', 'boxing match', 'shipping container port'],
    ...['desert sandstorm', 'train crash', 'grocery delivery contract', 'nuclear power plant', 'moon landing'],
    ...['birth certificate', 'whale migration'],
  ],
  measuring: [
    ...['quarterly tax report', 'nuclear submarine', 'jazz concert', 'parliament vote', 'heart transplant'],
    ...[
      'hurricane warning',
      'roman empire history',
      'football stadium crowd',
      'rocket engine test',
      'rental agreement',
    ],
    ...['polar bear hunting', 'skyscraper at night', 'crime scene investigation', 'opera singer', 'forest fire'],
    ...['employee handbook', 'airport security line', 'quantum mechanics', 'wind turbine', 'hospital emergency room'],
    ...['currency exchange', 'museum exhibition', 'flooded village', 'marathon runners', 'fighter jet'],
    ...['police chase', 'rice harvest', 'steam locomotive', 'climate summit', 'tooth extraction', 'lighthouse'],
    ...['kindergarten enrolment', 'coral reef diving', 'bankruptcy lawyer', 'space station', 'street protest'],
    ...['horse racing', 'dinosaur fossil', 'budget meeting minutes', 'waterfall in the jungle'],
  ],
}

export function offTopicQueries(half: Half): readonly string[] {
  return offTopic[half]
}

const consonants = [...'bcdfghjklmnpqrstvwxz']
const vowels = [...'aeiou']

/** `count` queries of one to three invented words, half of them without vowels ("qwzrtv"), half that can be said ("plonk"). */
export function nonsenseQueries(random: Random, count: number): string[] {
  const pick = (letters: readonly string[]): string => letters[random.integer(letters.length)]!
  const syllable = (): string => pick(consonants) + pick(vowels) + (random.uniform() < 0.6 ? pick(consonants) : '')
  const word = (canBeSaid: boolean): string =>
    canBeSaid
      ? Array.from({ length: 2 + random.integer(2) }, syllable).join('')
      : Array.from({ length: 4 + random.integer(5) }, () => pick(consonants)).join('')
  return Array.from({ length: count }, (_, index) =>
    Array.from({ length: 1 + random.integer(3) }, () => word(index % 2 === 0)).join(' '),
  )
}

/**
 * Products that the built-in model knows by name and that the catalogue does not hold: their everyday names. A concept
 * that shares a word of a name with one that is there is left out, since a shopper may mean that one; so are names that
 * are colours too.
 *
 * @param present concepts that the catalogue holds, as its truth names them
 */
export function absentQueries(present: readonly string[]): string[] {
  const wordsOf = (concept: string): string[] =>
    [concept, ...namesOf(concept).names.flatMap(({ singular, plural }) => [singular, plural])].flatMap((name) =>
      name
        .toLowerCase()
        .split(/[^a-z]+/)
        .filter((word) => word.length > 2)
        .map((word) => word.replace(/s$/, '')),
    )
  const taken = new Set([...present.flatMap(wordsOf), 'orange', 'peach', 'plum', 'lime'])
  const absent = knownConcepts.filter((concept) => !wordsOf(concept).some((word) => taken.has(word)))
  return [...new Set(absent.map((concept) => namesOf(concept).names[0]!.singular))].sort()
}
