/**
 * The customer's vision model in the window, by keyboard alone: set and tested in the settings, descriptions written from
 * real frames, paused, found by their words, and removed, in English and in Japanese. The model is on the loopback address.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { tableOf } from '../../renderer/src/i18n/index.ts'
import { answer, fail, sayAsAsked, startModel, type LoopbackModel } from '../main/services/endpoint/loopback-model.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { openSmallLibrary, type SmallLibrary } from './small-library.ts'
import { press, tabTo } from './window-hands.ts'
import { planTour } from './window-tour.ts'
import { axeViolations, call, findChromium, skipReason } from './window.ts'

const chromium = findChromium()
if (chromium === null) console.log(`tests/e2e/endpoint-window.test.ts ${skipReason}`)
const long = 120_000
/** Where pictures of the window go, for people to look at. */
const pictures = process.env['MAMA_PICTURES'] ?? temporaryFolder('endpoint-pictures')

describe.skipIf(chromium === null)('a vision model, in the window', () => {
  const { t } = tableOf('en')
  const words = t.endpoint
  let open: SmallLibrary
  let model: LoopbackModel
  let page: Page
  const { chapter, button, go, clean } = planTour(() => page, ['dark', 'light'])
  const look = (name: string): Promise<unknown> => page.screenshot({ path: join(pictures, `${name}.png`) })
  const type = async (label: string, text: string): Promise<void> => {
    await tabTo(page, page.getByLabel(label, { exact: false }).first())
    await page.keyboard.press('Control+A')
    await page.keyboard.type(text)
    await page.keyboard.press('Tab')
  }

  beforeAll(async () => {
    model = await startModel('Ollama')
    open = await openSmallLibrary(long)
    page = open.page
  }, long)
  afterAll(async () => {
    await open.close()
    await model.close()
  }, long)

  chapter('is off, and nothing of it is in the way, until it has an address', async () => {
    await go('Alt+Digit1', t.library.title)
    expect(await button(words.menu).count()).toBe(0)
    await go('Control+Comma', t.settings.title)
    const use = page.getByRole('checkbox', { name: words.use })
    await page.getByText(words.useNoAddress).waitFor()
    expect(await use.isDisabled()).toBe(true)
    await page.getByText(words.noKey).waitFor()
    await clean()
  })

  chapter('refuses an address with a password in it, takes a plain one, and sends nothing before it may', async () => {
    await type(words.address, 'http://me:secret@localhost:1')
    await page.getByText(/may hold no name, password or key/).waitFor()
    await type(words.address, model.url)
    await page.getByText(words.useText(model.host)).waitFor()
    await press(page, page.getByRole('checkbox', { name: words.use }), 'Space')
    await page.getByText(words.networkingOff).waitFor()
    expect(await button(words.testNow).isDisabled()).toBe(true)
    await clean()
    expect(model.requests).toBe(0)
    await press(page, button(words.toNetworking))
    await page.keyboard.press('Space')
    await expect.poll(() => button(words.testNow).isEnabled()).toBe(true)
    expect(model.requests).toBe(0)
  })

  chapter('is tested: it says why it cannot be used, and that it can', async () => {
    model.mischief = (_, response) => (fail('Ollama', response, 500, 'this model does not support image input'), true)
    await press(page, button(words.testNow))
    await page.getByText(/its model cannot see/).waitFor()
    await clean()
    model.mischief = () => false
    await press(page, button(words.testNow))
    await page.getByText(/sees-well is there and can see/).waitFor()
    await type(words.price, '3')
    await clean()
    await look('endpoint-settings')
    expect(model.asked.every(({ parts }) => parts.filter((part) => 'jpeg' in part).length === 1)).toBe(true)
  })

  chapter('says what writing descriptions takes and where pictures go, before any goes', async () => {
    await go('Alt+Digit1', t.library.title)
    await press(page, button(words.menu))
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: words.dialog.title })
    await dialog.getByText(words.dialog.shotsOf(3, 1)).waitFor()
    await dialog.getByText(model.host).waitFor()
    await dialog.getByText(words.dialog.timeFrom.typical).waitFor()
    await clean()
    await look('endpoint-estimate')
  })

  chapter('writes them, is paused, goes on, and says what came of it', async () => {
    let go2 = (): void => undefined
    const waiting = new Promise<void>((resolve) => (go2 = resolve))
    const before = model.asked.length
    model.mischief = (asked, response) => {
      // The second shot takes its time.
      if (asked.count !== before + 2) return false
      void waiting.then(() => answer(response, true, sayAsAsked(asked)))
      return true
    }
    await press(page, page.getByRole('dialog').getByRole('button', { name: words.dialog.start }))
    const main = page.getByRole('main').getByRole('group', { name: t.library.import.kinds.descriptions })
    await main.getByText(words.job.goesTo(model.host)).waitFor()
    await expect.poll(() => model.asked.length, { timeout: long }).toBe(before + 3)
    await press(page, main.getByRole('button', { name: t.library.import.pause }))
    await main.getByText(words.job.paused).waitFor()
    await look('endpoint-paused')
    await clean()
    go2()
    model.mischief = () => false
    await press(page, main.getByRole('button', { name: t.library.import.resume }))
    await main.getByText(words.job.done(2)).waitFor()
    await clean()
    await look('endpoint-done')
    // What went out: one picture of each shot, a grid in the shape of the video.
    const [jpeg] = model.asked.at(-1)!.parts.flatMap((part) => ('jpeg' in part ? [part.jpeg] : []))
    expect(jpeg!.readUInt16BE(0)).toBe(0xffd8)
    expect(jpeg!.length).toBeGreaterThan(1000)
    writeFileSync(join(pictures, 'endpoint-grid.jpg'), jpeg!)
  })

  chapter('goes on by itself after the engine was killed, and asks for no shot twice', async () => {
    await call(page, 'removeDescriptions', {})
    const before = model.asked.length
    // The engine dies while it waits for the second shot.
    model.mischief = ({ count }) => count === before + 2
    await call(page, 'startDescriptions', {})
    await expect.poll(() => model.asked.length, { timeout: long }).toBe(before + 3)
    await open.killEngine()
    model.mischief = () => false
    await open.startEngine()
    const written = async () =>
      (await call<{ generatedDescriptions: number }>(page, 'endpoint', {})).generatedDescriptions
    await expect.poll(() => written().catch(() => -1), { timeout: long }).toBe(3)
    // After the kill: the tiny picture, and the two shots that were left.
    expect(model.asked.length).toBe(before + 6)
    await page.getByText(t.connection.lostTitle).waitFor({ state: 'hidden' })
  })

  chapter('shows them as generated, beside the video and in what is found', async () => {
    await press(page, page.locator('[data-cell]').first())
    const dialog = page.getByRole('dialog')
    await dialog
      .getByText(/A hand turns item \d+ in the video\./)
      .first()
      .waitFor()
    expect(await dialog.getByText(t.library.video.sources.generated).count()).toBe(3)
    await dialog
      .getByText(/sees-well/)
      .first()
      .waitFor()
    await clean()
    await look('endpoint-video')
    await page.keyboard.press('Escape')
    await go('Control+KeyK', t.search.title)
    await page.keyboard.type('hand turns item')
    await page.keyboard.press('Enter')
    await page.locator('[data-result]').getByText(words.generated).first().waitFor()
    await clean()
    await look('endpoint-search')
  })

  chapter('removes them in one step, after it has asked, in Japanese too', async () => {
    await call(page, 'changeSettings', { language: 'ja' })
    await page.reload()
    const { t: ja } = tableOf('ja')
    await go('Alt+Digit1', ja.library.title)
    await press(page, button(ja.endpoint.menu))
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: ja.endpoint.removing.title })
    await dialog.getByText(ja.endpoint.removing.text(3)).waitFor()
    await look('endpoint-remove-ja')
    expect(await axeViolations(page)).toEqual([])
    await press(page, dialog.getByRole('button', { name: ja.app.remove }))
    await page.getByText(ja.endpoint.removing.done(3)).waitFor()
    expect(await call(page, 'endpoint', {})).toMatchObject({ generatedDescriptions: 0 })
    await go('Control+Comma', ja.settings.title)
    await page.getByText(ja.endpoint.about).scrollIntoViewIfNeeded()
    await look('endpoint-settings-ja')
    expect(await axeViolations(page)).toEqual([])
  })
})
