/** Questions that a vision model of the customer's answers, over a loopback server. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { World } from '../colour-world.ts'
import { startModel, type LoopbackModel } from '../endpoint/loopback-model.ts'
import { endpointWorld, realSender, type EndpointOutsideDouble } from '../endpoint/world.ts'

let model: LoopbackModel
let outside: EndpointOutsideDouble
let world: World

beforeEach(async () => {
  model = await startModel('llama.cpp')
  outside = realSender()
  world = await endpointWorld(model.url, outside)
})
afterEach(async () => {
  await world.close()
  await outside.close()
  await model.close()
})

const ask = (question: string, more = {}) => world.client.ask({ question, model: 'endpoint', ...more })

test('it sees the moments nearest to the question, and its answer names those that show it', async () => {
  const answer = await ask('Why is it red?')
  expect(answer).toMatchObject({
    ...{ model: 'endpoint', type: 'unanswerable', state: 'answered', answer: 'It is red.', sureness: null },
    ...{ isProven: true, host: model.url },
  })
  expect(answer.moments).toHaveLength(1)
})

test('without a citation it is unproven, and shows what it was shown; what it cannot see is not sure', async () => {
  model.say = () => JSON.stringify({ answerable: true, answer: 'Because.', citations: ['F42'] })
  const unproven = await ask('Why is it red?')
  expect(unproven).toMatchObject({ state: 'answered', isProven: false, answer: 'Because.' })
  expect(unproven.moments.length).toBeGreaterThan(0)
  model.say = () => JSON.stringify({ answerable: false, answer: '', citations: [] })
  expect(await ask('What does it cost?')).toMatchObject({ state: 'notSure', answer: null, isProven: false })
})

test('it is asked of one video, and of none while it is off', async () => {
  const [video] = (await world.client.listVideos({ offset: 0, limit: 1 })).videos
  const answer = await ask('Why?', { video: video!.id })
  expect(new Set(answer.moments.map((moment) => moment.video))).toEqual(new Set([video!.id]))
  expect(answer.about).toBeNull()
  await world.client.changeEndpoint({ isOn: false })
  await expect(ask('Why?')).rejects.toMatchObject({ code: 'endpoint.off' })
  expect((await world.client.answers({})).endpoint).toBeNull()
})
