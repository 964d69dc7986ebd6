/**
 * What every screen shows while it waits, when it is empty, and when the engine refuses: over the real engine, whose
 * answers are held back or replaced by refusals on their way to the page.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSmallLibrary } from './small-library.ts'
import { axeViolations, call, findChromium, openWindow, skipReason, type OpenWindow } from './window.ts'

const chromium = findChromium()
if (chromium === null) console.log(`tests/e2e/window-states.test.ts ${skipReason}`)
const long = 120_000
const patient = { timeout: 20_000 }

/** What the engine says when the disk is full; any refusal is shown the same way. */
const refusal = 'The disk is full. Make some room and try again.'

/** Screens with the procedures without which they have nothing to show. */
const screens: readonly [screen: string, procedure: string, filled: string][] = [
  ['library', 'listVideos', '[data-cell]'],
  ['search?q=red', 'search', '.results .summary'],
  ['ask?q=Do+we+have+mugs%3F', 'ask', '[role=status] .sentence'],
  ['label', 'labelQueue', '.grades'],
  ['train', 'runs', 'fieldset'],
  ['audit', 'runs', 'text=No run to audit yet'],
  ['models', 'models', '[aria-labelledby=versions] article'],
]

async function refuse(page: Page, procedure: string): Promise<void> {
  await page.route(`**/rpc/${procedure}`, (route) =>
    route.fulfill({ json: { error: { code: 'disk.full', message: refusal, params: {} } } }),
  )
}

/** Opens the screen anew, so that nothing of before is left on it. */
async function open(page: Page, place: string): Promise<void> {
  await page.evaluate((hash) => {
    ;(globalThis as unknown as { location: { hash: string } }).location.hash = hash
  }, `#/${place}`)
  await page.reload()
}

