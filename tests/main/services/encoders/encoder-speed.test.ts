/** How the best way to run an encoder is found: over a clock that the encoder itself moves on. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { knownSpeed, machineOf, speedOf } from '../../../../main/services/encoders/encoder-speed.ts'
import type { EncoderTuning, FeatureEncoder } from '../../../../main/services/shared/ports.ts'
import type { ProcessorTimes } from '../../../../main/services/shared/processor-times.ts'
import type { Library } from '../../../../main/storage/index.ts'
import { colourBundles, colourEncoder, createWorld, type World } from '../colour-world.ts'

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
  // On a computer without other work.
  const processorTimes = (): ProcessorTimes => ({ ownMs: clockMs, busyMs: clockMs, totalMs: 2 * clockMs })
  return { encoder, settings, now: () => clockMs, processorTimes }
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
    await speedOf(library, timed.encoder, {
      machine: four,
      now: timed.now,
      processorTimes: timed.processorTimes,
      signal: never,
      budgetMs: 1e6,
    })
    const speed = knownSpeed(library, 'timed@1', four)
    const picturesPerSecond = expect.closeTo(32e3 / 680, 6) as number
    expect(speed).toEqual({ threads: 4, batchImages: 32, picturesPerSecond, wasBusy: false })
    expect(speed).toMatchObject(timed.settings.at(-1)!)
    expect(knownSpeed(library, 'timed@1', machineOf({ name: 'another', cores: 4 }, null))).toBeNull()
    const runs = timed.settings.length
    await speedOf(library, timed.encoder, {
      machine: four,
      now: timed.now,
      processorTimes: timed.processorTimes,
      signal: never,
    })
    expect(timed.settings.length).toBe(runs)
  })

  test('is one picture where more gain nothing', async () => {
    const timed = timedEncoder((_, pictures) => 100 * pictures)
    const library = memoryLibrary()
    await speedOf(library, timed.encoder, {
      machine: four,
      now: timed.now,
      processorTimes: timed.processorTimes,
      signal: never,
    })
    expect(knownSpeed(library, 'timed@1', four)).toEqual({
      ...{ threads: 4, batchImages: 1, picturesPerSecond: 10, wasBusy: false },
    })
  })

  test('is looked for within the time that it is given', async () => {
    const timed = timedEncoder((_, pictures) => 1500 * pictures)
    const library = memoryLibrary()
    await speedOf(library, timed.encoder, {
      machine: four,
      now: timed.now,
      processorTimes: timed.processorTimes,
      signal: never,
      budgetMs: 8000,
    })
    expect(timed.now()).toBeLessThanOrEqual(9000)
  })

  test('keeps to the threads that the settings ask for', async () => {
    const timed = timedEncoder((_, pictures) => 10 * pictures)
    const machine = machineOf({ name: 'test', cores: 4 }, 3)
    await speedOf(memoryLibrary(), timed.encoder, {
      machine,
      now: timed.now,
      processorTimes: timed.processorTimes,
      signal: never,
    })
    expect(new Set(timed.settings.map(({ threads }) => threads))).toEqual(new Set([3]))
  })

  test('is not kept when the measurement is stopped', async () => {
    const stop = new AbortController()
    const timed = timedEncoder((_, pictures) => {
      if (pictures === 4) stop.abort()
      return 10 * pictures
    })
    const library = memoryLibrary()
    const { now, processorTimes } = timed
    const options = { machine: four, now, processorTimes, signal: stop.signal }
    await expect(speedOf(library, timed.encoder, options)).rejects.toThrow()
    expect(knownSpeed(library, 'timed@1', four)).toBeNull()
  })
})

test('a measurement beside the work of other programs says so, and so does what is remembered of it', async () => {
  const timed = timedEncoder((_, pictures) => 10 * pictures)
  const library = memoryLibrary()
  // Others take a third of the computer.
  const processorTimes = (): ProcessorTimes => ({
    ownMs: timed.now(),
    busyMs: 2 * timed.now(),
    totalMs: 3 * timed.now(),
  })
  await speedOf(library, timed.encoder, { machine: four, now: timed.now, processorTimes, signal: never })
  expect(knownSpeed(library, 'timed@1', four)).toMatchObject({ wasBusy: true })
})

test('what an earlier version of the app remembered is still known', () => {
  const library = memoryLibrary()
  const old = { picturesPerSecond: 7, batchImages: 2, threads: 4 }
  library.settings.set('encoderSpeed timed@1', { ...old, machine: four.name })
  expect(knownSpeed(library, 'timed@1', four)).toEqual({ ...old, wasBusy: false })
})

describe('in a library', () => {
  let world: World
  let pictureMs = 10
  let timed: ReturnType<typeof timedEncoder>
  /** Called for each run of the timed encoder. */
  let onRun: () => Promise<unknown> | void
  beforeEach(() => {
    pictureMs = 10
    onRun = () => {}
    timed = timedEncoder((_, pictures) => pictureMs * pictures)
    const encoder: FeatureEncoder = {
      ...timed.encoder,
      async encodeImages(rgb, count) {
        await onRun()
        return timed.encoder.encodeImages(rgb, count)
      },
    }
    world = createWorld({
      ...{ now: timed.now, processorTimes: timed.processorTimes },
      bundles: colourBundles({ colours: colourEncoder(), timed: encoder }),
    })
  })
  afterEach(() => world.close())
  const speeds = async () => (await world.client.encoders({})).encoders.map(({ speed }) => speed)

  test('it is measured by the first estimate, and listed', async () => {
    await world.client.import({ paths: [world.file('a.mp4', 'red 0-2')] })
    expect(await speeds()).toEqual([null, null])
    const { picturesPerSecond } = await world.client.estimateEncoder({ encoder: 'timed' })
    expect(await speeds()).toMatchObject([null, { picturesPerSecond }])
  })

  test('it is measured again when that is asked for, told by steps, and used from then on', async () => {
    await world.client.import({ paths: [world.file('a.mp4', 'red 0-2')] })
    await world.client.useEncoder({ encoder: 'timed' })
    const [, first] = await speeds()
    expect(first).toMatchObject({ picturesPerSecond: 100 })
    pictureMs = 5
    let steps = 0
    const measured = await world.client.measureEncoder(
      {},
      { onEvent: ({ kind }) => void (steps += Number(kind === 'progress')) },
    )
    expect(measured).toMatchObject({
      encoder: 'timed',
      previous: first,
      speed: { picturesPerSecond: 200 },
      tried: steps,
    })
    expect(steps).toBeGreaterThan(2)
    expect((await speeds())[1]).toEqual(measured.speed)
    expect(timed.settings.at(-1)).toEqual(measured.speed)
  })

  test('one that was stopped keeps the old one', async () => {
    await world.client.import({ paths: [world.file('a.mp4', 'red 0-2')] })
    await world.client.estimateEncoder({ encoder: 'timed' })
    const before = await speeds()
    pictureMs = 5
    const stop = new AbortController()
    onRun = () => stop.abort()
    await expect(world.client.measureEncoder({ encoder: 'timed' }, { signal: stop.signal })).rejects.toThrow()
    expect(await speeds()).toEqual(before)
  })

  test('searches are answered while it is measured', async () => {
    await world.client.import({ paths: [world.file('a.mp4', 'red 0-2')] })
    let found: number | undefined
    onRun = async () => {
      found ??= (await world.client.search({ text: 'red', k: 5 })).moments.length
    }
    await world.client.measureEncoder({ encoder: 'timed' })
    expect(found).toBe(1)
  })

  test('it is refused beside an import, in words, and nothing is kept of one beside which an import began', async () => {
    const { client } = world
    const file = world.file('a.mp4', 'red 0-2')
    await client.import({ paths: [file] })
    onRun = async () => {
      onRun = () => {}
      await client.import({ paths: [file] })
    }
    await expect(client.measureEncoder({ encoder: 'timed' })).rejects.toMatchObject({
      code: 'work.running',
      message: expect.stringContaining('while videos are being imported') as string,
    })
    expect(await speeds()).toEqual([null, null])
    // Within the change, whose first runs are a measurement of its own.
    let refusal: unknown
    onRun = async () => {
      refusal ??= await client.measureEncoder({ encoder: 'timed' }).catch((error: unknown) => error)
    }
    await client.useEncoder({ encoder: 'timed' })
    expect(refusal).toMatchObject({
      code: 'work.running',
      message: expect.stringContaining('another encoder') as string,
    })
    let devices: unknown
    onRun = async () => {
      devices ??= await client.devices({ measure: true }).catch((error: unknown) => error)
    }
    await client.import({ paths: [world.file('b.mp4', 'blue 0-2')] })
    expect(devices).toMatchObject({
      code: 'work.running',
      message: expect.stringContaining('a training step') as string,
    })
  })

  test('two at a time would disturb each other', async () => {
    let second: unknown
    await world.client.import({ paths: [world.file('a.mp4', 'red 0-2')] })
    onRun = async () => {
      second ??= await world.client.devices({ measure: true }).catch((error: unknown) => error)
    }
    await world.client.measureEncoder({ encoder: 'timed' })
    expect(second).toMatchObject({
      code: 'work.running',
      message: expect.stringContaining('another measurement') as string,
    })
  })

  test('the one that came with the app runs in one way only, and says so', async () => {
    await world.client.import({ paths: [world.file('a.mp4', 'red 0-2')] })
    await expect(world.client.measureEncoder({})).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('"colours" always runs in the same way') as string,
    })
  })
})
