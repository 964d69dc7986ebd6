/** Search in a real Chromium: honest about strength, playing under the pointer, similar pictures, and taken elsewhere. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
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
if (chromium === null) console.log(`tests/e2e/search.test.ts ${skipReason}`)
const long = 120_000
const clips = 24
/** A computer that does other things takes its time. */
const patient = { timeout: 20_000 }

/** Waits until so many videos can be searched. */
async function indexedVideos(page: Page, wanted: number): Promise<void> {
  for (;;) {
    const { counts } = await call<{ counts: { indexed: number } }>(page, 'overview', {})
    if (counts.indexed >= wanted) return
    await page.waitForTimeout(300)
  }
}

describe.skipIf(chromium === null)('searching', () => {
  let open: OpenWindow
  let page: Page

  beforeAll(async () => {
    open = await openWindow({ acceptDownloads: true })
    page = open.page
    page.setDefaultTimeout(30_000)
    await call(page, 'startImport', { paths: sampleClips(clips) })
    await indexedVideos(page, clips)
    await call(page, 'describe', { file: join(sampleFolder, 'catalogue.csv') })
    await page.evaluate("location.hash = '#/search'")
    await page.reload()
  }, long)
  afterAll(() => open.close(), long)

  async function ask(text: string): Promise<void> {
    await page.keyboard.press('Control+KeyK')
    await page.getByRole('searchbox').fill(text)
    const address = new URLSearchParams({ q: text }).toString()
    await expect.poll(() => page.evaluate('location.hash'), patient).toContain(address)
    await page.locator('.results[aria-busy=false] .summary').waitFor()
  }

  it(
    'says plainly that made-up words find nothing, and names them',
    async () => {
      await ask('qwzrtv plonk')
      await page.getByRole('heading', { name: 'Nothing in the library looks like this' }).waitFor()
      await page.getByText(/knows “qwzrtv”, “plonk”/).waitFor()
      expect(await page.locator('[data-result]').count()).toBe(0)
      expect(await axeViolations(page)).toEqual([])
    },
    long,
  )

  it(
    'puts what chance could find below a divider',
    async () => {
      await ask('red qwzrtv')
      await page.getByRole('heading', { name: 'Weaker matches' }).waitFor()
      expect(await page.locator('article.strong').count()).toBe(0)
      await ask('headphones')
      await page.locator('article.strong').first().waitFor()
      expect(await axeViolations(page)).toEqual([])
    },
    long,
  )

  it(
    'plays a moment in a loop under the pointer, and opens it there by Enter',
    async () => {
      await ask('grey headphones')
      const card = page.locator('[data-result]').first()
      await card.hover()
      const video = card.locator('video.playing')
      await video.waitFor()
      const [from, to] = ((await card.locator('.time').textContent()) ?? '')
        .split('–')
        .map((time) => Number(time.trim().split(':').at(-1)))
      const time = (): Promise<number> => video.evaluate((player: { currentTime: number }) => player.currentTime)
      for (let i = 0; i < 4; i++) {
        await page.waitForTimeout(150)
        expect(await time()).toBeGreaterThanOrEqual(from! - 0.35)
        expect(await time()).toBeLessThanOrEqual(to! + 0.35)
      }
      await page.getByRole('searchbox').press('Enter')
      await expect.poll(() => page.evaluate("document.activeElement?.hasAttribute('data-result')"), patient).toBe(true)
      await page.keyboard.press('Enter')
      const player = page.locator('dialog video')
      await expect
        .poll(() => player.evaluate(({ currentTime }: { currentTime: number }) => currentTime), patient)
        .toBeGreaterThanOrEqual(from!)
      await page.keyboard.press('Escape')
    },
    long,
  )

  it(
    'finds what looks like a picture, and goes back to words',
    async () => {
      const picture = join(open.folder, 'picture.jpg')
      const from = ['-y', '-v', 'error', '-nostdin', '-ss', '1', '-i', sampleClips(5)[4]!, '-frames:v', '1', picture]
      execFileSync('ffmpeg', from)
      await page.locator('input[type=file][accept^="image"]').first().setInputFiles(picture)
      await page.getByText('Like your picture').waitFor()
      const best = page.locator('.results[aria-busy=false] article').first()
      await best.waitFor()
      expect(await best.textContent()).toContain('seen')
      await page.getByRole('button', { name: 'Back to words' }).click()
      await page.getByRole('heading', { name: 'Describe a moment' }).waitFor()
    },
    long,
  )

  it(
    'exports an edit list whose frames are those of the clips, and cuts clips',
    async () => {
      await ask('headphones')
      await page.locator('article.strong').first().waitFor()
      const strong = await page.locator('article.strong').count()
      await page.getByRole('button', { name: 'Export' }).click()
      const downloading = page.waitForEvent('download')
      await page.getByRole('menuitem', { name: /EDL/ }).click()
      const edl = readFileSync(await (await downloading).path(), 'utf8')
      expect(edl).toContain('* FRAME RATE: 15')
      const events = edl.split('\r\n').filter((line) => /^\d{3} {2}/.test(line))
      expect(events).toHaveLength(strong)
      expect(events.every((line) => /( \d\d:\d\d:\d\d:(0\d|1[0-4])){4}$/.test(line))).toBe(true)
      await page.getByRole('button', { name: 'Export' }).click()
      await page.getByRole('menuitem', { name: /clips/i }).click()
      const dialog = page.getByRole('dialog', { name: /cut/ })
      await dialog.getByRole('button', { name: 'Download clip 1' }).waitFor()
      expect(await dialog.getByRole('listitem').count()).toBe(strong)
      await page.keyboard.press('Escape')
    },
    long,
  )

  it(
    'keeps a search under a name and forgets the recent ones',
    async () => {
      await ask('headphones')
      await page.getByRole('searchbox').press('Enter') // finished, so remembered
      await page.getByRole('button', { name: 'Save this search' }).click()
      await page.getByRole('textbox', { name: 'Name of the search' }).fill('All headphones')
      await page.keyboard.press('Enter')
      await page.getByRole('button', { name: 'Clear the search' }).click()
      await page.getByRole('button', { name: 'All headphones', exact: true }).waitFor()
      await page.getByRole('button', { name: 'Forget recent searches' }).click()
      await page.getByRole('heading', { name: /Recent/ }).waitFor({ state: 'detached' })
      await page.getByRole('button', { name: 'All headphones', exact: true }).click()
      await page.locator('article.strong').first().waitFor()
    },
    long,
  )

  it(
    'lets who types and leaves at once leave, whichever the browser tells first',
    async () => {
      const typeAndLeave = (stuckMs: number) =>
        page.evaluate(`(() => {
          const box = document.querySelector('[role=searchbox], input[type=search]')
          box.value += 's'
          box.dispatchEvent(new Event('input', { bubbles: true }))
          for (const end = performance.now() + ${stuckMs}; performance.now() < end;);
          location.hash = '#/models'
        })()`)
      // The search that follows typing is due before the change of place has been told, and after it.
      for (const stuckMs of [150, 0]) {
        await ask('red')
        await typeAndLeave(stuckMs)
        await page.getByRole('heading', { name: 'Models', level: 1 }).waitFor()
        await page.waitForTimeout(150)
        expect(await page.evaluate('location.hash')).toBe('#/models')
      }
    },
    long,
  )

  it('met no error on the way', () => expect(open.problems).toEqual([]))
})
