/**
 * Main process's end of the engine: starts it as a utility process, starts it again when it ends by itself, and carries
 * the contract to it. What waits for an answer when the engine ends fails with `engine.gone`; what is asked while it is
 * being started again waits for it. Jobs go on by themselves: they are in the library.
 */
import { MessageChannelMain, utilityProcess, type UtilityProcess } from 'electron'
import { createMessageTransport, engineFailedCode, engineGoneCode, type Transport } from '../main/contract/index.ts'
import type { FindMedia, FoundMedia } from '../main/files/index.ts'
import type { EndpointKeys } from './endpoint-keys.ts'
import { fromEngineSchema, type EngineProcessOptions, type ToEngine } from './engine-messages.ts'
import { enginePolicy, restartDelayMs, type RestartPolicy } from './restart-policy.ts'
import { traceOfOutput } from './trace.ts'

/** `failed`: it ended too often and is not started again by itself. */
export type EngineState = 'starting' | 'ready' | 'failed' | 'closed'

/** The engine cannot answer now; `code` is `engine.gone` or `engine.failed`. */
export class EngineAway extends Error {
  readonly code: string
  constructor(code: string) {
    super(code === engineGoneCode ? 'The engine has stopped and is being started again.' : 'The engine does not start.')
    this.name = 'EngineAway'
    this.code = code
  }
}

export type EngineLink = {
  readonly transport: Transport
  readonly findMedia: FindMedia
  readonly state: () => EngineState
  /** Called at every change of state. */
  onState(listener: (state: EngineState) => void): void
  setNetworking(isAllowed: boolean): void
  setEndpointKeys(keys: EndpointKeys): void
  /** After `failed`, or by the user's wish: forgets what failed and starts anew. */
  restart(): void
  /** Lets it end by itself, and ends it when it does not within `graceMs`. */
  close(graceMs?: number): Promise<void>
}

export type EngineLinkOptions = {
  readonly engineEntry: string
  readonly mediaEntry: string
  readonly options: EngineProcessOptions
  readonly now: () => number
  readonly log: (source: 'engine' | 'media', what: string) => void
  readonly policy?: RestartPolicy
}

/** Characters of a process's last words that are looked at. */
const mostOutput = 8192

