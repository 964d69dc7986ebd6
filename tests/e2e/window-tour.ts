/** A walk through the window by keys: chapters that go on from each other, going to screens, and looking at each with axe. */
import type { Locator, Page } from 'playwright'
import { expect, it } from 'vitest'
import { axeViolations, loaded } from './window.ts'

export type Tour = {
  /** One test that takes what the chapter before has left; skipped when the story broke off. */
  chapter(name: string, tell: () => Promise<void>): void
  button(name: string | RegExp): Locator
  /** Goes to a screen by its keys, and waits until it is filled. */
  go(keys: string, title: string): Promise<void>
  /** Axe finds nothing on what is shown, in any theme. */
  clean(): Promise<void>
}

/** Milliseconds for a chapter, which may train. */
const chapterMs = 240_000

/** @param page known once the window is open @param themes in which every screen is looked at */
export function planTour(page: () => Page, themes: readonly ('light' | 'dark')[]): Tour {
  let isBroken = false
  return {
    chapter: (name, tell) =>
      it(
        name,
        async (context) => {
          context.skip(isBroken, 'the story broke off before')
          isBroken = true
          await tell()
          isBroken = false
        },
        chapterMs,
      ),
    button: (name) => page().getByRole('button', typeof name === 'string' ? { name, exact: true } : { name }),
    async go(keys, title) {
      await page().keyboard.press(keys)
      await page().getByRole('heading', { name: title, level: 1, exact: true }).waitFor({ state: 'attached' })
      await loaded(page())
    },
    async clean() {
      for (const [i, theme] of themes.entries()) {
        await page().evaluate(`document.documentElement.dataset.theme = '${theme}'`)
        // Colours that fade are judged when they have arrived, however long a busy machine takes.
        await page().evaluate(`new Promise(requestAnimationFrame).then(() => Promise.allSettled(
          document.getAnimations().filter((one) => one.effect.getComputedTiming().endTime < Infinity)
            .map(({ finished }) => finished)))`)
        // A theme changes colours alone.
        expect(await axeViolations(page(), i === 0 ? 'all' : 'colours'), theme).toEqual([])
      }
    },
  }
}
