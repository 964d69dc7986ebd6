/** The encoder of texts, split below its last blocks: the two parts together are the encoder. */
import { expect, it } from 'vitest'
import { float32Data, floatTensor } from '../../../main/base/index.ts'
import { createEncoder, loadBundle, openUpperTextBlocks, type Bundle } from '../../../main/encoders/index.ts'
import { cast, Graph, normalizeRows, reshape, toModel } from '../../../main/graph/index.ts'
import { runOnce, useRuntime } from '../graph/runtime-in-tests.ts'
import { exportFolder, importFrom, referenceOf, type ExportName } from './exports.ts'

const shared = useRuntime()

async function bundleOf(name: ExportName, precision?: 'fp16'): Promise<Bundle> {
  return loadBundle((await importFrom(exportFolder(name), shared.runtime, { precision })).folder)
}

/** Embeddings of texts through both parts, the upper one as a graph of its own. */
async function throughBoth(bundle: Bundle, blocks: number, texts: readonly string[]): Promise<Float32Array> {
  const { runtime } = shared
  const upper = await openUpperTextBlocks({ bundle, runtime, blocks, texts })
  const { activations, side } = await upper.encodeTexts(texts)
  expect(activations.length).toBe(texts.length * upper.dim)
  const graph = new Graph()
  const shape = [texts.length, ...upper.model.cutShape]
  const sides = Object.entries(upper.model.sideInputs).map(([name, { dtype, shape: row }]) => {
    const fed = [texts.length, ...row]
    return { name, value: cast(graph.input(name, 'float32', fed), dtype), feed: floatTensor(fed, side[name]!) }
  })
  const above = upper.model.upper(
    graph,
    graph.input('activations', 'float32', shape),
    Object.fromEntries(sides.map(({ name, value }) => [name, value])),
    {},
  )
  const model = toModel({ embeddings: normalizeRows(reshape(above, [texts.length, bundle.recipe.dim])) })
  const feeds = { activations: floatTensor(shape, activations) }
  const all = { ...feeds, ...Object.fromEntries(sides.map(({ name, feed }) => [name, feed])) }
  const { embeddings } = await runOnce(runtime, model, all, { label: 'upper blocks of texts' })
  await upper.dispose()
  return float32Data(embeddings!)
}

const furthest = (a: Float32Array, b: Float32Array): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0)

it.each<[ExportName, number, string[]]>([
  ['clip', 1, ['input_ids']],
  ['clip', 2, ['input_ids']],
  ['siglip', 1, []],
  ['siglip2', 1, []], // weights beside the graph
  ['mobileclip', 1, ['input_ids']],
  ['mobileclip2', 1, ['input_ids']],
  ['multilingual', 1, ['attention_mask']],
])('%s, cut below its last %i blocks, gives its own embeddings and needs %j above', async (name, blocks, needed) => {
  const bundle = await bundleOf(name)
  const known = referenceOf(name).texts
  const texts = Array.from({ length: 70 }, (_, i) => `${known[i % known.length]!} ${i}`) // more than one batch
  const encoder = createEncoder({ bundle, runtime: shared.runtime })
  const upper = await openUpperTextBlocks({ bundle, runtime: shared.runtime, blocks })
  expect(Object.keys(upper.model.sideInputs)).toEqual(needed)
  expect(furthest(await throughBoth(bundle, blocks, texts), await encoder.encodeTexts(texts))).toBeLessThan(1e-5)
  await Promise.all([encoder.dispose(), upper.dispose()])
})

it('widens what an export of half precision gives below the cut', async () => {
  const bundle = await bundleOf('clip', 'fp16')
  const { texts } = referenceOf('clip')
  const encoder = createEncoder({ bundle, runtime: shared.runtime })
  expect(furthest(await throughBoth(bundle, 1, texts), await encoder.encodeTexts(texts))).toBeLessThan(5e-3)
  await encoder.dispose()
})

it('takes texts only as long as the longest where they need not be filled up', async () => {
  const { runtime } = shared
  const bundle = await bundleOf('multilingual')
  const texts = referenceOf('multilingual').texts.filter((text) => text.length < 40)
  const [short, whole] = [
    await openUpperTextBlocks({ bundle, runtime, blocks: 1, texts }),
    await openUpperTextBlocks({ bundle, runtime, blocks: 1 }),
  ]
  expect(whole.model.cutShape[0]).toBe(128)
  expect(short.model.cutShape[0]).toBeLessThan(40)
  expect(short.model.weights.map(({ name }) => name)).toEqual(whole.model.weights.map(({ name }) => name))
  await Promise.all([short.dispose(), whole.dispose()])
})

it('reads texts with other weights where it is given a graph that holds them', async () => {
  const { runtime } = shared
  const bundle = await bundleOf('siglip2')
  const upper = await openUpperTextBlocks({ bundle, runtime, blocks: 1 })
  const { texts } = referenceOf('siglip2')
  const [own, replaced] = [createEncoder({ bundle, runtime }), createEncoder({ bundle, runtime, text: upper.bytes })]
  expect(await replaced.encodeTexts(texts)).toEqual(await own.encodeTexts(texts))
  await Promise.all([own.dispose(), replaced.dispose(), upper.dispose()])
})

it('refuses more blocks than there are, and any of an encoder that reads texts without blocks, in sentences', async () => {
  const { runtime } = shared
  await expect(openUpperTextBlocks({ bundle: await bundleOf('clip'), runtime, blocks: 3 })).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringContaining('has 2 blocks of texts that can be trained. Ask for at most so many.') as string,
  })
  const builtIn = await loadBundle('resources/models/built-in')
  await expect(openUpperTextBlocks({ bundle: builtIn, runtime, blocks: 1 })).rejects.toMatchObject({
    code: 'usage',
    message:
      'The encoder MAMA Studio built-in reads texts without blocks that can be trained. ' +
      'Train without blocks of texts: the tower over it learns words too.',
  })
})
