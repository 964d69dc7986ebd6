/** The search: asks while typing, remembers what was finished, and keeps the newest answer only. */
import type { Client, FoundMoment, ProcedureOutput, VideoFilter } from '../../../../main/contract/index.ts'

export type Found = ProcedureOutput<'search'>
export type LengthChoice = 'any' | 'short' | 'medium' | 'long'
export type SearchFilter = Omit<VideoFilter, 'statuses'>
/** What is looked for besides words. */
export type Likeness =
  | { readonly kind: 'segment'; readonly segment: string; readonly name: string }
  | { readonly kind: 'image'; readonly image: string; readonly url: string }

const wanted = 60

export const lengthRanges: Readonly<Record<LengthChoice, SearchFilter>> = {
  any: {},
  short: { maxSeconds: 10 },
  medium: { minSeconds: 10, maxSeconds: 60 },
  long: { minSeconds: 60 },
}

export class Search {
  text = $state('')
  category = $state('*')
  length = $state<LengthChoice>('any')
  labelled = $state<'any' | 'yes' | 'no'>('any')
  described = $state<'any' | 'yes' | 'no'>('any')
  model = $state<'active' | 'zero-shot'>('active')
  isEverythingShown = $state(false)
  likeness = $state.raw<Likeness | undefined>()
  found = $state.raw<Found | undefined>()
  error = $state.raw<unknown>()
  isSearching = $state(false)
  readonly #client: Client
  #running: AbortController | undefined

  readonly filter: SearchFilter = $derived({
    ...lengthRanges[this.length],
    ...(this.category === '*' ? {} : { categories: [this.category] }),
    ...(this.labelled === 'any' ? {} : { labelled: this.labelled === 'yes' }),
    ...(this.described === 'any' ? {} : { described: this.described === 'yes' }),
  })

  constructor(client: Client) {
    this.#client = client
  }

  get isFiltered(): boolean {
    return Object.keys(this.filter).length > 0
  }

  get isAsked(): boolean {
    return this.likeness !== undefined || this.text.trim() !== ''
  }

  clearFilters(): void {
    this.category = '*'
    this.length = 'any'
    this.labelled = 'any'
    this.described = 'any'
  }

  useFilter(filter: SearchFilter): void {
    this.category = filter.categories?.[0] ?? '*'
    this.labelled = filter.labelled === undefined ? 'any' : filter.labelled ? 'yes' : 'no'
    this.described = filter.described === undefined ? 'any' : filter.described ? 'yes' : 'no'
    this.length = lengthOf(filter)
  }

  /** Looks for something similar, or for words again; frees the picture that was shown before. */
  like(likeness: Likeness | undefined): void {
    const before = this.likeness
    if (before?.kind === 'image') URL.revokeObjectURL(before.url)
    this.likeness = likeness
    // An answer about something else must not be taken for the answer to this.
    if (likeness !== undefined) this.found = undefined
  }

  /** @param remember false while somebody is still typing */
  async run(remember: boolean): Promise<void> {
    this.#running?.abort()
    if (!this.isAsked) {
      this.found = undefined
      this.error = undefined
      this.isSearching = false
      return
    }
    const mine = new AbortController()
    this.#running = mine
    this.isSearching = true
    const options = { k: wanted, model: this.model, filter: this.filter, includeUnmatched: this.isEverythingShown }
    try {
      const { likeness } = this
      const found =
        likeness === undefined
          ? await this.#client.search({ text: this.text.trim(), ...options, remember }, { signal: mine.signal })
          : await this.#client.similar(
              {
                to: likeness.kind === 'segment' ? { segment: likeness.segment } : { image: likeness.image },
                ...options,
              },
              { signal: mine.signal },
            )
      if (this.#running !== mine) return
      this.found = found
      this.error = undefined
    } catch (error) {
      if (this.#running === mine && !mine.signal.aborted) this.error = error
    } finally {
      if (this.#running === mine) this.isSearching = false
    }
  }

  dispose(): void {
    this.#running?.abort()
    this.like(undefined)
  }
}

export function lengthOf({ minSeconds, maxSeconds }: SearchFilter): LengthChoice {
  if (minSeconds === undefined) return maxSeconds === undefined ? 'any' : 'short'
  return maxSeconds === undefined ? 'long' : 'medium'
}

export type HighlightPart = { readonly text: string; readonly isHit: boolean }

/** A text cut at the ranges of its hits, to be shown without building markup from strings. */
export function highlightParts(text: string, ranges: readonly (readonly [number, number])[]): HighlightPart[] {
  const parts: HighlightPart[] = []
  let at = 0
  for (const [from, to] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const start = Math.max(at, from)
    if (to <= start) continue
    if (start > at) parts.push({ text: text.slice(at, start), isHit: false })
    parts.push({ text: text.slice(start, to), isHit: true })
    at = to
  }
  if (at < text.length) parts.push({ text: text.slice(at), isHit: false })
  return parts
}

export function stretchOf({ video, start, end }: FoundMoment): { video: string; start: number; end: number } {
  return { video, start, end }
}
