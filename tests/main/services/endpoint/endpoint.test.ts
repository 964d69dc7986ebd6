/** The vision model through the whole of the services: off until set, descriptions as a job, removal, keys, questions. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Client, Job, ProcedureEvent } from '../../../../main/contract/index.ts'
import { gatherPairs } from '../../../../main/services/training/index.ts'
import { openLibrary, type Library } from '../../../../main/storage/index.ts'
import type { World } from '../colour-world.ts'
import { answer, fail, json, sayAsAsked, startModel, type LoopbackModel } from './loopback-model.ts'
import { endpointWorld, realSender, type EndpointOutsideDouble } from './world.ts'

let model: LoopbackModel
let outside: EndpointOutsideDouble
let world: World
let client: Client

beforeEach(async () => {
  model = await startModel('llama.cpp')
  outside = realSender()
  world = await endpointWorld(model.url, outside)
  client = world.client
})
afterEach(async () => {
  await world.close()
  await outside.close()
  await model.close()
})

const libraryDir = (): string => join(world.dir, 'library')
function inLibrary<T>(work: (library: Library) => T): T {
  const library = openLibrary(libraryDir(), { now: () => 1, newId: () => 'none', readOnly: true })
  try {
    return work(library)
  } finally {
    library.close()
  }
}
const generatedTexts = (): string[] =>
  inLibrary((library) =>
    library.descriptions.all().flatMap(({ source, text }) => (source === 'generated' ? [text] : [])),
  )

/** The state of a job once it is one of `states`. */
async function until(id: string, ...states: Job['state'][]): Promise<Job> {
  let job: Job | undefined
  await expect
    .poll(async () => {
      job = (await client.jobs({})).jobs.find((other) => other.id === id)
      return states.includes(job!.state)
    })
    .toBe(true)
  return job!
}

describe('nothing goes out', () => {
  const everything = (): Promise<unknown>[] => [
    client.testEndpoint({}),
    client.generateDescriptions({}),
    client.startDescriptions({}),
    client.askEndpoint({ question: 'Which?', moments: [{ video: 'any', start: 0, end: 1 }] }),
  ]
  it('while networking is off, to this computer neither', async () => {
    await client.changeSettings({ networking: false })
    for (const call of everything()) await expect(call).rejects.toMatchObject({ code: 'network.off' })
    expect(model.requests).toBe(0)
    expect((await client.testEndpoint({ allowNetwork: true })).model).toBe('sees-well')
  })
  it('while the model is off, or has no address', async () => {
    await client.changeEndpoint({ isOn: false })
    for (const call of everything()) await expect(call).rejects.toMatchObject({ code: 'endpoint.off' })
    await client.changeEndpoint({ address: '' })
    for (const call of everything()) await expect(call).rejects.toMatchObject({ code: 'endpoint.off' })
    await expect(client.changeEndpoint({ isOn: true })).rejects.toMatchObject({ code: 'usage' })
    expect(model.requests).toBe(0)
  })
  it('for an estimate, and the settings say where it would go', async () => {
    expect(await client.endpoint({})).toMatchObject({
      isOn: true,
      host: model.url,
      keyFrom: null,
      generatedDescriptions: 0,
    })
    await client.changeEndpoint({ pricePerMillionTokens: 2, requestsPerMinute: 1 })
    const estimate = await client.estimateDescriptions({})
    expect(estimate).toMatchObject({ shots: 3, videos: 2, tokens: 3600, estimatedFrom: 'typical', host: model.url })
    expect(estimate.cost).toBeCloseTo(0.0072, 6)
    expect(estimate.estimatedSeconds).toBe(120)
    expect(model.requests).toBe(0)
  })
})

it('is off in a new library', async () => {
  await client.changeEndpoint({ isOn: false, address: '' })
  expect(await client.endpoint({})).toMatchObject({ isOn: false, host: null })
})

