/**
 * What differs between the two hosts of the window. In the desktop app the preload script offers `window.mamaHost`; in a
 * browser the page talks HTTP and uploads what is dropped, because a page has no paths of files.
 */
import type { Transport } from '../../../main/contract/index.ts'
import { createPageTransport } from './page-transport.ts'

export type HostBridge = {
  readonly transport: Transport
  /** Address before `poster/<segment>`, `video/<video>` and `clip/<clip>`, ending in a slash. */
  readonly mediaBase: string
  /** Path of a dropped or chosen file on this computer; null where the host does not know it. */
  pathOf(file: File): string | null
  /** Sends a file to the engine and answers with its path there. */
  upload(file: File, signal: AbortSignal): Promise<string>
  /** Asks for files or folders in a dialog of the system; null where the window must use its own. */
  readonly chooseFiles: ((kind: 'videos' | 'table' | 'folder') => Promise<string[]>) | null
}

declare global {
  interface Window {
    readonly mamaHost?: HostBridge
  }
}

export function findHost(): HostBridge {
  return window.mamaHost ?? createPageHost(new URL('./', location.href).href)
}

function createPageHost(base: string): HostBridge {
  return {
    transport: createPageTransport(base),
    mediaBase: `${base}media/`,
    pathOf: () => null,
    chooseFiles: null,
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