describe.skipIf(chromium === null)('a window over a small library', () => {
  let opened: OpenWindow
  let page: Page

  beforeAll(async () => {
    opened = await openSmallLibrary(long)
    page = opened.page
  }, long)
  afterAll(() => opened.close(), long)

  it.each(screens)(
    'says why %s shows nothing when the engine refuses, and shows it after another try',
    async (place, procedure, filled) => {
      await refuse(page, procedure)
      await open(page, place)
      const failure = page.getByRole('alert').filter({ hasText: refusal })
      await failure.first().waitFor()
      expect(await page.locator(filled).count()).toBe(0)
      expect(await axeViolations(page)).toEqual([])
      await page.unroute(`**/rpc/${procedure}`)
      await page.getByRole('button', { name: 'Try again' }).first().click()
      await page.locator(filled).first().waitFor()
      await failure.first().waitFor({ state: 'detached' })
    },
    long,
  )

  it.each(screens)(
    'says that %s is on its way while the engine thinks',
    async (place, procedure, filled) => {
      let go: () => void = () => {}
      const held = new Promise<void>((resolve) => (go = resolve))
      await page.route(`**/rpc/${procedure}`, async (route) => {
        await held
        await route.fallback().catch(() => {}) // asked again meanwhile: nobody waits for this one
      })
      await open(page, place)
      await page.locator('.loading[role=status]').first().waitFor()
      expect(await page.locator(filled).count()).toBe(0)
      go()
      await page.locator(filled).first().waitFor()
      await page.unrouteAll({ behavior: 'ignoreErrors' })
    },
    long,
  )

  it(
    'keeps what it shows of the library when the list cannot be loaded anew, says so, and gets over it',
    async () => {
      await open(page, 'library')
      await page.locator('[data-cell]').first().waitFor()
      await refuse(page, 'listVideos')
      await page.getByRole('button', { name: 'Ascending' }).click()
      const line = page.getByRole('alert').filter({ hasText: 'The list could not be loaded.' })
      await line.getByText(refusal).waitFor()
      await page.locator('[data-cell]').first().waitFor()
      expect(await axeViolations(page)).toEqual([])
      await page.unroute('**/rpc/listVideos')
      await line.getByRole('button', { name: 'Try again' }).click()
      await line.waitFor({ state: 'detached' })
    },
    long,
  )

  it(
    'says in Train why it cannot say what a run would mean, and what is missing once it can',
    async () => {
      await refuse(page, 'preflight')
      await open(page, 'train')
      const before = page.getByRole('region', { name: 'Before you start' })
      await before.getByText(refusal).waitFor()
      expect(await before.getByRole('button', { name: 'Start training' }).isEnabled()).toBe(false)
      expect(await axeViolations(page)).toEqual([])
      await page.unroute('**/rpc/preflight')
      await before.getByRole('button', { name: 'Try again' }).click()
      await before.getByRole('heading', { name: 'Not ready yet' }).waitFor()
      expect(await before.getByRole('button', { name: 'Start training' }).isEnabled()).toBe(false)
      await page.getByText('No run yet.').waitFor()
      expect(await axeViolations(page)).toEqual([])
    },
    long,
  )

  it(
    'says in the settings why storage and system check stay empty, and fills both after another try',
    async () => {
      await refuse(page, 'storage')
      await refuse(page, 'doctor')
      await open(page, 'settings')
      await expect.poll(() => page.getByText(refusal).count(), patient).toBe(2)
      expect(await axeViolations(page)).toEqual([])
      await page.unrouteAll()
      for (const title of ['Storage', 'System check']) {
        const section = page.locator('section').filter({ has: page.getByRole('heading', { name: title, exact: true }) })
        await section.getByRole('button', { name: 'Try again' }).click()
      }
      await page.getByText('This computer is ready.').waitFor()
      await page.getByText('Catalogue and features').waitFor()
      await expect.poll(() => page.getByText(refusal).count(), patient).toBe(0)
    },
    long,
  )

  it(
    'words the system check and an empty storage in Japanese, too',
    async () => {
      await call(page, 'changeSettings', { language: 'ja' })
      await open(page, 'settings')
      const check = page.locator('section').filter({ hasText: 'システムの確認' })
      await check.getByText('すべての動画が元の場所にあります').waitFor()
      await check.getByText('対象 1 = 登録済み 1 + 失敗 0 + 待機中 0').waitFor()
      // Versions and codes are the same in every language; sentences are not.
      expect(await check.textContent()).not.toMatch(/where it was|can be searched|free|works|sound|pictures of/)
      const previews = page.getByRole('listitem').filter({ hasText: 'プレビュー' }).first()
      expect(await previews.textContent()).toContain('なし')
      expect(await page.locator('main').textContent()).not.toMatch(/\b0 ?(byte|バイト)/i)
      expect(await axeViolations(page)).toEqual([])
      await call(page, 'changeSettings', { language: 'en' })
    },
    long,
  )

  it(
    'says what a video dialog cannot load, and loads it after another try',
    async () => {
      await open(page, 'library')
      await page.locator('[data-cell]').first().waitFor()
      await refuse(page, 'video')
      await page.locator('[data-cell]').first().click()
      const dialog = page.getByRole('dialog')
      await dialog.getByText(refusal).waitFor()
      expect(await axeViolations(page)).toEqual([])
      await page.unroute('**/rpc/video')
      await dialog.getByRole('button', { name: 'Try again' }).click()
      await dialog.getByRole('heading', { name: 'Shots', exact: true }).waitFor()
      await page.keyboard.press('Escape')
    },
    long,
  )

  it('met no error on the way', () => expect(opened.problems).toEqual([]))
})

describe.skipIf(chromium === null)('a window over an empty library', () => {
  let opened: OpenWindow
  let page: Page
  beforeAll(async () => {
    opened = await openWindow()
    page = opened.page
    page.setDefaultTimeout(30_000)
  }, long)
  afterAll(() => opened.close(), long)

  it.each([
    ['search?q=red', 'Nothing to search yet'],
    ['label', 'Nothing to label yet'],
    ['train', 'Not ready yet'],
    ['audit', 'No run to audit yet'],
    ['models', 'before training'],
  ])(
    'says on %s what comes first',
    async (place, title) => {
      await open(page, place)
      await page.getByRole('heading', { name: title }).waitFor()
      expect(await axeViolations(page)).toEqual([])
    },
    long,
  )

  it('met no error on the way', () => expect(opened.problems).toEqual([]))
})

describe.skipIf(chromium === null)('a window over a library that does not open', () => {
  let opened: OpenWindow
  beforeAll(async () => {
    opened = await openWindow({}, async (libraryDir) => {
      mkdirSync(libraryDir, { recursive: true })
      writeFileSync(join(libraryDir, 'catalogue.db'), 'this has never been a database, '.repeat(300))
    })
  }, long)
  afterAll(() => opened.close(), long)

  it(
    'says that the library is damaged, and not that the engine is away',
    async () => {
      const { page } = opened
      const bar = page.getByRole('alert').filter({ hasText: 'The library does not open' })
      await bar.waitFor({ timeout: 30_000 })
      expect(await bar.textContent()).toMatch(/damaged|backup/)
      expect(await page.getByText('The engine does not answer').count()).toBe(0)
      expect(await axeViolations(page)).toEqual([])
    },
    long,
  )
})
