/**
 * What a pointer does to the window: it runs over a video's shots, drags the edges of a moment, drops a picture, and rests on
 * news that would otherwise go away.
 */
import type { Locator, Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSmallLibrary, type SmallLibrary } from './small-library.ts'
import { call, findChromium, skipReason } from './window.ts'
import { dropFiles } from './window-hands.ts'

const chromium = findChromium()
if (chromium === null) console.log(`tests/e2e/pointer.test.ts ${skipReason}`)
const long = 120_000
const patient = { timeout: 20_000 }

describe.skipIf(chromium === null)('a pointer in the window', () => {
  let opened: SmallLibrary
  let page: Page

  beforeAll(async () => {
    opened = await openSmallLibrary(long)
    page = opened.page
  }, long)
  afterAll(() => opened.close(), long)

  async function open(screen: string): Promise<void> {
    await page.evaluate(`location.hash = '#/${screen}'`)
    await page.reload()
  }

  async function middleOf(target: Locator): Promise<{ x: number; y: number }> {
    const { x, y, width, height } = (await target.boundingBox())!
    return { x: x + width / 2, y: y + height / 2 }
  }

  it(
    'shows the shots of a video one after the other under the pointer, and its poster when the pointer leaves',
    async () => {
      await open('library')
      const cell = page.locator('[data-cell]').first()
      const picture = cell.locator('img')
      await picture.waitFor()
      const { videos } = await call<{ videos: { posters: string[]; posterSegment: string }[] }>(page, 'listVideos', {})
      const { posters, posterSegment } = videos[0]!
      expect(posters).toHaveLength(3)
      const seen = (): Promise<string | null> => picture.getAttribute('src')
      /** What the middle of the picture shows, as [red, green, blue], once it is there. */
      const colour = async (): Promise<number[]> =>
        picture.evaluate((image: { decode(): Promise<void> }) => {
          type Context = { drawImage(...args: unknown[]): void; getImageData(...args: number[]): { data: number[] } }
          const { document } = globalThis as unknown as {
            document: { createElement(name: string): { getContext(kind: string): Context } }
          }
          return image.decode().then(() => {
            const context = document.createElement('canvas').getContext('2d')
            context.drawImage(image, 0, 0, 8, 8)
            return [...context.getImageData(4, 4, 1, 1).data].slice(0, 3)
          })
        })
      const { x, y, width, height } = (await cell.boundingBox())!
      const expected = [
        [255, 0, 0],
        [0, 255, 0],
        [0, 0, 255],
      ]
      for (const [i, place] of [0.1, 0.5, 0.9].entries()) {
        // A hand is never quite still: a card that was drawn anew under the pointer hears of it with the next move.
        let tremor = 0
        const isScrubbed = async (): Promise<boolean> => {
          await page.mouse.move(x + width * place + (tremor++ % 2), y + height / 3)
          return cell.locator('.needle').isVisible()
        }
        await expect.poll(isScrubbed, patient).toBe(true)
        await expect.poll(seen, patient).toContain(posters[i])
        const difference = (await colour()).map((value, channel) => Math.abs(value - expected[i]![channel]!))
        expect(Math.max(...difference), `shot ${i}`).toBeLessThan(40)
      }
      await page.mouse.move(x + width / 2, y - 60)
      await expect.poll(seen, patient).toContain(posterSegment)
      await cell.locator('.needle').waitFor({ state: 'detached' })
    },
    long,
  )

  it(
    'drags the edges of a moment, which stay in order and within the video',
    async () => {
      await open('label')
      const bar = page.getByRole('group', { name: 'Range of the moment' })
      const [start, end] = [bar.locator('.handle.start'), bar.locator('.handle.end')]
      await end.waitFor()
      const { x, width, y, height } = (await bar.boundingBox())!
      const value = async (edge: Locator): Promise<number> => Number(await edge.getAttribute('aria-valuenow'))
      const drag = async (edge: Locator, toShare: number): Promise<void> => {
        const from = await middleOf(edge)
        await page.mouse.move(from.x, from.y)
        await page.mouse.down()
        await page.mouse.move(x + width * 0.4, y + height / 2, { steps: 4 })
        await page.mouse.move(x + width * toShare, y + height / 2, { steps: 4 })
        await page.mouse.up()
      }
      const most = Number(await end.getAttribute('aria-valuemax'))
      expect(most).toBeCloseTo(4.5, 1)
      await drag(end, 0.8)
      await expect.poll(() => value(end), patient).toBeCloseTo(0.8 * most, 1)
      await drag(start, 0.5)
      await expect.poll(() => value(start), patient).toBeCloseTo(0.5 * most, 1)
      // Beyond the other edge, and beyond the video.
      await drag(start, 1)
      expect(await value(start)).toBeLessThan(await value(end))
      expect(await value(start)).toBeGreaterThan((await value(end)) - 0.1)
      await drag(end, 1.2)
      expect(await value(end)).toBeCloseTo(most, 2)
      // Moved with the button up it stays.
      await page.mouse.move(x, y)
      expect(await value(end)).toBeCloseTo(most, 2)
    },
    long,
  )

  it(
    'drops a picture anywhere and finds the shot that looks like it',
    async () => {
      await open('library')
      await page.locator('[data-cell]').first().waitFor()
      const picture = opened.clips.make(
        'lime.png',
        '-f',
        'lavfi',
        '-i',
        'color=c=lime:s=160x120:d=0.1',
        '-frames:v',
        '1',
      )
      await dropFiles(page, [picture], () => page.getByText('Drop to add', { exact: true }).waitFor())
      await page.getByText('Like your picture').waitFor()
      const best = page.locator('.results[aria-busy=false] article').first()
      await best.waitFor()
      expect(await best.locator('.time').textContent()).toBe('0:01.5 – 0:03.0')
    },
    long,
  )

  it(
    'keeps news on which the pointer rests, and lets them go when it leaves',
    async () => {
      await open('library')
      await page.locator('[data-cell]').first().click()
      const dialog = page.getByRole('dialog')
      await dialog.getByRole('button', { name: 'Add a description' }).click()
      await page.keyboard.type('three colours')
      await page.clock.install()
      await page.keyboard.press('Enter')
      const news = dialog.getByRole('status').filter({ hasText: 'Saved.' })
      await news.getByRole('button', { name: 'Undo' }).hover()
      await page.clock.fastForward(60_000)
      await news.waitFor()
      await page.mouse.move(5, 5)
      await page.clock.fastForward(11_000)
      await news.waitFor()
      await page.clock.fastForward(2_000)
      await news.waitFor({ state: 'detached' })
    },
    long,
  )

  it('met no error on the way', () => expect(opened.problems).toEqual([]))
})
