/** Long videos are saved in parts: found while they are indexed, and gone on with after a stop. */
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { VideoReader } from '../../../../main/services/library/ports.ts'
import type { FeatureEncoder } from '../../../../main/services/shared/ports.ts'
import { openLibrary, type Library } from '../../../../main/storage/index.ts'
import { colourBundles, colourEncoder, colourReader, colours, createWorld, type World } from '../colour-world.ts'

const shotCount = 60
const secondsAShot = 10
const shotsAPart = 10
/** One colour after the other, so that every part has every colour. */
const longVideo = Array.from(
  { length: shotCount },
  (_, i) => `${colours[i % colours.length]} ${secondsAShot * i}-${secondsAShot * (i + 1)}`,
).join(', ')

type Log = { begun: (number | undefined)[]; read: number; onShot: (read: number) => Promise<void> | void }

/** Gives a place to go on from after every ten shots, as a reader of stretches does. */
function partReader(log: Log): VideoReader {
  const plain = colourReader()
  return {
    ...plain,
    async *shots(path, info, options) {
      const { fromSeconds = 0 } = options
      log.begun.push(options.fromSeconds)
      let position = 0
      for await (const shot of plain.shots(path, info, options)) {
        position += 1
        if (shot.startSeconds < fromSeconds) continue
        log.read += 1
        await log.onShot(log.read)
        yield position % shotsAPart === 0 && position < shotCount ? { ...shot, isResumePoint: true } : shot
      }
    },
  }
}

/** Encodes at once what it gets: as a large encoder does, which is not waiting for full batches. */
function eagerEncoder(id: string): FeatureEncoder {
  return { ...colourEncoder(), id, tune: async () => {} }
}

const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1))

let log: Log
let world: World
let path: string

function open(id = 'eager@1'): void {
  world = createWorld({
    reader: partReader(log),
    bundles: colourBundles({ eager: eagerEncoder(id), other: eagerEncoder('other@1') }),
  })
  path = world.file('videos/long.mp4', longVideo)
}

beforeEach(() => {
  log = { begun: [], read: 0, onShot: soon }
  open()
})
afterEach(() => world.close())

function stored<T>(look: (library: Library) => T): T {
  const { libraryDir, now, newId } = world.parts
  const library = openLibrary(libraryDir, { readOnly: true, now, newId })
  try {
    return look(library)
  } finally {
    library.close()
  }
}

/** Everything that was stored of the video, but for ids and times of the clock. */
function content(encoderId = 'eager@1'): unknown {
  return stored((library) =>
    library.segments.all().map(({ id, position, startSeconds, endSeconds, frameCount }) => ({
      ...{ position, startSeconds, endSeconds, frameCount },
      features: library.features.framesOf(id, encoderId),
    })),
  )
}

/** Imports until `shots` have been read, then stops as Ctrl-C does. */
async function importUntil(shots: number): Promise<void> {
  const stop = new AbortController()
  log.onShot = async (read) => {
    await soon()
    if (read === shots) stop.abort()
  }
  await expect(world.client.import({ paths: [path] }, { signal: stop.signal })).rejects.toThrow()
  log.onShot = soon
}

describe('a long video', () => {
  test('is found while it is still being indexed', async () => {
    let during: { start: number; state: string } | undefined
    log.onShot = async (read) => {
      await soon()
      if (read !== 45) return
      const { moments } = await world.client.search({ text: 'red', k: 1 })
      const [video] = (await world.client.listVideos({})).videos
      during = { start: moments[0]!.start, state: video!.status }
    }
    await world.client.import({ paths: [path] })
    expect(during).toMatchObject({ state: 'pending' })
    expect(during!.start % 50).toBe(0)
    expect(await world.client.counts({})).toMatchObject({ indexed: 1, pending: 0, segments: shotCount })
  })

  test('that was stopped goes on from its last part, and becomes what an undisturbed one is', async () => {
    await importUntil(47)
    const counts = await world.client.counts({})
    expect(counts).toMatchObject({ indexed: 0, pending: 1 })
    expect(counts.segments % shotsAPart).toBe(0)
    expect(counts.segments).toBeGreaterThanOrEqual(2 * shotsAPart)
    expect(counts.segments).toBeLessThan(47)
    const result = await world.client.import({ paths: [path] })
    expect(log.begun).toEqual([0, counts.segments * secondsAShot])
    expect(result).toMatchObject({ imported: 1, segments: shotCount - counts.segments })
    const resumed = content()
    await world.close()
    open()
    await world.client.import({ paths: [path] })
    expect(resumed).toEqual(content())
    expect((resumed as unknown[]).length).toBe(shotCount)
  })

  test('of which another encoder saw the beginning is read anew', async () => {
    await importUntil(47)
    await world.client.useEncoder({ encoder: 'other', leaveOut: true })
    await world.client.import({ paths: [path] })
    expect(log.begun.at(-1)).toBe(0)
    expect(await world.client.counts({})).toMatchObject({ indexed: 1, segments: shotCount })
    expect(stored((library) => library.features.segmentsWithout('other@1'))).toEqual([])
  })

  test('that turns out to be damaged leaves nothing of its beginning', async () => {
    const damaged = world.file('videos/damaged.mp4', `${longVideo}, broken 600-610`)
    const { failed } = await world.client.import({ paths: [damaged] })
    expect(failed.map(({ reason }) => reason)).toEqual(['decoderFailed'])
    expect(await world.client.counts({})).toMatchObject({ failed: 1, segments: 0 })
  })

  test('is seen by another encoder in parts too, and a stopped change goes on from there', async () => {
    await world.client.import({ paths: [path] })
    const ids = stored((library) => library.segments.all().map(({ id }) => id))
    const stop = new AbortController()
    log = Object.assign(log, { begun: [], read: 0 })
    log.onShot = async (read) => {
      await soon()
      if (read === 47) stop.abort()
    }
    await expect(world.client.useEncoder({ encoder: 'other' }, { signal: stop.signal })).rejects.toThrow()
    const kept = stored((library) => shotCount - library.features.segmentsWithout('other@1').length)
    expect(kept).toBeGreaterThanOrEqual(2 * shotsAPart)
    expect(kept).toBeLessThan(47)
    log.onShot = soon
    expect(await world.client.useEncoder({ encoder: 'other' })).toMatchObject({ switched: true, videos: 1 })
    expect(log.begun).toEqual([0, kept * secondsAShot])
    expect(stored((library) => library.segments.all().map(({ id }) => id))).toEqual(ids)
    // Both encoders see the same here, so that each segment must have got its own frames.
    expect(content('other@1')).toEqual(content('eager@1'))
  })

  test('has a bounded number of pictures on the way, however slow the encoder is', async () => {
    let onTheWay = 0
    let most = 0
    const encoder = eagerEncoder('eager@1')
    await world.close()
    world = createWorld({
      reader: partReader(log),
      bundles: colourBundles({
        eager: {
          ...encoder,
          async encodeImages(rgb, count) {
            await soon()
            onTheWay -= count
            return encoder.encodeImages(rgb, count)
          },
        },
      }),
    })
    log.onShot = () => {
      onTheWay += 3
      most = Math.max(most, onTheWay)
    }
    path = world.file('videos/long.mp4', Array.from({ length: 1000 }, (_, i) => `red ${i}-${i + 1}`).join(', '))
    await world.client.import({ paths: [join(world.dir, 'videos')] })
    expect(log.read).toBe(1000)
    // 16 shots in the queue, a run and what waits for the next one.
    expect(most).toBeLessThanOrEqual(3 * 18 + 2 * 64)
  })
})
