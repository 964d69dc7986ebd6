/** `mama endpoint` and `mama descriptions` over the real services and a vision model on the loopback address. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runCli } from '../../../main/host/program.ts'
import type { World } from '../services/colour-world.ts'
import { startModel, type LoopbackModel } from '../services/endpoint/loopback-model.ts'
import { endpointWorld, realSender, type EndpointOutsideDouble } from '../services/endpoint/world.ts'

let model: LoopbackModel
let outside: EndpointOutsideDouble
let world: World

beforeEach(async () => {
  model = await startModel('vLLM')
  outside = realSender()
  world = await endpointWorld(model.url, outside)
  await world.client.changeEndpoint({ isOn: false, address: '' })
  await world.client.changeSettings({ networking: false })
})
afterEach(async () => {
  await world.close()
  await outside.close()
  await model.close()
})

async function mama(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const said = { code: -1, out: '', err: '' }
  let clock = 0
  said.code = await runCli({
    ...{ args, env: {}, now: () => (clock += 1000), signal: new AbortController().signal },
    stdout: { write: (text) => (said.out += text) },
    stderr: { write: (text) => (said.err += text), isTTY: false, columns: 80 },
    openEngine: () => ({ client: world.client, close: async () => undefined }),
    serve: async () => undefined,
  })
  return said
}

test('a model is set, tested, used, and turned off again', async () => {
  expect((await mama('endpoint', 'show')).out).toMatch(/^There is no vision model\./)
  expect(await mama('endpoint', 'set')).toMatchObject({ code: 2 })
  const set = await mama('endpoint', 'set', model.url, '--model', 'sees-well', '--per-minute', '600', '--price', '0.5')
  expect(set.out).toContain(`The vision model is on: ${model.url}, sees-well, dialect auto, no key`)
  expect(set.out).toContain('at most 600 a minute')
  expect(set.out).toContain('nothing is sent unless a command has --allow-network')

  const refused = await mama('endpoint', 'test')
  expect(refused).toMatchObject({ code: 1, out: '' })
  expect(refused.err).toContain('Nothing goes out to the network before you allow it')
  expect(model.requests).toBe(0)
  const { out: tested } = await mama('endpoint', 'test', '--allow-network')
  expect(tested).toContain(`${model.url} answers as sees-well and can see`)
  expect(tested).toContain('It has also: reads-only')

  expect((await mama('endpoint', 'off')).out).toContain('The vision model is off')
  expect((await mama('descriptions', 'generate', '--allow-network')).err).toContain('The vision model is off')
})

test('descriptions are estimated, written and removed', async () => {
  await mama('endpoint', 'set', model.url, '--price', '2')
  const before = model.requests
  const { out: plan } = await mama('descriptions', 'generate', '--dry-run')
  expect(plan).toContain('3 shots of 2 videos: about 15 s and 4 thousand tokens, which costs 0.01.')
  expect(plan).toContain(`A picture of each shot would go to: ${model.url}`)
  expect(model.requests).toBe(before)
  const written = await mama('descriptions', 'generate', '--allow-network', '--limit', '2')
  expect(written.code).toBe(0)
  expect(written.err).toContain(`Pictures of 2 shots go to ${model.url}.`)
  expect(written.out).toContain(`2 descriptions by sees-well at ${model.url}`)
  const { out: json } = await mama('descriptions', 'generate', '--allow-network', '--scope', 'undescribed', '--json')
  expect(JSON.parse(json)).toMatchObject({ written: 0, failed: [] })
  expect((await mama('endpoint', 'show')).out).toContain('2 descriptions in the library are generated.')
  expect((await mama('descriptions', 'remove')).out).toBe('2 generated descriptions removed.\n')
})

test('wrong options are refused before anything is started', async () => {
  for (const args of [
    ['endpoint', 'set', model.url, '--concurrency', '0'],
    ['endpoint', 'set', model.url, '--dialect', 'gemini'],
    ['descriptions', 'generate', '--scope', 'all'],
  ]) {
    expect((await mama(...args)).code).toBe(2)
  }
  expect(await mama('endpoint', 'set', 'http://me:secret@host')).toMatchObject({ code: 2 })
})
