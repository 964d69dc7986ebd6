/**
 * The window in real Chromium over a large library; one JSON line a case: time to the first useful picture, search while
 * typing, scrolling of the grid, memory over a scripted session.
 * Run: npm run bench -- window [--videos 10000] [--minutes 10: length of the session; 0 leaves it out]
 */
import { parseArgs } from 'node:util'
import type { Page } from 'playwright'
import { fillLargeLibrary } from '../e2e/large-library.ts'
import { findChromium, openWindow, skipReason } from '../e2e/window.ts'
import { heapOf, type HeapParts } from './window/heap.ts'
import { useForAMinute } from './window/session.ts'
import { percentile, scrollGrid, searchWhileTyping, type Search } from './window/gauges.ts'

const { values } = parseArgs({
  options: { videos: { type: 'string', default: '10000' }, minutes: { type: 'string', default: '10' } },
})
const print = (line: object): void => console.log(JSON.stringify(line))
const rounded = (value: number): number => Number(value.toFixed(1))
const megabytes = (bytes: number): number => Number((bytes / 1e6).toFixed(2))

/** Reports the moment at which the first poster of the grid has been decoded, milliseconds from navigation. */
const firstPictureGauge = `
  const look = () => {
    const image = document.querySelector('[data-cell] img')
    if (image?.complete && image.naturalWidth > 0) window.firstPictureMs = performance.now()
    else requestAnimationFrame(look)
  }
  requestAnimationFrame(look)`

async function measureFirstPicture(page: Page): Promise<void> {
  const times: number[] = []
  for (let i = 0; i < 11; i++) {
    await page.reload()
    await page.waitForFunction('window.firstPictureMs !== undefined')
    times.push(await page.evaluate<number>('window.firstPictureMs'))
  }
  const [first, ...later] = times
  print({
    ...{ case: 'first useful picture', firstMs: rounded(first!), medianMs: rounded(percentile(later, 0.5)) },
    ...{ worstMs: rounded(Math.max(...later)), loads: times.length },
  })
}

function printSearches(name: string, searches: readonly Search[]): void {
  const of = (take: (search: Search) => number): object => {
    const all = searches.map(take)
    return { p50: rounded(percentile(all, 0.5)), p95: rounded(percentile(all, 0.95)), worst: rounded(Math.max(...all)) }
  }
  print({
    case: name,
    searches: searches.length,
    requestMs: of(({ requestMs }) => requestMs),
    keyToResultsMs: of(({ keyToResultsMs }) => keyToResultsMs),
  })
}

async function measureMemory(page: Page, minutes: number): Promise<void> {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.enable')
  await page.reload() // what the other gauges keep would grow too
  const all: HeapParts[] = []
  for (let minute = 1; minute <= minutes; minute++) {
    const rounds = await useForAMinute(page)
    const parts = await heapOf(session)
    const { nodes, jsEventListeners: listeners } = await session.send('Memory.getDOMCounters')
    all.push(parts)
    const { heap, data, code } = parts
    print({
      ...{ case: 'memory', minute, rounds, nodes, listeners },
      ...{ heapMb: megabytes(heap), dataMb: megabytes(data), codeMb: megabytes(code) },
    })
  }
  const [, second, ...later] = all
  const last = later.at(-1)
  if (second === undefined || last === undefined) return
  const growthOf = (part: keyof HeapParts): object => ({
    growthKb: Math.round((last[part] - second[part]) / 1000),
    percent: rounded((100 * (last[part] - second[part])) / second[part]),
    highestMb: megabytes(Math.max(...later.map((parts) => parts[part]))),
  })
  print({
    case: 'memory, from the end of minute 2 on',
    ...{ data: growthOf('data'), code: growthOf('code'), heap: growthOf('heap') },
  })
}

if (findChromium() === null) console.log(skipReason)
else {
  const videos = Number(values.videos)
  let segments = 0
  const { page, close, problems } = await openWindow({}, async (libraryDir) => {
    ;({ segments } = await fillLargeLibrary(libraryDir, videos))
  })
  try {
    page.setDefaultTimeout(120_000)
    print({ case: 'library', videos, segments })
    await page.addInitScript(firstPictureGauge)
    await measureFirstPicture(page)
    const [cold, ...warm] = await searchWhileTyping(page)
    print({ case: 'first search after the start', requestMs: rounded(cold!.requestMs) })
    printSearches('search while typing', warm)
    print({ case: 'scroll of the grid', videos, ...(await scrollGrid(page)) })
    await measureMemory(page, Number(values.minutes))
    if (problems.length > 0) throw new Error(`the page met errors: ${problems.join('; ')}`)
  } finally {
    await close()
  }
}
