/** What training is told of pairs beside their features: words of their own, how far the encoder knows them, the start. Pure. */
import {
  createEntriesOf,
  frozenPairs,
  knownShare,
  type EntriesOf,
  type Lexicon,
  type PairFacts,
  type PairSet,
} from '../../training/index.ts'
import type { PairFeatures } from './ports.ts'

export type PairFactsOptions = {
  readonly lexicon: Lexicon
  readonly knowsWord: (word: string) => boolean
  /** D */
  readonly width: number
}

/**
 * @param pairs as they are trained on
 * @param plain the same with finished features of the encoder; default: `pairs` has them
 */
export function pairSet(pairs: PairFeatures, options: PairFactsOptions, plain: PairFeatures = pairs): PairSet {
  const { ids, concepts: _, strings, ...features } = pairs
  const count = ids.length
  const { frames, mask, texts } = plain
  const facts: PairFacts = {
    ...factsOfTexts(strings, options, createEntriesOf(options.lexicon)),
    frozen: frozenPairs({ frames, mask, texts, count }, options.width),
  }
  return { ...features, count, facts }
}

function factsOfTexts(
  strings: readonly string[],
  { lexicon, knowsWord }: PairFactsOptions,
  entriesOf: EntriesOf,
): Pick<PairFacts, 'entries' | 'known'> {
  return {
    ...(lexicon.words.length > 0 && { entries: strings.map(entriesOf) }),
    known: Float32Array.from(strings, (text) => knownWeight(text, knowsWord)),
  }
}

/** What is known is kept: a text of words that the encoder knows counts, one with any other word does not. */
export function knownWeight(text: string, knowsWord: (word: string) => boolean): number {
  return knownShare(text, knowsWord) === 1 ? 1 : 0
}
