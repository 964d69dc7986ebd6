/** How text is folded and cut into words, the same way wherever words are compared: keyword search, lexicon, queries. Pure. */

/** Lower case, compatibility forms (full-width, ligatures) folded, everything but letters and digits made one space. */
export function normaliseText(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}ー]+/gu, ' ')
    .trim()
}

const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' })

/**
 * The words of a text in order, folded, by Unicode's rules: `Red T-shirts` has three, and a text without spaces is cut by
 * the rules of its language. Numbers are words; punctuation is not.
 */
export function wordsOf(text: string): string[] {
  return [...segmenter.segment(text.normalize('NFKC'))].flatMap(({ segment, isWordLike }) => {
    const word = isWordLike === true ? normaliseText(segment).replaceAll(' ', '') : ''
    return word === '' ? [] : [word]
  })
}