describe('descriptions', () => {
  it('are written for shots that nobody stands for, kept with model, prompt and date, and only once', async () => {
    const events: ProcedureEvent[] = []
    const result = await client.generateDescriptions({}, { onEvent: (event) => events.push(event) })
    expect(result).toMatchObject({ written: 3, failed: [], host: model.url, model: 'sees-well', tokens: 3 * 930 })
    expect(events).toContainEqual({ kind: 'note', message: `Pictures of 3 shots go to ${model.url}.` })
    expect(outside.pictured).toEqual(['boots.mp4 0-2 3x4', 'boots.mp4 2-4 3x4', 'coat.mp4 0-3 3x4'])
    const [probe, first] = model.asked
    expect(probe!.schema!.properties).toHaveProperty('colour')
    expect(first!.parts).toHaveLength(2)
    expect('text' in first!.parts[1]! && first!.parts[1].text).toMatch(
      /describe the process in the video[\s\S]*"green coat"/,
    )

    const { videos } = await client.listVideos({ offset: 0, limit: 10 })
    const boots = videos.find(({ fileName }) => fileName === 'boots.mp4')!
    expect(boots.description, 'lists show what people have written').toBeNull()
    const { descriptions } = await client.video({ video: boots.id })
    expect(descriptions).toEqual([
      {
        ...{ id: expect.any(String) as string, source: 'generated', text: 'A hand turns item 1 in the video.' },
        generated: {
          ...{ start: 0, end: 2, model: 'sees-well', prompt: expect.stringContaining('In a sentence') as string },
          at: expect.stringMatching(/^2023-/) as string,
        },
      },
      expect.objectContaining({ text: 'A hand turns item 2 in the video.' }),
    ])
    const before = model.asked.length
    expect(await client.generateDescriptions({})).toMatchObject({ written: 0 })
    expect(model.asked.length).toBe(before)
    expect(await client.estimateDescriptions({})).toMatchObject({ shots: 0, estimatedFrom: 'here' })
  })
  it('leave out what the user has written or labelled, and on wish all that has a text', async () => {
    expect(await client.estimateDescriptions({ scope: 'undescribed' })).toMatchObject({ shots: 2, videos: 1 })
    await client.label({
      file: world.file('labels.csv', 'file,start,end,description,grade\nboots.mp4,0,2,red boots,exact\n'),
    })
    expect(await client.estimateDescriptions({})).toMatchObject({ shots: 2 })
    const { videos } = await client.listVideos({ offset: 0, limit: 10 })
    await client.edit({
      action: 'describe',
      video: videos.find(({ fileName }) => fileName === 'coat.mp4')!.id,
      from: 'green coat',
      to: 'coat',
    })
    expect(await client.estimateDescriptions({})).toMatchObject({ shots: 1 })
  })
  it('train their own shot like any other doubtful text, and are never exemplars or proposed as such', async () => {
    await client.generateDescriptions({})
    const { pairs, metaSet, heldOut } = inLibrary((library) => gatherPairs(library, 'colours@1', { keepSplit: false }))
    const written = pairs.filter(({ text }) => text.startsWith('A hand'))
    expect(written.map(({ id }) => id.split('/').at(-1))).toEqual([
      'boots.mp4#0#A hand turns item 1 in the video.',
      'boots.mp4#1#A hand turns item 2 in the video.',
      'coat.mp4#0#A hand turns item 3 in the video.',
    ])
    expect(pairs.map(({ text }) => text)).toContain('green coat')
    expect([...metaSet, ...heldOut]).toEqual([])
    const { candidates } = await client.labelQueue({ count: 10, seed: 1, without: [] })
    expect(candidates.map(({ text }) => text).filter((text) => text.startsWith('A hand'))).toEqual([])
    expect(inLibrary((library) => library.exemplars.count())).toBe(0)
  })
  it('are found by their words and marked, and are gone in one step with all that they were found by', async () => {
    model.say = (asked) =>
      asked.count === 0 ? sayAsAsked(asked) : JSON.stringify({ description: `zebra parade ${asked.count}` })
    await client.generateDescriptions({})
    const found = await client.search({ text: 'zebra' })
    expect(found.moments.flatMap(({ highlights }) => highlights.map(({ field }) => field))).toContain('generated')
    for (const { video, start, end, highlights } of found.moments) {
      const { descriptions } = await client.video({ video })
      const within = descriptions.filter(({ generated: of }) => of !== null && of.start < end && start < of.end)
      const shown = highlights.flatMap(({ field, text }) => (field === 'generated' ? [text] : []))
      expect(shown, 'only of the shots of this moment').toEqual(within.map(({ text }) => text))
    }
    expect(await client.removeDescriptions({})).toEqual({ removed: 3 })
    const after = await client.search({ text: 'zebra' })
    expect(after.moments.flatMap(({ highlights }) => highlights)).toEqual([])
    expect(generatedTexts()).toEqual([])
    expect((await client.counts({})).descriptions).toBe(1)
    expect(inLibrary((library) => library.integrityCheck())).toEqual([])
  })
  it('that the user corrects become the user’s, the others do not', async () => {
    await client.generateDescriptions({})
    const { videos } = await client.listVideos({ offset: 0, limit: 10 })
    const { id } = videos.find(({ fileName }) => fileName === 'boots.mp4')!
    await client.edit({ action: 'describe', video: id, from: 'A hand turns item 1 in the video.', to: 'red boots' })
    const own = (await client.video({ video: id })).descriptions.filter(({ source }) => source === 'user')
    expect(own.map(({ text }) => text)).toEqual(['red boots'])
  })
  it('of one bad shot do not stop the others', async () => {
    let essays = 0
    model.mischief = ({ parts, count }, response) => {
      if (count === 0 || count > 3) return false
      essays += 1
      answer(response, false, parts.length > 0 ? 'One.\n\nTwo.' : '')
      return true
    }
    const result = await client.generateDescriptions({})
    expect(result).toMatchObject({ written: 2, failed: [{ file: 'boots.mp4', reason: 'nonsense' }] })
    expect(essays).toBe(3)
    model.mischief = () => false
    expect(await client.generateDescriptions({})).toMatchObject({ written: 1 })
  })
  it('go on with six frames where twelve do not fit', async () => {
    model.mischief = ({ count }, response) => {
      if (count !== 1) return false
      fail('llama.cpp', response, 400, 'too long', 'exceed_context_size_error', { n_prompt_tokens: 5000, n_ctx: 4096 })
      return true
    }
    expect(await client.generateDescriptions({ limit: 1 })).toMatchObject({ written: 1 })
    expect(outside.pictured).toEqual(['boots.mp4 0-2 3x4', 'boots.mp4 0-2 2x3'])
  })
  it('of a model that gives the example back are asked for again without one', async () => {
    model.say = (asked) => (asked.count === 1 ? '{"description":"Green coat"}' : sayAsAsked(asked))
    await client.generateDescriptions({ limit: 1 })
    const prompts = model.asked.slice(1).map(({ parts }) => ('text' in parts[1]! ? parts[1].text : ''))
    expect(prompts[0]).toContain('green coat')
    expect(prompts[1]).not.toContain('green coat')
    expect(generatedTexts()).toEqual(['A hand turns item 2 in the video.'])
  })
  it('stop at once with a model that cannot see, before any picture of the customer’s went out', async () => {
    model.mischief = (_, response) => (fail('llama.cpp', response, 500, 'image input is not supported'), true)
    await expect(client.generateDescriptions({})).rejects.toMatchObject({
      code: 'endpoint.failed',
      params: { reason: 'blind', host: model.url },
    })
    expect(outside.pictured).toEqual([])
    expect(model.asked).toHaveLength(1)
  })
  it('are written several at a time, and no more than so many a minute', async () => {
    await client.changeEndpoint({ concurrency: 3, requestsPerMinute: 30 })
    let [open, most] = [0, 0]
    let release = (): void => undefined
    const all = new Promise<void>((resolve) => (release = resolve))
    model.mischief = (asked, response) => {
      if (asked.count === 0) return false
      most = Math.max(most, ++open)
      if (open === 3) release()
      void all.then(() => answer(response, false, sayAsAsked(asked)))
      return true
    }
    expect(await client.generateDescriptions({})).toMatchObject({ written: 3 })
    expect(most).toBe(3)
    // The clock of this world stands nearly still: the second and third place in the row are 2 s and 4 s away.
    expect(outside.waits).toHaveLength(2)
    expect(outside.waits[0]).toBeGreaterThan(1500)
    expect(outside.waits[1]).toBeGreaterThan(3500)
  })
})

