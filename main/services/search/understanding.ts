/** Which words of a query mean something to a model: those it was trained on, by its maker or with this library. Pure. */
import type { QueryWord } from '../../storage/index.ts'

export type Understanding = {
  /** Share of the telling words, 0..1; 1 when no word tells (numbers, single letters): nothing speaks against them. */
  readonly share: number
  /** Words that neither the model nor any text of the library has, as asked. */
  readonly unknownWords: readonly string[]
}

/** Short pieces of words are in every vocabulary; they say nothing about having been seen as words. */
const fewestLetters = 3

/**
 * @param knowsWord what the model's maker trained it on
 * @param isTrained whether the model was trained with the texts of this library, and so on the words in them
 */
export function understandingOf(
  words: readonly QueryWord[],
  knowsWord: (word: string) => boolean,
  isTrained: boolean,
): Understanding {
  // Punctuation inside a word (t-shirt) leaves several; a word of one script without spaces has two letters at least.
  const telling = words.filter(({ text, isInTexts }) => isInTexts || parts(text).length > 0)
  if (telling.length === 0) return { share: 1, unknownWords: [] }
  const isKnown = (text: string): boolean => {
    const all = parts(text)
    return all.length > 0 && all.every(knowsWord)
  }
  const understood = telling.filter(({ text, isInTexts }) => (isInTexts && isTrained) || isKnown(text))
  return {
    share: understood.length / telling.length,
    unknownWords: telling.filter(({ text, isInTexts }) => !isInTexts && !isKnown(text)).map(({ text }) => text),
  }
}

function parts(text: string): string[] {
  const isLatin = /^[\p{Script=Latin}\p{N}\p{M} ]*$/u.test(text)
  return text.split(' ').filter((part) => /\p{L}/u.test(part) && (!isLatin || part.length >= fewestLetters))
}
