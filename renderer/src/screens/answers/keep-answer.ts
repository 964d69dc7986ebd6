/** Keeps what a person says of an answer, and offers to take it back. */
import type { App } from '../../state/app.svelte.ts'
import type { Asking } from './asking.svelte.ts'
import { spoken } from './sentences.ts'
import type { Correction } from './shapes.ts'

export async function keepAnswer(app: App, asking: Asking, right: string): Promise<void> {
  const type = asking.answer?.type
  const kept = await asking.keep(right)
  if (kept === undefined || type === undefined) return
  const { t } = app
  app.toasts.show(t.answers.kept(spoken(right, type, t.answers), kept.trusted), {
    tone: 'good',
    action: { label: t.app.undo, run: () => void takeBack(app, asking, kept) },
  })
}

async function takeBack(app: App, asking: Asking, correction: Correction): Promise<void> {
  const trusted = await asking.takeBack(correction)
  if (trusted !== undefined) app.toasts.show(app.t.answers.takenBack(trusted))
}
