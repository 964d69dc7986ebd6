/** The window's end of the desktop shell: the contract as messages over the bridge of the preload script, and what a browser lacks. */
import {
  createMessageTransport,
  engineFailedCode,
  engineGoneCode,
  errorOf,
  fromShellSchema,
  type ChooseKind,
  type DesktopBridge,
  type OpenedFile,
} from '../../../main/contract/index.ts'
import type { HostBridge, ShellListener } from './host-bridge.ts'
import { ConnectionError } from './page-transport.ts'

/** @param base address of the window, ending in a slash */
export function createDesktopHost(bridge: DesktopBridge, base: string): HostBridge {
  const choosing = new Map<number, (files: readonly OpenedFile[]) => void>()
  let nextChoice = 1
  let listener: ShellListener | undefined
  const transport = createMessageTransport({
    post: (request) =>
      request.kind === 'ask' ? bridge.ask(request.id, request.name, request.input) : bridge.cancel(request.id),
    toError(failure) {
      if (failure.code === engineGoneCode) return new ConnectionError('unreachable')
      return failure.code === engineFailedCode ? new ConnectionError('failed') : errorOf(failure)
    },
  })
  const listen = (): void =>
    bridge.listen((data) => {
      const parsed = fromShellSchema.safeParse(data)
      if (!parsed.success) return
      const message = parsed.data
      if (message.kind === 'chosen') {
        choosing.get(message.id)?.(message.files)
        choosing.delete(message.id)
      } else if (message.kind === 'open') listener?.onOpen(message.files)
      else if (message.kind === 'command') listener?.onCommand(message.command)
      else transport.receive(message)
    })
  return {
    transport,
    mediaBase: `${base}media/`,
    hasPaths: true,
    pathOf: (file) => bridge.tokenOf(file),
    upload: () => Promise.reject(new Error('internal: a file of the desktop app has a path')),
    chooseFiles: (kind: ChooseKind) =>
      new Promise((resolve) => {
        const id = nextChoice++
        choosing.set(id, (files) => resolve(files.map(({ token }) => token)))
        bridge.choose(id, kind)
      }),
    listen(given) {
      listener = given
      listen()
    },
    dragOut: (moment) => bridge.drag(moment),
    keepEndpointKey: (origin, key) => bridge.keepEndpointKey(origin, key),
    restartEngine: () => bridge.restartEngine(),
  }
}
