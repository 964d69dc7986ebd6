/** The decisions about vision models, without any server: addresses, replies, what to do next, frames, prompts. */
import { describe, expect, it } from 'vitest'
import { urlsOf } from '../../../../main/services/endpoint/address.ts'
import { exampleTexts, gridOf, promptOf, readDescription } from '../../../../main/services/endpoint/describe-shots.ts'
import { longestLoadingMs, nextStep, nothingTried, type Tried } from '../../../../main/services/endpoint/next-step.ts'
import { clockTime, planFrames, readAnswer, type AnswerMoment } from '../../../../main/services/endpoint/open-answer.ts'
import { isTrouble, jsonIn, readReply, type Trouble } from '../../../../main/services/endpoint/replies.ts'
import type { EndpointProblem } from '../../../../main/contract/index.ts'
import type { Description } from '../../../../main/storage/index.ts'

const reply = (body: unknown, status = 200) =>
  readReply({ status, retryAfter: null, body: typeof body === 'string' ? body : JSON.stringify(body) })
const problemOf = (body: unknown, status = 200): string | null => {
  const read = reply(body, status)
  return isTrouble(read) ? read.problem : null
}

describe('an address', () => {
  it('is taken with and without scheme, path and trailing slash', () => {
    for (const address of [
      'localhost:11434',
      'http://localhost:11434/',
      'http://localhost:11434/v1/chat/completions',
    ]) {
      expect(urlsOf(address)).toMatchObject({
        origin: 'http://localhost:11434',
        chat: 'http://localhost:11434/v1/chat/completions',
        ollamaChat: 'http://localhost:11434/api/chat',
      })
    }
    expect(urlsOf('https://models.example/openai/v1').models).toBe('https://models.example/openai/v1/models')
    expect(urlsOf('localhost:11434/api/chat').chat).toBe('http://localhost:11434/v1/chat/completions')
  })
  it('with a password or key in it is refused, because it is kept in the library', () => {
    for (const address of ['http://me:secret@host', 'http://host/v1?api_key=secret', 'http://host/#secret']) {
      expect(() => urlsOf(address)).toThrow(/no name, password or key/)
    }
  })
  it('that is none is refused', () => {
    for (const address of ['', 'ftp://host', 'http://', 'file:///etc/passwd', 'two words']) {
      expect(() => urlsOf(address)).toThrow(/no address/)
    }
  })
})

