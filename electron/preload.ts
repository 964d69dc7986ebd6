/**
 * The preload script: runs in the sandboxed page's process, in a world of its own, bundled into one file. It offers the
 * page the bridge of main/contract/desktop.ts and nothing else of Electron.
 */
import { contextBridge, ipcRenderer, webUtils } from 'electron'
import type { DesktopBridge, ToShell } from '../main/contract/index.ts'

/** As in page-door.ts; a sandboxed script can import no file of ours at run time, and needs no schema. */
const channel = 'mama'

function post(message: ToShell): void {
  ipcRenderer.send(channel, message)
}

const bridge: DesktopBridge = {
  ask: (id, name, input) => post({ kind: 'ask', id, name, input } as ToShell), // the shell checks the name
  cancel: (id) => post({ kind: 'cancel', id }),
  listen(listener) {
    ipcRenderer.removeAllListeners(channel)
    ipcRenderer.on(channel, (_, message: unknown) => listener(message))
    post({ kind: 'ready' })
  },
  tokenOf(file) {
    // Only a File that the user dropped or chose has a path; one that a script made has none.
    const path = file instanceof File ? webUtils.getPathForFile(file) : ''
    if (path === '') return null
    const token = `file:${crypto.randomUUID()}`
    post({ kind: 'grant', token, path })
    return token
  },
  choose: (id, what) => post({ kind: 'choose', id, what }),
  drag: (moment) => post({ kind: 'drag', moment }),
  keepEndpointKey: (origin, key) => post({ kind: 'endpointKey', origin, key }),
  restartEngine: () => post({ kind: 'restartEngine' }),
}

contextBridge.exposeInMainWorld('mamaDesktop', bridge)
