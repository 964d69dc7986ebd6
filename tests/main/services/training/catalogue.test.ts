/** From descriptions and exemplars to a trained version and back, with the real storage. */
import { join } from 'node:path'
import { mkdirSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createClient, createLocalTransport, type ProcedureEvent } from '../../../../main/contract/index.ts'
import { createServices } from '../../../../main/services.ts'
import { colours, createWorld, fakeTrainer, type World } from '../colour-world.ts'

let world: World
beforeEach(() => {
  world = createWorld()
})
afterEach(() => world.close())

/** Ten videos of two shots, described by their first colour; one exemplar each. */
async function fill(target: World): Promise<void> {
  const descriptions = ['file,sku,title,description,category']
  const exemplars = ['file,start,end,description,grade']
  for (let i = 0; i < 10; i++) {
    const first = colours[i % 5]!
    const second = colours[(i + 1) % 5]!
    target.file(`shop/videos/v${i}.mp4`, `${first} 0-2, ${second} 2-${4 + i}`)
    descriptions.push(`videos/v${i}.mp4,SKU${i},,a ${first} thing number ${i},Things`)
    exemplars.push(`videos/v${i}.mp4,0,2,something ${first},exact`)
  }
  await target.client.import({ paths: [join(target.dir, 'shop')] })
  await target.client.describe({ file: target.file('shop/catalogue.csv', descriptions.join('\n')) })
  await target.client.label({ file: target.file('shop/exemplars.csv', exemplars.join('\n')) })
}

test('descriptions find their videos by path, end of path or name, and say which row could not be used', async () => {
  world.file('a/shoe.mp4', 'red 0-2')
  world.file('b/shoe.mp4', 'blue 0-2')
  world.file('b/hat.mp4', 'green 0-2')
  await world.client.import({ paths: [world.dir] })
  const table = [
    'file,sku,title,description,category',
    'a/shoe.mp4,S1,Red shoe,a red shoe,Shoes',
    'b\\shoe.mp4,S2,,a blue shoe,Shoes',
    'hat.mp4,S3,Green hat,,Hats',
    'shoe.mp4,S4,,which one,Shoes',
    'gone.mp4,S5,,nobody,Shoes',
    'hat.mp4,S6,,,Hats',
  ]
  const result = await world.client.describe({ file: world.file('lists/t.csv', table.join('\r\n')) })
  expect(result).toMatchObject({ rows: 6, described: 3, videos: 3, withoutDescription: 0 })
  expect(result.problems.map(({ row, reason }) => [row, reason])).toEqual([
    [5, 'ambiguousFile'],
    [6, 'unknownFile'],
    [7, 'emptyText'],
  ])
})

test('a clip that ends past the video is shortened, one that begins there is refused', async () => {
  world.file('a.mp4', 'red 0-2, blue 2-4')
  await world.client.import({ paths: [world.dir] })
  const table = [
    'file,start,end,description,grade',
    'a.mp4,2,9,a blue thing,exact',
    'a.mp4,5,9,nothing,exact',
    'a.mp4,3,1,backwards,exact',
    'a.mp4,0,2,a red thing,superb',
    'a.mp4,0,2,,exact',
    'a.mp4,0,2,a red thing,',
  ]
  const file = world.file('e.csv', table.join('\n'))
  const result = await world.client.label({ file })
  expect(result).toMatchObject({ rows: 6, exemplars: 2, shortened: 1 })
  expect(result.problems.map(({ row, reason }) => [row, reason])).toEqual([
    [3, 'outsideVideo'],
    [4, 'badTime'],
    [5, 'badGrade'],
    [6, 'emptyText'],
  ])
  await world.client.label({ file })
  expect((await world.client.counts({})).exemplars).toBe(2)
})

test('a table that is no UTF-8 or is missing is refused in a sentence', async () => {
  world.file('a.mp4', 'red 0-2')
  await world.client.import({ paths: [world.dir] })
  await expect(world.client.describe({ file: join(world.dir, 'none.csv') })).rejects.toMatchObject({
    code: 'input.missing',
  })
  const latin = world.file('l.csv', '')
  writeFileSync(latin, Buffer.from('file,description\na.mp4,caf\xe9\n', 'latin1'))
  await expect(world.client.describe({ file: latin })).rejects.toThrow('is not UTF-8 text')
})

test('search finds the moment of the asked colour', async () => {
  await fill(world)
  const { moments, segmentsSearched, model } = await world.client.search({ text: 'green', k: 3 })
  expect(segmentsSearched).toBe(20)
  expect(model).toBe('zero-shot')
  expect(moments).toHaveLength(3)
  const wanted = new Set(['v0.mp4 2', 'v1.mp4 0', 'v5.mp4 2', 'v6.mp4 0'])
  for (const { file, start } of moments) expect(wanted).toContain(`${file.split('/').at(-1)} ${start}`)
})