describe('a reply', () => {
  it('gives the content and leaves thoughts out', () => {
    const message = { content: '{"a": 1}', reasoning_content: 'long thoughts' }
    expect(reply({ model: 'm', choices: [{ message, finish_reason: 'stop' }], usage: { total_tokens: 7 } })).toEqual({
      ...{ content: '{"a": 1}', model: 'm', tokens: 7, isCutOff: false },
    })
    expect(reply({ message: { content: 'x', thinking: 'y' }, done: true, done_reason: 'length' })).toMatchObject({
      ...{ content: 'x', isCutOff: true },
    })
  })
  it('is put together from a stream that nobody asked for', () => {
    const events = [
      '{"choices":[{"delta":{"content":"{\\"a\\":"}}]}',
      '{"choices":[{"delta":{"content":"1}"},"finish_reason":"stop"}]}',
      '[DONE]',
    ]
    expect(reply(events.map((data) => `data: ${data}\n\n`).join(''))).toMatchObject({
      content: '{"a":1}',
      isCutOff: false,
    })
    expect(reply('{"message":{"content":"a"},"done":false}\n{"message":{"content":"b"},"done":true}\n')).toMatchObject({
      content: 'ab',
    })
  })
  it('that stops half-way in a stream is no reply', () => {
    expect(problemOf('data: {"choices":[{"delta":{"content":"a"}}]}\n\n')).toBe('unreachable')
    expect(problemOf('{"message":{"content":"a"},"done":false}\n')).toBe('unreachable')
  })
  it('with an error in any of the three shapes is an error, also inside a stream under 200', () => {
    const shapes = [{ code: 401, message: 'bad key', type: 'authentication_error' }, { message: 'bad key' }, 'bad key']
    for (const error of shapes) expect(problemOf({ error }, 401)).toBe('key')
    expect(
      problemOf(
        'data: {"choices":[{"delta":{"content":"a"}}]}\n\ndata: {"error":{"code":500,"message":"image input is not supported","type":"server_error"}}\n\n',
      ),
    ).toBe('blind')
    expect(
      problemOf(
        '{"message":{"content":"a"},"done":false}\n{"error":"an error was encountered while running the model"}\n',
      ),
    ).toBe('server')
    // Under 200 without a code it is the server's fault.
    expect(reply({ error: 'out of memory' })).toMatchObject({
      problem: 'server',
      isTemporary: true,
      detail: 'out of memory',
    })
  })
  it.each<[EndpointProblem, number, unknown]>([
    ['loading', 503, { error: { code: 503, message: 'Loading model', type: 'unavailable_error' } }],
    ['busy', 503, { error: 'server busy, please try again' }],
    ['busy', 429, { error: { message: 'rate limit' } }],
    [
      'blind',
      500,
      {
        error: { code: 500, message: 'image input is not supported - hint: provide the mmproj', type: 'server_error' },
      },
    ],
    [
      'context',
      400,
      {
        error: {
          code: 400,
          message: 'the request exceeds the available context size',
          type: 'exceed_context_size_error',
          n_prompt_tokens: 9000,
          n_ctx: 4096,
        },
      },
    ],
    ['model', 404, { error: 'model "x" not found, try pulling it first' }],
    ['address', 404, 'not found'],
    ['blind', 400, { error: 'this model is missing data required for image input' }],
    [
      'context',
      400,
      { error: { message: "This model's maximum context length is 4096 tokens.", type: 'BadRequestError' } },
    ],
    ['redirected', 302, ''],
    ['server', 500, '<html>'],
    ['server', 400, { error: 'bad' }],
    ['nonsense', 200, '<html>hello</html>'],
    ['nonsense', 200, '{"choices": []}'],
    ['nonsense', 200, '[]'],
    ['nonsense', 200, ''],
  ])('is %s for %i %j', (problem, status, body) => {
    expect(problemOf(body, status)).toBe(problem)
  })
  it('tells both counts of a context that is too small', () => {
    const error = { type: 'exceed_context_size_error', message: 'too long', n_prompt_tokens: 9000, n_ctx: 4096 }
    expect(reply({ error }, 400)).toMatchObject({ detail: '9000 tokens, 4096 fit' })
  })
  it('whose message is long or has line breaks is told on one short line', () => {
    const { detail } = reply({ error: `a\n\u0007b${'c'.repeat(5000)}` }, 400) as Trouble
    expect(detail.length).toBeLessThanOrEqual(200)
    expect(detail.startsWith('a b')).toBe(true)
  })
  it('may wrap its JSON in thoughts and fences', () => {
    expect(jsonIn('<think>{"no": 1}</think>```json\n{"a": 1}\n```')).toEqual({ a: 1 })
    expect(jsonIn('Here it is: {"a": 1}.')).toEqual({ a: 1 })
    expect(jsonIn('<think>never ends {"a": 1}')).toBeUndefined()
    expect(jsonIn('{"a": ')).toBeUndefined()
  })
})

describe('what is done next', () => {
  const trouble = (problem: EndpointProblem, more: Partial<Trouble> = {}): Trouble => ({
    ...{ problem, detail: '', retryAfterMs: null, isTemporary: false, ...more },
  })
  /** Steps until it ends. */
  const follow = (
    problem: EndpointProblem,
    more: Partial<Trouble> = {},
  ): { times: number; end: string; tried: Tried; waitedMs: number } => {
    let [tried, times, waitedMs] = [nothingTried, 0, 0]
    for (;;) {
      const step = nextStep(trouble(problem, more), tried)
      if (step.kind !== 'again') return { times, end: step.kind, tried, waitedMs }
      times += 1
      waitedMs += step.waitMs
      tried = step.tried
    }
  }
  it('a model that cannot see is never asked again, and neither is who refuses, is not there or leads on', () => {
    for (const problem of ['blind', 'key', 'address', 'model', 'redirected'] as const) {
      expect(follow(problem)).toMatchObject({ times: 0, end: 'stop' })
    }
  })
  it('a model that loads is waited for, within bounds', () => {
    const { end, waitedMs, times } = follow('loading')
    expect(end).toBe('stop')
    expect(times).toBeGreaterThan(10)
    expect(waitedMs).toBeLessThanOrEqual(longestLoadingMs)
    expect(waitedMs).toBeGreaterThan(longestLoadingMs - 20_000)
  })
  it('frames are halved once, and a reply may be longer once', () => {
    expect(follow('context')).toMatchObject({ times: 1, end: 'giveUp', tried: { isHalved: true } })
    expect(follow('cutOff')).toMatchObject({ times: 1, end: 'giveUp', tried: { isLonger: true } })
  })
  it('what may pass is tried a few times, what does not pass is not', () => {
    expect(follow('unreachable')).toMatchObject({ times: 3, end: 'stop' })
    expect(follow('silent')).toMatchObject({ times: 1, end: 'giveUp' })
    expect(follow('nonsense')).toMatchObject({ times: 2, end: 'giveUp' })
    expect(follow('server', { isTemporary: true })).toMatchObject({ times: 2, end: 'giveUp' })
    expect(follow('server')).toMatchObject({ times: 0, end: 'giveUp' })
    expect(follow('tooLong')).toMatchObject({ times: 0, end: 'giveUp' })
  })
  it('who asks for a pause gets it, up to a minute', () => {
    expect(nextStep(trouble('busy', { retryAfterMs: 7000 }), nothingTried)).toMatchObject({ waitMs: 7000 })
    expect(nextStep(trouble('busy', { retryAfterMs: 9e9 }), nothingTried)).toMatchObject({ waitMs: 60_000 })
  })
})

