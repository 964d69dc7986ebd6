/** Blocks of a small published encoder, trained on clips with the real engine: killed, searched with, written out. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { unpackTensors } from '../../../../../main/training/index.ts'
import { clipLibraries, clips, inLibrary, weightsOf, type ClipLibraries } from '../../clip-library.ts'

const request = {
  objective: 'mama',
  ...{ marginRadians: 0.02, epochs: 3, seed: 3 },
  blocks: { count: 1, rank: 2 },
} as const

let libraries: ClipLibraries
let trained: string

beforeAll(async () => {
  libraries = await clipLibraries('trained-blocks')
  trained = libraries.copyOf(libraries.untrained, 'trained')
  await libraries.withEngine(trained, (client) => client.train(request))
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
  const library = libraries.copyOf(libraries.untrained, 'killed')
  await libraries.trainAndKill(library, ['--blocks', '1', '--lora', '2'])
  const files = readdirSync(join(library, 'activations'), { recursive: true }).filter((name) =>
    String(name).endsWith('f16'),
  )
  const resumed = await libraries.withEngine(library, (client) => client.train(request))
  expect(files.length).toBeGreaterThan(clips)
  expect(resumed.resumedAtEpoch).toBeGreaterThanOrEqual(1)
  expect(Buffer.compare(weightsOf(library), weightsOf(trained))).toBe(0)
})

test(
  'a version is searched with, rolled back, and written as an encoder that gives the features of its blocks',
  { timeout: 180_000 },
  async () => {
    const library = libraries.copyOf(trained, 'used')
    await libraries.withEngine(library, async (client) => {
      await client.promote({ model: 'mama-1', read: true })
      const found = await client.search({ text: 'red', k: 3 })
      expect(found).toMatchObject({ model: 'mama-1' })
      const folder = join(libraries.dir, 'written')
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
