/** What a window does with the library: lists, imports as jobs, tables, labels, training, audit. Over the real storage. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createClient, createLocalTransport, type Job, type ProcedureEvent } from '../../../main/contract/index.ts'
import { createServices } from '../../../main/services/handlers.ts'
import type { Trainer } from '../../../main/services/ports.ts'
import { colourReader, colours, createWorld, fakeTrainer, plainIndex, type World } from './colour-world.ts'

let world: World
beforeEach(() => {
  world = createWorld()
})
afterEach(() => world.close())

const videoFile = (i: number): string => `shop/videos/v${i}.mp4`

/** Ten videos of two shots with a description; `exemplars` of them have an exemplar. */
async function fill({ exemplars = 10 } = {}): Promise<void> {
  const descriptions = ['file,sku,title,description,category']
  const labels = ['file,start,end,description,grade']
  for (let i = 0; i < 10; i++) {
    const [first, second] = [colours[i % 5]!, colours[(i + 1) % 5]!]
    world.file(videoFile(i), `${first} 0-2, ${second} 2-${4 + i}`)
    descriptions.push(`videos/v${i}.mp4,SKU-${i},,a ${first} thing number ${i},${i < 6 ? 'Things' : 'Rare'}`)
    if (i < exemplars) labels.push(`videos/v${i}.mp4,0,2,something ${first},exact`)
  }
  await world.client.import({ paths: [join(world.dir, 'shop')] })
  await world.client.describe({ file: world.file('shop/catalogue.csv', descriptions.join('\n')) })
  await world.client.label({ file: world.file('shop/exemplars.csv', labels.join('\n')) })
}

async function idOf(name: string): Promise<string> {
  const { videos } = await world.client.listVideos({ text: name })
  return videos[0]!.id
}

async function finished(job: Job): Promise<Job> {
  await expect
    .poll(async () => (await world.client.jobs({})).jobs.find(({ id }) => id === job.id)?.state, { timeout: 10_000 })
    .toMatch(/succeeded|failed|cancelled/)
  return (await world.client.jobs({})).jobs.find(({ id }) => id === job.id)!
}

