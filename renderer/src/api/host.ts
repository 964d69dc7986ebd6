/**
 * What differs between the two hosts of the window. In the desktop app the preload script offers `window.mamaDesktop`; in
 * a browser the page talks HTTP and uploads what is dropped, because a page has no paths of files.
 */
import type { DesktopBridge } from '../../../main/contract/index.ts'
import { createDesktopHost } from './desktop-host.ts'
import type { HostBridge } from './host-bridge.ts'
import { createPageTransport } from './page-transport.ts'

export type { HostBridge, ShellListener } from './host-bridge.ts'

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
    hasPaths: false,
    pathOf: () => null,
    chooseFiles: null,
    listen: null,
    dragOut: null,
    keepEndpointKey: null,
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
