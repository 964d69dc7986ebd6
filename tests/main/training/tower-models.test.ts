/** Towers written as ONNX models give what they gave in the app, for any number of rows. */
import { expect, it } from 'vitest'
import { createRandom, float32Data, floatTensor } from '../../../main/base/index.ts'
import { createTowerEncoder, temporalTower, towerModels } from '../../../main/training/index.ts'
import { runOnce, useRuntime } from '../graph/runtime-in-tests.ts'

const shared = useRuntime()
const config = { width: 8, frames: 3, blocks: 1, heads: 2, mlpRatio: 2, textHidden: 6, masked: true }

it.each([1, 5])('writes towers that embed %i videos and texts as the app does', async (count) => {
  const random = createRandom(4)
  const start = temporalTower(config).initialParameters(random)
  const parameters = Object.fromEntries(
    Object.entries(start).map(([name, { shape, data }]) => [
      name,
      floatTensor(
        shape,
        Float32Array.from(data as Float32Array, (value) => value + 0.1 * random.normal()),
      ),
    ]),
  )
  const numbers = (length: number): Float32Array => Float32Array.from({ length }, () => random.normal())
  const [frames, text] = [numbers(count * 3 * 8), numbers(count * 8)]
  const mask = Float32Array.from({ length: count * 3 }, (_, i) => (i % 3 === 2 ? 0 : 1))
  const encoder = await createTowerEncoder(shared.runtime, config, parameters)
  const { videos, texts } = towerModels(config, parameters)
  const run = async (model: Uint8Array, feeds: Parameters<typeof runOnce>[2]): Promise<Float32Array> =>
    float32Data((await runOnce(shared.runtime, model, feeds, { label: 'written tower' }))['embeddings']!)
  const pairs = [
    [
      await run(videos, { frames: floatTensor([count, 3, 8], frames), mask: floatTensor([count, 3], mask) }),
      await encoder.videos(frames, mask, count),
    ],
    [await run(texts, { text: floatTensor([count, 8], text) }), await encoder.texts(text, count)],
  ] as const
  for (const [written, here] of pairs) {
    expect(written.length).toBe(count * 8)
    expect(Math.max(...written.map((value, i) => Math.abs(value - here[i]!)))).toBeLessThan(1e-6)
  }
  await encoder.dispose()
})
