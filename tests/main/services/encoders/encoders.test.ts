/** Changing the encoder of a library: the old one serves until the new one has seen everything, and stays to go back to. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FeatureEncoder } from '../../../../main/services/shared/ports.ts'
import { framesOfSegments } from '../../../../main/services/library/reading/video-writers.ts'
import { openLibrary, type Library } from '../../../../main/storage/index.ts'
import { colourBundles, colourEncoder, colourReader, createWorld, type World } from '../colour-world.ts'

/** Sees colours the wrong way round, with larger pictures, so that it shows which encoder answers. */
function otherEncoder(): FeatureEncoder & { images: number } {
  const inner = colourEncoder()
  const reversed = (rows: Float32Array): Float32Array => rows.map((_, i) => rows[i - (i % 5) + 4 - (i % 5)]!)
  const encoder = {
    ...inner,
    id: 'other@1',
    images: 0,
    async encodeImages(rgb: Uint8Array, count: number) {
      encoder.images += count
      return reversed(await inner.encodeImages(rgb, count))
    },
    encodeTexts: async (texts: string[]) => reversed(await inner.encodeTexts(texts)),
  }
  return encoder
}

let world: World
let other: ReturnType<typeof otherEncoder>

beforeEach(async () => {
  other = otherEncoder()
  world = createWorld({ bundles: colourBundles({ colours: colourEncoder(), other }) })
  for (let i = 0; i < 6; i++)
    world.file(`videos/${i}.mp4`, `${i % 2 === 0 ? 'red' : 'blue'} 0-${i + 1}, green ${i + 1}-9`)
  await world.client.import({ paths: [join(world.dir, 'videos')] })
})
afterEach(() => world.close())

const modelOf = async (): Promise<string> => (await world.client.search({ text: 'red', k: 3 })).model
const filesOf = async (text: string): Promise<string[]> =>
  (await world.client.search({ text, k: 3 })).moments.map(({ file, start }) => `${file.slice(-5)}@${start}`)

/** What is stored, read by a connection of its own. */
function stored<T>(look: (library: Library) => T): T {
  const { libraryDir, now, newId } = world.parts
  const library = openLibrary(libraryDir, { readOnly: true, now, newId })
  try {
    return look(library)
  } finally {
    library.close()
  }
}