export function startEngine(parts: EngineLinkOptions): EngineLink {
  const policy = parts.policy ?? enginePolicy
  const listeners = new Set<(state: EngineState) => void>()
  const mediaAsked = new Map<number, (found: FoundMedia | null) => void>()
  const mediaHosts = new Set<UtilityProcess>()
  let state: EngineState = 'starting'
  let child: UtilityProcess | undefined
  let early: ToEngine[] = []
  let failedAtMs: number[] = []
  let isNetworkingAllowed = false
  let endpointKeys: EndpointKeys | null = null
  let nextMediaId = 1
  let timer: NodeJS.Timeout | undefined

  const transport = createMessageTransport({ post })

  function setState(next: EngineState): void {
    state = next
    for (const listener of listeners) listener(next)
  }

  function post(message: ToEngine): void {
    if (state === 'ready') child?.postMessage(message)
    else if (state === 'starting') early.push(message)
    else throw new EngineAway(engineFailedCode)
  }

  /** Of what it writes when it fails, the log keeps where that happened. */
  function fork(entry: string, argument: string, serviceName: 'Engine' | 'Media'): UtilityProcess {
    const started = utilityProcess.fork(entry, [argument], { serviceName, stdio: ['ignore', 'inherit', 'pipe'] })
    const source = serviceName === 'Engine' ? 'engine' : 'media'
    let output = ''
    started.stderr?.on('data', (chunk: Buffer) => {
      process.stderr.write(chunk)
      output = (output + chunk.toString('utf8')).slice(-mostOutput)
    })
    started.on('spawn', () => parts.log(source, 'started'))
    started.on('exit', (code) => parts.log(source, `ended with code ${code}\n${traceOfOutput(output)}`.trim()))
    return started
  }

  function start(): void {
    clearTimeout(timer)
    setState('starting')
    const started = fork(parts.engineEntry, JSON.stringify(parts.options), 'Engine')
    child = started
    started.on('message', (message: unknown) => {
      if (started === child) take(message)
    })
    started.on('exit', () => {
      if (started === child) ended()
    })
  }

  function take(data: unknown): void {
    const parsed = fromEngineSchema.safeParse(data)
    if (!parsed.success) return
    const message = parsed.data
    if (message.kind === 'ready') {
      setState('ready')
      child?.postMessage({ kind: 'networking', isAllowed: isNetworkingAllowed } satisfies ToEngine)
      if (endpointKeys !== null) child?.postMessage({ kind: 'endpointKeys', ...endpointKeys } satisfies ToEngine)
      for (const waiting of early.splice(0)) child?.postMessage(waiting)
    } else if (message.kind === 'mediaFound') {
      mediaAsked.get(message.id)?.(message.found as FoundMedia | null)
      mediaAsked.delete(message.id)
    } else if (message.kind === 'startMedia') startMedia(message.id, message.options)
    else transport.receive(message)
  }

  /** Its two ends close with the processes that hold them, so that each learns of the other's end. */
  function startMedia(id: number, options: string): void {
    const { port1, port2 } = new MessageChannelMain()
    const host = fork(parts.mediaEntry, options, 'Media')
    mediaHosts.add(host)
    host.on('exit', () => mediaHosts.delete(host))
    host.postMessage({}, [port1])
    child?.postMessage({ kind: 'mediaPort', id } satisfies ToEngine, [port2])
  }

  function ended(): void {
    child = undefined
    for (const host of mediaHosts) host.kill()
    for (const answer of mediaAsked.values()) answer(null)
    mediaAsked.clear()
    if (state === 'closed') return
    failedAtMs = [...failedAtMs, parts.now()].slice(-(policy.limit + 1))
    const delayMs = restartDelayMs(failedAtMs, policy)
    if (delayMs === null) {
      early = []
      parts.log('engine', 'ended too often and is not started again')
      setState('failed')
      transport.failAll(new EngineAway(engineFailedCode))
      return
    }
    // What had reached it is lost with it; what was still waiting for it is lost too, so that all callers begin anew.
    early = []
    setState('starting')
    transport.failAll(new EngineAway(engineGoneCode))
    timer = setTimeout(start, delayMs)
  }

  start()
  return {
    transport,
    state: () => state,
    onState: (listener) => void listeners.add(listener),
    findMedia: (what, mediaId) =>
      new Promise((resolve) => {
        const id = nextMediaId++
        mediaAsked.set(id, resolve)
        try {
          post({ kind: 'findMedia', id, what, mediaId })
        } catch {
          mediaAsked.delete(id) // the engine is down for good: there is nothing to show
          resolve(null)
        }
      }),
    setNetworking(isAllowed) {
      isNetworkingAllowed = isAllowed
      if (state === 'ready') post({ kind: 'networking', isAllowed })
    },
    setEndpointKeys(keys) {
      endpointKeys = keys
      if (state === 'ready') post({ kind: 'endpointKeys', ...keys })
    },
    restart() {
      failedAtMs = []
      if (state === 'failed') start()
    },
    async close(graceMs = 5000) {
      clearTimeout(timer)
      const ending = child
      const wasReady = state === 'ready'
      setState('closed')
      transport.failAll(new EngineAway(engineGoneCode))
      if (ending === undefined) return
      await new Promise<void>((resolve) => {
        const killer = setTimeout(() => ending.kill(), wasReady ? graceMs : 0)
        ending.on('exit', () => (clearTimeout(killer), resolve()))
        if (wasReady) ending.postMessage({ kind: 'close' } satisfies ToEngine)
      })
    },
  }
}
