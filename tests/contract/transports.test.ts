/** Every transport carries the contract in the same way. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  createClient,
  createLocalTransport,
  createMessageServer,
  createMessageTransport,
  failureOf,
  procedures,
  type Client,
  type Handlers,
  type ProcedureEvent,
} from '../../main/contract/index.ts'
import { openPageDoor } from '../../electron/page-door.ts'
import { createHttpTransport } from '../../main/host/http-transport.ts'
import { startServer } from '../../main/host/serve.ts'
import { createDesktopHost } from '../../renderer/src/api/desktop-host.ts'
import { ipcMain } from '../electron/double/main-side.ts'
import { counts, fakeHandlers } from './fake-handlers.ts'

/** The desktop app without Electron: the window's own end, the shell's door, and the engine's end, all in this process. */
function openDesktop(handlers: Handlers): { client: Client; close: () => Promise<void> } {
  const engine = createMessageTransport({ post: (request) => queueMicrotask(() => server.receive(copy(request))) })
  const server = createMessageServer(
    createLocalTransport(handlers),
    (reply) => queueMicrotask(() => engine.receive(copy(reply))),
    failureOf,
  )
  let toPage: (message: unknown) => void = () => {}
  const frame = { url: 'mama://app/' }
  const page = {
    mainFrame: frame,
    isDestroyed: () => false,
    send: (_: string, message: unknown) => toPage(copy(message)),
  }
  const nothing = (): void => {}
  const door = openPageDoor(page as never, {
    engine,
    // Which paths pass is tested on its own.
    grants: { grant: (path) => path, put: nothing, redeem: (_, input) => input },
    ...{ choose: async () => [], drag: nothing, restartEngine: nothing, onReady: nothing, onRefused: nothing },
    keepEndpointKey: nothing,
  })
  const post = (message: unknown): void =>
    void ipcMain.emit('mama', { sender: page, senderFrame: frame }, copy(message))
  const host = createDesktopHost(
    {
      ask: (id, name, input) => post({ kind: 'ask', id, name, input }),
      cancel: (id) => post({ kind: 'cancel', id }),
      listen: (listener) => void (toPage = listener),
      ...{ tokenOf: () => null, choose: nothing, drag: nothing, restartEngine: nothing, keepEndpointKey: nothing },
    },
    'mama://app/',
  )
  host.listen?.({ onOpen: nothing, onCommand: nothing })
  return { client: createClient(host.transport), close: async () => door.close() }
}

const copy = <T>(message: T): T => structuredClone(message)

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
  'over the messages of the desktop app': async () => openDesktop(fakeHandlers({ evaluate: waiting })),
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

test('cancelling settles the call also when the other end is gone', async () => {
  const transport = createMessageTransport({
    post({ kind }) {
      if (kind === 'cancel') throw new Error('the process has ended')
    },
  })
  const stop = new AbortController()
  const call = transport.call('counts', {}, { signal: stop.signal })
  stop.abort(new DOMException('enough', 'AbortError'))
  await expect(call).rejects.toThrow('enough')
})
