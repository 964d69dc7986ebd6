/** Import: what is found, what is refused, and that it can be stopped and repeated. */
import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { colourBundles, colourEncoder, colourReader, createWorld, type World } from '../colour-world.ts'

let world: World
afterEach(() => world.close())

test('a folder is imported, and importing it again changes nothing', async () => {
  world = createWorld()
  world.file('videos/a.mp4', 'red 0-2, blue 2-4')
  world.file('videos/deep/b', 'green 0-3') // no extension: the probe decides
  world.file('videos/catalogue.csv', 'not a video')
  world.file('videos/broken.mp4', 'no video at all')
  world.file('videos/half.mp4', 'red 0-2, broken 2-3')
  const first = await world.client.import({ paths: [join(world.dir, 'videos')] })
  expect(first).toMatchObject({ imported: 2, alreadyThere: 0, skipped: 1, segments: 3, frames: 9, videoSeconds: 7 })
  expect(first.failed.map(({ file, reason }) => [file.split('/').at(-1), reason])).toEqual([
    ['broken.mp4', 'notMedia'],
    ['half.mp4', 'decoderFailed'],
  ])
  expect(first.counts).toMatchObject({ eligible: 4, indexed: 2, failed: 2, pending: 0, segments: 3 })
  const second = await world.client.import({ paths: [join(world.dir, 'videos')] })
  expect(second).toMatchObject({ imported: 0, alreadyThere: 2, counts: first.counts })
  expect(second.failed).toHaveLength(2)
})

test('a path that does not exist is refused by name', async () => {
  world = createWorld()
  await expect(world.client.import({ paths: ['/nowhere/at/all'] })).rejects.toMatchObject({ code: 'input.missing' })
})

test('links are followed inside the named folder only', async () => {
  world = createWorld()
  world.file('outside/secret.mp4', 'red 0-1')
  world.file('videos/a.mp4', 'red 0-2')
  symlinkSync(join(world.dir, 'outside'), join(world.dir, 'videos/out'))
  symlinkSync(join(world.dir, 'videos'), join(world.dir, 'videos/loop'))
  symlinkSync(join(world.dir, 'videos/a.mp4'), join(world.dir, 'videos/again.mp4'))
  const result = await world.client.import({ paths: [join(world.dir, 'videos')] })
  expect(result).toMatchObject({ imported: 1, skipped: 1, counts: { eligible: 1 } })
})

test('batches span videos', async () => {
  const log = { batches: [] as number[], texts: 0 }
  world = createWorld({ bundles: colourBundles({ colours: colourEncoder(log) }) })
  for (let i = 0; i < 30; i++) world.file(`videos/${i}.mp4`, `red 0-${i + 1}`)
  await world.client.import({ paths: [join(world.dir, 'videos')] })
  expect(log.batches).toEqual([64, 26]) // 30 videos of 3 frames
})

test('what a reader reads together and what it leaves out are imported alike, each once', async () => {
  const plain = colourReader()
  const alone: string[] = []
  const groups: number[] = []
  world = createWorld({
    reader: {
      ...plain,
      async *together(paths, { imageSize: size, signal }) {
        groups.push(paths.length)
        for (const [index, path] of paths.entries()) {
          if (/[02468]\.mp4$/.test(path)) continue
          const info = await plain.probe(path, signal)
          if ('refusal' in info) continue
          const shots = []
          for await (const shot of plain.shots(path, info, { imageSize: size, imageFit: null, signal }))
            shots.push(shot)
          yield { index, info, shots }
        }
      },
      probe(path, signal) {
        alone.push(path.split('/').at(-1)!)
        return plain.probe(path, signal)
      },
    },
  })
  for (let i = 0; i < 30; i++) world.file(`videos/${i}.mp4`, `red 0-${i + 1}, blue ${i + 1}-50`)
  world.file('videos/bad1.mp4', 'no video at all')
  const result = await world.client.import({ paths: [join(world.dir, 'videos')] })
  expect(result).toMatchObject({ imported: 30, segments: 60, counts: { eligible: 31, indexed: 30, failed: 1 } })
  expect(result.failed.map(({ reason }) => reason)).toEqual(['notMedia'])
  const evens = Array.from({ length: 15 }, (_, i) => `${2 * i}.mp4`)
  expect(alone.sort()).toEqual([...evens, 'bad1.mp4'].sort())
  expect(groups.reduce((sum, count) => sum + count, 0)).toBe(31)
  expect(Math.max(...groups)).toBeLessThanOrEqual(8)
  expect(groups.at(-1)).toBe(1) // the loops end at about the same time
})

