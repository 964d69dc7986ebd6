/** One value that comes from the engine: loading, there, or failed. A newer request replaces an older one. */

export class Resource<T> {
  value = $state.raw<T | undefined>()
  error = $state.raw<unknown>()
  isLoading = $state(false)
  #running: AbortController | undefined

  /** Keeps the old value on show while the new one is on its way. */
  async load(request: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
    this.#running?.abort()
    const mine = new AbortController()
    this.#running = mine
    this.isLoading = true
    try {
      const value = await request(mine.signal)
      if (this.#running !== mine) return undefined
      this.value = value
      this.error = undefined
      return value
    } catch (error) {
      // Also when the engine itself stopped the work: else the place would load for ever.
      if (this.#running === mine && !mine.signal.aborted) this.error = error
      return undefined
    } finally {
      if (this.#running === mine) {
        this.#running = undefined
        this.isLoading = false
      }
    }
  }

  clear(): void {
    this.#running?.abort()
    this.#running = undefined
    this.value = undefined
    this.error = undefined
    this.isLoading = false
  }
}

export function isAbort(error: unknown): boolean {
  return error instanceof Error ? error.name === 'AbortError' : error instanceof DOMException
}