describe('as a job', () => {
  it('they can be paused and go on without asking twice for a shot', async () => {
    let let2 = (): void => undefined
    const reached = new Promise<void>((resolve) => (let2 = resolve))
    model.mischief = ({ count }) => {
      if (count !== 2) return false
      let2()
      return true // hangs
    }
    const { job } = await client.startDescriptions({})
    await reached
    await client.controlJob({ job: job.id, action: 'pause' })
    await until(job.id, 'paused')
    expect(generatedTexts()).toHaveLength(1)
    model.mischief = () => false
    await client.controlJob({ job: job.id, action: 'resume' })
    expect((await until(job.id, 'succeeded')).result).toMatchObject({ written: 2, failed: [] })
    expect(generatedTexts()).toHaveLength(3)
  })
  it('they go on after the app has ended in the middle', async () => {
    let let2 = (): void => undefined
    const reached = new Promise<void>((resolve) => (let2 = resolve))
    model.mischief = ({ count }) => {
      if (count !== 2) return false
      let2()
      return true
    }
    const { job } = await client.startDescriptions({})
    await reached
    await world.services.close()
    expect(generatedTexts()).toHaveLength(1)
    model.mischief = () => false
    const { createServices } = await import('../../../../main/services.ts')
    const { createClient, createLocalTransport } = await import('../../../../main/contract/index.ts')
    const again = createServices(world.parts)
    client = createClient(createLocalTransport(again.handlers))
    await until(job.id, 'succeeded')
    expect(generatedTexts()).toHaveLength(3)
    await again.close()
  })
  it('a server that is gone fails the job, with what was written kept', async () => {
    model.mischief = ({ count }, response) => count > 1 && (response.destroy(), true)
    const { job } = await client.startDescriptions({})
    const failed = await until(job.id, 'failed')
    expect(failed.error).toMatchObject({ code: 'endpoint.failed' })
    expect(generatedTexts()).toHaveLength(1)
  })
})

