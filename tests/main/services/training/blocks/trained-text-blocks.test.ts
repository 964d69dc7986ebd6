/** Blocks of the texts of a small published encoder, trained with the real engine: killed, searched with, written out. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { createEncoder, loadBundle } from '../../../../../main/encoders/index.ts'
import { createRuntime } from '../../../../../main/runtime/index.ts'
import { unpackTensors } from '../../../../../main/training/index.ts'
import { clipLibraries, inLibrary, weightsOf, type ClipLibraries } from '../../clip-library.ts'

const request = {
  objective: 'mama',
  ...{ marginRadians: 0.02, epochs: 3, seed: 3 },
  device: 'cpu',
  blocks: { texts: 1, rateFactor: 1 },
} as const

let libraries: ClipLibraries
let trained: string

beforeAll(async () => {
  libraries = await clipLibraries('trained-text-blocks')
  trained = libraries.copyOf(libraries.untrained, 'trained')
  await libraries.withEngine(trained, (client) => client.train(request))
}, 180_000)

test('all weights of the last block of texts were trained, and none of pictures', () => {
  const { tensors } = unpackTensors(weightsOf(trained))
  const blocks = Object.keys(tensors).filter((name) => name.startsWith('encoder.'))
  expect(blocks).toHaveLength(19) // 4 x 2 of attention, 2 x 2 of the network, 2 x 2 + 2 norms, the projection
  expect(blocks.every((name) => name.startsWith('encoder.text/'))).toBe(true)
  expect(existsSync(join(trained, 'activations'))).toBe(false)
})

test('a run that was killed goes on to the same weights, bit for bit', { timeout: 180_000 }, async () => {
  const library = libraries.copyOf(libraries.untrained, 'killed')
  await libraries.trainAndKill(library, ['--text-blocks', '1', '--block-rate', '1'])
  const resumed = await libraries.withEngine(library, (client) => client.train(request))
  expect(resumed.resumedAtEpoch).toBeGreaterThanOrEqual(1)
  expect(Buffer.compare(weightsOf(library), weightsOf(trained))).toBe(0)
})

test('a run with blocks of both halves is killed and goes on alike', { timeout: 180_000 }, async () => {
  const both = { ...request, blocks: { count: 1, texts: 1, rank: 2 } }
  const [whole, killed] = ['both', 'both-killed'].map((name) => libraries.copyOf(libraries.untrained, name)) as [
    string,
    string,
  ]
  await libraries.withEngine(whole, (client) => client.train(both))
  await libraries.trainAndKill(killed, ['--blocks', '1', '--text-blocks', '1', '--lora', '2'])
  await libraries.withEngine(killed, (client) => client.train(both))
  expect(Buffer.compare(weightsOf(killed), weightsOf(whole))).toBe(0)
  const halves = Object.keys(unpackTensors(weightsOf(whole)).tensors).flatMap(
    (name) => /^encoder\.(\w+)\//.exec(name)?.[1] ?? [],
  )
  expect([...new Set(halves)].sort()).toEqual(['text', 'vision'])
})

test(
  'a version is used at once, reads texts with its blocks, is rolled back, and is written as an encoder that reads alike',
  { timeout: 180_000 },
  async () => {
    const library = libraries.copyOf(trained, 'used')
    const folder = join(libraries.dir, 'written')
    await libraries.withEngine(library, async (client) => {
      expect(await client.search({ text: 'red', k: 3 })).toMatchObject({ segmentsSearched: 15 })
      await client.promote({ model: 'zero-shot' })
      await client.promote({ model: 'mama-1' })
      expect(await client.search({ text: 'red', k: 3 })).toMatchObject({ model: 'mama-1', segmentsSearched: 15 })
      await client.compare({ before: 'zero-shot', after: 'mama-1' })
      await client.exportModel({ model: 'mama-1', folder })
      expect(await client.rollback({})).toMatchObject({ active: 'zero-shot', previous: 'mama-1' })
      expect((await client.addEncoder({ source: folder })).encoder.id).toMatch(/mama-1$/)
    })
    const same = (file: string): boolean =>
      Buffer.compare(readFileSync(join(folder, file)), readFileSync(join(libraries.bundleDir, file))) === 0
    expect([same('vision.onnx'), same('text.onnx')]).toEqual([true, false])

    const runtime = await createRuntime({ provider: 'cpu' })
    const [written, base] = await Promise.all(
      [folder, libraries.bundleDir].map(async (from) => createEncoder({ bundle: await loadBundle(from), runtime })),
    )
    const texts = inLibrary(library, ({ exemplars }) => [...new Set(exemplars.all().map(({ text }) => text))])
    // Texts of held-out exemplars were compared, so that both encoders' features of them are kept.
    const kept = inLibrary(library, ({ features, models }) => {
      const model = models.all().find(({ hasWeights }) => hasWeights)!
      return texts.flatMap((text) => {
        const [own, encoder] = [`${model.encoderId}+${model.id}`, model.encoderId].map((id) =>
          features.loadTexts(id, [text]),
        )
        return own!.missing.length > 0 ? [] : [{ text, own: own!.features, encoder: encoder!.features }]
      })
    })
    expect(kept.length).toBeGreaterThan(0)
    const furthest = (a: Float32Array, b: Float32Array): number =>
      a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0)
    for (const { text, own, encoder } of kept) {
      expect(furthest(await written!.encodeTexts([text]), own)).toBeLessThan(5e-4) // one half-precision step of numbers below 1
      expect(furthest(await base!.encodeTexts([text]), encoder)).toBeLessThan(5e-4)
      expect(furthest(own, encoder)).toBeGreaterThan(2e-3)
    }
    await Promise.all([written!.dispose(), base!.dispose()])
    await runtime.dispose()
  },
)
