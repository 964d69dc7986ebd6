/**
 * The engine's end of a media process in the desktop app. Only Electron's main process can start one, and it hands over a
 * port; from then on frames go from process to process. Runs in the engine's process.
 */
import type { MessagePortMain, ParentPort } from 'electron'
import type { FromHost, MediaLink, StartMediaHost, ToHost } from '../main/media/index.ts'
import type { FromEngine } from './engine-messages.ts'

export type MediaLinks = {
  readonly start: StartMediaHost
  /** Takes the port that was asked for with this id. */
  take(id: number, port: MessagePortMain): void
}

export function createMediaLinks(parent: Pick<ParentPort, 'postMessage'>): MediaLinks {
  const waiting = new Map<number, (port: MessagePortMain) => void>()
  let nextId = 1

  const start: StartMediaHost = (options) => {
    const id = nextId++
    const early: ToHost[] = []
    let port: MessagePortMain | undefined
    let isClosed = false
    let onMessage: (message: FromHost) => void = () => {}
    let onGone: (reason: string) => void = () => {}
    waiting.set(id, (given) => {
      if (isClosed) return given.close()
      port = given
      given.on('message', ({ data }) => onMessage(data as FromHost))
      given.on('close', () => onGone('The media process ended.'))
      given.start()
      for (const message of early) given.postMessage(message)
    })
    parent.postMessage({ kind: 'startMedia', id, options: JSON.stringify(options) } satisfies FromEngine)
    const link: MediaLink = {
      send: (message) => (port === undefined ? void early.push(message) : port.postMessage(message)),
      onMessage: (listener) => void (onMessage = listener),
      onGone: (listener) => void (onGone = listener),
      hold: () => {}, // the engine's process lives until it is told to end
      close() {
        isClosed = true
        port?.close()
      },
    }
    return link
  }

  return {
    start,
    take(id, port) {
      waiting.get(id)?.(port)
      waiting.delete(id)
    },
  }
}
