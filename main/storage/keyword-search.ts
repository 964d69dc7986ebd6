/** Keyword search over title, descriptions, SKU and category (FTS5 trigrams). Runs in the engine. */

export type KeywordHit = {
  readonly videoId: string
  /** Higher is better; comparable within one search only. */
  readonly score: number
  /** How many of the terms the video contains, and how many the query has: their ratio is comparable between searches. */
  readonly matchedTerms: number
  readonly termCount: number
}

export type KeywordSearch = {
  /** Best first; indexed videos only. Any text is allowed: it is never read as query syntax. */
  search(query: string, options?: { readonly limit?: number }): KeywordHit[]
}