test('a stopped import keeps whole videos, and the next one goes on', async () => {
  const stop = new AbortController()
  const plain = colourReader()
  let read = 0
  world = createWorld({
    reader: {
      ...plain,
      probe(path, signal) {
        read += 1
        if (read === 25) stop.abort()
        return plain.probe(path, signal)
      },
    },
  })
  for (let i = 0; i < 40; i++)
    world.file(`videos/${String(i).padStart(2, '0')}.mp4`, `red 0-${i + 1}, blue ${i + 1}-50`)
  const paths = [join(world.dir, 'videos')]
  await expect(world.client.import({ paths }, { signal: stop.signal })).rejects.toThrow()
  const counts = await world.client.counts({})
  expect(counts).toMatchObject({ eligible: 40, failed: 0 })
  expect(counts.indexed + counts.pending).toBe(40)
  expect(counts.indexed).toBeLessThan(40)
  expect(counts.segments).toBe(2 * counts.indexed)
  const rest = await world.client.import({ paths })
  expect(rest).toMatchObject({
    imported: counts.pending,
    alreadyThere: counts.indexed,
    counts: { indexed: 40, pending: 0 },
  })
})

test('a text file beside a video describes it, unless it is told not to', async () => {
  world = createWorld()
  world.file('videos/a.mp4', 'red 0-2')
  world.file('videos/a.txt', '\ufeffa red shoe\n')
  const paths = [join(world.dir, 'videos')]
  expect(await world.client.import({ paths, sidecars: false })).toMatchObject({ sidecars: 0 })
  expect(await world.client.import({ paths })).toMatchObject({ sidecars: 1, counts: { descriptions: 1 } })
})

test('an encoder that fails stops the import with its error, and nothing half-written stays', async () => {
  const encoder = colourEncoder()
  world = createWorld({
    bundles: colourBundles({
      colours: { ...encoder, encodeImages: () => Promise.reject(new Error('internal: no more memory')) },
    }),
  })
  writeFileSync(join(world.dir, 'a.mp4'), 'red 0-2')
  await expect(world.client.import({ paths: [join(world.dir, 'a.mp4')] })).rejects.toThrow('no more memory')
  expect(await world.client.counts({})).toMatchObject({ indexed: 0, pending: 1, segments: 0 })
})

test('a video that is taken out while it is read does not stop the import, and stays out', async () => {
  const plain = colourReader()
  world = createWorld({
    reader: {
      ...plain,
      async probe(path, signal) {
        for (const { id, fileName } of (await world.client.listVideos({})).videos) {
          if (fileName === 'b.mp4' || fileName === 'broken.mp4') await world.client.removeVideos({ videos: [id] })
        }
        return plain.probe(path, signal)
      },
    },
  })
  for (const name of ['a', 'b', 'c'])
    world.file(`videos/${name}.mp4`, `red 0-2, ${name === 'b' ? 'blue' : 'green'} 2-${name === 'a' ? 4 : 5}`)
  world.file('videos/broken.mp4', 'no video at all')
  const result = await world.client.import({ paths: [join(world.dir, 'videos')] })
  expect(result).toMatchObject({ imported: 2, failed: [], counts: { eligible: 2, indexed: 2, failed: 0, pending: 0 } })
})
