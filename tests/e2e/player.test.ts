/** The player in a real Chromium: files that it cannot play get a preview that plays, and frames are stepped one by one. */
import type { Locator, Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createClipFolder, h264, source, type ClipFolder } from '../main/media/clips.ts'
import { call, findChromium, openWindow, skipReason, type OpenWindow } from './window.ts'

const chromium = findChromium()
if (chromium === null) console.log(`tests/e2e/player.test.ts ${skipReason}`)
const long = 120_000
/** A computer that does other things takes its time. */
const patient = { timeout: 20_000 }

const hard: readonly [name: string, args: readonly string[], reason: string][] = [
  ['prores.mov', ['-c:v', 'prores_ks'], 'ProRes video'],
  ['mpeg2.mpg', ['-c:v', 'mpeg2video'], 'MPEG-2 video'],
  ['old.avi', ['-c:v', 'msmpeg4'], 'DivX 3 video'],
  ['deep.mp4', ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p10le'], '10-bit or deeper video'],
]

type Player = { currentTime: number; videoWidth: number; paused: boolean; error: unknown }

/** Waits until so many videos can be searched. */
async function indexedVideos(page: Page, wanted: number): Promise<void> {
  for (;;) {
    const { counts } = await call<{ counts: { indexed: number } }>(page, 'overview', {})
    if (counts.indexed >= wanted) return
    await page.waitForTimeout(300)
  }
}

describe.skipIf(chromium === null)('the player', () => {
  let clips: ClipFolder
  let open: OpenWindow
  let page: Page

  beforeAll(async () => {
    clips = createClipFolder()
    // MPEG-2 knows no 10 frames a second.
    for (const [name, args] of hard) clips.make(name, ...source(2, '320x240', 25), ...args)
    // Ten frames a second for a second, then five.
    const uneven = ['-vf', "select='lt(n,10)+not(mod(n,2))'", '-fps_mode', 'vfr']
    clips.make('uneven.mp4', ...source(2, '320x240', 10), ...uneven, ...h264)
    open = await openWindow()
    page = open.page
    page.setDefaultTimeout(30_000)
    await call(page, 'startImport', { paths: [clips.path('.')] })
    await indexedVideos(page, hard.length + 1)
    await page.reload()
  }, long)
  afterAll(async () => {
    await open.close()
    clips.remove()
  }, long)

  async function openVideo(name: string): Promise<Locator> {
    await page.evaluate("location.hash = '#/library'")
    await page.locator('[data-cell]', { hasText: name }).first().click()
    return page.getByRole('dialog')
  }
  /** Notes what stands in the player's place while there is no picture. @returns each different wait for a preview */
  async function watchWaits(): Promise<() => Promise<string[]>> {
    await page.evaluate(`
      window.waits = new Set()
      new MutationObserver(() => {
        const wait = document.querySelector('dialog .picture [role=status]:has(b)')
        if (wait === null) return
        const [title, why] = [...wait.querySelectorAll('p')].map(({ textContent }) => textContent.trim().split(/[.,;]/)[0])
        window.waits.add([title, why, wait.querySelector('[role=progressbar]') && 'progressbar'].join('|'))
      }).observe(document.body, { subtree: true, childList: true, characterData: true })`)
    return () => page.evaluate('[...window.waits]')
  }

  const stateOf = (video: Locator): Promise<Player> =>
    video.evaluate(({ currentTime, videoWidth, paused, error }: Player) => ({ currentTime, videoWidth, paused, error }))

  it.each(hard)(
    'shows a preview of %s, says so, and leaves the file alone',
    async (name, _, reason) => {
      const { videos } = await call<{ videos: { id: string; fileName: string }[] }>(page, 'listVideos', {})
      const { id } = videos.find(({ fileName }) => fileName === name)!
      const waits = await watchWaits()
      const dialog = await openVideo(name)
      const video = dialog.locator('video')
      await video.waitFor()
      // The wait was shown, with its reason and a bar, and nothing was played meanwhile.
      expect(await waits()).toEqual([`Preparing preview|This window cannot play ${reason} as it is|progressbar`])
      await dialog.getByText('Preview of reduced quality').waitFor()
      await expect.poll(async () => (await stateOf(video)).videoWidth, patient).toBe(320)
      await dialog.getByRole('button', { name: 'Play', exact: true }).click()
      await expect.poll(async () => (await stateOf(video)).currentTime, patient).toBeGreaterThan(0.2)
      expect((await stateOf(video)).error).toBeNull()
      await page.keyboard.press('Escape')
      await dialog.waitFor({ state: 'detached' })
      expect(await call<object>(page, 'playback', { video: id })).toEqual({ state: 'ready', converted: true })
    },
    long,
  )

  it(
    'steps from frame to frame by the times that the decoder gives, forth and back',
    async () => {
      const dialog = await openVideo('uneven.mp4')
      const video = dialog.locator('video')
      await expect.poll(async () => (await stateOf(video)).videoWidth, patient).toBe(320)
      await video.evaluate((player: Player) => {
        player.currentTime = 0.95
      })
      /** The frame on show, by the time at which it begins. */
      const frame = async (): Promise<number> => {
        const { currentTime } = await stateOf(video)
        return [0.8, 0.9, 1, 1.2, 1.4].findLast((time) => time <= currentTime + 0.001) ?? NaN
      }
      await expect.poll(frame, patient).toBe(0.9)
      for (const [key, expected] of [
        ['Period', 1],
        ['Period', 1.2],
        ['Period', 1.4],
        ['Comma', 1.2],
        ['Comma', 1],
        ['Comma', 0.9],
      ] as const) {
        await page.keyboard.press(key)
        await expect.poll(frame, patient).toBe(expected)
      }
      expect((await stateOf(video)).paused).toBe(true)
      await page.keyboard.press('Escape')
    },
    long,
  )

  it('met no error on the way', () => expect(open.problems).toEqual([]))
})
