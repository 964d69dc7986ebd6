/** Versions that trained blocks of their encoder of texts: what is read for them, what they read texts with, and how they come and go. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { AppError } from '../../../../../main/contract/index.ts'
import type { SplitModel } from '../../../../../main/graph/index.ts'
import type { CutEncoder, CutTexts } from '../../../../../main/services/shared/ports.ts'
import type { Trainer, TrainingRequest } from '../../../../../main/services/training/ports.ts'
import type { Library } from '../../../../../main/storage/index.ts'
import { colourBundles, colourEncoder, colours, createWorld, fakeTrainer, type World } from '../../colour-world.ts'
import { fill } from '../../shop.ts'

/** The trained texts mean by each colour the next one, so that it shows who read a text. */
const shifted = (text: string): string =>
  text.replace(new RegExp(colours.join('|'), 'g'), (colour) => colours[(colours.indexOf(colour as 'red') + 1) % 5]!)

/** Pictures that were encoded below a cut, and through trained blocks; texts that the encoder itself has read. */
let seen: { below: number; through: number }
let log: { batches: number[]; texts: number }
let opened: string[][]
let requests: TrainingRequest[]
let held: number[]
let world: World

beforeEach(async () => {
  seen = { below: 0, through: 0 }
  log = { batches: [], texts: 0 }
  ;[opened, requests, held] = [[], [], []]
  const encoder = colourEncoder(log)
  const plain = colourEncoder()
  const sideInputs: SplitModel['sideInputs'] = { ids: { dtype: 'int64', shape: [2] } }
  const cut: CutEncoder = {
    ...{ id: 'colours@1 below a', dim: 5, imageSize: 2, imageFit: null, dispose: async () => {} },
    ...{ model: { sideInputs: {} } as SplitModel, bytes: Uint8Array.of(7) },
    encodeImages(rgb, count) {
      seen.below += count
      return plain.encodeImages(rgb, count)
    },
  }
  const cutTexts: CutTexts = {
    ...{ dim: 5, bytes: Uint8Array.of(8), dispose: async () => {} },
    model: { sideInputs } as SplitModel,
    encodeTexts: async (texts) => ({
      activations: await plain.encodeTexts([...texts]),
      side: { ids: Float32Array.from(texts.flatMap((text) => [text.length, 1])) },
    }),
  }
  const bundles: ReturnType<typeof colourBundles> = {
    ...colourBundles({ colours: encoder, other: { ...encoder, id: 'others@1' } }),
    cut: async () => cut,
    async cutTexts(_, blocks) {
      if (blocks > 2) throw new AppError('usage', 'It has 2 blocks of texts that can be trained.')
      return cutTexts
    },
    async openWith(_, graphs) {
      opened.push(Object.keys(graphs))
      return {
        encodeImages(rgb, count) {
          seen.through += count
          return plain.encodeImages(rgb, count)
        },
        encodeTexts: (texts) => plain.encodeTexts(texts.map(shifted)),
        dispose: async () => {},
      }
    },
  }
  const [good, bad] = [fakeTrainer(), fakeTrainer({ better: false })]
  const trainer: Trainer = {
    ...good,
    checkMemory(run) {
      held.push(run.heldBytes)
      return good.checkMemory(run)
    },
    train(request) {
      requests.push(request)
      return (request.upper ? good : bad).train(request)
    },
  }
  world = createWorld({ bundles, trainer })
  await fill(world)
  await world.client.train({ objective: 'infonce' })
  await world.client.promote({ model: 'infonce-1' })
})
afterEach(() => world.close())

const texts = { texts: 1 }
const train = (blocks: object = texts, options = {}) =>
  world.client.train({ objective: 'infonce', blocks: { ...blocks } }, options)
const versions = async () => (await world.client.models({})).models
/** Looks into the library beside the engine. */
function look<T>(at: (library: Library) => T): T {
  const library = world.parts.openLibrary({ readOnly: true, create: false })
  try {
    return at(library)
  } finally {
    library.close()
  }
}
/** How many texts of exemplars are kept as an encoder read them. */
const textsKept = (encoderId: string): number =>
  look(
    ({ features }) =>
      5 -
      features.loadTexts(
        encoderId,
        colours.map((colour) => `something ${colour}`),
      ).missing.length,
  )
