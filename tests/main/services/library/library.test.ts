/** How a window lists the library and looks after it. Over the real storage. */
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createWorld, type World } from '../colour-world.ts'
import { fill, finished, idOf, videoFile } from '../shop.ts'

let world: World
beforeEach(() => {
  world = createWorld()
})
afterEach(() => world.close())

describe('the library', () => {
  test('begins without one: the overview is empty', async () => {
    const overview = await world.client.overview({})
    expect(overview).toMatchObject({ activeModel: 'zero-shot', jobs: [], categories: [], readOnly: false })
    expect(overview.counts.eligible).toBe(0)
  })

  test('is listed in pages with filters, and a video has its shots and texts', async () => {
    await fill(world, { exemplars: 1 })
    const page = await world.client.listVideos({ filter: { categories: ['Rare'] }, limit: 2, offset: 1 })
    expect(page.total).toBe(4)
    expect(page.videos.map(({ fileName }) => fileName)).toEqual(['v7.mp4', 'v8.mp4'])
    const detail = await world.client.video({ video: await idOf(world, 'v0') })
    expect(detail).toMatchObject({ isThere: true, category: 'Things', sku: 'SKU-0', copies: [], exemplars: 1 })
    expect(detail.shots.map(({ start, end, frameTimes }) => [start, end, frameTimes.length])).toEqual([
      [0, 2, 3],
      [2, 4, 3],
    ])
    expect(detail.labels).toMatchObject([{ text: 'something red', grade: 'exact' }])
    expect((await world.client.overview({})).categories).toEqual([
      { name: 'Rare', videos: 4 },
      { name: 'Things', videos: 6 },
    ])
    await expect(world.client.video({ video: 'gone' })).rejects.toMatchObject({ code: 'input.missing' })
  })

  test('a moved file is accepted by its content only, and removing never touches files', async () => {
    await fill(world)
    const video = await idOf(world, 'v3')
    const moved = join(world.dir, 'elsewhere.mp4')
    renameSync(join(world.dir, videoFile(3)), moved)
    expect((await world.client.video({ video })).isThere).toBe(false)
    await expect(world.client.locateVideo({ video, path: join(world.dir, videoFile(4)) })).rejects.toMatchObject({
      code: 'input.invalid',
    })
    await world.client.locateVideo({ video, path: moved })
    expect(await world.client.video({ video })).toMatchObject({ isThere: true, path: moved, fileName: 'elsewhere.mp4' })
    expect((await world.client.search({ text: 'black', k: 50 })).moments.map(({ file }) => file)).toContain(moved)
    expect(await world.client.removeVideos({ videos: [video, 'gone'] })).toEqual({ removed: 1 })
    expect(existsSync(moved)).toBe(true)
    const { moments } = await world.client.search({ text: 'black', k: 50 })
    expect(moments.map((moment) => moment.file)).not.toContain(moved)
  })

  test('a failed video is listed with its reason, and tried again', async () => {
    const path = world.file('bad.mp4', 'not a video')
    await finished(world, (await world.client.startImport({ paths: [world.dir] })).job)
    const failed = (await world.client.listVideos({ filter: { statuses: ['failed'] } })).videos[0]!
    expect(failed.failure).toMatchObject({ reason: 'notMedia' })
    writeFileSync(path, 'red 0-2')
    const { retried, job } = await world.client.retryVideos({ videos: [failed.id] })
    expect(retried).toBe(1)
    await finished(world, job)
    expect((await world.client.counts({})).indexed).toBe(1)
  })

  test('folders are listed for a window without a file dialog', async () => {
    world.file('shop/v1.mp4', 'red 0-2')
    world.file('shop/v10.mp4', 'red 0-2')
    world.file('shop/v2.mp4', 'red 0-2')
    world.file('shop/.hidden', '')
    mkdirSync(join(world.dir, 'shop/zebra'))
    const roots = await world.client.browse({})
    expect(roots.entries.map(({ path }) => path)).toEqual([world.dir])
    const { entries, parent } = await world.client.browse({ folder: join(world.dir, 'shop') })
    expect(entries.map(({ name }) => name)).toEqual(['zebra', 'v1.mp4', 'v2.mp4', 'v10.mp4'])
    expect(parent).toBe(world.dir)
    await expect(world.client.browse({ folder: '/nowhere' })).rejects.toMatchObject({ code: 'input.missing' })
  })
})
