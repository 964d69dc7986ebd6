/** Byte-pair encoding: learns which neighbouring pieces to join, from counted words. Pure; the same counts give the same merges. */

export type Merge = readonly [left: string, right: string]

type Word = { pieces: string[]; readonly count: number }

/** Cannot occur inside a piece, which holds printable byte characters only. */
const separator = ' '

/**
 * Joins the most frequent pair of neighbouring pieces, again and again.
 *
 * @param counts how often each word occurs; its characters are the first pieces
 * @param limit stops after this many merges
 * @param minCount stops when no pair occurs this often
 * @returns merges in the order in which an encoder must apply them; ties go to the alphabetically first pair
 */
export function learnMerges(counts: ReadonlyMap<string, number>, limit: number, minCount: number): Merge[] {
  const words: Word[] = [...counts].map(([word, count]) => ({ pieces: [...word], count }))
  const pairCounts = new Map<string, number>()
  const pairWords = new Map<string, Set<Word>>()

  const addPairs = (word: Word, sign: 1 | -1): void => {
    for (let i = 0; i + 1 < word.pieces.length; i++) {
      const pair = word.pieces[i]! + separator + word.pieces[i + 1]!
      pairCounts.set(pair, (pairCounts.get(pair) ?? 0) + sign * word.count)
      if (sign === 1) pairWords.set(pair, (pairWords.get(pair) ?? new Set()).add(word))
    }
  }
  for (const word of words) addPairs(word, 1)

  const merges: Merge[] = []
  while (merges.length < limit) {
    const best = mostFrequent(pairCounts)
    if (best === undefined || best.count < minCount) break
    const [left, right] = best.pair.split(separator) as [string, string]
    merges.push([left, right])
    // Words that lost the pair meanwhile are still listed under it; joining changes nothing in them.
    for (const word of pairWords.get(best.pair) ?? []) {
      addPairs(word, -1)
      word.pieces = joinPair(word.pieces, left, right)
      addPairs(word, 1)
    }
    pairCounts.delete(best.pair)
    pairWords.delete(best.pair)
  }
  return merges
}

function mostFrequent(pairCounts: ReadonlyMap<string, number>): { pair: string; count: number } | undefined {
  let best: { pair: string; count: number } | undefined
  for (const [pair, count] of pairCounts) {
    if (best === undefined || count > best.count || (count === best.count && pair < best.pair)) best = { pair, count }
  }
  return best
}

/** ["s", "h", "o", "e"] with "s", "h" -> ["sh", "o", "e"]. */
export function joinPair(pieces: readonly string[], left: string, right: string): string[] {
  const result: string[] = []
  for (let i = 0; i < pieces.length; i++) {
    if (pieces[i] === left && pieces[i + 1] === right) {
      result.push(left + right)
      i++
    } else result.push(pieces[i]!)
  }
  return result
}
