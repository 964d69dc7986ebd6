/** Short news at the edge of the window. They stay long enough to be read and are announced politely. */

export type Toast = {
  readonly id: number
  readonly tone: 'plain' | 'good' | 'bad'
  readonly text: string
  readonly action?: { readonly label: string; readonly run: () => void }
}

const shownMs = 6000

export class Toasts {
  list = $state.raw<readonly Toast[]>([])
  /** Dialogs that are open, the topmost last: it is the one that shows the list. */
  dialogs = $state.raw<readonly string[]>([])
  #next = 1

  show(text: string, options: Partial<Pick<Toast, 'tone' | 'action'>> = {}): void {
    const toast = { id: this.#next++, tone: 'plain' as const, text, ...options }
    this.list = [...this.list.slice(-2), toast]
    setTimeout(() => this.dismiss(toast.id), toast.tone === 'bad' ? 2 * shownMs : shownMs)
  }

  /** Hands the list to a dialog; the answer hands it back. */
  showIn(dialog: string): () => void {
    this.dialogs = [...this.dialogs, dialog]
    return () => void (this.dialogs = this.dialogs.filter((other) => other !== dialog))
  }

  dismiss(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id)
  }
}
