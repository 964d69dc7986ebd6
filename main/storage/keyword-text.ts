/** How text is prepared for keyword search, the same way when it is stored and when it is asked for. Pure. */
import { normaliseText } from '../base/index.ts'

/** Words that would match nearly everything; left out of a query that has other terms. */
const emptyWords = new Set(
  `a about all also am an and any anything are as at be been but by can could did do does each every for from get give had
  has have he her here him his how i if in instead into is it its just kind kinds let like looking many me more most much my
  no not of off on one only or other our out over own please say see seen she show showing shows so some somebody someone
  something somewhere sort such than that the their them then there these they this those to too us very want
  was we were what when where which while who whose why will with without would you your`.split(/\s+/),
)

/** How people begin to ask: "show me a clip with". Only what follows says what they look for. */
const opening =
  /^(?:\s*(?:please|(?:can|could) you|(?:show|find|give|get)(?: me| us)?|(?:i am |i'm )?looking for|i (?:want|need)(?: to see)?|search(?:ing)? for|where (?:can|do|could) (?:i|we) (?:see|find|get)|(?:an? |the |some |any )?(?:close-?ups?|clips?|videos?|shots?|scenes?|footage|films?|photos?|pictures?|images?) (?:of|with|showing))\b)+/iu

/** One thing to look for. */
export type KeywordTerm = {
  /** Normalised; may hold spaces where the query had punctuation. */
  readonly text: string
  /** The same without spaces, as SKUs are stored. */
  readonly compact: string
  /** Whether its script puts spaces between words: then it should match from the start of a word. */
  readonly spaced: boolean
}

/** At most this many terms of a query are used. */
const maxTerms = 24

/** Written without spaces between words. */
const unspacedScript =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ー]/u

/** As stored in the index: a space before each word lets a query ask for the start of a word. */
export function indexedText(text: string): string {
  const normal = normaliseText(text)
  return normal === '' ? '' : ` ${normal} `
}

/** SKUs are compared without separators: `AB-12 3` is `ab123`. */
export function indexedSku(sku: string): string {
  return normaliseText(sku).replaceAll(' ', '')
}

/** Splits a query into terms, longest forms kept; text without spaces is cut into words by the language rules. */
export function queryTerms(query: string): KeywordTerm[] {
  const asked = query.replace(opening, '')
  const words = (/[\p{L}\p{N}]/u.test(asked) ? asked : query)
    .split(/\s+/u)
    .flatMap((word) => (unspacedScript.test(word.normalize('NFKC')) ? unspacedWords(word) : [word]))
    .map(normaliseText)
    .filter((word) => word !== '')
  const distinct = [...new Set(words)]
  const telling = distinct.filter((word) => !emptyWords.has(word))
  return (telling.length > 0 ? telling : distinct).slice(0, maxTerms).map((text) => ({
    text,
    compact: text.replaceAll(' ', ''),
    spaced: !unspacedScript.test(text),
  }))
}

function unspacedWords(word: string): string[] {
  const segmenter = new Intl.Segmenter('ja', { granularity: 'word' })
  const pieces = [...segmenter.segment(word.normalize('NFKC'))].filter((piece) => piece.isWordLike)
  // Single kana are particles and endings: they match everywhere and say nothing.
  const telling = pieces.filter(({ segment }) => !/^\p{Script=Hiragana}$/u.test(segment))
  return (telling.length > 0 ? telling : pieces).map(({ segment }) => segment)
}
