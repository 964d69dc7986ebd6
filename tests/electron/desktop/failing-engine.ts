/** An engine that keeps dying is left alone, is asked about, and starts when the user wishes. */
import { expect, it, vi } from 'vitest'
import { double } from '../double/main-side.ts'
import { counts, engines, eventually, logFile, long, page } from './app.ts'

/** Kills it until it is left alone, or until somebody who is asked then has answered and it starts anew. */
async function wearOutEngine(isAnswered = (): boolean => false): Promise<void> {
  const refusal = page().getByText('The engine does not start')
  for (;;) {
    const last = engines().at(-1)!
    last.child.kill('SIGKILL')
    const isOver = async (): Promise<boolean> =>
      isAnswered() || (await refusal.isVisible()) || engines().at(-1) !== last
    await vi.waitUntil(isOver, { timeout: 45_000 })
    if (isAnswered()) return
    if (engines().at(-1) === last) break
  }
  await refusal.waitFor()
}

export function failingEngine(): void {
  it(
    'says when the engine does not start any more, and starts it when the user wishes',
    async () => {
      double.messageBoxes = []
      await wearOutEngine()
      // The first kill of this file, and four more: then it is left alone.
      expect(engines()).toHaveLength(5)
      expect(double.messageBoxes).toMatchObject([{ buttons: ['Start Again', 'Wait', 'Show Log'] }])
      const before = engines().length
      await page().getByRole('button', { name: 'Start it again' }).click()
      await eventually(() => engines().length).toBe(before + 1)
      await page().getByText('The engine does not start').waitFor({ state: 'detached' })
      expect((await counts()).indexed).toBe(13)
    },
    long,
  )

  it(
    'starts the engine by the question, too, after a look at the log',
    async () => {
      double.shownInFolder = []
      double.answers = [2, 0]
      const before = engines().length
      // The answer may come before the window has said it.
      await wearOutEngine(() => double.answers.length === 0).catch(() => {})
      await eventually(() => double.answers).toEqual([])
      await eventually(() => engines().length).toBe(before + 5)
      expect(double.shownInFolder).toEqual([logFile])
      await page().getByText('The engine does not start').waitFor({ state: 'detached' })
      expect((await counts()).indexed).toBe(13)
    },
    long,
  )
}
