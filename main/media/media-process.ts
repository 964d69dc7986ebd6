/**
 * `Media` in a process of its own.
 *
 * [Note: Why a process] To start ffmpeg, Linux copies the page tables of the process that asks, and every page it
 * writes afterwards faults once more. In an engine that holds sessions and libraries this cost 80 ms a start, with the
 * event loop standing still: more than decoding a short clip. A small process starts ffmpeg in a few.
 */
import { AppError } from '../contract/index.ts'
import { forkMediaHost, type MediaLink, type StartMediaHost } from './media-link.ts'
import type { Media, MediaOptions } from './media.ts'
import {
  readAhead,
  type CallName,
  type Failure,
  type FromHost,
  type StreamName,
  type ToHost,
} from './media-protocol.ts'

export type MediaProcess = Media & {
  /** Ends the process and what it runs. Calls that are waiting fail. */
  close(): void
}

type Reply = FromHost | { failure: Failure }
type Listener = (reply: Reply) => void
type Cancellable = { signal?: AbortSignal | undefined }

/** Starts nothing yet: the process begins with the first call, and again if it ended. */
export function createMediaProcess(
  options: MediaOptions = {},
  startHost: StartMediaHost = forkMediaHost,
): MediaProcess {
  const listeners = new Map<number, Listener>()
  let host: MediaLink | undefined
  let nextId = 1

  function start(): MediaLink {
    const started = startHost(options)
    started.onMessage((reply) => listeners.get(reply.id)?.(reply))
    started.onGone((reason) => {
      if (host === started) host = undefined
      for (const listener of [...listeners.values()]) listener({ failure: { message: reason } })
    })
    // An idle process does not keep the engine alive; `open` and `settle` count the calls that do.
    started.hold(false)
    return started
  }

  function open(ask: CallName | StreamName, args: unknown[], rest: object, listener: Listener): number {
    host ??= start()
    const id = nextId++
    listeners.set(id, listener)
    if (listeners.size === 1) host.hold(true)
    post({ id, ask, args, options: rest })
    return id
  }
  function settle(id: number): void {
    listeners.delete(id)
    if (listeners.size === 0) host?.hold(false)
  }
  function post(message: ToHost): void {
    host?.send(message)
  }

  function call(ask: CallName, args: unknown[], { signal, ...rest }: Cancellable): Promise<unknown> {
    if (signal?.aborted) return Promise.reject(signal.reason as Error)
    return new Promise((resolve, reject) => {
      const end = (): void => {
        settle(id)
        signal?.removeEventListener('abort', onAbort)
      }
      const onAbort = (): void => {
        end()
        post({ id, cancel: true })
        reject(signal?.reason as Error)
      }
      const id = open(ask, args, rest, (reply) => {
        end()
        if ('failure' in reply) reject(rebuild(reply.failure))
        else resolve('value' in reply ? reply.value : undefined)
      })
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  }

  async function* stream(ask: StreamName, args: unknown[], { signal, ...rest }: Cancellable): AsyncGenerator<unknown> {
    signal?.throwIfAborted()
    const waiting: Reply[] = []
    let wake = (): void => {}
    const id = open(ask, args, rest, (reply) => {
      waiting.push(reply)
      wake()
    })
    const onAbort = (): void => wake()
    signal?.addEventListener('abort', onAbort, { once: true })
    let over = false
    try {
      for (let taken = 0; ;) {
        signal?.throwIfAborted()
        const reply = waiting.shift()
        if (reply === undefined) {
          await new Promise<void>((resolve) => (wake = resolve))
          continue
        }
        over = !('item' in reply)
        if ('failure' in reply) throw rebuild(reply.failure)
        if (!('item' in reply)) return
        yield reply.item
        taken += 1
        if (taken % (readAhead / 2) === 0) post({ id, more: readAhead / 2 })
      }
    } finally {
      signal?.removeEventListener('abort', onAbort)
      settle(id)
      if (!over) post({ id, cancel: true })
    }
  }

  return {
    probe: (path, rest = {}) => call('probe', [path], rest) as ReturnType<Media['probe']>,
    thumbnail: (path, at, rest = {}) => call('thumbnail', [path, at], rest) as ReturnType<Media['thumbnail']>,
    pictureGrid: (path, grid, rest = {}) => call('pictureGrid', [path, grid], rest) as ReturnType<Media['pictureGrid']>,
    playbackFacts: (path, rest = {}) => call('playbackFacts', [path], rest) as ReturnType<Media['playbackFacts']>,
    frameTimes: (path, facts, stretch, rest = {}) =>
      call('frameTimes', [path, facts, stretch], rest) as ReturnType<Media['frameTimes']>,
    cutClip: (path, target, rest) => call('cutClip', [path, target], rest) as ReturnType<Media['cutClip']>,
    makePreview: (path, target, facts, rest = {}) =>
      stream('makePreview', [path, target, facts], rest) as ReturnType<Media['makePreview']>,
    versions: (rest = {}) => call('versions', [], rest) as ReturnType<Media['versions']>,
    analyse: (path, info, rest) => stream('analyse', [path, info], rest) as ReturnType<Media['analyse']>,
    readTogether: (paths, rest) => stream('readTogether', [paths], rest) as ReturnType<Media['readTogether']>,
    decodeImages: (paths, rest) => stream('decodeImages', [paths], rest) as ReturnType<Media['decodeImages']>,
    close() {
      host?.close()
      host = undefined
    },
  }
}

function rebuild({ message, code, params }: Failure): Error {
  return code === undefined ? new Error(message) : new AppError(code, message, params)
}
