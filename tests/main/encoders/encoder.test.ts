import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRandom } from '../../../main/base/index.ts'
import { createEncoder, createPixelConverter, loadBundle, type Encoder } from '../../../main/encoders/index.ts'
import { createRuntime, type Runtime } from '../../../main/runtime/index.ts'
import { imageSize, visionModel, width, writeBundle } from './bundles.ts'

const pictureBytes = imageSize * imageSize * 3
let runtime: Runtime

beforeAll(async () => {
  runtime = await createRuntime({ threads: 1 })
})
afterAll(() => runtime.dispose())

async function open(parts: Parameters<typeof writeBundle>[0] = {}, on: Runtime = runtime): Promise<Encoder> {
  return createEncoder({ bundle: await loadBundle(writeBundle(parts)), runtime: on })
}

/** Counts the runs of every session that is made through it. */
function counting(inner: Runtime): { runtime: Runtime; runs: () => number } {
  let runs = 0
  return {
    runs: () => runs,
    runtime: {
      ...inner,
      createSession: async (model, options) => {
        const session = await inner.createSession(model, options)
        return { ...session, run: (...args) => (runs++, session.run(...args)) }
      },
    },
  }
}

function unit(values: readonly number[]): number[] {
  const norm = Math.hypot(...values)
  return values.map((value) => value / norm)
}

function expectClose(actual: ArrayLike<number>, expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length)
  // float32 has 24 bits; a mean over 64 pixels loses a few of them.
  for (let i = 0; i < expected.length; i++) expect(Math.abs(actual[i]! - expected[i]!)).toBeLessThan(1e-5)
}

describe('createPixelConverter', () => {
  it('turns interleaved bytes into normalised planes', () => {
    const convert = createPixelConverter(2, [0, 0.5, 1], [1, 0.5, 0.25])
    const rgb = new Uint8Array([0, 51, 255, 255, 51, 0, 102, 51, 255, 51, 51, 255])
    expectClose(convert(rgb, 1), [0, 1, 0.4, 0.2, -0.6, -0.6, -0.6, -0.6, 0, -4, 0, 0])
  })
})

describe('encodeImages', () => {
  it('gives unit vectors of the normalised picture', async () => {
    const encoder = await open()
    const rgb = new Uint8Array(pictureBytes)
    for (let i = 0; i < pictureBytes; i += 3) rgb.set([255, 51, 204], i)
    expectClose(await encoder.encodeImages(rgb, 1), unit([1, (0.2 - 0.5) / 0.5, (0.8 - 1) / 0.25]))
    expect([encoder.dim, encoder.imageSize]).toEqual([width, imageSize])
    await encoder.dispose()
  })

  it('gives the same rows in several batches as one by one, and leaves the pixels alone', async () => {
    const encoder = await open()
    const random = createRandom(4)
    const count = 130
    const rgb = Uint8Array.from({ length: count * pictureBytes }, () => random.integer(256))
    const copy = rgb.slice()
    const together = await encoder.encodeImages(rgb, count)
    for (const index of [0, 63, 64, 129]) {
      const one = await encoder.encodeImages(rgb.subarray(index * pictureBytes, (index + 1) * pictureBytes), 1)
      expectClose(together.subarray(index * width, (index + 1) * width), [...one])
    }
    expect(rgb).toEqual(copy)
    await encoder.dispose()
  })

  it('runs at most 64 pictures at a time', async () => {
    const counted = counting(runtime)
    const encoder = await open({}, counted.runtime)
    await encoder.encodeImages(new Uint8Array(129 * pictureBytes).fill(9), 129)
    expect(counted.runs()).toBe(3)
    await encoder.dispose()
  })

  it('gives nothing for no pictures', async () => {
    const encoder = await open()
    expect(await encoder.encodeImages(new Uint8Array(0), 0)).toHaveLength(0)
  })

  it('stops when it is cancelled', async () => {
    const encoder = await open()
    const call = encoder.encodeImages(new Uint8Array(pictureBytes), 1, { signal: AbortSignal.abort() })
    await expect(call).rejects.toThrow(/abort/i)
  })
})

describe('encodeTexts', () => {
  it('gives the rows in the order of the texts, repeated ones included', async () => {
    const encoder = await open()
    const rows = await encoder.encodeTexts(['red shirt', 'blue', 'Red Shirt'])
    expectClose(rows, [...unit([2, 4, 0]), 1, 0, 0, ...unit([2, 4, 0])])
    await encoder.dispose()
  })

  it('runs the graph only for texts that it has not seen', async () => {
    const counted = counting(runtime)
    const encoder = await open({}, counted.runtime)
    const texts = Array.from({ length: 70 }, (_, i) => `red ${i}`)
    const first = await encoder.encodeTexts(texts)
    expect(counted.runs()).toBe(2)
    expect(await encoder.encodeTexts(texts)).toEqual(first)
    expect(counted.runs()).toBe(2)
    await encoder.encodeTexts(['red 1', 'shirt'])
    expect(counted.runs()).toBe(3)
    await encoder.dispose()
  })

  it('accepts any text, the empty one included', async () => {
    const encoder = await open()
    expectClose(await encoder.encodeTexts(['', '赤いシャツ']), [1, 0, 0, 1, 0, 0])
    await encoder.dispose()
  })
})

describe('a bundle whose graph is not what its manifest says', () => {
  const picture = new Uint8Array(pictureBytes).fill(1)

  it.each([
    ['input name', { vision: visionModel({ input: 'images' }) }, 'takes images'],
    ['embedding width', { manifest: { embeddingWidth: 4 } }, 'instead of [1, 4]'],
    // Every channel is below its mean, so that the logarithm is not a number.
    ['finite values', { vision: visionModel({ last: 'Log' }) }, 'not finite'],
  ])('is refused: %s', async (_, parts, message) => {
    const encoder = await open(parts)
    await expect(encoder.encodeImages(picture, 1)).rejects.toMatchObject({
      code: 'encoder.invalid',
      message: expect.stringContaining(message) as string,
    })
    await encoder.dispose()
  })
})

describe('the id', () => {
  it('begins with the bundle id and is stable', async () => {
    const [one, two] = [await open(), await open()]
    expect(one.id).toMatch(/^small@[0-9a-f]{16}$/)
    expect(two.id).toBe(one.id)
  })
})

const builtIn = 'resources/models/built-in'

describe('the built-in bundle', () => {
  it.skipIf(!existsSync(`${builtIn}/manifest.json`))('gives unit vectors for pictures and texts', async () => {
    const encoder = createEncoder({ bundle: await loadBundle(builtIn), runtime })
    const bytes = encoder.imageSize ** 2 * 3
    const images = await encoder.encodeImages(new Uint8Array(2 * bytes).fill(120), 2)
    const texts = await encoder.encodeTexts(['red shirt', 'kastasta', '赤いシャツ'])
    for (const rows of [images, texts]) {
      for (let i = 0; i < rows.length; i += encoder.dim) {
        expect(Math.hypot(...rows.subarray(i, i + encoder.dim))).toBeCloseTo(1, 4)
      }
    }
    await encoder.dispose()
  })
})