describe('the library', () => {
  test('begins without one: the overview is empty', async () => {
    const overview = await world.client.overview({})
    expect(overview).toMatchObject({ activeModel: 'zero-shot', jobs: [], categories: [], readOnly: false })
    expect(overview.counts.eligible).toBe(0)
  })

  test('is listed in pages with filters, and a video has its shots and texts', async () => {
    await fill({ exemplars: 1 })
    const page = await world.client.listVideos({ filter: { categories: ['Rare'] }, limit: 2, offset: 1 })
    expect(page.total).toBe(4)
    expect(page.videos.map(({ fileName }) => fileName)).toEqual(['v7.mp4', 'v8.mp4'])
    const detail = await world.client.video({ video: await idOf('v0') })
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
    await fill()
    const video = await idOf('v3')
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
    await finished((await world.client.startImport({ paths: [world.dir] })).job)
    const failed = (await world.client.listVideos({ filter: { statuses: ['failed'] } })).videos[0]!
    expect(failed.failure).toMatchObject({ reason: 'notMedia' })
    writeFileSync(path, 'red 0-2')
    const { retried, job } = await world.client.retryVideos({ videos: [failed.id] })
    expect(retried).toBe(1)
    await finished(job)
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
    const done = await finished(job)
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
    await finished(job)
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
    expect((await finished(job)).state).toBe('succeeded')
  })

  test('brings the sample catalogue with its texts and exemplars', async () => {
    world.file('sample/videos/a.mp4', 'red 0-2')
    world.file('sample/catalogue.csv', 'file,sku,title,description,category\nvideos/a.mp4,S1,Red,a red thing,Things')
    world.file('sample/exemplars.csv', 'file,start,end,description,grade\nvideos/a.mp4,0,2,a red thing,exact')
    const { job } = await world.client.importSample({})
    expect(await finished(job)).toMatchObject({
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
    await fill()
    const preview = await world.client.previewTable({ source: { name: 'my.csv', text } })
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
    expect((await world.client.video({ video: await idOf('v0') })).title).toBeNull()
  })

  test('is imported with the mapping that the user chose', async () => {
    await fill()
    const mapping = { file: 'Clip', description: 'Product name' }
    const path = world.file('shop/my.csv', text)
    expect(await world.client.importTable({ source: { path }, mapping })).toMatchObject({ usable: 1, videos: 1 })
    const video = await world.client.video({ video: await idOf('v0') })
    expect(video).toMatchObject({ title: null, description: 'Zero', category: 'Things' })
    await expect(world.client.importTable({ source: { path }, mapping: { file: 'Nope' } })).rejects.toMatchObject({
      code: 'usage',
    })
  })

  test('without a column for files asks for one instead of guessing', async () => {
    const preview = await world.client.previewTable({ source: { name: 'a.csv', text: 'a,b\n1,2\n' } })
    expect(preview).toMatchObject({ rows: 1, usable: 0, mapping: { file: '' } })
  })
})

describe('search', () => {
  test('gives what a result shows, divides weak from strong, and is honest about nothing', async () => {
    await fill()
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

  test('highlights the words that were found', async () => {
    await fill()
    const { moments } = await world.client.search({ text: 'thing number 7', k: 5 })
    const found = moments.find(({ fileName }) => fileName === 'v7.mp4')!
    expect(found.foundBy).toContain('words')
    const { text, ranges } = found.highlights.find(({ field }) => field === 'description')!
    expect(ranges.map(([start, end]) => text.slice(start, end))).toEqual(['thing', 'number', '7'])
  })

  test('keeps to a filter', async () => {
    await fill()
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
    await fill()
    const found = async (): Promise<string[]> =>
      (await world.client.search({ text: 'white', k: 50 })).moments.map(({ fileName }) => fileName)
    const before = await found()
    world.file('shop/videos/new.mp4', 'white 0-3')
    await world.client.import({ paths: [join(world.dir, 'shop')] })
    expect(await found()).toEqual(expect.arrayContaining([...before, 'new.mp4']))
    await world.client.removeVideos({ videos: [await idOf('new.mp4')] })
    expect((await found()).sort()).toEqual([...before].sort())
    expect(opened).toBe(1)
  })

  test('finds more like a moment and like a picture', async () => {
    await fill()
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
    await fill()
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
    await fill()
    const video = await idOf('v1')
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

describe('labelling', () => {
  test('proposes clips with reasons, and says how balanced and how many', async () => {
    await fill({ exemplars: 3 })
    const { candidates, stand, balance, remaining } = await world.client.labelQueue({ count: 10 })
    expect(candidates).toHaveLength(10)
    expect(new Set(candidates.map(({ reason }) => reason.kind))).toEqual(
      new Set(['rareConcept', 'disagreement', 'randomCheck']),
    )
    expect(remaining).toBe(17)
    expect(stand).toMatchObject({ exact: 3, usable: 3, needed: 8, recommended: 40, state: 'tooFew' })
    expect(balance.concepts).toEqual([
      { concept: 'Rare', clips: 8, exemplars: 0, missing: 4 },
      { concept: 'Things', clips: 12, exemplars: 3, missing: 1 },
    ])
    const without = candidates.map(({ segment }) => segment)
    const next = await world.client.labelQueue({ count: 10, without })
    expect(next.candidates.some(({ segment }) => without.includes(segment))).toBe(false)
  })

  test('a decision is saved, undone and redone with text and range', async () => {
    await fill({ exemplars: 0 })
    const candidate = (await world.client.labelQueue({ count: 1 })).candidates[0]!
    const { video, segment, start, end, text } = candidate
    const decided = await world.client.edit({ action: 'label', video, start, end, text, grade: 'partial' })
    expect(decided).toMatchObject({ kind: 'label', segment, canUndo: true, canRedo: false })
    expect(decided.exemplar).toMatchObject({ grade: 'partial', concept: candidate.concept })
    const exemplar = decided.exemplar!.id
    const changed = await world.client.edit({
      ...{ action: 'label', video, exemplar, text: 'better words', grade: 'exact' },
      ...{ start: start + 0.25, end: 99, concept: 'New kind' },
    })
    expect(changed.exemplar).toMatchObject({ id: exemplar, text: 'better words', concept: 'New kind' })
    expect(changed.exemplar!.end).toBe((await world.client.video({ video })).durationSeconds)
    expect((await world.client.counts({})).exemplars).toBe(1)
    const undone = await world.client.history({ step: 'undo', count: 2 })
    expect(undone).toMatchObject({ exemplar: null, canUndo: false, canRedo: true, video })
    expect((await world.client.counts({})).exemplars).toBe(0)
    expect((await world.client.history({ step: 'redo', count: 9 })).exemplar).toMatchObject({ text: 'better words' })
    expect(await world.client.history({ step: 'redo' })).toMatchObject({ edit: null, canRedo: false })
    expect((await world.client.labels({})).labels).toMatchObject([{ id: exemplar, text: 'better words' }])
  })

  test('a skipped clip is not proposed again until the skip is undone', async () => {
    await fill({ exemplars: 0 })
    const { segment } = (await world.client.labelQueue({ count: 1 })).candidates[0]!
    await world.client.edit({ action: 'skip', segment })
    const all = await world.client.labelQueue({ count: 100 })
    expect([all.skipped, all.candidates.some((candidate) => candidate.segment === segment)]).toEqual([1, false])
    await world.client.history({ step: 'undo' })
    expect((await world.client.labelQueue({ count: 100 })).candidates.map((c) => c.segment)).toContain(segment)
  })

  test('a wrong range or a video that is gone is refused in a sentence', async () => {
    await fill()
    const label = { action: 'label', text: 'x', grade: 'exact' } as const
    const video = await idOf('v0')
    await expect(world.client.edit({ ...label, video, start: 3, end: 2 })).rejects.toMatchObject({ code: 'usage' })
    await expect(world.client.edit({ ...label, video: 'gone', start: 0, end: 2 })).rejects.toMatchObject({
      code: 'input.missing',
    })
    await expect(world.client.edit({ action: 'unlabel', exemplar: 'gone' })).rejects.toMatchObject({
      code: 'input.missing',
    })
    await expect(world.client.edit({ action: 'describe', video, from: 'never said', to: 'x' })).rejects.toMatchObject({
      code: 'input.missing',
    })
  })
})

describe('training and audit', () => {
  test('preflight says what is missing, and what a run would use', async () => {
    const empty = await world.client.preflight({})
    expect(empty).toMatchObject({ isReady: false, problems: [{ code: 'training.notEnough' }] })
    await expect(world.client.startTraining({})).rejects.toMatchObject({ code: 'training.notEnough' })
    await fill()
    const plan = await world.client.preflight({ epochs: 3 })
    expect(plan).toMatchObject({ isReady: true, pairs: 20, exemplars: 10, epochs: 3, estimatedFrom: 'typical' })
    expect(plan.metaSet + plan.heldOut).toBe(10)
    await world.client.train({})
    expect((await world.client.preflight({})).estimatedFrom).toBe('earlierRuns')
  })

  test('a run as a job tells its epochs and is recorded with its curves', async () => {
    await fill()
    const events: ProcedureEvent[] = []
    const stop = new AbortController()
    const watching = world.client.watch({}, { signal: stop.signal, onEvent: (event) => events.push(event) })
    const job = await finished((await world.client.startTraining({ objective: 'reweight' })).job)
    expect(job).toMatchObject({ kind: 'train', state: 'succeeded', result: { model: 'reweight-1' } })
    const { runs } = await world.client.runs({})
    expect(runs).toMatchObject([{ id: job.run, state: 'finished', epochsDone: 3, pairs: 20, model: 'reweight-1' }])
    const epochs = events.flatMap((event) => (event.kind === 'epoch' ? [[event.epoch, event.run]] : []))
    expect(epochs).toEqual([1, 2, 3].map((epoch) => [epoch, job.run]))
    const detail = await world.client.run({ run: job.run! })
    expect(detail.records.map(({ epoch, loss }) => [epoch, loss])).toEqual([
      [1, 1],
      [2, 1 / 2],
      [3, 1 / 3],
    ])
    const curve = detail.weightCurves.at(-1)!
    expect(curve.epoch).toBe(3)
    expect(curve.points.reduce((sum, { pairs }) => sum + pairs, 0)).toBe(20)
    expect(curve.points[0]!.weight).toBeGreaterThan(curve.points.at(-1)!.weight)
    stop.abort()
    await watching.catch(() => {})
  })

  /** A trainer that waits after its second epoch until it is stopped; from a checkpoint it goes through. */
  function waitingTrainer(): Trainer {
    const trainer = fakeTrainer()
    return {
      ...trainer,
      async train(request) {
        if (request.checkpoint !== undefined) return trainer.train(request)
        const zeros = new Float32Array(request.pairs.ids.length)
        for (const epoch of [1, 2]) {
          request.onEpoch({ epoch, epochs: 3, meanLoss: 1, heldOutScore: null, loss: zeros, weight: zeros })
          request.onCheckpoint(Uint8Array.of(epoch), epoch)
        }
        return new Promise((_, reject) => {
          request.signal.addEventListener('abort', () => reject(request.signal.reason as Error))
        })
      },
    }
  }

  async function startAndPause(): Promise<Job> {
    await world.close()
    world = createWorld({ trainer: waitingTrainer() })
    await fill()
    const { job } = await world.client.startTraining({})
    await expect.poll(async () => (await world.client.runs({})).runs[0]?.epochsDone).toBe(2)
    expect((await world.client.runs({})).runs[0]).toMatchObject({ state: 'running', isResumable: false })
    await world.client.controlJob({ job: job.id, action: 'pause' })
    await expect.poll(async () => (await world.client.runs({})).runs[0]?.isResumable).toBe(true)
    return job
  }

  test('a paused run goes on from its checkpoint', async () => {
    const job = await startAndPause()
    expect((await world.client.preflight({})).resumes).toMatchObject({ epoch: 2 })
    await world.client.controlJob({ job: job.id, action: 'resume' })
    expect((await finished(job)).result).toMatchObject({ resumedAtEpoch: 2, model: 'mama-1' })
    expect((await world.client.runs({})).runs).toMatchObject([{ state: 'finished', epochsDone: 3 }])
  })

  test('a cancelled run is over', async () => {
    const job = await startAndPause()
    await world.client.controlJob({ job: job.id, action: 'cancel' })
    expect((await world.client.runs({})).runs).toMatchObject([{ state: 'cancelled', isResumable: false }])
    expect((await world.client.preflight({})).resumes).toBeNull()
  })

  test('a run whose process ended goes on when the library is opened again', async () => {
    await world.close()
    world = createWorld({ trainer: waitingTrainer() })
    await fill()
    await world.client.startTraining({})
    await expect.poll(async () => (await world.client.runs({})).runs[0]?.epochsDone).toBe(2)
    await world.services.close()
    const again = createServices(world.parts)
    try {
      const client = createClient(createLocalTransport(again.handlers))
      await client.overview({})
      await expect.poll(async () => (await client.runs({})).runs[0]?.state, { timeout: 10_000 }).toBe('finished')
      expect((await client.models({})).models.map(({ id }) => id)).toEqual(['mama-1', 'zero-shot'])
    } finally {
      await again.close()
    }
  })

  test('two versions are compared on the held-out exemplars, and one is discarded', async () => {
    await fill()
    await world.client.train({})
    const compared = await world.client.compare({ before: 'zero-shot', after: 'mama-1' })
    expect(compared).toMatchObject({ before: 'zero-shot', after: 'mama-1', segments: 20, moved: [] })
    const { MAP } = compared.overall
    expect(MAP.difference.value).toBe(0)
    expect(MAP.isClear).toBe(false)
    const { models } = await world.client.discardModel({ model: 'mama-1' })
    expect(models.find(({ id }) => id === 'mama-1')?.state).toBe('discarded')
    await world.client.train({ seed: 1 })
    await world.client.promote({ model: 'mama-2' })
    await expect(world.client.discardModel({ model: 'mama-2' })).rejects.toMatchObject({ code: 'usage' })
    await expect(world.client.discardModel({ model: 'zero-shot' })).rejects.toMatchObject({ code: 'usage' })
  })

  test('the audit has a scatter, pages and trajectories, and what was fixed changes a retrain', async () => {
    await fill()
    const { run } = await world.client.train({})
    const overview = await world.client.auditOverview({})
    expect(overview).toMatchObject({ run, pairs: 20, epoch: 3, hasWeights: true })
    expect(overview.points).toHaveLength(20)
    expect(Object.values(overview.counts).reduce((sum, count) => sum + count, 0)).toBe(20)
    const { pairs, total } = await world.client.auditPairs({ verdict: 'suspect', limit: 20 })
    expect(total).toBe(overview.counts.suspect)
    const first = pairs[0]
    const second = pairs.find((pair) => pair.video !== first!.video)
    expect(first).toMatchObject({ verdict: 'suspect', now: 'unchanged', trajectory: { epochs: [1, 2, 3] } })
    expect(first!.trajectory.loss[2]).toBe(first!.loss)

    const { video, start, end, text } = first!
    await world.client.edit({ action: 'label', video, start, end, text, grade: 'wrong' })
    await world.client.edit({ action: 'describe', video: second!.video, from: second!.text, to: 'corrected' })
    const page = await world.client.auditPairs({ positions: [first!.position, second!.position] })
    const state = (position: number): string => page.pairs.find((pair) => pair.position === position)!.now
    expect(state(first!.position)).toBe('leftOut')
    expect(state(second!.position)).toBe('textChanged')

    const preview = await world.client.retrainPreview({})
    expect(preview.markedWrong).toBeGreaterThanOrEqual(1)
    expect(preview.unchanged + preview.removed).toBe(20)
    expect(preview.pairs).toBe(preview.unchanged + preview.added)
    expect(preview.examples.map(({ change }) => change)).toContain('added')
    expect((await world.client.preflight({})).pairsLeftOut).toBe(preview.markedWrong)
    await world.client.history({ step: 'undo', count: 2 })
    expect(await world.client.retrainPreview({})).toMatchObject({ pairs: 20, unchanged: 20, added: 0, removed: 0 })

    const { text: csv } = await world.client.auditExport({})
    expect(csv.split('\r\n')).toHaveLength(22)
    expect(csv).toContain(',suspect')
  })
})

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
    await fill()
    const { parts, totalBytes, freeBytes } = await world.client.storage({})
    expect(parts.find(({ part }) => part === 'database')!.bytes).toBeGreaterThan(10_000)
    expect(totalBytes).toBe(parts.reduce((sum, { bytes }) => sum + bytes, 0))
    expect(freeBytes).toBeGreaterThan(0)
  })

  test('diagnostics name nothing of the customer', async () => {
    await fill()
    world.file('shop/secretname.mp4', 'no video')
    await world.client.import({ paths: [join(world.dir, 'shop')] })
    await world.client.search({ text: 'purple secretquery' })
    await world.client.train({})
    const { text, fileName } = await world.client.diagnostics({})
    expect(fileName).toMatch(/^mama-diagnostics-\d{4}-\d\d-\d\d\.json$/)
    expect(JSON.parse(text)).toMatchObject({ counts: { indexed: 10, failed: 1 }, failures: { notMedia: 1 } })
    for (const word of ['secret', 'thing number', 'v1.mp4', world.dir, 'SKU-', 'Things', 'something red']) {
      expect(text).not.toContain(word)
    }
  })

  test('a video that cannot be played gets a preview, once, and room is made for new ones', async () => {
    world.file('a.mp4', 'red 0-2')
    world.file('old-b.mp4', 'red 0-2, blue 2-3')
    await world.client.import({ paths: [world.dir] })
    const video = await idOf('a.mp4')
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
    const other = await idOf('old-b.mp4')
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
    const video = await idOf('hopeless')
    await world.client.playback({ video, mustConvert: true })
    await expect.poll(() => world.client.playback({ video })).toMatchObject({ state: 'failed', message: /no way/ })
    writeFileSync(join(world.dir, 'hopeless.mp4'), 'red 0-2, blue 2-9')
    expect(await world.client.playback({ video })).toMatchObject({ state: 'failed', message: /has changed/ })
    rmSync(join(world.dir, 'hopeless.mp4'))
    expect(await world.client.playback({ video })).toMatchObject({ state: 'failed', message: /Locate it/ })
    expect(await world.services.mediaFiles.video('gone', new AbortController().signal)).toBeNull()
  })

  test('model versions are listed and promoted without opening the encoder', async () => {
    await fill()
    await world.client.train({})
    await world.close()
    const { dir } = world
    expect(existsSync(dir)).toBe(false)
    world = createWorld({ openEncoder: () => Promise.reject(new Error('internal: opened the encoder')) })
    await world.client.overview({})
    expect((await world.client.models({})).models.map(({ id }) => id)).toEqual(['zero-shot'])
    await expect(world.client.rollback({})).rejects.toMatchObject({ code: 'model.missing' })
  })
})
