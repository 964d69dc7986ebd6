/**
 * The engine's end of a worker thread: sends requests, matches replies, and survives the thread's death. An idle worker
 * does not keep the process alive.
 */
import { Worker } from 'node:worker_threads'
import { abortError } from './failures.ts'
import type { CallName, Calls, Reply, ToWorker, WorkerConfig } from './protocol.ts'

export type WorkerClient = {
  /**
   * Asks the worker; requests are served in order.
   * @throws WorkerFailure with the worker's message, or an AbortError when `signal` aborts
   */
  ask<K extends CallName>(
    call: K,
    ask: Calls[K]['ask'],
    options?: { buffers?: ArrayBuffer[]; signal?: AbortSignal },
  ): Promise<Calls[K]['answer']>
  /** False once it was closed or its thread ended. */
  isAlive(): boolean
  /** Ends the worker after what was asked before; safe to call twice. */
  close(): Promise<void>
}

/** A failure inside the worker; callers turn it into an AppError that says which graph it was. */
export class WorkerFailure extends Error {}

type Pending = { resolve(value: unknown): void; reject(error: unknown): void; unlisten(): void }

function spawnWorker(config: WorkerConfig): Worker {
  const here = import.meta.url
  if (!here.endsWith('.ts')) return new Worker(new URL('./session-worker.js', here), { workerData: config })
  // From source: the thread needs a TypeScript loader of its own.
  const execArgv = ['--import', new URL('../typescript-loader.mjs', here).href]
  return new Worker(new URL('./session-worker.ts', here), { workerData: config, execArgv })
}

export function startWorker(config: WorkerConfig): WorkerClient {
  const worker = spawnWorker(config)
  const pending = new Map<number, Pending>()
  let nextId = 1
  let death: string | undefined
  let closing: Promise<void> | undefined
  worker.unref()

  const settle = (id: number): Pending | undefined => {
    const call = pending.get(id)
    if (call === undefined) return undefined
    pending.delete(id)
    call.unlisten()
    if (pending.size === 0) worker.unref()
    return call
  }
  const die = (reason: string): void => {
    death ??= reason
    for (const id of [...pending.keys()]) settle(id)?.reject(new WorkerFailure(death))
  }
  worker.on('message', (reply: Reply) => {
    const call = settle(reply.id)
    if ('failure' in reply) call?.reject(new WorkerFailure(reply.failure))
    else call?.resolve(reply.value)
  })
  worker.on('error', (error: Error) => die(`The runtime's thread ended: ${error.message}`))
  const exited = new Promise<void>((resolve) => {
    worker.on('exit', (code) => {
      die(closing === undefined ? `The runtime's thread ended with code ${code}.` : 'The runtime was closed.')
      resolve()
    })
  })

  const client: WorkerClient = {
    ask(call, ask, { buffers = [], signal } = {}) {
      if (signal?.aborted) return Promise.reject(abortError())
      if (death !== undefined) return Promise.reject(new WorkerFailure(death))
      if (closing !== undefined && call !== 'shutdown') {
        return Promise.reject(new WorkerFailure('The runtime was closed.'))
      }
      return new Promise((resolve, reject) => {
        const id = nextId++
        const onAbort = (): void => {
          worker.postMessage({ cancel: id } satisfies ToWorker)
          settle(id)?.reject(abortError())
        }
        signal?.addEventListener('abort', onAbort, { once: true })
        const unlisten = (): void => signal?.removeEventListener('abort', onAbort)
        pending.set(id, { resolve: resolve, reject, unlisten })
        worker.ref()
        worker.postMessage({ id, call, ask }, buffers)
      })
    },
    isAlive: () => death === undefined && closing === undefined,
    close() {
      closing ??= (async () => {
        if (death !== undefined) return
        const asked = client.ask('shutdown', {}).catch(() => undefined)
        worker.ref()
        await asked
        worker.ref()
        await exited
      })()
      return closing
    },
  }
  return client
}