describe('changing the encoder', () => {
  it('encodes what the new one has not seen, keeps segments and old features, and answers with the new one', async () => {
    const before = stored((library) => library.segments.all().map(({ id }) => id))
    const found = await filesOf('red')
    const result = await world.client.useEncoder({ encoder: 'other' })
    expect(result).toMatchObject({
      active: 'other',
      previous: 'colours',
      switched: true,
      videos: 6,
      frames: 36,
      failed: [],
    })
    expect(stored((library) => library.segments.all().map(({ id }) => id))).toEqual(before)
    expect(
      stored((library) => library.features.kept()).map(({ encoderId, segments }) => [encoderId, segments]),
    ).toEqual([
      ['colours@1', 12],
      ['other@1', 12],
    ])
    expect(await filesOf('red')).toEqual(found)
    const { encoders } = await world.client.encoders({})
    expect(encoders.map(({ id, active, seenSegments }) => [id, active, seenSegments])).toEqual([
      ['colours', false, 12],
      ['other', true, 12],
    ])
  })

  it('goes back at once, without reading a video or a picture', async () => {
    await world.client.useEncoder({ encoder: 'other' })
    rmSync(join(world.dir, 'videos'), { recursive: true })
    expect(await world.client.useEncoder({ encoder: 'colours' })).toMatchObject({
      switched: true,
      videos: 0,
      frames: 0,
    })
    const images = other.images
    expect(await world.client.useEncoder({ encoder: 'other' })).toMatchObject({ switched: true, videos: 0 })
    expect(other.images).toBe(images)
  })

  it('searches with the old one while the new one is at work', async () => {
    let during: string | undefined
    const encode = other.encodeImages
    other.encodeImages = async (rgb, count) => {
      during ??= (await world.client.encoders({})).encoders.find(({ active }) => active)?.id
      expect((await world.client.search({ text: 'red', k: 3 })).moments.length).toBeGreaterThan(0)
      return encode(rgb, count)
    }
    await world.client.useEncoder({ encoder: 'other' })
    expect(during).toBe('colours')
  })

  it('goes on after it was stopped, where it was', async () => {
    const stop = new AbortController()
    const encode = other.encodeImages
    let calls = 0
    other.encodeImages = (rgb, count) => {
      if (++calls === 2) stop.abort()
      return encode(rgb, count)
    }
    await expect(world.client.useEncoder({ encoder: 'other' }, { signal: stop.signal })).rejects.toThrow()
    const kept = stored(
      (library) => library.features.kept().find(({ encoderId }) => encoderId === 'other@1')?.segments ?? 0,
    )
    expect(kept).toBeGreaterThan(0)
    expect(kept).toBeLessThan(12)
    expect((await world.client.encoders({})).encoders.find(({ active }) => active)?.id).toBe('colours')
    const rest = await world.client.useEncoder({ encoder: 'other' })
    expect(rest).toMatchObject({ switched: true, videos: 6 - kept / 2 })
  })

  it('stays with the old one while a video cannot be read, unless it is told to leave it out', async () => {
    rmSync(join(world.dir, 'videos/3.mp4'))
    const plain = colourReader()
    await world.close()
    world = createWorld({
      bundles: colourBundles({ colours: colourEncoder(), other }),
      reader: {
        ...plain,
        probe: (path, signal) =>
          gone.has(path.slice(-5))
            ? Promise.resolve({ refusal: { reason: 'missing', sentence: `${path} is not there.` } })
            : plain.probe(path, signal),
      },
    })
    const gone = new Set<string>()
    for (let i = 0; i < 3; i++) world.file(`videos/${i}.mp4`, `red 0-${i + 1}`)
    await world.client.import({ paths: [join(world.dir, 'videos')] })
    gone.add('1.mp4')
    const refused = await world.client.useEncoder({ encoder: 'other' })
    expect(refused).toMatchObject({ switched: false, active: 'colours', videos: 2, failed: [{ reason: 'missing' }] })
    expect(await world.client.counts({})).toMatchObject({ indexed: 3, failed: 0 })
    const done = await world.client.useEncoder({ encoder: 'other', leaveOut: true })
    expect(done).toMatchObject({ switched: true, active: 'other', videos: 0 })
    expect(await filesOf('red')).toHaveLength(2)
    gone.clear()
    // The next import brings in what was left out.
    await world.client.import({ paths: [join(world.dir, 'videos')] })
    expect(await filesOf('red')).toHaveLength(3)
  })

  it('gives each encoder its own model versions', async () => {
    const csv = [
      'file,sku,title,description,category',
      ...[0, 1, 2, 3, 4, 5].map((i) => `${i}.mp4,S${i},,colour ${i},C`),
    ]
    await world.client.describe({ file: world.file('catalogue.csv', csv.join('\n')) })
    const labels = [0, 1, 2, 3, 4, 5].flatMap((i) => [
      `${i}.mp4,0,1,${i % 2 === 0 ? 'red' : 'blue'} ${i},exact`,
      `${i}.mp4,${i + 2},9,green ${i},exact`,
    ])
    await world.client.label({
      file: world.file('labels.csv', ['file,start,end,description,grade', ...labels].join('\n')),
    })
    const { model } = await world.client.train({})
    await world.client.promote({ model })
    expect(await modelOf()).toBe(model)
    await world.client.useEncoder({ encoder: 'other' })
    expect((await world.client.models({})).models.map(({ id }) => id)).toEqual(['zero-shot'])
    expect(await modelOf()).toBe('zero-shot')
    await world.client.useEncoder({ encoder: 'colours' })
    expect(await modelOf()).toBe(model)
  })

  it('tells before what it will take', async () => {
    const estimate = await world.client.estimateEncoder({ encoder: 'other' })
    expect(estimate).toMatchObject({ videos: 6, frames: 36, videoSeconds: 54, estimatedFrom: 'typical' })
    expect(estimate.estimatedSeconds).toBeGreaterThanOrEqual(54 / 30)
    // 36 frames and 12 embeddings of 5 numbers, two bytes each, and their rows.
    expect(estimate.diskBytes).toBe(48 * 5 * 2 + 24 * 250)
    await world.client.useEncoder({ encoder: 'other' })
    expect(await world.client.estimateEncoder({ encoder: 'other' })).toMatchObject({ videos: 0, estimatedSeconds: 0 })
  })

  it('runs as a job of a window too', async () => {
    const { job } = await world.client.startUseEncoder({ encoder: 'other' })
    expect(job.kind).toBe('encoder')
    await expect
      .poll(async () => (await world.client.jobs({})).jobs.find(({ id }) => id === job.id)?.state, { timeout: 10_000 })
      .toBe('succeeded')
    expect((await world.client.encoders({})).encoders.find(({ active }) => active)?.id).toBe('other')
  })
})

describe('removing an encoder', () => {
  it('drops its features, and is refused for the one in use', async () => {
    await world.client.useEncoder({ encoder: 'other' })
    await expect(world.client.removeEncoder({ encoder: 'other' })).rejects.toMatchObject({ code: 'usage' })
    await world.client.useEncoder({ encoder: 'colours' })
    const { encoders } = await world.client.removeEncoder({ encoder: 'other' })
    expect(encoders.map(({ id }) => id)).toEqual(['colours'])
    expect(stored((library) => library.features.kept()).map(({ encoderId }) => encoderId)).toEqual(['colours@1'])
    await expect(world.client.useEncoder({ encoder: 'other' })).rejects.toMatchObject({ code: 'encoder.missing' })
  })
})

describe('framesOfSegments', () => {
  it('gives each segment the frames within it, and the nearest one where there is none', () => {
    const segments = [
      { startSeconds: 0, endSeconds: 2 },
      { startSeconds: 2, endSeconds: 2.4 },
      { startSeconds: 2.4, endSeconds: 9 },
    ]
    expect(framesOfSegments(segments, [0, 1, 1.9, 2.6, 4])).toEqual([[0, 1, 2], [2], [3, 4]])
  })
})
