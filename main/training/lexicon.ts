/**
 * The lexicon: words of the customer's that the encoder does not know well, each of which gets a learned vector. Which
 * words those are, and which of them a text has. Pure; the vectors are in lexicon-table.ts.
 *
 * [Note: What is known is kept, what is unknown is learned] An encoder turns an invented product name into pieces, and what
 * the pieces add up to is chance: all such names lie close together, and no map of the finished text vector tells them
 * apart. A vector of its own for each such word does. A word that the encoder knows gets none, because a few hundred noisy
 * pairs know less of it than the encoder does (docs/decisions/017 has the numbers).
 */
import { wordsOf } from '../base/index.ts'

export type Lexicon = {
  /** Folded; two neighbouring words are one entry with a space. Row i of the vectors belongs to entry i. */
  readonly words: readonly string[]
  /** In how many training texts each entry was. */
  readonly seen: readonly number[]
}

export const emptyLexicon: Lexicon = { words: [], seen: [] }

/** A word that was seen once cannot be told from the clip that it stands beside. */
const fewestTexts = 2

/** Of two neighbouring words, which need more evidence than one. */
const fewestTextsOfTwo = 3

/** Two words that are nearly always together say no more than the rarer of them. */
const mostShareOfTwo = 0.8

/** At most so many entries, the most frequent first; a table of 20,000 x 512 floats and its moments is 120 MB. */
const mostEntries = 20_000

export type LexiconOptions = {
  /** Whether the encoder knows a word. */
  readonly knowsWord: (word: string) => boolean
}

/** @param texts of all training pairs and trusted pairs, repetitions included */
export function buildLexicon(texts: readonly string[], { knowsWord }: LexiconOptions): Lexicon {
  const known = new Map<string, boolean>()
  const isUnknown = (word: string): boolean => {
    let knows = known.get(word)
    if (knows === undefined) known.set(word, (knows = !/\p{L}/u.test(word) || knowsWord(word)))
    return !knows
  }
  const one = new Map<string, number>()
  const two = new Map<string, number>()
  const count = (map: Map<string, number>, entry: string, by: number): void => {
    map.set(entry, (map.get(entry) ?? 0) + by)
  }
  for (const [text, times] of tally(texts)) {
    const words = wordsOf(text)
    for (const word of new Set(words)) if (isUnknown(word)) count(one, word, times)
    for (const pair of new Set(neighbours(words))) if (pair.split(' ').some(isUnknown)) count(two, pair, times)
  }
  const tells = ([pair, times]: [string, number]): boolean =>
    times >= fewestTextsOfTwo &&
    pair.split(' ').every((word) => !isUnknown(word) || times < mostShareOfTwo * (one.get(word) ?? 0))
  const entries = [...[...one].filter(([, times]) => times >= fewestTexts), ...[...two].filter(tells)]
  // By frequency, then by letters: the same texts in another order give the same lexicon.
  entries.sort(([a, timesA], [b, timesB]) => timesB - timesA || (a < b ? -1 : 1))
  const kept = entries.slice(0, mostEntries)
  return { words: kept.map(([word]) => word), seen: kept.map(([, times]) => times) }
}

/** Entries of the lexicon that a text has, each once. */
export type EntriesOf = (text: string) => number[]

export function createEntriesOf({ words }: Pick<Lexicon, 'words'>): EntriesOf {
  const rowOf = new Map(words.map((word, row) => [word, row]))
  return (text) => {
    if (rowOf.size === 0) return []
    const own = wordsOf(text)
    const rows = [...own, ...neighbours(own)].flatMap((entry) => rowOf.get(entry) ?? [])
    return [...new Set(rows)].sort((a, b) => a - b)
  }
}

/** Share of a text's words (those with letters) that the encoder knows, 0..1; 0 for a text without words. */
export function knownShare(text: string, knowsWord: (word: string) => boolean): number {
  const words = wordsOf(text).filter((word) => /\p{L}/u.test(word))
  return words.length === 0 ? 0 : words.filter(knowsWord).length / words.length
}

function neighbours(words: readonly string[]): string[] {
  return words.slice(1).map((word, i) => `${words[i]!} ${word}`)
}

function tally(texts: readonly string[]): Map<string, number> {
  const times = new Map<string, number>()
  for (const text of texts) times.set(text, (times.get(text) ?? 0) + 1)
  return times
}
