/**
 * The whole story of the window, in order and by the same ways that a person has: drop videos, import a table, label by
 * keyboard, train, compare, promote, search, open at the moment, audit, fix, roll back. Then once more in Japanese.
 */
import { join } from 'node:path'
import type { Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  axeViolations,
  call,
  findChromium,
  openWindow,
  sampleClips,
  sampleFolder,
  skipReason,
  type OpenWindow,
} from './window.ts'

const chromium = findChromium()
if (chromium === null) console.log(`tests/e2e/window.test.ts ${skipReason}`)
const long = 120_000

describe.skipIf(chromium === null)('the window', () => {
  let open: OpenWindow
  let page: Page
  const screen = async (name: string): Promise<void> => {
    await page.locator(`nav a[href="#/${name}"]`).click()
  }
  const clean = async (): Promise<void> => expect(await axeViolations(page)).toEqual([])
  const clips = 30

  beforeAll(async () => {
    open = await openWindow()
    page = open.page
    page.setDefaultTimeout(60_000)
  }, long)
  afterAll(() => open.close(), long)

  it(
    'shows a first run with a system check in plain words',
    async () => {
      await page.getByRole('heading', { name: /Find any moment/ }).waitFor()
      await page.getByText('This computer is ready.').waitFor()
      await clean()
    },
    long,
  )

  it(
    'takes videos and accounts for every one of them',
    async () => {
      await page.locator('input[type=file][accept^="video"]').setInputFiles(sampleClips(clips))
      await page.getByText(`${clips} videos added.`).waitFor({ timeout: long })
      await page
        .getByText(`${clips} indexed`.replace(/^\d+/, (n) => n))
        .first()
        .waitFor()
      expect(await page.locator('[data-cell]').count()).toBeGreaterThan(5)
      await clean()
    },
    long,
  )

  it(
    'imports descriptions after showing what would happen',
    async () => {
      await page.locator('input[type=file][accept^=".csv"]').setInputFiles(join(sampleFolder, 'catalogue.csv'))
      const dialog = page.getByRole('dialog', { name: 'Import descriptions' })
      await dialog.getByText(`${clips} of 90 rows can be used`).waitFor()
      await clean()
      await dialog.getByRole('button', { name: `Import ${clips} rows` }).click()
      await page.getByText(`${clips} videos described.`).waitFor()
    },
    long,
  )

  it(
    'labels by keyboard alone, one key a decision, and takes a decision back',
    async () => {
      await page.keyboard.press('Alt+Digit3')
      await page.getByRole('button', { name: /^Exact/ }).waitFor()
      await clean()
      const question = page.locator('.work .text p')
      const status = page.locator('header .saved')
      for (let i = 0; i < 24; i++) {
        const before = await question.textContent()
        const key = i === 1 ? 'Digit3' : i % 3 === 0 ? 'Digit2' : 'Digit1'
        await page.keyboard.press(key)
        await status.getByText(/^Saved/).waitFor()
        if (i === 0) {
          await page.keyboard.press('Control+z')
          await expect.poll(() => question.textContent(), { timeout: 20_000 }).toBe(before)
          await page.keyboard.press('Digit1')
          await status.getByText(/^Saved/).waitFor()
        }
        await expect.poll(async () => (await call<{ exemplars: number }>(page, 'counts', {})).exemplars).toBe(i + 1)
        await expect.poll(() => page.locator('.grades .exact').isEnabled()).toBe(true)
      }
    },
    long,
  )

  it(
    'edits a text in place; keys are letters there and commands again afterwards',
    async () => {
      await page.keyboard.press('KeyE')
      const field = page.getByRole('textbox', { name: 'Text' })
      await field.fill('')
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
    'trains with live curves and shows what came out',
    async () => {
      await page.keyboard.press('Alt+Digit4')
      await page.getByRole('heading', { name: 'Ready to train' }).waitFor()
      await page.getByRole('checkbox', { name: /^Automatic/ }).uncheck()
      await page.getByRole('spinbutton').fill('3')
      await page.getByRole('checkbox', { name: /Chosen on held-out/ }).uncheck()
      await clean()
      await page.getByRole('button', { name: 'Start training' }).click()
      await page.getByRole('heading', { name: 'Result' }).waitFor({ timeout: long })
      await page.getByRole('cell', { name: /Average precision/ }).waitFor()
      await clean()
      const use = page.getByRole('button', { name: 'Use this model' })
      if (await use.isVisible()) await use.click()
      await page.getByText(/is in use: it finds/).waitFor()
    },
    2 * long,
  )

  it(
    'finds moments while typing, before and after training, and opens the player at the moment',
    async () => {
      await page.keyboard.press('Control+KeyK')
      await expect.poll(() => page.evaluate("document.activeElement?.getAttribute('role')")).toBe('searchbox')
      await page.keyboard.type('grey headphones')
      await page.locator('.results .summary').waitFor()
      // An honest answer may be short in so small a library: ask for what does not stand out too.
      const more = page.getByRole('button', { name: /more that do not stand out/ })
      if (await more.isVisible()) await more.click()
      await page.locator('[data-result]').first().waitFor()
      await clean()
      await page.getByText('Before training', { exact: true }).click()
      await page.getByText('Trained', { exact: true }).click()
      await page.getByRole('searchbox').focus()
      await page.keyboard.press('Enter')
      await expect.poll(() => page.evaluate("document.activeElement?.hasAttribute('data-result')")).toBe(true)
      await page.keyboard.press('Enter')
      const video = page.locator('dialog video')
      await video.waitFor()
      await expect.poll(() => video.evaluate((player: { readyState: number }) => player.readyState)).toBeGreaterThan(1)
      await clean()
      await page.keyboard.press('Escape')
      await video.waitFor({ state: 'detached' })
      await page.getByRole('button', { name: 'More like this' }).first().click()
      await page.getByText(/^Like /).waitFor()
    },
    long,
  )

  it(
    'audits every pair and fixes one in place; undo brings it back',
    async () => {
      await page.keyboard.press('Alt+Digit5')
      await page.getByRole('heading', { name: 'Loss against weight' }).waitFor()
      const wrong = page.getByRole('button', { name: 'Mark wrong' }).first()
      await wrong.click()
      await page.getByText('left out').first().waitFor()
      await clean()
      await page.getByRole('button', { name: 'Undo' }).first().click()
      await page.getByText('left out').first().waitFor({ state: 'detached' })
    },
    long,
  )

  it(
    'goes back to the model before, and keeps the place over a reload',
    async () => {
      await page.keyboard.press('Alt+Digit6')
      await page.getByRole('button', { name: 'Go back to the model before' }).click()
      await page.getByText('before training is in use again.').waitFor()
      await page.reload()
      await page.getByRole('heading', { name: 'Models', level: 1 }).waitFor()
      await page.getByText('In use', { exact: true }).waitFor()
      await clean()
    },
    long,
  )

  it(
    'changes a shortcut, and refuses keys that are taken',
    async () => {
      await screen('settings')
      await page.getByRole('button', { name: /Change the keys of: Go to Train/ }).click()
      await page.keyboard.press('Control+KeyK')
      await page.getByText(/already does: Search/).waitFor()
      await page.keyboard.press('Alt+KeyT')
      await screen('library')
      await page.getByRole('heading', { name: 'Library', level: 1 }).waitFor()
      await page.keyboard.press('Alt+KeyT')
      await page.getByRole('heading', { name: 'Train', level: 1 }).waitFor()
    },
    long,
  )

  it(
    'speaks Japanese on every screen, in the dark',
    async () => {
      await screen('settings')
      await page.getByRole('combobox', { name: 'Language' }).selectOption('ja')
      await page.getByText('ダーク').click()
      await page.getByRole('heading', { name: '設定', level: 1 }).waitFor()
      for (const [name, title] of [
        ['library', 'ライブラリ'],
        ['search', '検索'],
        ['label', 'ラベル付け'],
        ['train', '学習'],
        ['audit', '点検'],
        ['models', 'モデル'],
        ['settings', '設定'],
      ] as const) {
        await screen(name)
        await page.getByRole('heading', { name: title, level: 1 }).waitFor({ state: 'attached' })
        await page.locator('.loading').waitFor({ state: 'detached' })
        await clean()
      }
    },
    long,
  )

  it('met no error on the way', () => expect(open.problems).toEqual([]))
})
