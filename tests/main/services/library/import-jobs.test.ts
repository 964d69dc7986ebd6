/** Imports as jobs that pause, resume and survive, and tables of descriptions. Over the real storage. */
import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createClient, createLocalTransport, type ProcedureEvent } from '../../../../main/contract/index.ts'
import { createServices } from '../../../../main/services.ts'
import { colourReader, colours, createWorld, type World } from '../colour-world.ts'
import { fill, finished, idOf, videoFile } from '../shop.ts'

let world: World
beforeEach(() => {
  world = createWorld()
})
afterEach(() => world.close())

const base64Of = (text: string): string => Buffer.from(text).toString('base64')

describe('an import as a job', () => {
  /** A reader that waits before the third video until it is let go. */
  function heldWorld(): { release: () => void; reached: Promise<void> } {
    let release = (): void => {}
    let arrive = (): void => {}
    const released = new Promise<void>((resolve) => (release = resolve))
    const reached = new Promise<void>((resolve) => (arrive = resolve))
    const reader = colourReader()
    world = createWorld({
      reader: {
        ...reader,
        async probe(path, signal) {
          if (basename(path) === 'v2.mp4') {
            arrive()
            await Promise.race([released, new Promise((resolve) => signal.addEventListener('abort', resolve))])
          }
          return reader.probe(path, signal)
        },
      },
    })
    for (let i = 0; i < 5; i++) world.file(videoFile(i), `${colours[i]!} 0-2, red 2-${3 + i}`)
    return { release, reached }
  }

  test('tells of its progress and of lists that change', async () => {
    for (let i = 0; i < 5; i++) world.file(videoFile(i), `${colours[i]!} 0-2`)
    const events: ProcedureEvent[] = []
    const stop = new AbortController()
    const watching = world.client.watch({}, { signal: stop.signal, onEvent: (event) => events.push(event) })
    const { job } = await world.client.startImport({ paths: [world.dir] })
    const done = await finished(world, job)
    expect(done).toMatchObject({ kind: 'import', state: 'succeeded', result: { imported: 5 } })
    expect(events.some((event) => event.kind === 'job' && event.job.progress?.unit === 'videos')).toBe(true)
    await expect
      .poll(() => events.findLast((event) => event.kind === 'change'))
      .toMatchObject({ counts: { indexed: 5, eligible: 5 } })
    stop.abort()
    await expect(watching).rejects.toMatchObject({ name: 'AbortError' })
    expect(await world.client.controlJob({ job: job.id, action: 'dismiss' })).toEqual({ job: null })
  })

  test('pauses with whole videos kept, resumes, and keeps the invariant', async () => {
    await world.close()
    const { release, reached } = heldWorld()
    const { job } = await world.client.startImport({ paths: [world.dir] })
    await reached
    expect((await world.client.controlJob({ job: job.id, action: 'pause' })).job?.state).toBe('paused')
    const { eligible, indexed, failed, pending } = await world.client.counts({})
    expect([eligible, indexed + failed + pending]).toEqual([5, 5])
    expect(pending).toBeGreaterThan(0)
    release()
    await world.client.controlJob({ job: job.id, action: 'resume' })
    await finished(world, job)
    expect((await world.client.counts({})).indexed).toBe(5)
  })

  test('is cancelled for good', async () => {
    await world.close()
    const { reached } = heldWorld()
    const { job } = await world.client.startImport({ paths: [world.dir] })
    await reached
    expect((await world.client.controlJob({ job: job.id, action: 'cancel' })).job?.state).toBe('cancelled')
    await world.client.retryVideos({})
    expect((await world.client.jobs({})).jobs.find(({ id }) => id === job.id)?.state).toBe('cancelled')
  })

  test('goes on after the process ended in the middle', async () => {
    await world.close()
    const { reached } = heldWorld()
    await world.client.startImport({ paths: [world.dir] })
    await reached
    await world.services.close()
    const { dir, parts } = world
    const again = createServices({ ...parts, reader: colourReader() })
    try {
      const client = createClient(createLocalTransport(again.handlers))
      await expect.poll(async () => (await client.overview({})).counts.indexed, { timeout: 10_000 }).toBe(5)
      expect(existsSync(join(dir, 'library'))).toBe(true)
    } finally {
      await again.close()
    }
  })

  test('waits for mains power when the settings say so', async () => {
    world.file(videoFile(0), 'red 0-2')
    await world.client.changeSettings({ indexWhen: 'mains' })
    await world.client.jobs({})
    expect(await world.client.reportPower({ onBattery: true })).toEqual({ held: 0, released: 0 })
    const { job } = await world.client.startImport({ paths: [world.dir] })
    expect(job).toMatchObject({ state: 'paused' })
    expect((await world.client.jobs({})).jobs[0]).toMatchObject({ state: 'paused', waitsForPower: true })
    expect(await world.client.reportPower({ onBattery: false })).toEqual({ held: 0, released: 1 })
    expect((await finished(world, job)).state).toBe('succeeded')
  })

  test('brings the sample catalogue with its texts and exemplars', async () => {
    world.file('sample/videos/a.mp4', 'red 0-2')
    world.file('sample/catalogue.csv', 'file,sku,title,description,category\nvideos/a.mp4,S1,Red,a red thing,Things')
    world.file('sample/exemplars.csv', 'file,start,end,description,grade\nvideos/a.mp4,0,2,a red thing,exact')
    const { job } = await world.client.importSample({})
    expect(await finished(world, job)).toMatchObject({
      state: 'succeeded',
      result: { counts: { descriptions: 1, exemplars: 1 } },
    })
  })

  test('of a path that is not there is refused at once', async () => {
    await expect(world.client.startImport({ paths: ['/nowhere'] })).rejects.toMatchObject({ code: 'input.missing' })
  })
})

