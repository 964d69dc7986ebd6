/** The whole engine with its real parts: ffmpeg, the built-in model, the runtime and SQLite, on clips made here. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createClient, createLocalTransport, type Client } from '../../../main/contract/index.ts'
import { createEngineServices } from '../../../main/services.ts'
import type { Services } from '../../../main/services.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const bundle = new URL('../../../resources/models/built-in/manifest.json', import.meta.url)
const hasModel = existsSync(bundle)
if (!hasModel) console.log('skipped: resources/models/built-in is not there')

const colours = ['red', 'green', 'blue', 'yellow', 'white', 'black'] as const

let dir: string
let services: Services
let client: Client

/** Two shots of one second each. */
function makeClip(path: string, first: string, second: string): void {
  const source = (colour: string): string[] => ['-f', 'lavfi', '-i', `color=${colour}:s=96x64:r=10:d=1`]
  const filter = ['-filter_complex', '[0][1]concat=n=2', '-pix_fmt', 'yuv420p', '-c:v', 'mpeg4', '-q:v', '3']
  execFileSync('ffmpeg', ['-v', 'error', '-y', ...source(first), ...source(second), ...filter, path])
}

beforeAll(() => {
  dir = temporaryFolder('engine')
  mkdirSync(join(dir, 'videos'))
  const descriptions = ['file,sku,title,description,category']
  const exemplars = ['file,start,end,description,grade']
  for (let i = 0; i < 8; i++) {
    const first = colours[i % 6]!
    const second = colours[(i + 2 + Math.floor(i / 6)) % 6]! // no two clips alike: equal content is one video
    makeClip(join(dir, 'videos', `clip ${i}.mp4`), first, second)
    descriptions.push(`clip ${i}.mp4,S${i},,a ${first} cloth number ${i},Cloth`)
    exemplars.push(`clip ${i}.mp4,0,1,${first} cloth ${i},exact`)
  }
  makeClip(join(dir, 'videos', 'cut off.mp4'), 'red', 'blue')
  truncateSync(join(dir, 'videos', 'cut off.mp4'), 700)
  writeFileSync(join(dir, 'videos', 'empty.mp4'), '')
  writeFileSync(join(dir, 'videos', 'catalogue.csv'), descriptions.join('\n'))
  writeFileSync(join(dir, 'videos', 'exemplars.csv'), exemplars.join('\n'))
  services = createEngineServices({ libraryDir: join(dir, 'library'), now: Date.now, newId: () => crypto.randomUUID() })
  client = createClient(createLocalTransport(services.handlers))
})
afterAll(async () => {
  await services.close()
  rmSync(dir, { recursive: true, force: true })
})

test.skipIf(!hasModel)(
  'videos are imported, described, labelled, trained on, searched and measured',
  async () => {
    const videos = join(dir, 'videos')
    const imported = await client.import({ paths: [videos] })
    expect(imported).toMatchObject({ imported: 8, skipped: 2, segments: 16 })
    expect(imported.failed.map(({ reason }) => reason)).toHaveLength(2)
    expect(imported.counts).toMatchObject({ eligible: 10, indexed: 8, failed: 2, pending: 0 })
    expect(await client.describe({ file: join(videos, 'catalogue.csv') })).toMatchObject({ described: 8, problems: [] })
    expect(await client.label({ file: join(videos, 'exemplars.csv') })).toMatchObject({ exemplars: 8, problems: [] })

    const epochs: number[] = []
    const trained = await client.train(
      { epochs: 2 },
      { onEvent: (event) => void (event.kind === 'epoch' && epochs.push(event.epoch)) },
    )
    expect(epochs).toEqual([1, 2])
    expect(trained).toMatchObject({ model: 'mama-1', pairs: 16, device: 'cpu' })
    const again = await client.train({ epochs: 2 })
    expect(again.heldOutAfter).toBe(trained.heldOutAfter) // same data, settings and seed

    const found = await client.search({ text: 'red cloth', k: 3, model: 'mama-1' })
    expect(found).toMatchObject({ model: 'mama-1', segmentsSearched: 16 })
    expect(found.moments).toHaveLength(3)
    expect((await client.audit({})).pairs).toHaveLength(16)

    const queries = [{ query: 'red cloth', relevant: [{ file: 'clip 0.mp4', start: 0, end: 1 }] }]
    writeFileSync(join(dir, 'q.jsonl'), queries.map((query) => JSON.stringify(query)).join('\n'))
    const measured = await client.evaluate({ queries: join(dir, 'q.jsonl'), model: 'zero-shot' })
    expect(measured).toMatchObject({ model: 'zero-shot', segments: 16, overall: { queries: 1 } })
    expect((await client.doctor({})).checks.find(({ name }) => name === 'library')?.state).toBe('ok')
  },
  120_000,
)