test('evaluation judges by time, leaves uncertain shots out and reports rare concepts apart', async () => {
  await fill(world)
  const queries = [
    {
      query: 'red',
      relevant: [
        { file: 'videos/v0.mp4', start: 0, end: 2 },
        { file: 'videos/v5.mp4', start: 0.5, end: 2 },
      ],
      uncertain: [
        { file: 'videos/v4.mp4', start: 2, end: 8 },
        { file: 'videos/v9.mp4', start: 2, end: 13 },
      ],
    },
    { query: 'blue', relevant: [{ file: 'videos/gone.mp4', start: 0, end: 1 }] },
  ]
  const file = world.file('shop/queries.jsonl', queries.map((query) => JSON.stringify(query)).join('\n'))
  const result = await world.client.evaluate({ queries: file, model: 'zero-shot' })
  expect(result.overall.queries).toBe(1)
  expect(result.overall['P@10'].value).toBe(1)
  expect(result.overall['MAP'].value).toBe(1)
  expect(result.byFrequency.popular).toBeNull()
  expect(result.byFrequency.rare?.queries).toBe(1)
  expect(result.problems).toEqual([
    'videos/gone.mp4 is not in the library. Import it first.',
    '1 of 2 queries have no right answer in this library and were left out.',
  ])
})

test('a query file with a wrong line is refused with the line', async () => {
  await fill(world)
  const file = world.file('q.jsonl', '{"query": "red", "relevant": []}\n{"query": "", "relevant": []}\n')
  await expect(world.client.evaluate({ queries: file })).rejects.toThrow(/q\.jsonl, line 2: query/)
})

test('a version that does not win on the held-out exemplars is kept but not promoted', async () => {
  await fill(world)
  const result = await world.client.train({ objective: 'infonce' })
  expect(result).toMatchObject({ model: 'infonce-1', promoted: false, pairs: 20, epochs: 3, resumedAtEpoch: null })
  expect(result.metaPairs + result.heldOutPairs).toBe(10)
  expect(result.heldOutAfter).toBe(result.heldOutBefore)
  const { models } = await world.client.models({})
  expect(models.map(({ id, active }) => [id, active])).toEqual([
    ['infonce-1', false],
    ['zero-shot', true],
  ])
})

test('a version is promoted by hand and rolled back', async () => {
  await fill(world)
  await world.client.train({})
  await world.client.train({ seed: 1 })
  expect(await world.client.promote({ model: 'mama-1' })).toEqual({ active: 'mama-1', previous: 'zero-shot' })
  expect(await world.client.promote({ model: 'mama-2' })).toEqual({ active: 'mama-2', previous: 'mama-1' })
  expect((await world.client.search({ text: 'red' })).model).toBe('mama-2')
  expect(await world.client.rollback({})).toEqual({ active: 'mama-1', previous: 'mama-2' })
  expect(await world.client.rollback({})).toEqual({ active: 'zero-shot', previous: 'mama-1' })
  await expect(world.client.rollback({})).rejects.toMatchObject({ code: 'model.missing' })
  await expect(world.client.promote({ model: 'mama-9' })).rejects.toMatchObject({ code: 'model.missing' })
})

test('a stopped run goes on from its checkpoint', async () => {
  const stop = new AbortController()
  await world.close()
  world = createWorld({ trainer: fakeTrainer({ onEpoch: (epoch) => void (epoch === 2 && stop.abort()) }) })
  await fill(world)
  const epochs: number[] = []
  const onEvent = (event: ProcedureEvent): void => void (event.kind === 'epoch' && epochs.push(event.epoch))
  await expect(world.client.train({}, { onEvent, signal: stop.signal })).rejects.toMatchObject({ name: 'AbortError' })
  expect((await world.client.models({})).models).toHaveLength(1)
  const result = await world.client.train({}, { onEvent })
  expect(result).toMatchObject({ resumedAtEpoch: 2, model: 'mama-1' })
  expect(epochs).toEqual([1, 2, 3])
  expect((await world.client.train({}, { onEvent })).resumedAtEpoch).toBeNull() // that one was finished
})

