/** Blocks of a small published encoder, trained on clips with the real engine: killed, searched with, written out. */
import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { createClient, createLocalTransport, type Client } from '../../../main/contract/index.ts'
import { createRuntime } from '../../../main/runtime/index.ts'
import { createEngineServices } from '../../../main/services.ts'
import { openLibrary, type Library } from '../../../main/storage/index.ts'
import { unpackTensors } from '../../../main/training/index.ts'
import { exportFolder, importFrom } from '../encoders/exports.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const sample = resolve('resources/sample-catalogue')
const dir = temporaryFolder('trained-blocks')
const clips = 9
let bundleDir: string
/** Imported, described and labelled. */
const untrained = join(dir, 'untrained')

const request = {
  objective: 'mama',
  ...{ marginRadians: 0.02, learnedShare: 1, epochs: 3, seed: 3 },
  blocks: { count: 1, rank: 2 },
} as const

async function withEngine<T>(libraryDir: string, work: (client: Client) => Promise<T>): Promise<T> {
  const services = createEngineServices({ libraryDir, bundleDir, now: Date.now, newId: () => crypto.randomUUID() })
  try {
    return await work(createClient(createLocalTransport(services.handlers)))
  } finally {
    await services.close()
  }
}

function inLibrary<T>(libraryDir: string, work: (library: Library) => T): T {
  const options = { now: Date.now, newId: () => crypto.randomUUID(), create: false }
  const library = openLibrary(libraryDir, options)
  try {
    return work(library)
  } finally {
    library.close()
  }
}

const weightsOf = (libraryDir: string): Uint8Array =>
  inLibrary(libraryDir, ({ models }) => models.weights(models.all().find(({ hasWeights }) => hasWeights)!.id)!)

function copyOf(libraryDir: string, name: string): string {
  cpSync(libraryDir, join(dir, name), { recursive: true })
  return join(dir, name)
}

const trained = join(dir, 'trained')

beforeAll(async () => {
  const runtime = await createRuntime({ provider: 'cpu' })
  bundleDir = (await importFrom(exportFolder('clip'), runtime)).folder
  await runtime.dispose()
  const videos = join(dir, 'videos')
  mkdirSync(videos)
  const labelled = readFileSync(join(sample, 'exemplars.csv'), 'utf8').matchAll(/^videos\/(.+?),/gm)
  for (const name of [...new Set([...labelled].map((match) => match[1]!))].slice(0, clips)) {
    cpSync(join(sample, 'videos', name), join(videos, name))
  }
  await withEngine(untrained, async (client) => {
    await client.import({ paths: [videos] })
    await client.describe({ file: join(sample, 'catalogue.csv') })
    await client.label({ file: join(sample, 'exemplars.csv') })
  })
  await withEngine(copyOf(untrained, 'trained'), (client) => client.train(request))
}, 180_000)

test('only the last block was trained, by low-rank updates, and the towers over it', () => {
  const { tensors } = unpackTensors(weightsOf(trained))
  const blocks = Object.keys(tensors).filter((name) => name.startsWith('encoder.vision/'))
  expect(blocks.length).toBeGreaterThan(8)
  expect(blocks.every((name) => /\/[ab]$/.test(name))).toBe(true)
  const moved = blocks.filter((name) => name.endsWith('/b') && tensors[name]!.data.some((value) => value !== 0))
  expect(moved.length).toBe(blocks.length / 2)
})

test('a run that was killed goes on to the same weights, bit for bit', { timeout: 180_000 }, async () => {
  const library = copyOf(untrained, 'killed')
  const wishes = ['--margin', '0.02', '--share', '1', '--epochs', '3', '--seed', '3']
  const command = ['train', ...wishes, '--blocks', '1', '--lora', '2']
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', 'main/host/cli.ts', ...command, '--device', 'cpu', '--library', library],
    { env: { ...process.env, MAMA_MODEL: bundleDir }, stdio: ['ignore', 'ignore', 'pipe'] },
  )
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (/epoch 2\/3/.test(text)) child.kill('SIGKILL')
  })
  const signal = await new Promise((done) => child.on('exit', (_, by) => done(by)))
  expect(signal).toBe('SIGKILL')
  const files = readdirSync(join(library, 'activations'), { recursive: true }).filter((name) =>
    String(name).endsWith('f16'),
  )
  const resumed = await withEngine(library, (client) => client.train(request))
  expect(files.length).toBeGreaterThan(clips)
  expect(resumed.resumedAtEpoch).toBeGreaterThanOrEqual(1)
  expect(Buffer.compare(weightsOf(library), weightsOf(trained))).toBe(0)
})

test(
  'a version is searched with, rolled back, and written as an encoder that gives the features of its blocks',
  { timeout: 180_000 },
  async () => {
    const library = copyOf(trained, 'used')
    await withEngine(library, async (client) => {
      await client.promote({ model: 'mama-1', read: true })
      const found = await client.search({ text: 'red', k: 3 })
      expect(found).toMatchObject({ model: 'mama-1' })
      const folder = join(dir, 'written')
      const { files } = await client.exportModel({ model: 'mama-1', folder })
      expect(files).toContain('video-tower.onnx')
      await expect(client.exportModel({ model: 'mama-1', folder })).rejects.toMatchObject({ code: 'input.invalid' })
      const { encoder, wasThere } = await client.addEncoder({ source: folder })
      expect([encoder.id.endsWith('mama-1'), wasThere]).toEqual([true, false])
      expect(await client.rollback({})).toMatchObject({ active: 'zero-shot', previous: 'mama-1' })
      expect(await client.search({ text: 'red', k: 3 })).toMatchObject({ model: 'zero-shot' })
      await client.useEncoder({ encoder: encoder.id })
    })
    inLibrary(library, ({ features, segments }) => {
      const ids = features.kept().map(({ encoderId }) => encoderId)
      const own = ids.find((id) => id.includes('+'))!
      const base = own.split('+')[0]!
      const written = ids.find((id) => id !== own && id !== base)!
      expect(ids).toHaveLength(3)
      let [apart, moved] = [0, 0]
      for (const { id } of segments.all()) {
        const rows = [own, written, base].map((encoder) => features.framesOf(id, encoder)!.features)
        rows[0]!.forEach((value, i) => {
          apart = Math.max(apart, Math.abs(value - rows[1]![i]!))
          moved = Math.max(moved, Math.abs(value - rows[2]![i]!))
        })
      }
      expect(apart).toBeLessThan(5e-4) // one half-precision step of numbers below 1
      expect(moved).toBeGreaterThan(10 * apart + 1e-3)
    })
  },
)
