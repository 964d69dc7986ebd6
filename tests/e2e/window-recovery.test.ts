/** The window when things go wrong: the page is reloaded, the engine is killed, files are damaged. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  axeViolations,
  call,
  findChromium,
  openWindow,
  sampleClips,
  serve,
  skipReason,
  type OpenWindow,
} from './window.ts'

const chromium = findChromium()
if (chromium === null) console.log(`tests/e2e/window-recovery.test.ts ${skipReason}`)
const long = 120_000

type Counts = { eligible: number; indexed: number; failed: number; pending: number; exemplars: number }

describe.skipIf(chromium === null)('the window when things go wrong', () => {
  let open: OpenWindow
  const clips = 24
  const counts = (): Promise<Counts> => call<Counts>(open.page, 'counts', {})

  beforeAll(async () => {
    open = await openWindow()
    open.page.setDefaultTimeout(60_000)
  }, long)
  afterAll(() => open.close(), long)

  it(
    'shows an import that goes on after the page was reloaded in its middle, paused and resumed',
    async () => {
      const { page } = open
      await call(page, 'startImport', { paths: sampleClips(clips) })
      const panel = page.locator('.panel.running, .panel.pending').first()
      await panel.getByRole('button', { name: 'Pause' }).click()
      await page.locator('.panel.paused').waitFor()
      await page.reload()
      await page.locator('.panel.paused').getByRole('button', { name: 'Resume' }).click()
      await page.getByText(/videos added/).waitFor({ timeout: long })
      const { eligible, indexed, failed, pending } = await counts()
      expect(eligible).toBe(indexed + failed + pending)
      expect(indexed).toBe(clips)
    },
    long,
  )

  it(
    'lists damaged files with their reason, a retry and a way out, and keeps the file when it is removed',
    async () => {
      const { page, folder } = open
      mkdirSync(join(folder, 'bad'))
      const bad = join(folder, 'bad', 'broken.mp4')
      writeFileSync(bad, 'this is no video')
      await call(page, 'startImport', { paths: [join(folder, 'bad')] })
      const list = page.locator('details').filter({ hasText: 'could not be read' })
      await list.locator('summary').click()
      await list.getByText('broken.mp4', { exact: true }).waitFor()
      await list.getByText(/is not a video|cut off|cannot be decoded/).waitFor()
      expect(await axeViolations(page)).toEqual([])
      expect(await counts()).toMatchObject({ eligible: clips + 1, indexed: clips, failed: 1 })
      await list.getByRole('button', { name: 'Remove' }).click()
      await list.waitFor({ state: 'detached' })
      expect(await counts()).toMatchObject({ eligible: clips, failed: 0 })
      expect(existsSync(bad)).toBe(true)
    },
    long,
  )

  it(
    'says that the engine is gone, and comes back by itself with every label when it is started again',
    async () => {
      const { page, folder, serving } = open
      await page.keyboard.press('Alt+Digit3')
      // Clips without a text: one is written first.
      const field = page.getByRole('textbox', { name: 'Text' })
      const grade = page.locator('.grades .exact')
      await grade.waitFor()
      if (await field.isVisible()) {
        await field.fill('a thing')
        await field.press('Enter')
      }
      await page.keyboard.press('Digit1')
      await page
        .locator('header .saved')
        .getByText(/^Saved/)
        .waitFor()
      const before = await counts()
      expect(before.exemplars).toBe(1)
      const { port } = new URL(serving.url)
      await serving.stop('SIGKILL')
      await page.getByText('The engine does not answer').waitFor()
      const again = await serve(join(folder, 'library'), Number(port))
      try {
        // A new engine has a new key: the page says so, and the new address continues.
        await page.goto(again.url)
        await page.getByRole('heading', { name: /Library|Label/, level: 1 }).waitFor()
        expect(await counts()).toEqual(before)
      } finally {
        await open.browser.close()
        await again.stop()
      }
    },
    long,
  )
})
