/**
 * The one door between the window and everything else: checks who sends and what, redeems tokens of files, and carries
 * calls to the engine. Runs in Electron's main process.
 */
import { ipcMain, type IpcMainEvent, type WebContents } from 'electron'
import {
  createMessageServer,
  failureOf,
  toShellSchema,
  type ChooseKind,
  type DraggedMoment,
  type Failure,
  type FromShell,
  type MessageServer,
  type Transport,
} from '../main/contract/index.ts'
import { isOwnUrl } from './allowed-urls.ts'
import { EngineAway } from './engine-link.ts'
import type { PathGrants } from './path-grants.ts'

export const channel = 'mama'

export type PageDoorParts = {
  readonly engine: Transport
  readonly grants: PathGrants
  /** Paths that the user chose; none when the dialog was closed. */
  readonly choose: (what: ChooseKind) => Promise<readonly string[]>
  readonly drag: (moment: DraggedMoment) => void
  readonly restartEngine: () => void
  readonly keepEndpointKey: (origin: string, key: string | null) => void
  /** The page listens. */
  readonly onReady: () => void
  /** A message that was refused, as a sentence for the log. */
  readonly onRefused: (why: string) => void
}

export type PageDoor = {
  send(message: FromShell): void
  /** The page is gone or loads anew: what it had asked for is cancelled. */
  reset(): void
  close(): void
}

/** @param page the window's contents; messages of any other are refused */
export function openPageDoor(page: WebContents, parts: PageDoorParts): PageDoor {
  const { grants } = parts
  const send = (message: FromShell): void => {
    if (!page.isDestroyed()) page.send(channel, message)
  }
  let server = serve()

  function serve(): MessageServer {
    let isCurrent = true
    const inner = createMessageServer(redeeming(parts.engine, grants), (reply) => isCurrent && send(reply), describe)
    return { ...inner, close: () => ((isCurrent = false), inner.close()) }
  }

  async function choose(id: number, what: ChooseKind): Promise<void> {
    const paths = await parts.choose(what).catch(() => [])
    send({ kind: 'chosen', id, files: paths.map((path) => ({ token: grants.grant(path), name: nameOf(path) })) })
  }

  const receive = (event: IpcMainEvent, data: unknown): void => {
    const frame = event.senderFrame
    // A frame that has just gone away has no address to check.
    if (event.sender !== page || frame === null || frame !== page.mainFrame || !isOwnUrl(frame.url)) {
      return parts.onRefused(`a message from ${originOf(frame?.url)} was refused`)
    }
    const parsed = toShellSchema.safeParse(data)
    if (!parsed.success) {
      parts.onRefused('a message of the window was not understood')
      return server.receive(data) // answers with a failure where it has an id
    }
    const message = parsed.data
    if (message.kind === 'ask' || message.kind === 'cancel') server.receive(message)
    else if (message.kind === 'grant') grants.put(message.token, message.path)
    else if (message.kind === 'choose') void choose(message.id, message.what)
    else if (message.kind === 'drag') parts.drag(message.moment)
    else if (message.kind === 'restartEngine') parts.restartEngine()
    else if (message.kind === 'endpointKey') parts.keepEndpointKey(message.origin, message.key)
    else parts.onReady()
  }
  ipcMain.on(channel, receive)
  return {
    send,
    reset() {
      server.close()
      server = serve()
    },
    close() {
      server.close()
      ipcMain.off(channel, receive)
    },
  }
}

function redeeming(engine: Transport, grants: PathGrants): Transport {
  return {
    call: async (name, input, options) => engine.call(name, grants.redeem(name, input), options),
    stream: async (name, input, options) => engine.stream(name, grants.redeem(name, input), options),
  }
}

/** Without what follows: the window's own addresses hold what was searched for. */
function originOf(url: string | undefined): string {
  if (url === undefined) return 'a frame that is gone'
  return isOwnUrl(url) ? 'another frame of the window' : 'a strange page'
}

function describe(error: unknown, aborted: boolean): Failure {
  if (error instanceof EngineAway && !aborted) return { code: error.code, message: error.message, params: {} }
  return failureOf(error, aborted)
}

export function nameOf(path: string): string {
  return path.split(/[\\/]/).findLast((part) => part !== '') ?? path
}