describe('the key', () => {
  const key = 'sk-verysecret-0123456789abcdef'
  it('reaches the server and nothing else: no library, log, report, backup, job or setting', async () => {
    outside.key = key
    await client.generateDescriptions({ limit: 1 })
    expect(model.asked.every(({ authorization }) => authorization === `Bearer ${key}`)).toBe(true)
    expect(await client.endpoint({})).toMatchObject({ keyFrom: 'environment' })
    model.mischief = (_, response) => (json(response, 401, { error: { message: `bad key ${key}` } }), true)
    const { job } = await client.startDescriptions({})
    const failed = await until(job.id, 'failed')
    const said = JSON.stringify([
      failed,
      await client.endpoint({}),
      await client.settings({}),
      await client.diagnostics({}),
    ])
    expect(said).not.toContain('verysecret')
    const backup = join(world.dir, 'backup.db')
    await client.backup({ file: backup })
    const files = readdirSync(world.dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    expect(files.length).toBeGreaterThan(4)
    for (const { parentPath, name } of files) {
      expect(readFileSync(join(parentPath, name)).includes('verysecret'), name).toBe(false)
    }
  })
  it('is no part of an address, and the report for support names no server', async () => {
    await expect(client.changeEndpoint({ address: 'http://me:secret@host/v1' })).rejects.toMatchObject({
      code: 'usage',
    })
    expect((await client.endpoint({})).host).toBe(model.url)
    expect((await client.diagnostics({})).text).not.toContain(model.url)
  })
})

describe('a question', () => {
  const ask = async (question: string) => {
    const { videos } = await client.listVideos({ offset: 0, limit: 10 })
    const moments = videos.map(({ id }) => ({ video: id, start: 0, end: 2 }))
    return client.askEndpoint({ question, moments })
  }
  it('is answered with the frames that show it', async () => {
    expect(await ask('Which colour?')).toMatchObject({
      ...{ answerable: true, answer: 'It is red.', isProven: true, host: model.url, model: 'sees-well', frames: 8 },
      citations: [{ name: 'F1', seconds: 0.25 }],
    })
  })
  it('whose answer cites nothing that was sent is unproven', async () => {
    model.say = () => JSON.stringify({ answerable: true, answer: 'Because.', citations: ['F42'] })
    expect(await ask('Why?')).toMatchObject({ isProven: false, citations: [], answer: 'Because.' })
  })
  it('that the frames do not answer is said to be so', async () => {
    model.say = () => JSON.stringify({ answerable: false, answer: 'No price is shown.', citations: ['F1'] })
    expect(await ask('What does it cost?')).toMatchObject({ answerable: false, isProven: false, citations: [] })
  })
  it('that gets an essay, or goes to a server that is gone, fails with the reason', async () => {
    model.say = () => 'One.\n\nTwo.'
    await expect(ask('Why?')).rejects.toMatchObject({ code: 'endpoint.failed', params: { reason: 'nonsense' } })
    await expect(
      client.askEndpoint({ question: 'Why?', moments: [{ video: 'none', start: 0, end: 1 }] }),
    ).rejects.toMatchObject({ code: 'input.missing' })
  })
})
