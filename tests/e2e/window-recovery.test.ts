/**
 * The window when things go wrong: the page is reloaded, the engine is killed and started again, files are damaged or moved,
 * the computer runs on battery. The page itself stays open all the time, but for the reloads.
 */
import { copyFileSync, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  axeViolations,
  call,
  findChromium,
  labelledClips,
  openWindow,
  sampleFolder,
  skipReason,
  type OpenWindow,
} from './window.ts'

const chromium = findChromium()
if (chromium === null) console.log(`tests/e2e/window-recovery.test.ts ${skipReason}`)
const long = 120_000
const clips = labelledClips(20)
const [first, second, third] = [clips.slice(0, 14), clips.slice(14, 17), clips.slice(17)]

type Counts = { eligible: number; indexed: number; failed: number; pending: number; exemplars: number }
type Run = { id: string; epochsDone: number; state: string }

/** Stands for the battery of a laptop: `plug(false)` pulls the cable. */
const fakeBattery = `
  const battery = Object.assign(new EventTarget(), { charging: true })
  navigator.getBattery = async () => battery
  window.plug = (charging) => { battery.charging = charging; battery.dispatchEvent(new Event('chargingchange')) }`

describe.skipIf(chromium === null)('the window when things go wrong', () => {
  let open: OpenWindow
  let page: Page
  const counts = (): Promise<Counts> => call<Counts>(page, 'counts', {})
  const runs = async (): Promise<Run[]> => (await call<{ runs: Run[] }>(page, 'runs', {})).runs
  const panel = (state: string): Locator => page.locator(`.panel.${state}`).first()
  /** Kills the engine, lets the page notice, starts it again, and waits until the page has found it. */
  const killAndStart = async (): Promise<void> => {
    await page.evaluate('window.stayed = true')
    await open.killEngine()
    const lost = page.getByText('The engine does not answer')
    await lost.waitFor()
    await open.startEngine()
    await lost.waitFor({ state: 'detached' })
    expect(await page.evaluate('window.stayed')).toBe(true)
  }

  beforeAll(async () => {
    open = await openWindow()
    page = open.page
    page.setDefaultTimeout(60_000)
    await page.addInitScript(fakeBattery)
    await page.reload()
  }, long)
  afterAll(() => open.close(), long)

  it(
    'goes on with an import after a pause, a reload and a kill in its middle',
    async () => {
      await call(page, 'startImport', { paths: first })
      await panel('running').getByRole('button', { name: 'Pause' }).click()
      await panel('paused').waitFor()
      await page.reload()
      await panel('paused').getByRole('button', { name: 'Resume' }).click()
      await panel('running').waitFor()
      await page.reload()
      await expect.poll(async () => (await counts()).indexed, { timeout: long, interval: 50 }).toBeGreaterThan(1)
      await killAndStart()
      await panel('succeeded').waitFor({ timeout: long })
      expect(await counts()).toMatchObject({ eligible: first.length, indexed: first.length, failed: 0, pending: 0 })
    },
    long,
  )

  it(
    'cancels an import, keeps what was finished, and brings the rest when it is started again',
    async () => {
      await call(page, 'startImport', { paths: second })
      await panel('running').getByRole('button', { name: 'Cancel' }).click()
      await page.getByText('Cancelled. The videos that were finished stay in the library.').waitFor()
      const { eligible, indexed, failed, pending } = await counts()
      expect(indexed + failed + pending).toBe(eligible)
      expect(indexed).toBeGreaterThanOrEqual(first.length)
      expect(await axeViolations(page)).toEqual([])
      await call(page, 'startImport', { paths: second })
      await expect.poll(async () => (await counts()).indexed, { timeout: long }).toBe(first.length + second.length)
    },
    long,
  )

  it(
    'waits for mains power when the settings ask for it, and goes on when the cable is in',
    async () => {
      await page.locator('nav a[href="#/settings"]').click()
      await page.getByText('Only on mains power', { exact: true }).click()
      await expect.poll(async () => (await call<{ indexWhen: string }>(page, 'settings', {})).indexWhen).toBe('mains')
      await page.locator('nav a[href="#/library"]').click()
      await page.evaluate('plug(false)')
      await expect
        .poll(async () => {
          const { job } = await call<{ job: { waitsForPower: boolean } }>(page, 'startImport', { paths: third })
          return job.waitsForPower
        })
        .toBe(true)
      await panel('paused').getByText('Waiting for mains power').waitFor()
      await page.evaluate('plug(true)')
      await expect.poll(async () => (await counts()).indexed, { timeout: long }).toBe(clips.length)
    },
    long,
  )

  it(
    'lists damaged files with their reason and ways out, and never touches the file',
    async () => {
      mkdirSync(join(open.folder, 'bad'))
      const bad = join(open.folder, 'bad', 'broken.mp4')
      writeFileSync(bad, 'this is no video')
      await call(page, 'startImport', { paths: [join(open.folder, 'bad')] })
      const list = page.locator('details').filter({ hasText: 'could not be read' })
      await list.locator('summary').click()
      await list.getByText('broken.mp4', { exact: true }).waitFor()
      await list.getByText(/is not a video|cut off|cannot be decoded/).waitFor()
      expect(await axeViolations(page)).toEqual([])
      expect(await counts()).toMatchObject({ eligible: clips.length + 1, indexed: clips.length, failed: 1 })
      await list.getByRole('button', { name: 'Retry', exact: true }).click()
      await page.getByText('Trying 1 video again.').waitFor()
      // Gone while it is tried, then there again as it was: open.
      await list.getByText('broken.mp4', { exact: true }).waitFor()
      await list.getByRole('button', { name: 'Locate…' }).click()
      const browser = page.getByRole('dialog', { name: 'Choose from this computer' })
      await browser.getByRole('listitem').first().waitFor()
      expect(await axeViolations(page)).toEqual([])
      await page.keyboard.press('Escape')
      await list.getByRole('button', { name: 'Remove' }).click()
      await list.waitFor({ state: 'detached' })
      expect(await counts()).toMatchObject({ eligible: clips.length, failed: 0 })
      expect(existsSync(bad)).toBe(true)
    },
    long,
  )

  it(
    'knows a file that was moved by its content',
    async () => {
      const folder = join(open.folder, 'moved')
      mkdirSync(folder)
      const copy = join(folder, 'before.mp4')
      copyFileSync(join(sampleFolder, 'videos', 'clip-090.mp4'), copy)
      await call(page, 'startImport', { paths: [folder] })
      await expect.poll(async () => (await counts()).indexed, { timeout: long }).toBe(clips.length + 1)
      renameSync(copy, join(folder, 'after.mp4'))
      await call(page, 'startImport', { paths: [folder] })
      await page.locator('[data-cell]').filter({ hasText: 'after.mp4' }).waitFor()
      expect(await counts()).toMatchObject({ eligible: clips.length + 1, indexed: clips.length + 1, pending: 0 })
    },
    long,
  )

  it(
    'goes on with a training run after a pause, a reload and a kill in its middle; a cancelled one is over',
    async () => {
      await call(page, 'describe', { file: join(sampleFolder, 'catalogue.csv') })
      await call(page, 'label', { file: join(sampleFolder, 'exemplars.csv') })
      const { exemplars } = await counts()
      expect(exemplars).toBeGreaterThanOrEqual(8)
      await page.locator('nav a[href="#/train"]').click()
      await page.getByRole('checkbox', { name: /^Automatic/ }).uncheck()
      await page.getByRole('spinbutton', { name: 'Epochs' }).fill('1000')
      await page.getByRole('button', { name: 'Start training' }).click()
      const epochsDone = async (): Promise<number> => (await runs())[0]?.epochsDone ?? 0
      const further = async (than: number): Promise<void> =>
        void (await expect.poll(epochsDone, { timeout: long, interval: 100 }).toBeGreaterThan(than))
      const training = page.getByRole('region', { name: 'Before you start' })
      await further(1)
      await training.getByRole('button', { name: 'Pause' }).click()
      await page.getByText('Paused. The run is saved and goes on from its last epoch.').waitFor()
      expect(await axeViolations(page)).toEqual([])
      await page.reload()
      const paused = await epochsDone()
      await training.getByRole('button', { name: 'Go on' }).click()
      await further(paused)
      await page.reload()
      await training.getByRole('button', { name: 'Pause' }).waitFor()
      const killed = await epochsDone()
      await killAndStart()
      await further(killed + 1)
      const [run, ...others] = await runs()
      expect(others).toEqual([])
      const { records } = await call<{ records: { epoch: number }[] }>(page, 'run', { run: run!.id })
      // Every epoch once and in order: the run went on and did not begin again.
      expect(records.map(({ epoch }) => epoch)).toEqual(records.map((_, i) => i + records[0]!.epoch))
      expect(records[0]!.epoch).toBeLessThanOrEqual(1)
      await training.getByRole('button', { name: 'Cancel' }).click()
      await training.getByText(/^Cancelled/).waitFor()
      await training.getByRole('button', { name: 'Start training' }).waitFor()
      await expect.poll(async () => (await runs())[0]).toMatchObject({ id: run!.id, state: 'cancelled' })
      expect(await axeViolations(page)).toEqual([])
      expect((await counts()).exemplars).toBe(exemplars)
    },
    2 * long,
  )
})
