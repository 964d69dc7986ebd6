/** What is measured inside the page: searches while typing, and long tasks and frames while the grid scrolls. */
import type { Page } from 'playwright'

export type Search = {
  /** Of the request alone, milliseconds. */
  readonly requestMs: number
  /** From the key that was pressed last to the results on the page, the wait for further keys included, milliseconds. */
  readonly keyToResultsMs: number
}

/** The value that a share of all values does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN
}

const phrases = ['grey headphones', 'red teapot', 'a blue shoe', 'white lamp', 'wooden table', 'green bag on grass']

/** Each new summary of results ends the wait for the newest key. */
const typingGauge = `
  window.searches = []
  let keyAt
  performance.clearResourceTimings()
  performance.setResourceTimingBufferSize(10_000) // pictures fill the usual 250
  addEventListener('input', () => { keyAt = performance.now() }, true)
  new MutationObserver(() => {
    if (keyAt === undefined || document.querySelector('.results')?.getAttribute('aria-busy') !== 'false') return
    const requests = performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('/rpc/search'))
    const request = requests.at(-1)
    if (request === undefined || request.startTime < keyAt) return
    window.searches.push({ requestMs: request.duration, keyToResultsMs: performance.now() - keyAt })
    keyAt = undefined
  }).observe(document.querySelector('.results'), { subtree: true, childList: true, characterData: true, attributes: true })`

/** Types phrases letter by letter, at a pace that lets each letter have its answer. */
export async function searchWhileTyping(page: Page): Promise<Search[]> {
  await page.evaluate("location.hash = '#/search'")
  const box = page.getByRole('searchbox')
  await box.waitFor()
  await page.evaluate(typingGauge)
  for (const phrase of phrases) {
    await box.fill('')
    await box.press('x') // the first letter of each phrase is not counted twice
    await box.fill('')
    for (const letter of phrase) {
      await box.press(letter === ' ' ? 'Space' : letter)
      await page.waitForTimeout(250)
    }
  }
  return page.evaluate<Search[]>('window.searches')
}

const scrollGauge = `
  window.longTasks = []
  window.frames = []
  const observer = new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map((task) => task.duration)))
  observer.observe({ type: 'longtask' })
  let before = performance.now()
  const frame = (now) => { window.frames.push(now - before); before = now; requestAnimationFrame(frame) }
  requestAnimationFrame(frame)`

/** Turns the wheel for ten seconds through the middle of the grid. */
export async function scrollGrid(page: Page): Promise<object> {
  await page.evaluate("location.hash = '#/library'")
  await page.locator('[data-cell] img').first().waitFor()
  await page.waitForTimeout(1000)
  await page.evaluate(scrollGauge)
  await page.mouse.move(700, 500)
  const begin = performance.now()
  while (performance.now() - begin < 10_000) {
    await page.mouse.wheel(0, 400)
    await page.waitForTimeout(16)
  }
  const [longTasks, frames, scrolled] = await page.evaluate<[number[], number[], number]>(
    "[window.longTasks, window.frames, document.querySelector('.scroller').scrollTop]",
  )
  return {
    ...{ scrolledPixels: scrolled, longTasks: longTasks.length, worstTaskMs: Math.round(Math.max(0, ...longTasks)) },
    ...{ frames: frames.length, frameP50Ms: Math.round(percentile(frames, 0.5)) },
    frameP95Ms: Math.round(percentile(frames, 0.95)),
  }
}
