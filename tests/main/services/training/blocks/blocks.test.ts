/** Versions that trained blocks of their encoder: what is read for them and when, and how they come into use and out of it. */
import { existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { allFrames, createBlocksWorld, describedFrames, type BlocksWorld } from './blocks-world.ts'
import type { World } from '../../colour-world.ts'
import { videoFile } from '../../shop.ts'

let shop: BlocksWorld
let world: World

beforeEach(async () => {
  shop = await createBlocksWorld()
  world = shop.world
})
afterEach(() => world.close())

const blocks = { count: 1 }
const train = (options = {}) => world.client.train({ objective: 'infonce', blocks }, options)
const versions = async () => (await world.client.models({})).models

test('a run with blocks reads the described videos below them, and the catalogue through them before it is used', async () => {
  const notes: string[] = []
  const result = await train({
    onEvent: (event: { kind: string; message?: string }) => notes.push(event.message ?? ''),
  })
  expect(result).toMatchObject({ model: 'infonce-2', promoted: true, pairs: 20, epochs: 3 })
  expect([shop.below, shop.through]).toEqual([describedFrames, allFrames])
  expect(notes.join('\n')).toContain(
    `Reading 10 videos to keep what their ${describedFrames} frames are below the blocks`,
  )
  expect((await versions())[0]).toMatchObject({
    ...{ id: 'infonce-2', active: true, blocks: { count: 1, rank: null, unreadShots: 0 } },
  })
  expect(existsSync(join(world.parts.libraryDir, 'activations'))).toBe(false)
  const found = await world.client.search({ text: 'white' })
  expect(found).toMatchObject({ model: 'infonce-2', segmentsSearched: 22 })
  expect(found.moments.map(({ fileName }) => fileName)).toContain('extra.mp4')
})

test('going back is instant, and forward again reads only what came meanwhile', async () => {
  await train()
  expect(await world.client.rollback({})).toMatchObject({ active: 'infonce-1', previous: 'infonce-2' })
  world.file('shop/videos/new.mp4', 'black 0-2')
  await world.client.import({ paths: [join(world.dir, 'shop')] })
  expect(shop.through).toBe(allFrames)
  await expect(world.client.promote({ model: 'infonce-2' })).rejects.toMatchObject({
    code: 'model.unread',
    message: expect.stringContaining('have not seen one video of the library') as string,
  })
  expect(await world.client.promote({ model: 'infonce-2', read: true })).toMatchObject({ active: 'infonce-2' })
  expect(shop.through).toBe(allFrames + 3)
})

test('a video that is imported while such a version is in use is seen by its blocks too, and found', async () => {
  await train()
  world.file('shop/videos/new.mp4', 'black 0-2')
  await world.client.import({ paths: [join(world.dir, 'shop')] })
  expect(shop.through).toBe(allFrames + 3)
  expect((await world.client.search({ text: 'black' })).segmentsSearched).toBe(23)
  expect((await world.client.doctor({})).checks.find(({ name }) => name === 'features')).toMatchObject({ state: 'ok' })
})

test('going back to the encoder of such a version reads with its blocks what was imported meanwhile', async () => {
  await train()
  await world.client.useEncoder({ encoder: 'other' })
  world.file('shop/videos/new.mp4', 'black 0-2')
  await world.client.import({ paths: [join(world.dir, 'shop')] })
  expect(shop.through).toBe(allFrames)
  expect(await world.client.useEncoder({ encoder: 'colours' })).toMatchObject({ active: 'colours', videos: 1 })
  expect(shop.through).toBe(allFrames + 3)
  expect(await world.client.search({ text: 'black' })).toMatchObject({ model: 'infonce-2', segmentsSearched: 23 })
})

test('a stopped run with blocks goes on; a window, which does not ask for a rate, is offered those at the usual one', async () => {
  const stopped = async (request: typeof blocks & { rateFactor?: number }): Promise<void> => {
    const stop = new AbortController()
    const onEvent = (event: { kind: string }): void => void (event.kind === 'epoch' && stop.abort())
    const wishes = { objective: 'infonce', blocks: request } as const
    await expect(world.client.train(wishes, { signal: stop.signal, onEvent })).rejects.toThrow()
  }
  await stopped({ ...blocks, rateFactor: 0.5 })
  expect((await world.client.runs({})).runs[0]).toMatchObject({ state: 'paused', isResumable: false })
  await stopped(blocks)
  expect((await world.client.runs({})).runs[0]).toMatchObject({ state: 'paused', isResumable: true })
  expect(await train()).toMatchObject({ resumedAtEpoch: 1 })
})

test('a rollback that would land on a version with unread videos is taken back and says what to do', async () => {
  await train()
  await world.client.promote({ model: 'zero-shot' })
  world.file('shop/videos/new.mp4', 'black 0-2')
  await world.client.import({ paths: [join(world.dir, 'shop')] })
  await expect(world.client.rollback({})).rejects.toMatchObject({ code: 'model.unread' })
  expect((await versions()).find(({ active }) => active)?.id).toBe('zero-shot')
})

test('a version that won is kept while some video cannot be read, and promoted without it on demand', async () => {
  const lost = join(world.dir, 'shop/videos/extra.mp4')
  world.file('shop/videos/extra.mp4', 'not a video any more')
  const result = await train()
  expect(result.promoted).toBe(false)
  expect(result.reason).toContain('1 videos could not be read with its blocks: run mama promote infonce-2')
  await expect(world.client.search({ text: 'red', model: 'infonce-1' })).resolves.toBeDefined()
  const again = { model: 'infonce-2', read: true }
  await expect(world.client.promote(again)).rejects.toMatchObject({ code: 'media.unreadable' })
  expect((await versions()).find(({ active }) => active)?.id).toBe('infonce-1')
  expect(await world.client.promote({ ...again, leaveOut: true })).toMatchObject({ active: 'infonce-2' })
  expect((await world.client.search({ text: 'red' })).segmentsSearched).toBe(20)
  rmSync(lost)
})

test('a described video that cannot be read stops the run before it begins; what was read is kept', async () => {
  const path = join(world.dir, videoFile(3))
  world.file(videoFile(3), 'nothing')
  await expect(train()).rejects.toMatchObject({ code: 'media.unreadable' })
  const before = shop.below
  renameSync(path, `${path}.spoilt`)
  world.file(videoFile(3), 'black 0-2, white 2-7')
  expect(await train()).toMatchObject({ promoted: true })
  expect(shop.below).toBe(describedFrames)
  expect(before).toBeGreaterThan(0)
})

test('a run that is stopped while it reads the catalogue goes on where it was, and is the same version', async () => {
  const stop = new AbortController()
  const onEvent = (event: { kind: string; stage?: string; done?: number }): void => {
    if (event.kind === 'progress' && event.stage?.startsWith('reading with') && event.done! >= 2) stop.abort()
  }
  await expect(train({ signal: stop.signal, onEvent })).rejects.toThrow()
  expect(shop.through).toBeLessThan(allFrames)
  expect((await versions()).find(({ active }) => active)?.id).toBe('infonce-1')
  expect(await train()).toMatchObject({ model: 'infonce-2', promoted: true, resumedAtEpoch: 3 })
  expect(shop.below).toBe(describedFrames)
  expect((await versions()).map(({ id }) => id)).toEqual(['infonce-2', 'infonce-1', 'zero-shot'])
})

test('the same words without blocks, or with others, are another run', async () => {
  const first = await train()
  expect((await world.client.train({ objective: 'infonce', blocks: { count: 1, rank: 4 } })).run).not.toBe(first.run)
  expect((await versions())[0]!.blocks).toMatchObject({ count: 1, rank: 4 })
})

test('more blocks than the encoder has are refused, and no run is recorded', async () => {
  await expect(world.client.train({ objective: 'infonce', blocks: { count: 3 } })).rejects.toThrow('it has 2')
  expect((await world.client.runs({})).runs).toHaveLength(1)
})

test('a version that did not win reads nothing, and is not searched or measured with before it has', async () => {
  await train()
  const read = shop.through
  const second = await world.client.train({ objective: 'infonce', seed: 2, blocks })
  expect(second).toMatchObject({ model: 'infonce-3', promoted: false })
  expect(shop.through).toBe(read)
  expect((await versions())[0]!.blocks).toMatchObject({ unreadShots: 22 })
  await expect(world.client.search({ text: 'red', model: 'infonce-3' })).rejects.toMatchObject({ code: 'model.unread' })
  const queries = world.file('q.jsonl', '{"query": "red", "relevant": []}')
  await expect(world.client.evaluate({ queries, model: 'infonce-3' })).rejects.toMatchObject({ code: 'model.unread' })
})

test('discarding such a version frees the features that its blocks made, and no others', async () => {
  const bytes = async () => (await world.client.encoders({})).encoders[0]!.featureBytes
  const before = await bytes()
  await train()
  expect(await bytes()).toBe(2 * before)
  await world.client.rollback({})
  await world.client.discardModel({ model: 'infonce-2' })
  expect(await bytes()).toBe(before)
})

test('a version without blocks of its own is not exported, and says why', async () => {
  const exporting = world.client.exportModel({ model: 'infonce-1', folder: join(world.dir, 'out') })
  await expect(exporting).rejects.toThrow('infonce-1 trained no blocks of its encoder')
})
