/** Keyword search over title, descriptions, SKU and category (FTS5 trigrams). Runs in the engine. */
import type { Connection } from './connection.ts'
import { queryTerms, type KeywordTerm } from './keyword-text.ts'

export type KeywordHit = {
  readonly videoId: string
  /** Higher is better; comparable within one search only. */
  readonly score: number
  /** How many of the terms the video contains, and how many the query has: their ratio is comparable between searches. */
  readonly matchedTerms: number
  readonly termCount: number
}

/** One word of a query and whether any text of the library has it. */
export type QueryWord = { readonly text: string; readonly isInTexts: boolean }

export type KeywordSearch = {
  /** Best first; indexed videos only. Any text is allowed: it is never read as query syntax. Default limit 200. */
  search(query: string, options?: { readonly limit?: number }): KeywordHit[]
  /** The same, with the words that were looked for. */
  look(
    query: string,
    options?: { readonly limit?: number },
  ): { readonly hits: KeywordHit[]; readonly words: readonly QueryWord[] }
}

/** How much a hit counts by column: title, descriptions, SKU, category. */
const columnWeights = '2.0, 1.0, 4.0, 1.0'

type TermHit = { readonly rowId: number; readonly score: number }

export function createKeywordSearch(connection: Connection): KeywordSearch {
  /** Trigrams need three characters; a space before the word is one of them. */
  const byTrigrams = (expression: string): TermHit[] =>
    connection.all<TermHit>(
      `SELECT rowid AS rowId, -bm25(keyword_text, ${columnWeights}) AS score FROM keyword_text WHERE keyword_text MATCH ?`,
      expression,
    )

  const byScan = (text: string): TermHit[] => {
    const pattern = `%${text.replace(/[\\%_]/g, '\\$&')}%`
    const rows = connection.all<{ rowId: number }>(
      `SELECT rowid AS rowId FROM keyword_text WHERE title LIKE ? ESCAPE '\\' OR descriptions LIKE ? ESCAPE '\\'
       OR sku LIKE ? ESCAPE '\\' OR category LIKE ? ESCAPE '\\'`,
      pattern,
      pattern,
      pattern,
      pattern,
    )
    // The same rarity that bm25 uses, so that short and long terms can be added up.
    const total = connection.get<{ n: number }>('SELECT count(*) AS n FROM videos')?.n ?? 0
    const score = Math.max(1e-6, Math.log((total - rows.length + 0.5) / (rows.length + 0.5)))
    return rows.map(({ rowId }) => ({ rowId, score }))
  }

  const hitsOf = (term: KeywordTerm): TermHit[] => {
    const inSku = length(term.compact) >= 3 ? ` OR sku : ${quoted(term.compact)}` : ''
    if (term.spaced && length(term.text) >= 2) {
      const fromWordStart = byTrigrams(`{title descriptions category} : ${quoted(` ${term.text}`)}${inSku}`)
      if (fromWordStart.length > 0) return fromWordStart
    }
    // Inside words: compounds, and scripts without spaces.
    return length(term.text) >= 3 ? byTrigrams(`${quoted(term.text)}${inSku}`) : byScan(term.text)
  }

  const look: KeywordSearch['look'] = (query, { limit = 200 } = {}) => {
    const terms = queryTerms(query)
    const words: QueryWord[] = []
    const sums = new Map<number, { score: number; matchedTerms: number }>()
    for (const term of terms) {
      const found = hitsOf(term)
      words.push({ text: term.text, isInTexts: found.length > 0 })
      for (const { rowId, score } of found) {
        const sum = sums.get(rowId) ?? { score: 0, matchedTerms: 0 }
        sums.set(rowId, { score: sum.score + score, matchedTerms: sum.matchedTerms + 1 })
      }
    }
    const ranked = [...sums].sort(([, a], [, b]) => b.score - a.score)
    const hits: (KeywordHit & { path: string })[] = []
    for (const [rowId, { score, matchedTerms }] of ranked) {
      if (hits.length >= limit) break
      const video = connection.get<{ id: string; path: string }>(
        "SELECT id, path FROM videos WHERE row_id = ? AND status = 'indexed'",
        rowId,
      )
      if (video === undefined) continue
      hits.push({ videoId: video.id, path: video.path, score, matchedTerms, termCount: terms.length })
    }
    // Ties go by path: the order of rows depends on how the import went.
    hits.sort((a, b) => b.score - a.score || (a.path < b.path ? -1 : 1))
    return { hits: hits.map(({ path: _, ...hit }) => hit), words }
  }
  return { look, search: (query, options) => look(query, options).hits }
}

/** Characters as the trigram tokenizer counts them. */
function length(text: string): number {
  return [...text].length
}

/** An FTS5 string: whatever is inside is text. */
function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`
}
