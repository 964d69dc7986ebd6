/** Settings, storage, diagnostics, previews and model versions. Over the real storage. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ProcedureEvent } from '../../../../main/contract/index.ts'
import { colourBundles, colourEncoder, createWorld, type World } from '../colour-world.ts'
import { fill, idOf } from '../shop.ts'

let world: World
beforeEach(() => {
  world = createWorld()
})
afterEach(() => world.close())

describe('the app', () => {
  test('settings have defaults, keep what was chosen, and refuse keys that clash', async () => {
    expect(await world.client.settings({})).toMatchObject({ networking: false, language: 'system', shortcuts: {} })
    await world.client.changeSettings({ theme: 'dark', shortcuts: { 'label.exact': ['Digit1'] } })
    expect(await world.client.settings({})).toMatchObject({ theme: 'dark', language: 'system' })
    const clash = { a: ['Mod+KeyK'], b: ['Mod+KeyK'] }
    await expect(world.client.changeSettings({ shortcuts: clash })).rejects.toMatchObject({ code: 'usage' })
    await expect(world.client.changeSettings({ shortcuts: { a: ['!!'] } })).rejects.toMatchObject({ code: 'usage' })
  })

  test('storage is summed up by part', async () => {
    await fill(world)
    const { parts, totalBytes, freeBytes } = await world.client.storage({})
    expect(parts.find(({ part }) => part === 'database')!.bytes).toBeGreaterThan(10_000)
    expect(totalBytes).toBe(parts.reduce((sum, { bytes }) => sum + bytes, 0))
    expect(freeBytes).toBeGreaterThan(0)
  })

  test('diagnostics name nothing of the customer', async () => {
    await fill(world)
    world.file('shop/secretname.mp4', 'no video')
    await world.client.import({ paths: [join(world.dir, 'shop')] })
    await world.client.search({ text: 'purple secretquery' })
    await world.client.train({})
    const older = Array.from({ length: 2000 }, (_, i) => `2026-01-01T00:00:00.000Z app: line ${i}`)
    writeFileSync(join(world.dir, 'host.log'), `${[...older, 'the end'].join('\n')}\n`)
    const { text, fileName } = await world.client.diagnostics({})
    expect(fileName).toMatch(/^mama-diagnostics-\d{4}-\d\d-\d\d\.json$/)
    expect(JSON.parse(text)).toMatchObject({ counts: { indexed: 10, failed: 1 }, failures: { notMedia: 1 } })
    // The host's log comes with it: its last lines, whole ones.
    const { log } = JSON.parse(text) as { log: string[] }
    expect(log.slice(-2)).toEqual([older.at(-1), 'the end'])
    expect(log.length).toBeLessThan(older.length)
    expect(log.every((line) => older.includes(line) || line === 'the end')).toBe(true)
    for (const word of ['secret', 'thing number', 'v1.mp4', world.dir, 'SKU-', 'Things', 'something red']) {
      expect(text).not.toContain(word)
    }
  })

  test('a video that cannot be played gets a preview, once, and room is made for new ones', async () => {
    world.file('a.mp4', 'red 0-2')
    world.file('old-b.mp4', 'red 0-2, blue 2-3')
    await world.client.import({ paths: [world.dir] })
    const video = await idOf(world, 'a.mp4')
    expect(await world.client.playback({ video })).toEqual({ state: 'ready', converted: false })
    const signal = new AbortController().signal
    expect(await world.services.mediaFiles.video(video, signal)).toEqual({ path: join(world.dir, 'a.mp4') })
    const events: ProcedureEvent[] = []
    const stop = new AbortController()
    const watching = world.client.watch({}, { signal: stop.signal, onEvent: (event) => events.push(event) })
    expect(await world.client.playback({ video, mustConvert: true })).toMatchObject({ state: 'preparing' })
    await expect
      .poll(() => events.filter((event) => event.kind === 'playback').map(({ state }) => state))
      .toEqual(['preparing', 'ready'])
    expect(await world.client.playback({ video })).toEqual({ state: 'ready', converted: true })
    const first = (await world.services.mediaFiles.video(video, signal)) as { path: string }
    expect(readFileSync(first.path, 'utf8')).toContain('preview of')
    await world.client.changeSettings({ previewCacheBytes: 10 })
    const other = await idOf(world, 'old-b.mp4')
    await world.client.playback({ video: other, mustConvert: true })
    await expect.poll(async () => (await world.client.playback({ video: other })).state).toBe('ready')
    expect(existsSync(first.path)).toBe(false)
    stop.abort()
    await watching.catch(() => {})
    expect(await world.client.frameTimes({ video, start: 0.4, end: 1.2 })).toEqual({ times: [0.5, 1] })
  })

  test('a preview that cannot be made, a file that is gone or changed: each says so', async () => {
    world.file('hopeless.mp4', 'red 0-2')
    await world.client.import({ paths: [world.dir] })
    const video = await idOf(world, 'hopeless')
    await world.client.playback({ video, mustConvert: true })
    await expect.poll(() => world.client.playback({ video })).toMatchObject({ state: 'failed', message: /no way/ })
    writeFileSync(join(world.dir, 'hopeless.mp4'), 'red 0-2, blue 2-9')
    expect(await world.client.playback({ video })).toMatchObject({ state: 'failed', message: /has changed/ })
    rmSync(join(world.dir, 'hopeless.mp4'))
    expect(await world.client.playback({ video })).toMatchObject({ state: 'failed', message: /Locate it/ })
    expect(await world.services.mediaFiles.video('gone', new AbortController().signal)).toBeNull()
  })

  test('model versions are listed and promoted without opening the encoder', async () => {
    await fill(world)
    await world.client.train({})
    await world.close()
    const { dir } = world
    expect(existsSync(dir)).toBe(false)
    world = createWorld({
      bundles: {
        ...colourBundles({ colours: colourEncoder() }),
        open: () => Promise.reject(new Error('internal: opened the encoder')),
      },
    })
    await world.client.overview({})
    expect((await world.client.models({})).models.map(({ id }) => id)).toEqual(['zero-shot'])
    await expect(world.client.rollback({})).rejects.toMatchObject({ code: 'model.missing' })
  })
})
