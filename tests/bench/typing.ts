/**
 * Search while typing, through the whole engine: every prefix of a few queries against a library of 10,000 shots with
 * titles and descriptions, built-in encoder, calibration and all. One JSON line, with the processor time too, which says
 * more than the clock on a computer that does other things. Run: npm run bench -- typing [--segments 10000]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createRandom } from '../../main/base/index.ts'
import { createClient, createLocalTransport } from '../../main/contract/index.ts'
import { readEncoderId } from '../../main/encoders/index.ts'
import { createEngineServices } from '../../main/services.ts'
import { openLibrary } from '../../main/storage/index.ts'

const { values } = parseArgs({ options: { segments: { type: 'string', default: '10000' } } })
const segments = Number(values.segments)
const shotsPerVideo = 4
const dim = 256
const queries = [
  'red leather boots',
  'yellow backpack with zip',
  'show me a black dress',
  'velora teapot',
  'qwzrtv plonk',
]

async function fill(libraryDir: string): Promise<void> {
  const encoderId = await readEncoderId(fileURLToPath(new URL('../../resources/models/built-in', import.meta.url)))
  const library = openLibrary(libraryDir, { now: Date.now, newId: () => crypto.randomUUID() })
  const random = createRandom(3)
  const pick = (words: string): string => words.split(' ')[random.integer(words.split(' ').length)]!
  const unit = (): Float32Array => {
    const row = Float32Array.from({ length: dim }, () => random.normal())
    const length = Math.hypot(...row)
    return row.map((value) => value / length)
  }
  for (let index = 0; index < segments / shotsPerVideo; index++) {
    const found = { path: `/footage/clip-${index}.mp4`, contentHash: `hash ${index}`, sizeBytes: 10, modifiedMs: 1 }
    const { video } = library.videos.register(found, () => true)
    library.segments.saveIndexed(video.id, {
      ...{ encoderId, probe: null, durationSeconds: 2 * shotsPerVideo },
      segments: Array.from({ length: shotsPerVideo }, (_, position) => ({
        ...{ startSeconds: 2 * position, endSeconds: 2 * position + 2, poster: null },
        ...{ features: unit(), frameCount: 1, frameSeconds: [2 * position] },
      })),
    })
    const text = `${pick('red blue black yellow white')} ${pick('boots dress backpack teapot shirt')} ${pick('with of')} zip`
    library.videos.setMetadata(video.id, { title: text, sku: `SKU-${index}`, category: pick('Shoes Bags Home') })
    library.descriptions.replace(video.id, 'csv', [`a ${text}, leather`])
  }
  library.close()
}

const folder = mkdtempSync(join(tmpdir(), 'mama-bench-'))
try {
  await fill(folder)
  const services = createEngineServices({ libraryDir: folder, now: Date.now, newId: () => crypto.randomUUID() })
  const client = createClient(createLocalTransport(services.handlers))
  type Cost = { readonly clockMs: number; readonly processorMs: number }
  const ask = async (text: string): Promise<Cost> => {
    const [startMs, before] = [performance.now(), process.cpuUsage()]
    await client.search({ text, k: 60, remember: false })
    const { user, system } = process.cpuUsage(before)
    return { clockMs: performance.now() - startMs, processorMs: (user + system) / 1000 }
  }
  const first = await ask('first')
  const costs: Cost[] = []
  for (const query of queries) {
    for (let length = 1; length <= query.length; length++) costs.push(await ask(query.slice(0, length)))
  }
  const quantiles = (kind: keyof Cost): object => {
    const sorted = costs.map((cost) => cost[kind]).sort((a, b) => a - b)
    const at = (share: number): number => Number(sorted[Math.floor(share * (sorted.length - 1))]!.toFixed(1))
    return { p50: at(0.5), p95: at(0.95), worst: at(1) }
  }
  const line = { case: 'typing', segments, prefixes: costs.length, firstMs: Math.round(first.clockMs) }
  console.log(JSON.stringify({ ...line, clockMs: quantiles('clockMs'), processorMs: quantiles('processorMs') }))
  await services.close()
} finally {
  rmSync(folder, { recursive: true, force: true })
}
