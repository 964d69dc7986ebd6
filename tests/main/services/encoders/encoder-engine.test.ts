/** An imported encoder in the whole engine with its real parts: ffmpeg, the runtime, SQLite and real clips. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createClient, createLocalTransport, type Client } from '../../../../main/contract/index.ts'
import { createEngineServices } from '../../../../main/services.ts'
import type { Services } from '../../../../main/services.ts'
import { exportFolder } from '../../encoders/exports.ts'
import { temporaryFolder } from '../../../temporary-folder.ts'

let dir: string
let services: Services
let client: Client

function open(): void {
  services = createEngineServices({ libraryDir: join(dir, 'library'), now: Date.now, newId: () => crypto.randomUUID() })
  client = createClient(createLocalTransport(services.handlers))
}

beforeAll(() => {
  dir = temporaryFolder('encoder')
  mkdirSync(join(dir, 'videos'))
  for (const [name, source] of Object.entries({ bars: 'smptebars', test: 'testsrc', red: 'color=red' })) {
    const input = ['-f', 'lavfi', '-i', `${source}${source.includes('=') ? ':' : '='}s=160x90:r=10:d=2`]
    const output = ['-pix_fmt', 'yuv420p', '-c:v', 'mpeg4', join(dir, 'videos', `${name}.mp4`)]
    execFileSync('ffmpeg', ['-v', 'error', '-y', ...input, ...output])
  }
  open()
})
afterAll(async () => {
  await services.close()
  rmSync(dir, { recursive: true, force: true })
})

test('an export is added, used, searched with, kept over a restart, and the built-in encoder comes back at once', async () => {
  await client.import({ paths: [join(dir, 'videos')] })
  const scores = async (): Promise<number[]> =>
    (await client.search({ text: 'red', k: 10, includeUnmatched: true })).moments.map(({ score }) => score)
  const before = await scores()
  const { encoder, findings } = await client.addEncoder({ source: exportFolder('siglip') })
  expect(encoder).toMatchObject({
    id: 'siglip',
    family: 'siglip',
    dim: 20,
    imageSize: 32,
    active: false,
    seenSegments: 0,
  })
  expect(findings.at(-1)).toMatchObject({ topic: 'self-test', state: 'ok' })
  expect(findings.find(({ topic }) => topic === 'licence')?.state).toBe('note')

  const used = await client.useEncoder({ encoder: 'siglip' })
  expect(used).toMatchObject({ switched: true, previous: 'built-in', videos: 3 })
  const after = await scores()
  expect(after).not.toEqual(before)

  await services.close()
  open()
  expect(await scores()).toEqual(after)
  const checks = (await client.doctor({})).checks
  expect(checks.find(({ name }) => name === 'model bundle')?.detail).toMatch(/^siglip@[0-9a-f]{16}: 20 numbers/)

  expect(await client.useEncoder({ encoder: 'built-in' })).toMatchObject({ switched: true, videos: 0 })
  expect(await scores()).toEqual(before)
  await client.removeEncoder({ encoder: 'siglip' })
  expect(existsSync(join(dir, 'library/encoders/siglip'))).toBe(false)
  expect((await client.encoders({})).encoders.map(({ id }) => id)).toEqual(['built-in'])
}, 60_000)

test('MobileCLIP 2 comes in by the same way, in eight bits with a warning, and finds', async () => {
  const added = await client.addEncoder({ source: exportFolder('mobileclip2'), precision: 'int8' })
  expect(added.encoder).toMatchObject({ family: 'mobileclip2', precision: 'int8', dim: 16, imageSize: 40 })
  expect(added.findings.find(({ topic, state }) => topic === 'precision' && state === 'note')?.sentence).toContain(
    '8 bits',
  )
  expect(await client.useEncoder({ encoder: added.encoder.id })).toMatchObject({ switched: true, videos: 3 })
  const { moments } = await client.search({ text: 'red', k: 10, includeUnmatched: true })
  expect(moments).toHaveLength(3)
  expect(await client.useEncoder({ encoder: 'built-in' })).toMatchObject({ switched: true, videos: 0 })
}, 60_000)
