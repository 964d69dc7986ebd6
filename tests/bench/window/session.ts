/** A minute of ordinary use of the window, again and again: look through the library, watch a video, search, visit every screen. */
import type { Page } from 'playwright'

const screens = ['label', 'train', 'audit', 'models', 'settings'] as const

/** @returns how often the round was gone through */
export async function useForAMinute(page: Page): Promise<number> {
  const end = performance.now() + 60_000
  let rounds = 0
  for (; performance.now() < end; rounds++) {
    await page.evaluate("location.hash = '#/library'")
    await page.locator('[data-cell] img').first().waitFor()
    await page.mouse.move(700, 500)
    for (let turn = 0; turn < 20; turn++) {
      await page.mouse.wheel(0, 900)
      await page.waitForTimeout(30)
    }
    await page.locator('[data-cell]:visible').nth(2).click()
    await page.getByRole('dialog').waitFor()
    await page.waitForTimeout(500)
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+KeyK')
    await page.getByRole('searchbox').waitFor()
    await page.keyboard.type(rounds % 2 === 0 ? 'red teapot' : 'grey headphones', { delay: 40 })
    await page.locator('.results .summary').waitFor() // an honest answer may be empty
    for (const screen of screens) {
      await page.evaluate(`location.hash = '#/${screen}'`)
      await page.waitForTimeout(400)
    }
  }
  return rounds
}