describe('a table of descriptions', () => {
  const text = 'Clip,Product name,Text,Type\nv0.mp4,Zero,the zeroth,Toys\ngone.mp4,x,y,z\nv1.mp4,,,Toys\n'

  test('is previewed with a guessed mapping and its problems, changing nothing', async () => {
    await fill(world)
    const preview = await world.client.previewTable({ source: { name: 'my.csv', base64: base64Of(text) } })
    expect(preview.mapping).toEqual({
      file: 'Clip',
      title: 'Product name',
      description: 'Text',
      category: 'Type',
      sku: '',
    })
    expect(preview).toMatchObject({ rows: 3, usable: 1, videos: 1, columns: ['Clip', 'Product name', 'Text', 'Type'] })
    expect(preview.sample[0]).toEqual({ row: 2, cells: ['v0.mp4', 'Zero', 'the zeroth', 'Toys'], fileName: 'v0.mp4' })
    expect(preview.problems.map(({ row, reason }) => [row, reason])).toEqual([
      [3, 'unknownFile'],
      [4, 'emptyText'],
    ])
    expect((await world.client.video({ video: await idOf(world, 'v0') })).title).toBeNull()
  })

  test('is imported with the mapping that the user chose', async () => {
    await fill(world)
    const mapping = { file: 'Clip', description: 'Product name' }
    const path = world.file('shop/my.csv', text)
    expect(await world.client.importTable({ source: { path }, mapping })).toMatchObject({ usable: 1, videos: 1 })
    const video = await world.client.video({ video: await idOf(world, 'v0') })
    expect(video).toMatchObject({ title: null, description: 'Zero', category: 'Things' })
    await expect(world.client.importTable({ source: { path }, mapping: { file: 'Nope' } })).rejects.toMatchObject({
      code: 'usage',
    })
  })

  test('without a column for files asks for one instead of guessing', async () => {
    const preview = await world.client.previewTable({ source: { name: 'a.csv', base64: base64Of('a,b\n1,2\n') } })
    expect(preview).toMatchObject({ rows: 1, usable: 0, mapping: { file: '' } })
  })
})
