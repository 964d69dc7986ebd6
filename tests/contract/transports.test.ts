/** Every transport carries the contract in the same way. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  createClient,
  createLocalTransport,
  procedures,
  type Client,
  type Handlers,
  type ProcedureEvent,
} from '../../main/contract/index.ts'
import { createHttpTransport } from '../../main/host/http-transport.ts'
import { startServer } from '../../main/host/serve.ts'
import { counts, fakeHandlers } from './fake-handlers.ts'

const cancelled: string[] = []

/** Waits until it is cancelled. */
const waiting: Handlers['evaluate'] = (_, { signal, onEvent }) =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      cancelled.push('evaluate')
      reject(signal.reason as Error)
    })
    onEvent({ kind: 'note', message: 'waiting' })
  })

const transports: Record<string, () => Promise<{ client: Client; close: () => Promise<void> }>> = {
  'in one process': async () => ({
    client: createClient(createLocalTransport(fakeHandlers({ evaluate: waiting }))),
    close: async () => {},
  }),
  'over HTTP': async () => {
    const inner = createClient(createLocalTransport(fakeHandlers({ evaluate: waiting })))
    const server = await startServer(inner, { port: 0, token: 'secret' })
    const client = createClient(createHttpTransport({ url: server.url, token: 'secret' }))
    return { client, close: () => server.close() }
  },
}

describe.each(Object.entries(transports))('%s', (_, open) => {
  let client: Client
  let close: () => Promise<void>
  beforeAll(async () => {
    ;({ client, close } = await open())
  })
  afterAll(() => close())

  test('a call gives its answer', async () => {
    expect(await client.counts({})).toEqual(counts)
    const { query, moments } = await client.search({ text: ' red shoe ', k: 1 })
    expect(query).toBe('red shoe')
    expect(moments).toHaveLength(1)
  })

  test('a stream gives its events in order and then its answer', async () => {
    const events: ProcedureEvent[] = []
    const result = await client.import({ paths: ['/v'] }, { onEvent: (event) => events.push(event) })
    expect(events.map(({ kind }) => kind)).toEqual(['progress', 'note'])
    expect(result.imported).toBe(2)
  })

  test('defaults are filled in', async () => {
    expect(await client.train({})).toMatchObject({ objective: 'mama', reason: 'seed 0.' })
  })

  test('an expected failure keeps its code and its sentence', async () => {
    await expect(client.rollback({})).rejects.toMatchObject({ code: 'model.missing', message: /before/ })
  })

  test('a wrong request is refused with the name of the field', async () => {
    await expect(client.search({ text: '' })).rejects.toMatchObject({ code: 'usage', params: { field: 'text' } })
    await expect(client.train({ epochs: 0.5 })).rejects.toMatchObject({ code: 'usage', params: { field: 'epochs' } })
    await expect(client.counts({ more: 1 } as never)).rejects.toMatchObject({ code: 'usage' })
  })

  test('aborting cancels the work on the other side', async () => {
    const stop = new AbortController()
    const before = cancelled.length
    const work = client.evaluate({ queries: 'q' }, { signal: stop.signal, onEvent: () => stop.abort() })
    await expect(work).rejects.toMatchObject({ name: 'AbortError' })
    await expect.poll(() => cancelled.length).toBe(before + 1)
  })
})

test('every procedure has a summary and a verb', () => {
  for (const { summary, verb } of Object.values(procedures)) {
    expect(summary).toMatch(/^[A-Z].*\.$/)
    expect(['call', 'stream']).toContain(verb)
  }
})
