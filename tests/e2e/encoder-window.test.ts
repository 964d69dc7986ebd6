/**
 * Another encoder in the window, from its files to searches with it and back: chosen on this computer, inspected, estimated,
 * encoded while searching goes on, left again at once and removed; dropped as an archive; downloaded from a hub.
 */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Page } from 'playwright'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { tableOf } from '../../renderer/src/i18n/index.ts'
import { exportFolder } from '../main/encoders/exports.ts'
import { startHub, type LoopbackHub } from '../main/encoders/loopback-hub.ts'
import { zipOf } from '../main/encoders/zip-writer.ts'
import { call, findChromium, openWindow, sampleClips, skipReason, type OpenWindow } from './window.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { createHeldFfmpeg } from './held-ffmpeg.ts'
import { dropFiles, press, tabTo } from './window-hands.ts'
import { planTour } from './window-tour.ts'

const chromium = findChromium()
if (chromium === null) console.log(`tests/e2e/encoder-window.test.ts ${skipReason}`)
const long = 120_000
const clips = 24

type Encoders = { encoders: { id: string; active: boolean; seenSegments: number; segments: number }[] }

function archiveOf(folder: string): Buffer {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path))
  const files = paths.filter((path) => statSync(path).isFile())
  return zipOf(files.map((path) => ({ name: relative(folder, path), bytes: readFileSync(path) })))
}

