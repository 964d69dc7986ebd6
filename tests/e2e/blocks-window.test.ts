/**
 * Blocks of the encoder, trained from the window: what it takes is said before, the run is paused while it reads and goes on,
 * and its version, which did not win, is used after the videos have been read for it, without one that is gone. Another encoder
 * has blocks of texts too.
 */
import { cpSync, mkdirSync, renameSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Page } from 'playwright'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { createClient, createLocalTransport } from '../../main/contract/index.ts'
import { createEngineServices } from '../../main/services.ts'
import { tableOf } from '../../renderer/src/i18n/index.ts'
import { exportFolder } from '../main/encoders/exports.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { createHeldFfmpeg } from './held-ffmpeg.ts'
import { pickOption, press, tabTo } from './window-hands.ts'
import { planTour } from './window-tour.ts'
import { call, findChromium, labelledClips, openWindow, sampleFolder, skipReason, type OpenWindow } from './window.ts'

const chromium = findChromium()
if (chromium === null) console.log(`tests/e2e/blocks-window.test.ts ${skipReason}`)
const long = 120_000
const clips = 9
const videos = join(temporaryFolder('blocks'), 'videos') // as the tables name it

/** One that reads texts with blocks that can be trained. */
let textsEncoder: string

/** Imports, describes and labels a few clips of the sample catalogue, as a customer has before. */
async function fill(libraryDir: string): Promise<void> {
  mkdirSync(videos, { recursive: true })
  for (const clip of labelledClips(clips)) cpSync(clip, join(videos, basename(clip)))
  const services = createEngineServices({ libraryDir, now: Date.now, newId: () => crypto.randomUUID() })
  const client = createClient(createLocalTransport(services.handlers))
  await client.import({ paths: [videos] })
  await client.describe({ file: join(sampleFolder, 'catalogue.csv') })
  await client.label({ file: join(sampleFolder, 'exemplars.csv') })
  textsEncoder = (await client.addEncoder({ source: exportFolder('clip') })).encoder.id
  await services.close()
}

