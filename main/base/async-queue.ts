/** A bounded queue between a producer and a consumer: a full queue holds the producer back, so memory stays bounded. */

export type AsyncQueue<T> = {
  /** Waits while the queue is full. Resolves with false when the reader has gone. */
  push(item: T): Promise<boolean>
  /** No more items; `error` is thrown to the reader after the items before it. */
  end(error?: unknown): void
  /** For one reader. Leaving the loop early ends the queue. */
  items(): AsyncGenerator<T>
}

export function createAsyncQueue<T>(capacity: number): AsyncQueue<T> {
  const waiting: T[] = []
  let ended: { error?: unknown } | undefined
  let closed = false
  let wake: () => void = () => {}
  let changed = new Promise<void>((resolve) => (wake = resolve))
  const signalChange = (): void => {
    wake()
    changed = new Promise((resolve) => (wake = resolve))
  }
  return {
    async push(item) {
      while (waiting.length >= capacity && !closed) await changed
      if (closed) return false
      waiting.push(item)
      signalChange()
      return true
    },
    end(error) {
      ended ??= error === undefined ? {} : { error }
      signalChange()
    },
    async *items() {
      try {
        for (;;) {
          while (waiting.length === 0) {
            if (ended !== undefined) {
              if ('error' in ended) throw ended.error
              return
            }
            await changed
          }
          const item = waiting.shift() as T
          signalChange()
          yield item
        }
      } finally {
        closed = true
        signalChange()
      }
    },
  }
}
