/** How the best way to run an encoder is found: over a clock that the encoder itself moves on. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { knownSpeed, machineOf, speedOf } from '../../../main/services/encoder-speed.ts'
import type { EncoderTuning, FeatureEncoder } from '../../../main/services/ports.ts'
import type { Library } from '../../../main/storage/index.ts'
import { colourBundles, colourEncoder, createWorld, type World } from './colour-world.ts'

/** An encoder whose runs take as long as `costMs` says; a run is counted with the setting it was made with. */
function timedEncoder(costMs: (setting: EncoderTuning, pictures: number) => number) {
  let clockMs = 0
  const settings: EncoderTuning[] = []
  const encoder: FeatureEncoder = {
    ...colourEncoder(),
    id: 'timed@1',
    tune: async (setting) => void settings.push(setting),
    async encodeImages(rgb, count) {
      clockMs += costMs(settings.at(-1)!, count)
      return new Float32Array(count * 5)
    },
  }
  return { encoder, settings, now: () => clockMs }
}

function memoryLibrary(): Library {
  const kept = new Map<string, unknown>()
  const settings = {
    get: (name: string) => kept.get(name),
    set: (name: string, value: unknown) => kept.set(name, value),
  }
  return { readOnly: false, settings } as unknown as Library
}

const four = machineOf({ name: 'test', cores: 4 }, null)
const never = new AbortController().signal

describe('the best setting', () => {
  test('is the smallest batch that is worth it, with the better number of threads, and is kept for the computer', async () => {
    // A run costs 40 ms and a picture 20 ms with four threads, twice that with two: batches are worth it, up to a point.
    const timed = timedEncoder(({ threads }, pictures) => ((40 + 20 * pictures) * 4) / threads)
    const library = memoryLibrary()
    await speedOf(library, timed.encoder, { machine: four, now: timed.now, signal: never, budgetMs: 1e6 })
    const speed = knownSpeed(library, 'timed@1', four)
    expect(speed).toEqual({ threads: 4, batchImages: 32, picturesPerSecond: expect.closeTo(32e3 / 680, 6) as number })
    expect(timed.settings.at(-1)).toEqual(speed)
    expect(knownSpeed(library, 'timed@1', machineOf({ name: 'another', cores: 4 }, null))).toBeNull()
    const runs = timed.settings.length
    await speedOf(library, timed.encoder, { machine: four, now: timed.now, signal: never })
    expect(timed.settings.length).toBe(runs)
  })

  test('is one picture where more gain nothing', async () => {
    const timed = timedEncoder((_, pictures) => 100 * pictures)
    const library = memoryLibrary()
    await speedOf(library, timed.encoder, { machine: four, now: timed.now, signal: never })
    expect(knownSpeed(library, 'timed@1', four)).toEqual({ threads: 4, batchImages: 1, picturesPerSecond: 10 })
  })

  test('is looked for within the time that it is given', async () => {
    const timed = timedEncoder((_, pictures) => 1500 * pictures)
    const library = memoryLibrary()
    await speedOf(library, timed.encoder, { machine: four, now: timed.now, signal: never, budgetMs: 8000 })
    expect(timed.now()).toBeLessThanOrEqual(9000)
  })

  test('keeps to the threads that the settings ask for', async () => {
    const timed = timedEncoder((_, pictures) => 10 * pictures)
    const machine = machineOf({ name: 'test', cores: 4 }, 3)
    await speedOf(memoryLibrary(), timed.encoder, { machine, now: timed.now, signal: never })
    expect(new Set(timed.settings.map(({ threads }) => threads))).toEqual(new Set([3]))
  })

  test('is not kept when the measurement is stopped', async () => {
    const stop = new AbortController()
    const timed = timedEncoder((_, pictures) => {
      if (pictures === 4) stop.abort()
      return 10 * pictures
    })
    const library = memoryLibrary()
    const options = { machine: four, now: timed.now, signal: stop.signal }
    await expect(speedOf(library, timed.encoder, options)).rejects.toThrow()
    expect(knownSpeed(library, 'timed@1', four)).toBeNull()
  })
})

describe('in a library', () => {
  let world: World
  const timed = timedEncoder((_, pictures) => 10 * pictures)
  beforeEach(() => {
    world = createWorld({ bundles: colourBundles({ colours: colourEncoder(), timed: timed.encoder }) })
  })
  afterEach(() => world.close())

  test('it is measured by the first estimate, and listed', async () => {
    await world.client.import({ paths: [world.file('a.mp4', 'red 0-2')] })
    const speeds = async () => (await world.client.encoders({})).encoders.map(({ speed }) => speed)
    expect(await speeds()).toEqual([null, null])
    const { picturesPerSecond } = await world.client.estimateEncoder({ encoder: 'timed' })
    expect(await speeds()).toMatchObject([null, { picturesPerSecond }])
  })
})