describe.skipIf(chromium === null)('another encoder, in the window', () => {
  const { t, formats } = tableOf('en')
  const words = t.encoders
  let open: OpenWindow
  let hub: LoopbackHub
  let page: Page
  const { chapter, button, go, clean } = planTour(() => page, ['dark', 'light'])
  const active = async (): Promise<string | undefined> =>
    (await call<Encoders>(page, 'encoders', {})).encoders.find((encoder) => encoder.active)?.id
  const scores = async (): Promise<number[]> => {
    const input = { text: 'red', k: 5, includeUnmatched: true }
    return (await call<{ moments: { score: number }[] }>(page, 'search', input)).moments.map(({ score }) => score)
  }
  const ffmpeg = createHeldFfmpeg(temporaryFolder('held-ffmpeg'))
  let before: number[]

  beforeAll(async () => {
    hub = await startHub(exportFolder('mobileclip'))
    process.env['MAMA_HUB'] = hub.url
    process.env['MAMA_FFMPEG'] = ffmpeg.path
    open = await openWindow({ locale: 'en-GB', colorScheme: 'light' })
    page = open.page
    page.setDefaultTimeout(30_000)
    await call(page, 'startImport', { paths: sampleClips(clips) })
    await page.getByText(t.library.import.done(clips, 0)).waitFor({ timeout: long })
    before = await scores()
  }, 2 * long)
  afterAll(async () => {
    await open.close()
    await hub.close()
  }, long)

  chapter('begins with the one that came with the app, and fetches nothing before it may', async () => {
    await go('Alt+Digit6', t.models.title)
    const own = page.getByRole('article').filter({ has: page.getByRole('heading', { name: 'MAMA Studio built-in' }) })
    await own.getByText(words.inUse, { exact: true }).waitFor()
    await clean()
    await press(page, button(words.download))
    const dialog = page.getByRole('dialog', { name: words.get.title })
    await dialog.getByText(words.get.off).waitFor()
    expect(await dialog.getByRole('textbox', { name: words.get.name }).isDisabled()).toBe(true)
    await dialog.getByText('Xenova/clip-vit-base-patch32').waitFor()
    await clean()
    await press(page, dialog.getByRole('button', { name: words.get.toSettings }))
    const networking = page.getByRole('checkbox', { name: t.settings.networking })
    await networking.waitFor()
    await expect.poll(() => networking.evaluate((box) => box === box.ownerDocument.activeElement)).toBe(true)
    expect(hub.requests).toBe(0)
  })

  chapter('takes a folder of this computer, looks into it, tests it, and says what it found', async () => {
    await go('Alt+Digit6', t.models.title)
    await press(page, button(words.add))
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: t.library.browse.title })
    const places = await call<{ entries: { name: string; path: string }[] }>(page, 'browse', {})
    const here = places.entries.find(({ path }) => path === process.cwd())!
    for (const name of [here.name, 'tests', 'fixtures', 'encoders', 'siglip']) {
      await press(page, dialog.getByRole('button', { name: t.library.browse.openFolder(name), exact: true }))
    }
    await press(page, dialog.getByRole('button', { name: t.library.browse.choose }))
    await page.getByText(words.bringing.added('siglip')).waitFor()
    await page
      .getByText(/The export does not state a licence|licence/i)
      .first()
      .waitFor()
    await page.getByRole('heading', { name: 'siglip', level: 3, exact: true }).waitFor()
    expect(await active()).toBe('built-in')
    await clean()
  })

  chapter(
    'says what the change takes, makes it in the background, and lets searches go on with the old one',
    async () => {
      await press(page, button(`${words.use}: siglip`))
      const dialog = page.getByRole('dialog', { name: words.change.title('siglip') })
      await dialog.getByText(words.change.meanwhile).waitFor()
      await dialog.getByText(t.app.videos(clips)).waitFor()
      await clean()
      ffmpeg.hold() // or the change might be over before it is paused
      await press(page, dialog.getByRole('button', { name: words.change.start }))
      const panel = page.getByRole('group', { name: words.job.to('siglip') }).last()
      await press(page, panel.getByRole('button', { name: t.library.import.pause }))
      await panel.getByText(words.job.paused).waitFor()
      ffmpeg.release()
      await clean()
      expect(await active()).toBe('built-in')
      expect(await scores()).toEqual(before)
      await go('Control+KeyK', t.search.title)
      await page.keyboard.type('red')
      await page.locator('.results .summary').waitFor()
      await go('Alt+Digit6', t.models.title)
      await press(page, panel.getByRole('button', { name: t.library.import.resume }))
      await panel.getByText(/siglip is in use/).waitFor({ timeout: long })
      expect(await active()).toBe('siglip')
      const { encoders } = await call<Encoders>(page, 'encoders', {})
      for (const { seenSegments, segments } of encoders) expect(seenSegments).toBe(segments)
    },
  )

  chapter('measures again how fast the one in use is, stops that when told, and says why when it cannot', async () => {
    const measure = t.measure
    const card = page.getByRole('article').filter({ has: page.getByRole('heading', { name: 'siglip', level: 3 }) })
    const again = card.getByRole('button', { name: measure.againOf('siglip') })
    await page.route('**/rpc/measureEncoder', (route) =>
      route.fulfill({ json: { error: { code: 'work.running', message: 'Videos are being imported.', params: {} } } }),
    )
    await press(page, again)
    await card.getByRole('alert').getByText('Videos are being imported.').waitFor()
    await clean()
    await page.unroute('**/rpc/measureEncoder')
    let go: () => void = () => {}
    const held = new Promise<void>((resolve) => (go = resolve))
    await page.route('**/rpc/measureEncoder', async (route) => {
      await held
      await route.fallback().catch(() => {}) // stopped meanwhile: nobody waits for it
    })
    await press(page, again)
    await card.getByText(measure.running(0)).waitFor()
    await clean()
    // The button that began it is the one that stops it, and keeps the focus.
    await page.keyboard.press('Enter')
    await card.getByText(measure.stopped).waitFor()
    expect(await again.evaluate((element) => element === element.ownerDocument.activeElement)).toBe(true)
    go()
    await page.unroute('**/rpc/measureEncoder')
    await page.keyboard.press('Enter')
    await card
      .getByRole('status')
      .getByText(/pictures a second, \d+ pictures? at a time on \d+ threads?/)
      .waitFor()
    const { encoders } = await call<{ encoders: { id: string; speed: { picturesPerSecond: number } | null }[] }>(
      page,
      'encoders',
      {},
    )
    const { speed } = encoders.find(({ id }) => id === 'siglip')!
    await card.getByRole('status').getByText(formats.amount(speed!.picturesPerSecond)).first().waitFor()
    await clean()
  })

  chapter('searches with the new one, and goes back at once', async () => {
    expect(await scores()).not.toEqual(before)
    await go('Control+KeyK', t.search.title)
    await page.keyboard.type('red')
    await page.locator('.results .summary').waitFor()
    await go('Alt+Digit6', t.models.title)
    await page.getByText(words.ready).waitFor()
    await clean()
    await press(page, button(words.job.goBack('MAMA Studio built-in')))
    await page.getByText(words.job.done('MAMA Studio built-in', 0)).waitFor()
    expect(await active()).toBe('built-in')
    expect(await scores()).toEqual(before)
  })

  chapter('counts what it takes on the disk, and removes it after asking', async () => {
    await go('Control+Comma', t.settings.title)
    const line = page.getByRole('listitem').filter({ hasText: t.settings.parts.encoders })
    await line.waitFor()
    expect(await line.textContent()).not.toContain(formats.bytes(0))
    // Beside it, which device trains fastest here.
    await press(page, button(t.measure.devicesMeasure))
    const devices = page.getByRole('list', { name: t.measure.devices })
    await devices.getByText(t.train.devices.cpu).waitFor({ timeout: long })
    expect(await devices.textContent()).toMatch(/[\d.]+ ms a step/)
    expect(await devices.getByText(t.measure.fastest).count()).toBe(1)
    await clean()
    await go('Alt+Digit6', t.models.title)
    expect(await button(words.removeOf('MAMA Studio built-in')).count()).toBe(0)
    await press(page, button(words.removeOf('siglip')))
    const dialog = page.getByRole('dialog', { name: words.removing.title('siglip') })
    await clean()
    await press(page, dialog.getByRole('button', { name: words.remove, exact: true }))
    await page.getByText(words.removing.done('siglip')).waitFor()
    await page.getByRole('heading', { name: 'siglip', level: 3, exact: true }).waitFor({ state: 'detached' })
  })

  chapter('takes an archive that is dropped, and refuses one that is no encoder with the reason', async () => {
    const bad = join(open.folder, 'bad.zip')
    writeFileSync(bad, zipOf([{ name: 'config.json', bytes: Buffer.from('{}') }]))
    await dropFiles(page, [bad], () => page.getByText(words.dropTitle, { exact: true }).waitFor())
    const refusal = page.getByRole('alert').filter({ hasText: 'cannot be used as an encoder because' })
    await refusal.waitFor()
    await clean()
    const good = join(open.folder, 'carried-in.zip')
    writeFileSync(good, archiveOf(exportFolder('clip')))
    await dropFiles(page, [good])
    await page.getByText(words.bringing.added('carried-in')).waitFor()
    // What the browser handed over is not kept a second time.
    const { parts } = await call<{ parts: { part: string; files: number }[] }>(page, 'storage', {})
    expect(parts.find(({ part }) => part === 'uploads')).toMatchObject({ files: 0 })
  })

  chapter(
    'downloads from a hub once that is allowed: sizes first, a cancel that keeps what came, and on from there',
    async () => {
      await go('Control+Comma', t.settings.title)
      await press(page, page.getByRole('checkbox', { name: t.settings.networking }), 'Space')
      await expect.poll(() => page.getByRole('checkbox', { name: t.settings.networking }).isChecked()).toBe(true)
      await go('Alt+Digit6', t.models.title)
      await press(page, button(words.download))
      const dialog = page.getByRole('dialog', { name: words.get.title })
      await tabTo(page, dialog.getByRole('textbox', { name: words.get.name }))
      await page.keyboard.type('owner/small')
      await page.keyboard.press('Enter')
      await dialog.getByText('onnx/vision_model.onnx', { exact: true }).waitFor()
      await dialog.getByText(words.get.licence('apache-2.0')).waitFor()
      expect(hub.log).toEqual([])
      await clean()
      // The hub stops in the middle of the largest file, until it is told to go on.
      const stopped = new Promise<void>((resolve) => {
        hub.mischief = ({ bytes, count }, response) => {
          if (bytes.length < 50_000 || count > 0) return false
          response.writeHead(200, { 'content-length': bytes.length })
          response.write(bytes.subarray(0, 30_000), () => resolve())
          return true
        }
      })
      await press(page, dialog.getByRole('button', { name: /^Download \d/ }))
      const panel = page.getByRole('group', { name: words.bringing.download('owner/small') })
      await stopped
      await panel.getByText(words.bringing.stages['downloading'] ?? 'downloading', { exact: true }).waitFor()
      await clean()
      await press(page, panel.getByRole('button', { name: t.app.cancel }))
      await page.getByText(words.bringing.keptPart).waitFor()
      await press(page, button(words.bringing.again))
      await page.getByText(words.bringing.added('small')).waitFor()
      expect(hub.log.some((line) => line.endsWith('bytes=30000-'))).toBe(true)
      expect(open.problems).toEqual([])
    },
  )
})
