/**
 * What differs between the two hosts of the window. In the desktop app the preload script offers `window.mamaDesktop`; in
 * a browser the page talks HTTP and uploads what is dropped, because a page has no paths of files.
 */
import type {
  ChooseKind,
  DesktopBridge,
  DraggedMoment,
  OpenedFile,
  ShellCommand,
  Transport,
} from '../../../main/contract/index.ts'
import { createDesktopHost } from './desktop-host.ts'
import { createPageTransport } from './page-transport.ts'

/** What the desktop shell tells the window. */
export type ShellListener = {
  /** Files were opened from the system or from the menu. */
  readonly onOpen: (files: readonly OpenedFile[]) => void
  readonly onCommand: (command: ShellCommand) => void
}

export type HostBridge = {
  readonly transport: Transport
  /** Address before `poster/<segment>`, `video/<video>` and `clip/<clip>`, ending in a slash. */
  readonly mediaBase: string
  /** What stands for a dropped or chosen file towards the engine (in the desktop app a token); null where it is to be uploaded. */
  pathOf(file: File): string | null
  /** Sends a file to the engine and answers with its path there. */
  upload(file: File, signal: AbortSignal): Promise<string>
  /** Asks for files or folders in a dialog of the system; null where the window must use its own. */
  readonly chooseFiles: ((kind: ChooseKind) => Promise<string[]>) | null
  /** Hears the desktop shell; null in a browser, as are the two below. */
  readonly listen: ((listener: ShellListener) => void) | null
  /** Must be called while `dragstart` is handled, with the page's own drag prevented. */
  readonly dragOut: ((moment: DraggedMoment) => void) | null
  /** Starts an engine again that has failed too often. */
  readonly restartEngine: (() => void) | null
}

declare global {
  interface Window {
    readonly mamaDesktop?: DesktopBridge
  }
}

export function findHost(): HostBridge {
  const base = new URL('./', location.href).href
  return window.mamaDesktop === undefined ? createPageHost(base) : createDesktopHost(window.mamaDesktop, base)
}

function createPageHost(base: string): HostBridge {
  return {
    transport: createPageTransport(base),
    mediaBase: `${base}media/`,
    pathOf: () => null,
    chooseFiles: null,
    listen: null,
    dragOut: null,
    restartEngine: null,
    async upload(file, signal) {
      const response = await fetch(`${base}upload?name=${encodeURIComponent(file.name)}`, {
        method: 'PUT',
        credentials: 'same-origin',
        body: file,
        signal,
      })
      const answer = (await response.json()) as { result?: { path: string }; error?: { message: string } }
      if (answer.result === undefined) throw new Error(answer.error?.message ?? `upload failed: ${response.status}`)
      return answer.result.path
    },
  }
}
