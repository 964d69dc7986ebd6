/** Short news at the edge of the window. They stay long enough to be read or pressed, and are announced politely. */

export type Toast = {
  readonly id: number
  readonly tone: 'plain' | 'good' | 'bad'
  readonly text: string
  readonly action?: { readonly label: string; readonly run: () => void }
}

const shownMs = 6000
/** What went wrong takes longer to read; what can be pressed has to be reached first. */
const longShownMs = 12_000

export class Toasts {
  list = $state.raw<readonly Toast[]>([])
  /** Dialogs that are open, the topmost last: it is the one that shows the list. */
  dialogs = $state.raw<readonly string[]>([])
  #next = 1
  #isHeld = false
  readonly #timers = new Map<number, ReturnType<typeof setTimeout>>()

  show(text: string, options: Partial<Pick<Toast, 'tone' | 'action'>> = {}): void {
    const toast = { id: this.#next++, tone: 'plain' as const, text, ...options }
    this.list = [...this.list.slice(-2), toast]
    if (!this.#isHeld) this.#expire(toast)
  }

  /** Hands the list to a dialog; the answer hands it back. */
  showIn(dialog: string): () => void {
    this.dialogs = [...this.dialogs, dialog]
    return () => void (this.dialogs = this.dialogs.filter((other) => other !== dialog))
  }

  dismiss(id: number): void {
    clearTimeout(this.#timers.get(id))
    this.#timers.delete(id)
    this.list = this.list.filter((toast) => toast.id !== id)
    if (this.list.length === 0) this.#isHeld = false // what is gone cannot be left by pointer or focus
  }

  /** While the pointer or the focus is on the news, they stay; afterwards their time begins anew. */
  hold(isHeld: boolean): void {
    if (isHeld === this.#isHeld) return
    this.#isHeld = isHeld
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
    if (!isHeld) for (const toast of this.list) this.#expire(toast)
  }

  #expire(toast: Toast): void {
    const isLong = toast.tone === 'bad' || toast.action !== undefined
    this.#timers.set(
      toast.id,
      setTimeout(() => this.dismiss(toast.id), isLong ? longShownMs : shownMs),
    )
  }
}