describe.skipIf(chromium === null)('blocks of the encoder, in the window', () => {
  const { t } = tableOf('en')
  const words = t.blocks
  let open: OpenWindow
  let page: Page
  const { chapter, button, go, clean } = planTour(() => page, ['dark', 'light'])
  const ffmpeg = createHeldFfmpeg(temporaryFolder('blocks-ffmpeg'))
  const model = 'infonce-1'
  const models = async () =>
    (await call<{ models: { id: string; active: boolean; blocks?: object }[] }>(page, 'models', {})).models
  const active = async (): Promise<string | undefined> => (await models()).find((version) => version.active)?.id

  beforeAll(async () => {
    process.env['MAMA_FFMPEG'] = ffmpeg.path
    open = await openWindow({ locale: 'en-GB', colorScheme: 'light' }, fill)
    page = open.page
    page.setDefaultTimeout(30_000)
  }, long)
  afterAll(() => open.close(), long)

  chapter('says before what training blocks takes, and how that changes with what is asked for', async () => {
    await call(page, 'changeSettings', { device: 'cpu' }) // or every device is measured first
    await go('Alt+Digit4', t.train.title)
    await pickOption(page, page.getByRole('combobox', { name: t.train.objective }), 'infonce')
    await press(page, page.getByRole('checkbox', { name: /^Automatic \(/ }), 'Space')
    const epochs = page.getByRole('spinbutton', { name: t.train.epochs })
    await tabTo(page, epochs)
    await page.keyboard.press('Control+KeyA')
    await page.keyboard.type('1')
    const choice = page.getByRole('combobox', { name: words.halves.pictures })
    await choice.getByRole('option', { name: words.all(4) }).waitFor({ state: 'attached' })
    expect(await choice.getByRole('option').allTextContents()).toEqual([
      ...[words.off, words.last(1), words.last(2), words.all(4)],
    ])
    await page.getByText(words.obstacles.texts.noneFound).waitFor()
    expect(await page.getByText(words.toRead).count()).toBe(0)
    await pickOption(page, choice, '1')
    const before = page.getByRole('region', { name: t.train.preflight })
    await before.getByText(words.toRead, { exact: true }).waitFor()
    await before.getByText(new RegExp(`of ${clips} videos`)).waitFor()
    await before.getByText(words.memory, { exact: true }).waitFor()
    await press(page, page.getByRole('checkbox', { name: words.lowRank }), 'Space')
    expect(await page.getByRole('spinbutton', { name: words.rank }).inputValue()).toBe('8')
    await expect.poll(() => page.getByText(words.looking).count(), { timeout: 20_000 }).toBe(0)
    await clean()
    await press(page, page.getByRole('checkbox', { name: words.lowRank }), 'Space')
    await expect.poll(() => button(t.train.start).isEnabled()).toBe(true)
  })

  chapter('shows what it reads, is paused there and goes on, and keeps a version that did not win', async () => {
    ffmpeg.hold() // or reading might be over before it is paused
    await press(page, button(t.train.start))
    const panel = page.getByRole('region', { name: t.train.preflight })
    await panel.getByText('Reading pictures for the blocks: 0 of 9 videos').waitFor()
    await clean()
    await press(page, panel.getByRole('button', { name: t.library.import.pause }))
    await panel.getByText(t.train.paused).waitFor()
    ffmpeg.release()
    await press(page, panel.getByRole('button', { name: t.train.resume }))
    await page.getByText(t.train.notPromoted(model)).waitFor({ timeout: long })
    await page.getByText(words.compareLater).waitFor()
    await page.getByText(words.ofRun({ count: 1, texts: 0, rank: null })).waitFor()
    await page.getByRole('cell', { name: words.short({ count: 1, texts: 0, rank: null }) }).waitFor()
    await clean()
    expect((await models())[0]).toMatchObject({ id: model, active: false, blocks: { count: 1, texts: 0, rank: null } })
  })

  chapter(
    'asks before it reads for that version, says which video is gone, and uses it without when told',
    async () => {
      const gone = basename(labelledClips(1)[0]!)
      renameSync(join(videos, gone), join(videos, `${gone}.away`))
      await go('Alt+Digit6', t.models.title)
      const card = page.getByRole('article').filter({ has: page.getByRole('heading', { name: model }) })
      await card.getByText(/\d+ shots not seen by its blocks yet/).waitFor()
      await press(page, card.getByRole('button', { name: t.models.use }))
      const dialog = page.getByRole('dialog', { name: words.use.title(model) })
      await dialog.getByText(new RegExp(`^${clips} videos, \\d+ pictures$`)).waitFor()
      await clean()
      await page.keyboard.press('Escape')
      await dialog.waitFor({ state: 'detached' })
      expect(await active()).toBe('zero-shot')
      await press(page, card.getByRole('button', { name: t.models.use }))
      await press(page, dialog.getByRole('button', { name: words.use.start }))
      const panel = page.getByRole('group', { name: words.job.title(model) }).last()
      await panel.getByText(words.job.notDone(1, model)).waitFor()
      await panel.getByText(gone).waitFor()
      await clean()
      await press(page, panel.getByRole('button', { name: words.job.leaveOut }))
      await panel.getByText(words.job.done(model, 0)).waitFor()
      await card.getByText(t.models.active, { exact: true }).waitFor()
      expect(await active()).toBe(model)
      await go('Control+KeyK', t.search.title)
      await page.keyboard.type('red')
      await page.locator('.results .summary').waitFor()
    },
  )

  chapter('offers blocks of texts of an encoder that has some, and says that no video is read for them', async () => {
    await call(page, 'startUseEncoder', { encoder: textsEncoder, leaveOut: true })
    await go('Alt+Digit4', t.train.title)
    const texts = page.getByRole('combobox', { name: words.halves.texts })
    await texts.waitFor({ timeout: long })
    await page.getByText(t.train.ofOtherEncoder(model)).waitFor() // the run that is shown
    await pickOption(page, texts, '1')
    const before = page.getByRole('region', { name: t.train.preflight })
    await before.getByText(words.textsOnly).waitFor()
    await before.getByText(/ for the texts$/).waitFor()
    expect(await before.getByText(words.disk, { exact: true }).count()).toBe(0)
    await clean()
    await pickOption(page, page.getByRole('combobox', { name: words.halves.pictures }), '1')
    await before.getByText(new RegExp(`of ${clips - 1} videos`)).waitFor()
    await before.getByText(/ for the texts$/).waitFor()
    await before.getByText(words.disk, { exact: true }).waitFor()
    await clean()
    expect(open.problems).toEqual([])
  })
})
