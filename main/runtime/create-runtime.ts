/** Builds a runtime: one worker thread that holds sessions of one execution provider or of the engine tensorflow. */
import { assert, defined } from '../base/index.ts'
import { graphFailure, providerFailure } from './failures.ts'
import type { WorkerSessionOptions } from './protocol.ts'
import { packTensors } from './transfer.ts'
import type { GraphSession, ModelSource, Runtime, RuntimeOptions } from './types.ts'
import { startWorker, WorkerFailure, type WorkerClient } from './worker-client.ts'

/**
 * Starts a worker thread and checks that the provider works in it.
 * @throws AppError `runtime.unavailable` when it does not
 */
export async function createRuntime({
  provider = 'cpu',
  threads,
  spinning = false,
  tensorFlowBackend,
}: RuntimeOptions = {}): Promise<Runtime> {
  assert(threads === undefined || (Number.isInteger(threads) && threads > 0), `threads is ${threads}`)
  const worker = startWorker({
    ...{ provider, spinning },
    ...(threads === undefined ? {} : { threads }),
    ...(tensorFlowBackend === undefined ? {} : { tensorFlowBackend }),
  })
  let engine: string
  try {
    engine = (await worker.ask('probe', { provider })).engine
  } catch (error) {
    await worker.close()
    throw error instanceof WorkerFailure ? providerFailure(provider, error.message) : error
  }
  let nextSession = 1
  const numbers = new WeakMap<GraphSession, number>()
  return {
    ...{ provider, engine },
    get isAlive() {
      return worker.isAlive()
    },
    async createSession(source, { sharesStateOf, ...options }) {
      const number = nextSession++
      const other =
        sharesStateOf && defined(numbers.get(sharesStateOf), 'a session of this runtime to share state with')
      const asked = { ...options, ...(other !== undefined && { sharesStateOf: other }) }
      const session = await openSession(worker, number, source, asked)
      numbers.set(session, number)
      return session
    },
    dispose: () => worker.close(),
  }
}

async function openSession(
  worker: WorkerClient,
  session: number,
  source: ModelSource,
  options: WorkerSessionOptions,
): Promise<GraphSession> {
  const { label } = options
  const naming = async <T>(action: 'built' | 'run', work: Promise<T>): Promise<T> => {
    try {
      return await work
    } catch (error) {
      throw error instanceof WorkerFailure ? graphFailure(label, action, error.message) : error
    }
  }
  const model = 'path' in source ? source : new Uint8Array(source)
  const buffers = 'path' in model ? [] : [model.buffer]
  const asked = worker.ask('create', { session, model, options }, { buffers })
  const { inputs, outputs } = await naming('built', asked)
  let disposed: Promise<void> | undefined

  return {
    inputs,
    outputs,
    async run(feeds, { outputs: wanted, signal, transfer = false } = {}) {
      assert(disposed === undefined, `the session of graph "${label}" is used after it was disposed`)
      const { tensors, buffers } = packTensors(feeds, transfer)
      const ask = { session, feeds: tensors, ...(wanted === undefined ? {} : { outputs: wanted }) }
      return naming('run', worker.ask('run', ask, { buffers, ...(signal === undefined ? {} : { signal }) }))
    },
    async writeState(values, { transfer = false } = {}) {
      assert(disposed === undefined, `the session of graph "${label}" is used after it was disposed`)
      const { tensors, buffers } = packTensors(values, transfer)
      await naming('run', worker.ask('write', { session, values: tensors }, { buffers }))
    },
    async readState(names) {
      assert(disposed === undefined, `the session of graph "${label}" is used after it was disposed`)
      return naming('run', worker.ask('read', { session, ...(names === undefined ? {} : { names }) }))
    },
    dispose() {
      // A runtime that was closed, or whose thread died, has freed its sessions already.
      disposed ??= worker.ask('release', { session }).then(
        () => undefined,
        (error: unknown) => {
          if (!(error instanceof WorkerFailure)) throw error
        },
      )
      return disposed
    },
  }
}