describe('frames for a question', () => {
  const moment = (i: number): AnswerMoment => ({
    ...{
      videoId: `v${i}`,
      path: `/v/${i}.mp4`,
      fileName: `clip ${i}.mp4`,
      startSeconds: 10 * i,
      endSeconds: 10 * i + 4,
    },
  })
  const moments = (count: number): AnswerMoment[] => Array.from({ length: count }, (_, i) => moment(i))
  it('are six to eight, of at most five moments, more of the better ones', () => {
    for (const count of [1, 2, 3, 4, 5, 9]) {
      const frames = planFrames(moments(count))
      expect(frames.length).toBeGreaterThanOrEqual(6)
      expect(frames.length).toBeLessThanOrEqual(8)
      expect(new Set(frames.map(({ moment: of }) => of.videoId)).size).toBe(Math.min(5, count))
      for (const { seconds, moment: of } of frames) {
        expect(seconds).toBeGreaterThan(of.startSeconds)
        expect(seconds).toBeLessThan(of.endSeconds)
      }
    }
    expect(planFrames(moments(5)).map(({ moment: of }) => of.videoId)).toEqual([
      'v0',
      'v0',
      'v1',
      'v1',
      'v2',
      'v2',
      'v3',
      'v4',
    ])
    expect(planFrames(moments(5), 4)).toHaveLength(4)
  })
  it('are named by number, file and time', () => {
    const [first] = planFrames([{ ...moment(1), fileName: 'boots.mp4', startSeconds: 11.4, endSeconds: 23.4 }])
    expect(first).toMatchObject({ name: 'F1', label: 'F1, boots.mp4, 00:12.4' })
    expect(clockTime(3725.06)).toBe('1:02:05.1')
  })
  it('prove an answer only where it cites one that was sent', () => {
    const frames = planFrames(moments(1))
    const read = (value: unknown) => readAnswer(JSON.stringify(value), frames)
    expect(read({ answerable: true, answer: 'Red.', citations: ['F2', 'F99', 7, 'F2'] })).toMatchObject({
      ...{ isProven: true, citations: [{ name: 'F2', videoId: 'v0' }] },
    })
    expect(read({ answerable: true, answer: 'Red.', citations: ['F99'] })).toMatchObject({
      isProven: false,
      citations: [],
    })
    expect(read({ answerable: true, answer: 'Red.' })).toMatchObject({ isProven: false })
    expect(read({ answerable: false, answer: '', citations: ['F1'] })).toMatchObject({
      answerable: false,
      isProven: false,
    })
    expect(read({ answerable: true, answer: '', citations: ['F1'] })).toBeNull()
    expect(read({ answer: 'Red.' })).toBeNull()
    expect(readAnswer('An essay.', frames)).toBeNull()
  })
})

describe('descriptions', () => {
  it('are one sentence about the video, never an essay, a broken document or an example given back', () => {
    expect(readDescription('{"description": "An image of a bag."}', [])).toBe('A video of a bag.')
    expect(readDescription('A bag is turned on a table.', [])).toBe('A bag is turned on a table.')
    expect(readDescription('{"description": "Leather bag"}', ['leather bag'])).toBeNull()
    for (const content of [
      '',
      '...',
      '{"description": ""}',
      '{"description": 7}',
      '{"descr',
      'One.\n\nTwo.',
      `${'word '.repeat(200)}`,
    ]) {
      expect(readDescription(content, [])).toBeNull()
    }
  })
  it('are asked for as the method does, with the wording of the catalogue', () => {
    const prompt = promptOf(['green coat'], gridOf(false))
    expect(prompt).toContain('12 moments')
    expect(prompt).toContain('In a sentence, describe the process in the video.')
    expect(prompt).toContain('"green coat"')
    expect(promptOf([], gridOf(true))).toContain('6 moments')
  })
  it('take their example from the best source, of a middling length, and never from generated ones', () => {
    const of = (source: Description['source'], text: string): Description => ({
      ...{ id: text, videoId: 'v', text, source, createdAtMs: 0, generated: null },
    })
    const texts = ['a', 'bb', 'ccc', 'dddd', 'eeeee'].map((text) => of('csv', text))
    expect(exampleTexts([of('generated', 'written'), of('filename', 'IMG 1'), ...texts])).toEqual(['bb', 'ccc', 'dddd'])
    expect(exampleTexts([...texts, of('user', 'mine')])).toEqual(['mine'])
    expect(exampleTexts([of('generated', 'written')])).toEqual([])
  })
})
