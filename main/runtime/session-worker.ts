/**
 * Entry of a runtime's worker thread: takes requests in order, one at a time, and answers each. It must not be imported;
 * the runtime starts it by its URL.
 */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { defined } from '../base/index.ts'
import { openEngine, type OpenedEngine } from './engines.ts'
import { runProbe } from './probe-model.ts'
import type { Calls, Reply, Request, ToWorker, WorkerConfig } from './protocol.ts'
import { packTensors } from './transfer.ts'
import type { WorkerSession } from './worker-session.ts'

const port = defined(parentPort, 'the parent thread')
const config = workerData as WorkerConfig
const sessions = new Map<number, WorkerSession>()
let queue: Request[] = []
let working = false
let engine: Promise<OpenedEngine> | undefined

const ownEngine = (): Promise<OpenedEngine> => (engine ??= openEngine(config))

const handlers: { [K in keyof Calls]: (ask: Calls[K]['ask']) => Promise<Calls[K]['answer']> } = {
  async probe({ provider }) {
    const engine = provider === config.provider ? await ownEngine() : await openEngine({ provider, threads: 1 })
    await runProbe(engine)
    return { engine: engine.name }
  },
  async create({ session, model, options }) {
    const { sharesStateOf, ...own } = options
    const engine = await ownEngine()
    const opened = await engine.open(model, own, sharesStateOf === undefined ? undefined : find(sharesStateOf))
    sessions.set(session, opened)
    return { inputs: opened.inputs, outputs: opened.outputs }
  },
  run: async ({ session, feeds, outputs }) => find(session).run(feeds, outputs),
  write: async ({ session, values }) => {
    await find(session).write(values)
    return null
  },
  read: async ({ session, names }) => find(session).read(names),
  release: async ({ session }) => {
    const released = find(session)
    sessions.delete(session)
    await released.release()
    return null
  },
  // Sessions are released here, before the thread ends: freeing them while it is torn down can crash the process.
  shutdown: async () => {
    for (const session of sessions.values()) await session.release()
    sessions.clear()
    return null
  },
}

function find(session: number): WorkerSession {
  return defined(sessions.get(session), `session ${session}`)
}

function accept(message: ToWorker): void {
  if ('cancel' in message) queue = queue.filter((request) => request.id !== message.cancel)
  else queue.push(message)
}

/** Takes in what arrived while a run blocked this thread, so that a cancelled request is not begun. */
function acceptWaiting(): void {
  for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) accept(next.message as ToWorker)
}

async function answer(request: Request): Promise<void> {
  try {
    const value = await handlers[request.call](request.ask as never)
    const hasTensors = request.call === 'run' || request.call === 'read'
    const packed = hasTensors ? packTensors(value as Calls['run']['answer'], true) : { tensors: value, buffers: [] }
    port.postMessage({ id: request.id, value: packed.tensors } satisfies Reply, packed.buffers)
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error)
    port.postMessage({ id: request.id, failure } satisfies Reply)
  }
}

async function work(): Promise<void> {
  if (working) return
  working = true
  for (;;) {
    acceptWaiting()
    const request = queue.shift()
    if (request === undefined) break
    await answer(request)
    if (request.call === 'shutdown') {
      port.close()
      return
    }
  }
  working = false
}

port.on('message', (message: ToWorker) => {
  accept(message)
  void work()
})
