/** The encoder of pictures, split below its last blocks: the two parts together are the encoder. */
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { createRandom, float32Data, floatTensor } from '../../../main/base/index.ts'
import { createEncoder, loadBundle, openUpperBlocks } from '../../../main/encoders/index.ts'
import { Graph, inspectModel, normalizeRows, toModel } from '../../../main/graph/index.ts'
import { runOnce, useRuntime } from '../graph/runtime-in-tests.ts'
import { exportFolder, importFrom } from './exports.ts'

const shared = useRuntime()
const folder = 'resources/models/built-in'

it.each([1, 4])(
  'gives below the last %i blocks of the built-in model what the blocks above make its embeddings of',
  async (blocks) => {
    const { runtime } = shared
    const bundle = await loadBundle(folder)
    const [encoder, upper] = [createEncoder({ bundle, runtime }), await openUpperBlocks({ bundle, runtime, blocks })]
    const random = createRandom(1)
    const count = 70 // more than one batch
    const rgb = Uint8Array.from({ length: count * 96 * 96 * 3 }, () => random.integer(256))
    const activations = await upper.encodeImages(rgb, count)
    expect(activations.length).toBe(count * upper.dim)

    const graph = new Graph()
    const shape = [count, ...upper.model.cutShape]
    const input = graph.input('activations', 'float32', shape)
    const model = toModel({ embeddings: normalizeRows(upper.model.upper(graph, input, {}, {})) })
    const feeds = { activations: floatTensor(shape, activations) }
    const actual = float32Data((await runOnce(runtime, model, feeds, { label: 'upper blocks' }))['embeddings']!)
    const expected = await encoder.encodeImages(rgb, count)
    expect(Math.max(...actual.map((value, i) => Math.abs(value - expected[i]!)))).toBeLessThan(1e-5)
    await Promise.all([encoder.dispose(), upper.dispose()])
  },
)

it('names its activations after the encoder and the place of the cut, so that they are never taken for others', async () => {
  const bundle = await loadBundle(folder)
  const [one, two] = await Promise.all(
    [1, 2].map((blocks) => openUpperBlocks({ bundle, runtime: shared.runtime, blocks })),
  )
  expect(one!.id).not.toBe(two!.id)
  expect(one!.id).toContain('built-in@')
  expect(one!.dim).toBe(36 * 256)
})

it('refuses more blocks than there are, in a sentence', async () => {
  const bundle = await loadBundle(folder)
  const opening = openUpperBlocks({ bundle, runtime: shared.runtime, blocks: 5 })
  await expect(opening).rejects.toMatchObject({
    code: 'usage',
    message: 'The encoder MAMA Studio built-in has 4 blocks that can be trained. Ask for at most so many.',
  })
})

it('cuts an encoder whose weights lie in a file beside its graph, and holds them for writing', async () => {
  const { runtime } = shared
  const bundle = await loadBundle((await importFrom(exportFolder('siglip2'), runtime)).folder)
  expect(inspectModel(new Uint8Array(readFileSync(bundle.paths.vision))).externalTensors.length).toBeGreaterThan(0)
  const upper = await openUpperBlocks({ bundle, runtime, blocks: 1 })
  expect(inspectModel(upper.bytes).externalTensors).toEqual([])
  const size = bundle.recipe.image.size
  const random = createRandom(2)
  const rgb = Uint8Array.from({ length: 3 * size * size * 3 }, () => random.integer(256))
  const [own, replaced] = [createEncoder({ bundle, runtime }), createEncoder({ bundle, runtime, vision: upper.bytes })]
  expect(await replaced.encodeImages(rgb, 3)).toEqual(await own.encodeImages(rgb, 3))
  expect((await upper.encodeImages(rgb, 3)).length).toBe(3 * upper.dim)
  await Promise.all([own.dispose(), replaced.dispose(), upper.dispose()])
})
