/** Where the words of a query stand in a text, by the same rules as the keyword search finds them. Pure. */
import { queryTerms, type KeywordTerm } from './keyword-text.ts'

/** Half-open range of UTF-16 positions. */
export type TextRange = readonly [start: number, end: number]

/** A text as it is compared: `at[i]` and `until[i]` are the original positions of its i-th character. */
type Folded = { readonly text: string; readonly at: readonly number[]; readonly until: readonly number[] }

/**
 * Ranges in ascending order that do not touch. @param isSku the text is compared without separators
 */
export function highlight(text: string, query: string, isSku = false): TextRange[] {
  const folded = fold(text, isSku)
  const found = queryTerms(query).flatMap((term) => rangesOf(term, folded, isSku))
  found.sort((a, b) => a[0] - b[0] || a[1] - b[1])
  const merged: [number, number][] = []
  for (const [start, end] of found) {
    const last = merged.at(-1)
    if (last !== undefined && start <= last[1]) last[1] = Math.max(last[1], end)
    else merged.push([start, end])
  }
  return merged
}

function rangesOf(term: KeywordTerm, folded: Folded, isSku: boolean): TextRange[] {
  const wanted = fold(isSku ? term.compact : term.text, isSku).text
  if (wanted === '') return []
  const places: number[] = []
  for (let at = folded.text.indexOf(wanted); at >= 0; at = folded.text.indexOf(wanted, at + 1)) places.push(at)
  const fromWordStart = places.filter((at) => at === 0 || folded.text[at - 1] === ' ')
  // Words with spaces around them match from their start; inside of others only when nothing better is there.
  const chosen = term.spaced && !isSku && fromWordStart.length > 0 ? fromWordStart : places
  if (isSku && wanted.length < 3) return []
  return chosen.map((at) => [folded.at[at]!, folded.until[at + wanted.length - 1]!])
}

function fold(text: string, isSku: boolean): Folded {
  let folded = ''
  const at: number[] = []
  const until: number[] = []
  let position = 0
  for (const character of text) {
    const plain = character
      .normalize('NFKC')
      .toLowerCase()
      .normalize('NFD')
      .replace(/[\u0300-\u036f]/g, '')
      .normalize('NFC')
      .replace(/[^\p{L}\p{N}\p{M}ー]/gu, isSku ? '' : ' ')
    for (const unit of plain.split('')) {
      folded += unit
      at.push(position)
      until.push(position + character.length)
    }
    position += character.length
  }
  return { text: folded, at, until }
}
