/** A library of 10,000 videos in the real window: only what is in sight is drawn and asked for. The rows are made up. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findChromium, openWindow, skipReason, type OpenWindow } from './window.ts'

const chromium = findChromium()
if (chromium === null) console.log(`tests/e2e/window-scale.test.ts ${skipReason}`)
const total = 10_000

function rowOf(index: number): Record<string, unknown> {
  return {
    ...{ id: `v${index}`, fileName: `video-${String(index).padStart(5, '0')}.mp4`, status: 'indexed', failure: null },
    ...{ durationSeconds: 12, title: null, sku: null, category: null, description: 'a made-up video' },
    ...{ posterSegment: null, posters: [], segments: 1, exemplars: 0, addedAt: '2026-01-01T00:00:00Z' },
  }
}

describe.skipIf(chromium === null)('a library of 10,000 videos', () => {
  let open: OpenWindow
  let asked = 0
  beforeAll(async () => {
    open = await openWindow()
    await open.page.route('**/rpc/listVideos', async (route) => {
      type Asked = { offset: number; limit: number; text: string }
      const { offset, limit, text } = route.request().postDataJSON() as Asked
      asked += 1
      const length = text === '' ? Math.max(0, Math.min(limit, total - offset)) : 0
      const videos = Array.from({ length }, (_, i) => rowOf(offset + i))
      await route.fulfill({ json: { result: { total: text === '' ? total : 0, videos } } })
    })
    await open.page.route('**/rpc/overview', async (route) => {
      const answer = await route.fetch()
      const { result } = (await answer.json()) as { result: { counts: Record<string, number> } }
      result.counts = { ...result.counts, eligible: total, indexed: total }
      await route.fulfill({ json: { result } })
    })
    await open.page.reload()
    await open.page.getByText('video-00000.mp4').waitFor()
  }, 120_000)
  afterAll(() => open.close(), 60_000)

  it('draws few cells, wherever one scrolls to', async () => {
    const { page } = open
    for (const place of [0, 0.25, 0.7, 1]) {
      await page.locator('.scroller').evaluate((scroller: { scrollTop: number; scrollHeight: number }, share) => {
        scroller.scrollTop = scroller.scrollHeight * share
      }, place)
      await expect.poll(() => page.locator('[data-cell]').count(), { timeout: 20_000 }).toBeGreaterThan(5)
      expect(await page.locator('li[data-index]').count()).toBeLessThan(100)
    }
    await page.getByText('video-09999.mp4').waitFor()
    expect(asked).toBeLessThan(30)
  }, 60_000)

  it('keeps the focus in the filter when nothing passes it, and says so', async () => {
    const { page } = open
    await page.getByRole('searchbox', { name: 'Filter by name, title, SKU' }).focus()
    await page.keyboard.type('nothing')
    await page.getByText('No video passes these filters.').waitFor()
    expect(await page.evaluate('document.activeElement?.value')).toBe('nothing')
    await page.keyboard.press('Control+a')
    await page.keyboard.press('Delete')
    await page.getByText('video-00000.mp4').waitFor()
  }, 60_000)

  it('is walked by arrow keys from end to end', async () => {
    const { page } = open
    await page.locator('[data-cell]').last().focus()
    await page.keyboard.press('Home')
    await expect.poll(() => page.evaluate('document.activeElement?.textContent')).toContain('video-00000.mp4')
    await page.keyboard.press('ArrowRight')
    await expect.poll(() => page.evaluate('document.activeElement?.textContent')).toContain('video-00001.mp4')
    await page.keyboard.press('End')
    await expect.poll(() => page.evaluate('document.activeElement?.textContent')).toContain('video-09999.mp4')
  }, 60_000)
})