test('a stopped run is not taken up for other data or another seed', async () => {
  const stop = new AbortController()
  await world.close()
  world = createWorld({ trainer: fakeTrainer({ onEpoch: (epoch) => void (epoch === 2 && stop.abort()) }) })
  await fill(world)
  await expect(world.client.train({}, { signal: stop.signal })).rejects.toThrow()
  expect((await world.client.train({ seed: 5 })).resumedAtEpoch).toBeNull()
  await world.client.label({
    file: world.file('shop/more.csv', 'file,start,end,description,grade\nvideos/v1.mp4,2,5,more,exact'),
  })
  expect((await world.client.train({})).resumedAtEpoch).toBeNull()
})

test('the audit lists every pair with its verdict, the suspects first', async () => {
  await fill(world)
  const { run } = await world.client.train({})
  const audit = await world.client.audit({})
  expect(audit).toMatchObject({ run, objective: 'mama', epoch: 3 })
  expect(audit.pairs).toHaveLength(20)
  expect(audit.pairs[0]).toMatchObject({ verdict: 'suspect', lossPercentile: 100, weightPercentile: 0 })
  expect((await world.client.audit({ run: 'mama-1' })).run).toBe(run)
  await expect(world.client.audit({ run: 'nothing' })).rejects.toMatchObject({ code: 'model.missing' })
})

test('training without enough pairs or exemplars says what to do', async () => {
  world.file('a.mp4', 'red 0-2')
  await world.client.import({ paths: [world.dir] })
  await expect(world.client.train({})).rejects.toThrow('mama describe')
})

test('a backup restores what was there', async () => {
  await fill(world)
  const before = await world.client.counts({})
  const { file } = await world.client.backup({ file: join(world.dir, 'backup.db') })
  world.file('more/extra.mp4', 'white 0-9')
  await world.client.import({ paths: [join(world.dir, 'more')] })
  const restored = await world.client.restore({ file })
  expect(restored.counts).toEqual(before)
  expect(restored.keptAs).not.toBeNull()
})

test('the doctor finds a sound library sound, and a missing one no failure', async () => {
  expect(await world.client.doctor({})).toMatchObject({ ok: true, counts: null })
  await fill(world)
  const report = await world.client.doctor({})
  expect(report.ok).toBe(true)
  expect(report.checks.find(({ name }) => name === 'counts')?.detail).toBe(
    '10 eligible = 10 indexed + 0 failed + 0 pending',
  )
})

test('commands that need a library say how to make one', async () => {
  await expect(world.client.search({ text: 'red' })).rejects.toThrow('mama import')
})

describe('files and folders of all kinds', () => {
  const packets = (): Buffer => {
    const bytes = Buffer.alloc(188 * 6)
    for (let at = 0; at < bytes.length; at += 188) bytes[at] = 0x47
    return bytes
  }

  test('a recording called .ts is looked at, a source text of that name is not', async () => {
    world.file('code.ts', 'export const answer = 42\n'.repeat(60))
    writeFileSync(world.file('recording.ts', ''), packets())
    const { failed, skipped } = await world.client.import({ paths: [world.dir] })
    expect(failed.map(({ file }) => file)).toEqual([join(world.dir, 'recording.ts')]) // the colours cannot read it
    expect(skipped).toBe(1)
  })

  test('a name that is not UTF-8 is one failed entry, and the rest goes on', async () => {
    world.file('a.mp4', 'red 0-2')
    mkdirSync(Buffer.concat([Buffer.from(`${world.dir}/b`), Buffer.from([0xe9])]))
    const { failed, imported } = await world.client.import({ paths: [world.dir] })
    expect(imported).toBe(1)
    expect(failed).toMatchObject([{ reason: 'unreadableFile' }])
    expect(failed[0]!.message).toContain('not UTF-8')
  })

  test('two large files that differ between what is sampled are two, and a copy is one', async () => {
    const film = (name: string, mark: string): void => {
      const bytes = Buffer.alloc(6 * 1024 * 1024, ' ')
      bytes.write('red 0-2')
      bytes.write(mark, 1.5 * 1024 * 1024)
      writeFileSync(world.file(name, ''), bytes)
    }
    film('one.mp4', ' ')
    film('two.mp4', '\t')
    film('copy.mp4', ' ')
    expect((await world.client.import({ paths: [world.dir] })).counts).toMatchObject({ eligible: 2, failed: 0 })
    expect((await world.client.import({ paths: [world.dir] })).counts).toMatchObject({ eligible: 2, failed: 0 })
  })
})

test('the first search of a library that another process writes to needs nothing written', async () => {
  await fill(world)
  // The first one goes on to hold the writer's lock.
  const beside = createServices(world.parts)
  const { moments } = await createClient(createLocalTransport(beside.handlers)).search({ text: 'green', k: 1 })
  expect(moments).toHaveLength(1)
  await beside.close()
})
