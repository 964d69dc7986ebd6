/** The client against a server on the loopback address that speaks as four do and fails in every way we know of. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EndpointProblem, EndpointSettings } from '../../../../main/contract/index.ts'
import { converse, findServer, type Server } from '../../../../main/services/endpoint/conversation.ts'
import { defaultEndpoint } from '../../../../main/services/endpoint/endpoint-settings.ts'
import { EndpointFailure } from '../../../../main/services/endpoint/failure.ts'
import { openAnswer, type AnswerMoment } from '../../../../main/services/endpoint/open-answer.ts'
import { probe, probeChat } from '../../../../main/services/endpoint/probe.ts'
import { answer, fail, json, serverKinds, startModel, type LoopbackModel, type Mischief } from './loopback-model.ts'
import { realSender, type EndpointOutsideDouble } from './world.ts'

let model: LoopbackModel
let outside: EndpointOutsideDouble
const { signal } = new AbortController()

beforeEach(() => {
  outside = realSender()
})
afterEach(async () => {
  await outside.close()
  await model.close()
})

const settings = (changes: Partial<EndpointSettings> = {}): EndpointSettings => ({
  ...{ ...defaultEndpoint, isOn: true, address: model.url, ...changes },
})
const find = (): Promise<Server> => findServer(outside, settings(), signal)
const failureOf = async (work: Promise<unknown>): Promise<EndpointFailure> => {
  const error: unknown = await work.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!(error instanceof EndpointFailure)) throw new Error(`no failure of the endpoint: ${String(error)}`)
  return error
}
const moments: AnswerMoment[] = [0, 1, 2].map((i) => ({
  ...{ videoId: `v${i}`, path: `/videos/clip${i}.mp4`, fileName: `clip${i}.mp4`, startSeconds: i, endSeconds: i + 2 },
}))

describe.each(serverKinds)('%s', (kind) => {
  beforeEach(async () => {
    model = await startModel(kind)
  })
  it('is found out, sees the tiny picture, and answers an open question in the form asked for', async () => {
    const server = await find()
    expect(server).toMatchObject({
      dialect: kind === 'Ollama' ? 'ollama' : 'openai',
      ...{ model: 'sees-well', models: ['sees-well', 'reads-only'], host: model.url },
    })
    expect(await probe(outside, server, signal)).toBe('sees-well')
    const found = await openAnswer(outside, server, { question: 'Which colour?', moments }, signal)
    expect(found).toMatchObject({ answerable: true, answer: 'It is red.', isProven: true, frames: 8 })
    expect(found.citations).toEqual([{ name: 'F1', videoId: 'v0', seconds: expect.closeTo(1 / 3, 6) as number }])

    const [, asked] = model.asked
    expect(asked!.path).toBe(kind === 'Ollama' ? '/api/chat' : '/v1/chat/completions')
    expect(asked!.parts.filter((part) => 'jpeg' in part)).toHaveLength(8)
    expect(asked!.schema!.properties['citations']!.items!.enum).toEqual([
      'F1',
      'F2',
      'F3',
      'F4',
      'F5',
      'F6',
      'F7',
      'F8',
    ])
    const texts = asked!.parts.flatMap((part) => ('text' in part ? [part.text] : [])).join('\n')
    expect(texts).toContain('F1, clip0.mp4, 00:00.3')
    expect(texts.indexOf('Question: Which colour?')).toBeGreaterThan(texts.indexOf('F8, clip2.mp4'))
    if (kind === 'Ollama') expect(asked!.body['options']).toMatchObject({ num_ctx: 8192 })
    // Each frame is preceded by its name.
    else
      expect(asked!.parts.slice(1, 5).map((part) => ('text' in part ? part.text.slice(0, 2) : ''))).toEqual([
        'F1',
        '',
        'F2',
        '',
      ])
    expect(outside.pictured).toHaveLength(8)
    expect(outside.pictured.every((picture) => picture.endsWith(' 448'))).toBe(true)
  })
  it('is understood when it says what is wrong', async () => {
    const server = await find()
    const refuse = async (status: number, message: string, type?: string, more?: object): Promise<EndpointFailure> => {
      model.mischief = (_, response) => (fail(kind, response, status, message, type, more), true)
      return failureOf(probe(outside, server, signal))
    }
    const before = model.asked.length
    expect(
      await refuse(500, 'image input is not supported - hint: if this is unexpected, provide the mmproj'),
    ).toMatchObject({
      ...{ problem: 'blind', isLasting: true },
    })
    expect(model.asked.length - before, 'never asked again').toBe(1)
    expect(await refuse(404, 'model "x" not found, try pulling it first')).toMatchObject({ problem: 'model' })
    expect(await refuse(401, 'invalid API key')).toMatchObject({ problem: 'key' })
    expect(await refuse(400, 'no idea')).toMatchObject({ problem: 'server' })
  })
  it('has half of the frames once when its context is too small', async () => {
    const server = await find()
    const isSmall =
      (most: number): Mischief =>
      ({ parts }, response) => {
        if (parts.filter((part) => 'jpeg' in part).length <= most) return false
        fail(kind, response, 400, 'the request exceeds the available context size', 'exceed_context_size_error', {
          n_prompt_tokens: 9001,
          n_ctx: 4096,
        })
        return true
      }
    model.mischief = isSmall(4)
    const found = await openAnswer(outside, server, { question: 'Which colour?', moments }, signal)
    expect(found).toMatchObject({ isProven: true, frames: 4 })
    expect(model.asked).toHaveLength(2)
    model.mischief = isSmall(1)
    const failure = await failureOf(openAnswer(outside, server, { question: 'Which colour?', moments }, signal))
    expect(failure.problem).toBe('context')
    if (kind === 'llama.cpp') expect(failure.message).toContain('9001 tokens, 4096 fit')
    expect(model.asked).toHaveLength(4)
  })
})

describe('a server', () => {
  let server: Server
  beforeEach(async () => {
    model = await startModel('llama.cpp')
    server = await find()
  })
  const ask = (): Promise<{ value: string }> =>
    converse(
      outside,
      server,
      { chat: async () => probeChat, read: (content) => (content === '{"colour":"red"}' ? content : null) },
      signal,
    )
  /** Misbehaves for the first `times` chats. */
  const first = (times: number, mischief: Mischief): void => {
    model.mischief = (asked, response) => asked.count < times && mischief(asked, response)
  }

  it('that loads its model is waited for', async () => {
    first(3, (_, response) => (fail('llama.cpp', response, 503, 'Loading model', 'unavailable_error'), true))
    expect((await ask()).value).toBe('{"colour":"red"}')
    expect(outside.waits).toEqual([1000, 2000, 4000])
  })
  it('that never ends loading is given up', async () => {
    first(Infinity, (_, response) => (fail('llama.cpp', response, 503, 'Loading model', 'unavailable_error'), true))
    expect(await failureOf(ask())).toMatchObject({ problem: 'loading', isLasting: true })
    expect(outside.waits.reduce((sum, wait) => sum + wait, 0)).toBeLessThanOrEqual(300_000)
  })
  it('that asks for a pause gets it', async () => {
    first(1, (_, response) => (json(response, 429, { error: { message: 'slow down' } }, { 'retry-after': '7' }), true))
    await ask()
    expect(outside.waits).toEqual([7000])
  })

  const halfOf = (text: string): string => text.slice(0, text.length / 2)
  const whole = JSON.stringify({ choices: [{ message: { content: '{"colour":"red"}' }, finish_reason: 'stop' }] })
  it.each<[string, EndpointProblem, Mischief]>([
    ['hangs without a word', 'silent', () => true],
    [
      'hangs in the middle of an answer',
      'silent',
      (_, response) => (response.writeHead(200).write(halfOf(whole)), true),
    ],
    ['closes before it answers', 'unreachable', (_, response) => (response.destroy(), true)],
    [
      'closes half-way',
      'unreachable',
      (_, response) => {
        response.writeHead(200, { 'content-length': whole.length }).write(halfOf(whole), () => response.destroy())
        return true
      },
    ],
    [
      'ends half-way in a stream',
      'unreachable',
      (_, response) => (response.end('data: {"choices":[{"delta":{"content":"{"}}]}\n\n'), true),
    ],
    ['answers nonsense', 'nonsense', (_, response) => (response.end('\u0000\u0001 {{{'), true)],
    [
      'answers a page',
      'nonsense',
      (_, response) => (response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Login</html>'), true),
    ],
    [
      'answers an essay',
      'nonsense',
      (_, response) => (answer(response, false, `Well. ${'And so on. '.repeat(500)}`), true),
    ],
    ['answers another form', 'nonsense', (_, response) => (answer(response, false, '{"color":"red"}'), true)],
    ['is cut off', 'cutOff', (_, response) => (answer(response, false, '{"colour":"re', 'length'), true)],
    [
      'fails under a stream of status 200',
      'server',
      (_, response) => (
        response.end(
          'data: {"choices":[{"delta":{"content":"a"}}]}\n\ndata: {"error":{"code":500,"message":"boom","type":"server_error"}}\n\n',
        ),
        true
      ),
    ],
    [
      'answers an error under status 200',
      'server',
      (_, response) => (json(response, 200, { error: 'out of memory' }), true),
    ],
  ])('that %s is asked again, and given up when it goes on', async (_, problem, mischief) => {
    first(1, mischief)
    expect((await ask()).value).toBe('{"colour":"red"}')
    expect(model.asked).toHaveLength(2)
    model.mischief = mischief
    expect(await failureOf(ask())).toMatchObject({ problem })
  })
  it('that answers without end is given up at once', async () => {
    const flood: Mischief = (_, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
      }
      response
        .on('drain', more)
        .on('error', () => undefined)
        .writeHead(200)
      more()
      return true
    }
    model.mischief = flood
    expect(await failureOf(ask())).toMatchObject({ problem: 'tooLong' })
    expect(model.asked).toHaveLength(1)
  })
  it('that drips its answer is given up at the deadline', async () => {
    const timers: NodeJS.Timeout[] = []
    model.mischief = (_, response) => {
      response.writeHead(200)
      timers.push(setInterval(() => response.write(' '), 100))
      return true
    }
    expect(await failureOf(ask())).toMatchObject({ problem: 'silent' })
    timers.forEach((timer) => clearInterval(timer))
  })
  it('that leads on to another address is refused, and nothing goes there', async () => {
    const other = await startModel('llama.cpp')
    for (const status of [301, 302, 307, 308]) {
      model.mischief = (_, response) => (
        response.writeHead(status, { location: `${other.url}/v1/chat/completions` }).end(),
        true
      )
      expect(await failureOf(ask())).toMatchObject({ problem: 'redirected', isLasting: true })
    }
    expect(other.requests).toBe(0)
    await other.close()
  })
  it('that leaves pictures out without a word cannot see', async () => {
    model.say = () => '{"colour":"no picture"}'
    expect(await failureOf(probe(outside, server, signal))).toMatchObject({ problem: 'blind' })
  })
  it('gets the key as a bearer, and what it says of the key is not passed on', async () => {
    outside.key = 'sk-verysecret-0123456789'
    server = await find()
    model.mischief = (_, response) => (
      json(response, 401, { error: { message: `Incorrect key: ${outside.key!}, or sk-veryse****6789` } }),
      true
    )
    const { message } = await failureOf(ask())
    expect(model.asked[0]!.authorization).toBe(`Bearer ${outside.key}`)
    expect(message).not.toMatch(/verysecret|sk-veryse|6789/)
  })
  it('is asked for longer replies after one was cut off, and a whole document counts however it ended', async () => {
    const limits: unknown[] = []
    model.mischief = ({ body, count }, response) => {
      limits.push(body['max_tokens'])
      if (count === 0) answer(response, false, '{"colour":"re', 'length')
      else answer(response, false, '{"colour":"red"}', 'length')
      return true
    }
    expect(await probe(outside, server, signal)).toBe('sees-well')
    expect(limits).toEqual([500, 2000])
  })
  it('that is being asked can be left at any time', async () => {
    const stop = new AbortController()
    model.mischief = () => (stop.abort(new Error('enough')), true)
    await expect(probe(outside, server, stop.signal)).rejects.toThrow('enough')
  })
  it('that is not there is told from one that refuses', async () => {
    await model.close()
    expect(await failureOf(ask())).toMatchObject({ problem: 'unreachable', isLasting: true })
    expect(outside.waits).toEqual([1000, 2000, 4000])
    model = await startModel('llama.cpp')
  })
  it('has a dialect that can be set', async () => {
    expect(await findServer(outside, settings({ dialect: 'ollama', model: ' other ' }), signal)).toMatchObject({
      ...{ dialect: 'ollama', model: 'other' },
    })
  })
})
