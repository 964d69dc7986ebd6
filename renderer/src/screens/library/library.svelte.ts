/** The list behind the library's grid: pages are fetched as they come into sight, and again when the library changes. */
import type { Client, ProcedureRequest, VideoFilter, VideoRow } from '../../../../main/contract/index.ts'
import { isAbort } from '../../state/resource.svelte.ts'

export type Sort = NonNullable<ProcedureRequest<'listVideos'>['sort']>

const pageSize = 100

export class VideoList {
  filter = $state.raw<VideoFilter>({})
  text = $state('')
  sort = $state<Sort>('name')
  isDescending = $state(false)
  /** Undefined before the first answer. */
  total = $state<number | undefined>()
  error = $state.raw<unknown>()
  selected = $state.raw<ReadonlySet<string>>(new Set())
  #pages = $state.raw<ReadonlyMap<number, readonly VideoRow[]>>(new Map())
  #wanted = new Map<number, AbortController>()
  #range = { from: 0, to: pageSize }
  readonly #client: Client

  constructor(client: Client) {
    this.#client = client
  }

  get isFiltered(): boolean {
    return this.text.trim() !== '' || Object.keys(this.filter).length > 0
  }

  /** Undefined while its page is on the way. */
  at(index: number): VideoRow | undefined {
    return this.#pages.get(Math.floor(index / pageSize))?.[index % pageSize]
  }

  show(from: number, to: number): void {
    this.#range = { from, to }
    for (const page of this.#pagesInSight()) {
      if (!this.#pages.has(page) && !this.#wanted.has(page)) void this.#fetch(page)
    }
  }

  /** Asks again for what is in sight; the old rows stay until the new ones are there, so that nothing flickers. */
  async refresh(): Promise<void> {
    for (const controller of this.#wanted.values()) controller.abort()
    this.#wanted.clear()
    const inSight = this.#pagesInSight()
    await Promise.all(inSight.map((page) => this.#fetch(page)))
    this.#pages = new Map([...this.#pages].filter(([page]) => inSight.includes(page)))
  }

  /** Another order or filter: the old rows mean nothing any more. */
  async restart(): Promise<void> {
    this.#range = { from: 0, to: pageSize }
    this.selected = new Set()
    await this.refresh()
  }

  toggle(id: string): void {
    const next = new Set(this.selected)
    if (!next.delete(id)) next.add(id)
    this.selected = next
  }

  #pagesInSight(): number[] {
    const first = Math.floor(this.#range.from / pageSize)
    const last = Math.floor(Math.max(this.#range.from, this.#range.to - 1) / pageSize)
    return Array.from({ length: last - first + 1 }, (_, i) => first + i)
  }

  async #fetch(page: number): Promise<void> {
    const mine = new AbortController()
    this.#wanted.set(page, mine)
    try {
      const { total, videos } = await this.#client.listVideos(
        {
          ...{ filter: this.filter, text: this.text.trim(), sort: this.sort, descending: this.isDescending },
          ...{ offset: page * pageSize, limit: pageSize },
        },
        { signal: mine.signal },
      )
      if (mine.signal.aborted) return
      this.total = total
      this.error = undefined
      this.#pages = new Map(this.#pages).set(page, videos)
    } catch (error) {
      if (!isAbort(error)) this.error = error
    } finally {
      if (this.#wanted.get(page) === mine) this.#wanted.delete(page)
    }
  }
}
