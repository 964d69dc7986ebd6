/** The story of the window in both languages (window-story.ts), and what an experienced user does beyond it. */
import type { Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findChromium, openWindow, skipReason, type OpenWindow } from './window.ts'
import { press } from './window-hands.ts'
import { tellStory } from './window-story.ts'

const chromium = findChromium()
if (chromium === null) console.log(`tests/e2e/window.test.ts ${skipReason}`)
const long = 120_000

describe.skipIf(chromium === null)('the window, by keyboard alone', () => {
  let open: OpenWindow
  let page: Page
  beforeAll(async () => {
    open = await openWindow({ locale: 'en-GB', colorScheme: 'light' })
    page = open.page
    page.setDefaultTimeout(30_000)
  }, long)
  afterAll(() => open.close(), long)

  tellStory({ language: 'en', themes: ['dark', 'light'], opened: () => open })

  it(
    'edits a text in place; keys are letters there and commands again afterwards',
    async () => {
      await page.keyboard.press('Alt+Digit3')
      await page.locator('.grades .exact').waitFor()
      await page.keyboard.press('KeyE')
      const field = page.getByRole('textbox', { name: 'Text' })
      await field.waitFor()
      await page.keyboard.press('Control+a')
      await page.keyboard.type('123 red socks')
      await page.keyboard.press('Enter')
      await page.locator('.work .text p').getByText('123 red socks').waitFor()
      const before = await page.locator('p.range .numbers').textContent()
      await page.keyboard.press('Shift+BracketLeft')
      await expect.poll(() => page.locator('p.range .numbers').textContent()).not.toBe(before)
      await page.keyboard.press('KeyS')
      await page
        .locator('header .saved')
        .getByText(/Skipped/)
        .waitFor()
    },
    long,
  )

  it(
    'says what was saved inside the dialog that is open, where it is heard and its undo can be pressed',
    async () => {
      await page.keyboard.press('Alt+Digit1')
      await press(page, page.locator('[data-cell]').first())
      const dialog = page.getByRole('dialog')
      await press(page, dialog.getByRole('button', { name: 'Add a description' }))
      await page.keyboard.type('a second text')
      await page.keyboard.press('Enter')
      // Older news may still be there: this one says just that.
      const said = page.getByText('Saved.', { exact: true })
      const news = dialog.getByRole('status').locator('.toast').filter({ has: said })
      await news.waitFor()
      expect(await said.count()).toBe(1)
      await press(page, news.getByRole('button', { name: 'Undo' }))
      await dialog.getByText('a second text').waitFor({ state: 'detached' })
      await page.keyboard.press('Escape')
      await dialog.waitFor({ state: 'detached' })
      // What is still to be read has moved to the window's own list.
      await page.getByRole('status').filter({ hasText: 'Undone' }).waitFor()
    },
    long,
  )

  it(
    'keeps the place over a reload',
    async () => {
      await page.keyboard.press('Alt+Digit6')
      await page.getByRole('heading', { name: 'Models', level: 1 }).waitFor()
      await page.reload()
      await page.getByRole('heading', { name: 'Models', level: 1 }).waitFor()
      await page.getByText('In use', { exact: true }).first().waitFor()
    },
    long,
  )

  it(
    'changes a shortcut, and refuses keys that are taken',
    async () => {
      await page.keyboard.press('Control+Comma')
      await press(page, page.getByRole('button', { name: /Change the keys of: Go to Train/ }))
      await page.keyboard.press('Control+KeyK')
      await page.getByText(/already does: Search/).waitFor()
      await page.keyboard.press('Alt+KeyT')
      // They are saved, and shown, a moment after they were pressed; until then they do nothing.
      await page.getByRole('button', { name: /Change the keys of: Go to Train Alt ?T/ }).waitFor()
      await page.keyboard.press('Alt+Digit1')
      await page.getByRole('heading', { name: 'Library', level: 1 }).waitFor()
      await page.keyboard.press('Alt+KeyT')
      await page.getByRole('heading', { name: 'Train', level: 1 }).waitFor()
      expect(open.problems).toEqual([])
    },
    long,
  )
})

describe.skipIf(chromium === null)('the window in Japanese', () => {
  let open: OpenWindow
  beforeAll(async () => {
    open = await openWindow({ locale: 'ja-JP', colorScheme: 'dark' })
    open.page.setDefaultTimeout(30_000)
  }, long)
  afterAll(() => open.close(), long)

  tellStory({ language: 'ja', themes: ['dark', 'light'], opened: () => open })
})
