/** What a window searches, highlights, remembers and exports. Over the real storage. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createWorld, plainIndex, type World } from '../colour-world.ts'
import { fill, idOf, videoFile } from '../shop.ts'

let world: World
beforeEach(() => {
  world = createWorld()
})
afterEach(() => world.close())

describe('search', () => {
  test('first searches that are left for the next letter do not take the next one with them', async () => {
    const stop = new AbortController()
    await world.close()
    world = createWorld({
      // As the real index: it takes a while, and ends when its signal says so. Meanwhile the user types on.
      openVectorIndex: async (dim) => {
        const index = await plainIndex(dim)
        return {
          ...index,
          search: async (queries, k, options) => {
            stop.abort()
            await new Promise((resolve) => setTimeout(resolve, 20))
            options?.signal?.throwIfAborted()
            return index.search(queries, k, options)
          },
        }
      },
    })
    await fill(world)
    const left = ['r', 're', 're d'].map((text) =>
      world.client.search({ text }, { signal: stop.signal }).catch((error: unknown) => error),
    )
    const next = world.client.search({ text: 'red' })
    expect((await next).moments.length).toBeGreaterThan(0)
    for (const error of await Promise.all(left)) expect(error).toBeInstanceOf(Error)
  })

  test('gives what a result shows, divides weak from strong, and is honest about nothing', async () => {
    await fill(world)
    const { moments, weakFrom, unmatched } = await world.client.search({ text: 'green', k: 50 })
    expect(moments.length).toBeGreaterThan(3)
    expect(moments.slice(0, weakFrom).every(({ match, strength }) => match === 'strong' && strength >= 0.5)).toBe(true)
    expect(moments.slice(weakFrom).every(({ match, strength }) => match === 'weak' && strength <= 0.5)).toBe(true)
    expect(moments[0]).toMatchObject({ segments: [moments[0]!.segment], category: 'Things' })
    expect(unmatched).toBeGreaterThan(0)
    expect((await world.client.search({ text: 'nothing of this', k: 50 })).moments).toEqual([])
    const all = await world.client.search({ text: 'nothing of this', k: 50, includeUnmatched: true })
    expect(all.moments.length).toBeGreaterThan(0)
  })

  test('names the words that neither the model nor any text knows, and has no match for them', async () => {
    await fill(world)
    const { moments, unknownWords } = await world.client.search({ text: 'green qwzrtv', k: 50 })
    expect(unknownWords).toEqual(['qwzrtv'])
    // Half of the query means nothing, so what is green is no clear match.
    expect(new Set(moments.map(({ match }) => match))).toEqual(new Set(['weak']))
    expect(await world.client.search({ text: 'qwzrtv plonk' })).toMatchObject({
      moments: [],
      unknownWords: ['qwzrtv', 'plonk'],
    })
    // In the texts, so known: found by words alone, and strong.
    const named = await world.client.search({ text: 'number', k: 50 })
    expect(named.unknownWords).toEqual([])
    expect(named.moments[0]).toMatchObject({ match: 'strong', foundBy: ['words'] })
  })

  test('highlights the words that were found', async () => {
    await fill(world)
    const { moments } = await world.client.search({ text: 'thing number 7', k: 5 })
    const found = moments.find(({ fileName }) => fileName === 'v7.mp4')!
    expect(found.foundBy).toContain('words')
    const { text, ranges } = found.highlights.find(({ field }) => field === 'description')!
    expect(ranges.map(([start, end]) => text.slice(start, end))).toEqual(['thing', 'number', '7'])
  })

  test('keeps to a filter', async () => {
    await fill(world)
    const { moments } = await world.client.search({ text: 'green', k: 50, filter: { categories: ['Rare'] } })
    expect(moments[0]).toMatchObject({ fileName: 'v6.mp4', start: 0, match: 'strong' })
    expect(moments.every(({ category }) => category === 'Rare')).toBe(true)
    const short = await world.client.search({ text: 'green', k: 50, filter: { maxSeconds: 5.5 } })
    expect(short.moments.every(({ durationSeconds }) => durationSeconds! <= 5.5)).toBe(true)
  })

  test('sees what was added and removed since the last search, without a new index', async () => {
    let opened = 0
    await world.close()
    world = createWorld({
      openVectorIndex: (dim) => {
        opened += 1
        return plainIndex(dim)
      },
    })
    await fill(world)
    const found = async (): Promise<string[]> =>
      (await world.client.search({ text: 'white', k: 50 })).moments.map(({ fileName }) => fileName)
    const before = await found()
    world.file('shop/videos/new.mp4', 'white 0-3')
    await world.client.import({ paths: [join(world.dir, 'shop')] })
    expect(await found()).toEqual(expect.arrayContaining([...before, 'new.mp4']))
    await world.client.removeVideos({ videos: [await idOf(world, 'new.mp4')] })
    expect((await found()).sort()).toEqual([...before].sort())
    expect(opened).toBe(1)
  })

  test('finds more like a moment and like a picture', async () => {
    await fill(world)
    const first = (await world.client.search({ text: 'blue', k: 1 })).moments[0]!
    const like = await world.client.similar({ to: { segment: first.segment }, k: 50 })
    expect(like.moments.length).toBeGreaterThan(0)
    expect(like.moments.map(({ segment }) => segment)).not.toContain(first.segment)
    const picture = Buffer.from('blue').toString('base64')
    const seen = await world.client.similar({ to: { image: picture }, k: 1 })
    expect(seen.moments[0]).toMatchObject({ match: 'strong', foundBy: ['picture'] })
    const noPicture = Buffer.from('x').toString('base64')
    await expect(world.client.similar({ to: { image: noPicture } })).rejects.toMatchObject({ code: 'input.invalid' })
  })

  test('remembers finished searches and saved ones', async () => {
    await fill(world)
    for (const text of ['red', 'blue', 'red']) await world.client.search({ text })
    await world.client.search({ text: 'gre', remember: false })
    const { recent } = await world.client.searches({})
    expect(recent.map(({ text, model }) => [text, model])).toEqual([
      ['red', 'zero-shot'],
      ['blue', 'zero-shot'],
    ])
    const filter = { categories: ['Rare'] }
    const { saved } = await world.client.editSearches({ action: 'save', name: 'Reds', text: 'red', filter })
    expect(saved).toMatchObject([{ name: 'Reds', text: 'red', filter }])
    await world.client.editSearches({ action: 'forgetRecent' })
    expect((await world.client.searches({})).recent).toEqual([])
    expect((await world.client.editSearches({ action: 'remove', id: saved[0]!.id })).saved).toEqual([])
  })

  test('exports moments as CSV and EDL, and cuts clips once', async () => {
    await fill(world)
    const video = await idOf(world, 'v1')
    const moments = [{ video, start: 1, end: 2.5, text: '=green, "thing"', score: 3 }]
    const csv = await world.client.exportMoments({ format: 'csv', title: 'Green / things', moments })
    expect(csv.fileName).toBe('Green-things.csv')
    expect(csv.text.split('\r\n')[1]).toBe(
      `${join(world.dir, videoFile(1))},1,2.5,"'=green, ""thing""",3,,SKU-1,Things`,
    )
    const path = join(world.dir, 'list.edl')
    const edl = await world.client.exportMoments({ format: 'edl', title: 'Green', moments, path })
    expect(readFileSync(path, 'utf8')).toBe(edl.text)
    expect(edl.text).toContain('001  V1       V     C        00:00:01:00 00:00:02:13 00:00:00:00 00:00:01:13')
    const clips = await world.client.cutClips({ moments: [{ video, start: 1, end: 2.5 }] })
    expect(clips.clips).toHaveLength(1)
    expect(readFileSync(clips.clips[0]!.path, 'utf8')).toBe('1-2.5')
    expect(world.services.mediaFiles.clip(clips.clips[0]!.id)).toBe(clips.clips[0]!.path)
    expect(world.services.mediaFiles.clip('../../etc')).toBeNull()
    expect(await world.client.clearStorage({ part: 'clips' })).toEqual({ freedBytes: 5 })
  })
})
