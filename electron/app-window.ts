/** The one window: how it is made and remembered. Runs in Electron's main process. */
import { BrowserWindow, screen, type Session } from 'electron'
import { windowUrl } from './allowed-urls.ts'
import { smallestSize, visibleBounds } from './visible-bounds.ts'
import { recoverWindow, type RecoveryParts } from './window-recovery.ts'
import { readWindowState, writeWindowState } from './window-state.ts'

export type AppWindowParts = RecoveryParts & {
  readonly preload: string
  readonly icon: string
  readonly session: Session
  readonly stateFile: string
}

export function openAppWindow(parts: AppWindowParts): BrowserWindow {
  const saved = readWindowState(parts.stateFile)
  const primary = screen.getPrimaryDisplay()
  const others = screen.getAllDisplays().filter(({ id }) => id !== primary.id)
  const workAreas = [primary, ...others].map(({ workArea }) => workArea)
  const window = new BrowserWindow({
    ...visibleBounds(saved, workAreas),
    minWidth: smallestSize.width,
    minHeight: smallestSize.height,
    title: 'MAMA Studio',
    icon: parts.icon,
    // Until the page has painted: no flash of an empty window.
    show: false,
    webPreferences: {
      preload: parts.preload,
      session: parts.session,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      webviewTag: false,
      // Dictionaries would be downloaded.
      spellcheck: false,
    },
  })
  if (saved?.isMaximized === true) window.maximize()
  window.once('ready-to-show', () => window.show())
  window.on('close', () => {
    const state = { ...window.getNormalBounds(), isMaximized: window.isMaximized() }
    try {
      writeWindowState(parts.stateFile, state)
    } catch {
      // A full disk must not keep the window from closing; it opens in its usual place then.
    }
  })
  recoverWindow(window, parts)
  void window.loadURL(windowUrl)
  return window
}