const ownId = (): string =>
  look(({ models }) => `colours@1+${models.all().find(({ name }) => name === 'infonce-2')!.id}`)

test('a run with blocks of texts alone reads no video, and its version is in use at once', async () => {
  const pictures = log.batches.length
  const notes: string[] = []
  const onEvent = (event: { kind: string; message?: string }): void => void notes.push(event.message ?? '')
  expect(await train(texts, { onEvent })).toMatchObject({ model: 'infonce-2', promoted: true, pairs: 20 })
  expect(seen).toEqual({ below: 0, through: 0 })
  expect(log.batches).toHaveLength(pictures)
  expect(notes.join('\n')).toContain('Keeping what 15 texts are below the blocks in memory')
  expect((await versions())[0]).toMatchObject({
    ...{ id: 'infonce-2', active: true, blocks: { count: 0, texts: 1, rank: null, unreadShots: 0 } },
  })
  expect(existsSync(join(world.parts.libraryDir, 'activations'))).toBe(false)
  expect(await world.client.search({ text: 'white' })).toMatchObject({ model: 'infonce-2', segmentsSearched: 20 })
})

test('it learns from features of frames, and from texts below the blocks with what the blocks read too', async () => {
  await train()
  const { pairs, metaSet, heldOut, plain, upper } = requests.at(-1)!
  expect(Object.keys(upper!).filter((half) => upper![half as 'text'] !== undefined)).toEqual(['text'])
  expect([pairs.framesOf, pairs.texts.length]).toEqual([undefined, 0])
  expect(pairs.frames.length).toBe(20 * 8 * 5)
  const rows = pairs.textsOf!([3, 0, 3])
  expect(rows.texts.length).toBe(3 * 5)
  expect(rows.textSide!['ids']!.slice(0, 2)).toEqual(rows.textSide!['ids']!.slice(4, 6))
  expect(rows.texts.slice(0, 5)).toEqual(plain!.pairs.texts.slice(15, 20))
  for (const part of [metaSet, heldOut]) expect(part.textSide!['ids']!.length).toBe(2 * part.ids.length)
  expect(plain!.metaSet.textSide).toBeUndefined()
  // 15 texts of 5 halves and two ids; twice the exemplars in full precision.
  expect(held).toEqual([15 * (10 + 8) + 2 * 10 * (20 + 8)])
})

test('searches, comparisons, measurements and the label queue read texts with the blocks of the version', async () => {
  await train()
  await world.client.search({ text: 'red', model: 'zero-shot' })
  const byEncoder = log.texts
  await world.client.search({ text: 'red' })
  expect([opened, log.texts]).toEqual([[['text']], byEncoder])

  const { overall } = await world.client.compare({ before: 'zero-shot', after: 'infonce-2' })
  expect(overall.MAP.difference.value).toBeLessThan(-0.1)

  const file = 'v0.mp4' // red, and then blue
  const queries = world.file('q.jsonl', JSON.stringify({ query: 'red', relevant: [{ file, start: 0, end: 2 }] }))
  const rankOf = async (model: string) => (await world.client.evaluate({ queries, model })).overall.meanRank.value
  expect(await rankOf('infonce-2')).toBeGreaterThan(await rankOf('zero-shot'))

  const { candidates } = await world.client.labelQueue({ count: 20 })
  expect(candidates.length).toBeGreaterThan(0)
  const { missing } = look(({ features }) => features.loadTexts(ownId(), ['a red thing number 0']))
  expect(missing).toEqual([])
})

test('going back and forth needs no reading, also of videos that came meanwhile', async () => {
  await train()
  expect(await world.client.rollback({})).toMatchObject({ active: 'infonce-1', previous: 'infonce-2' })
  world.file('shop/videos/new.mp4', 'black 0-2')
  await world.client.import({ paths: [join(world.dir, 'shop')] })
  expect(await world.client.promote({ model: 'infonce-2' })).toMatchObject({ active: 'infonce-2' })
  expect((await world.client.search({ text: 'black' })).segmentsSearched).toBe(21)
  world.file('shop/videos/newer.mp4', 'white 0-2')
  await world.client.import({ paths: [join(world.dir, 'shop')] })
  expect((await world.client.search({ text: 'black' })).segmentsSearched).toBe(22)
  expect(seen).toEqual({ below: 0, through: 0 })
  expect((await world.client.doctor({})).checks.find(({ name }) => name === 'features')).toMatchObject({ state: 'ok' })
})

