/** Where the window is, kept in the address (`#/search?q=red+mug`), so that a reload comes back to the same place. */

export const screens = ['library', 'search', 'ask', 'label', 'train', 'audit', 'models', 'settings'] as const
export type ScreenName = (typeof screens)[number]

export type Place = { readonly screen: ScreenName; readonly query: Readonly<Record<string, string>> }

/** @param hash as in `location.hash`; anything unknown means the library */
export function parsePlace(hash: string): Place {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?')
  const screen = screens.find((name) => name === path) ?? 'library'
  return { screen, query: Object.fromEntries(new URLSearchParams(query)) }
}

export function hashOf({ screen, query }: Place): string {
  const rest = new URLSearchParams(query).toString()
  return `#/${screen}${rest === '' ? '' : `?${rest}`}`
}

export class Route {
  place = $state.raw<Place>(parsePlace(''))
  readonly #page: Window
  /** The address that `place` was read from. */
  #address = ''
  readonly #onChange = (): void => {
    this.#address = this.#page.location.hash
    this.place = parsePlace(this.#address)
  }

  constructor(page: Window) {
    this.#page = page
    this.#onChange()
    page.addEventListener('hashchange', this.#onChange)
  }

  get screen(): ScreenName {
    return this.place.screen
  }

  go(screen: ScreenName, query: Readonly<Record<string, string>> = {}): void {
    this.#page.location.hash = hashOf({ screen, query })
  }

  /** Changes the address without a step in the history: for what follows typing. */
  replaceQuery(query: Readonly<Record<string, string>>): void {
    // A key or a link has led elsewhere and the browser is about to say so: what follows typing comes too late.
    if (this.#page.location.hash !== this.#address) return
    const place = { screen: this.place.screen, query }
    this.#page.history.replaceState(null, '', hashOf(place))
    this.#address = this.#page.location.hash
    this.place = place
  }

  dispose(): void {
    this.#page.removeEventListener('hashchange', this.#onChange)
  }
}