test('discarding such a version forgets the texts that it read, and nothing of the encoder', async () => {
  await train()
  const bytes = async () => (await world.client.encoders({})).encoders[0]!.featureBytes
  const before = await bytes()
  await world.client.compare({ before: 'zero-shot', after: 'infonce-2' })
  const [own, kept] = [ownId(), textsKept('colours@1')]
  expect(textsKept(own)).toBeGreaterThan(0)
  await world.client.rollback({})
  await world.client.discardModel({ model: 'infonce-2' })
  expect([textsKept(own), textsKept('colours@1')]).toEqual([0, kept])
  expect(await bytes()).toBe(before)
  expect((await world.client.search({ text: 'red', model: 'zero-shot' })).segmentsSearched).toBe(20)
})

test('the version that is in use is judged by what its own blocks read', async () => {
  await train()
  const second = await world.client.train({ objective: 'infonce', seed: 2 })
  // The tower alone finds nothing, but it is held against a version that takes each colour for another.
  expect(second.heldOutBefore).toBeLessThan(0.9)
})

test('blocks of both halves read what each needs, and the version sees and reads with both', async () => {
  expect(await train({ count: 1, texts: 2, rank: 4 })).toMatchObject({ promoted: true })
  expect(seen).toEqual({ below: 60, through: 60 })
  expect(opened.every((graphs) => graphs.join() === 'vision,text')).toBe(true)
  expect((await versions())[0]!.blocks).toEqual({ count: 1, texts: 2, rank: 4, unreadShots: 0 })
  const { pairs } = requests.at(-1)!
  expect([typeof pairs.framesOf, pairs.textsOf!([0]).texts.length]).toEqual(['function', 5])
  expect(existsSync(join(world.parts.libraryDir, 'activations'))).toBe(false)
  await world.client.rollback({})
  world.file('shop/videos/new.mp4', 'black 0-2')
  await world.client.import({ paths: [join(world.dir, 'shop')] })
  await expect(world.client.promote({ model: 'infonce-2' })).rejects.toMatchObject({ code: 'model.unread' })
})

test('a run that is stopped goes on; the same words with other blocks are another run', async () => {
  const stop = new AbortController()
  const onEvent = (event: { kind: string }): void => void (event.kind === 'epoch' && stop.abort())
  await expect(train(texts, { signal: stop.signal, onEvent })).rejects.toThrow()
  const both = await train({ count: 1, texts: 1 })
  expect(both.resumedAtEpoch).toBeNull()
  const again = await train()
  expect(again.resumedAtEpoch).toBe(1)
  expect(again.run).not.toBe(both.run)
})

test('more blocks than the encoder has are refused before anything is read, and no run is recorded', async () => {
  await expect(train({ count: 1, texts: 3 })).rejects.toMatchObject({ code: 'usage' })
  expect(seen.below).toBe(0)
  expect((await world.client.runs({})).runs).toHaveLength(1)
})

test('no blocks at all are no request', async () => {
  await expect(train({})).rejects.toThrow('Say how many blocks of pictures or of texts are trained.')
  await expect(train({ count: 0, texts: 0 })).rejects.toThrow('Say how many blocks')
})

test('a version of an earlier app, which recorded blocks of pictures only, is read as it was', async () => {
  await train({ count: 1 })
  const config = look(({ models }) => models.all().find(({ name }) => name === 'infonce-2')!.config)
  expect(config).toMatchObject({ blocks: { blocks: 1, rank: null, rateFactor: 0.1 } })
  expect((config as { blocks: object }).blocks).not.toHaveProperty('texts')
  expect((await versions())[0]!.blocks).toEqual({ count: 1, texts: 0, rank: null, unreadShots: 0 })
  expect(opened.every((graphs) => graphs.join() === 'vision')).toBe(true)
  const byEncoder = log.texts
  await world.client.search({ text: 'red' })
  expect(log.texts).toBeGreaterThan(byEncoder)
})
