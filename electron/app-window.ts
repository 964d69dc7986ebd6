/** The one window: how it is made, remembered, and brought back when its process dies. Runs in Electron's main process. */
import { BrowserWindow, dialog, screen, type Session } from 'electron'
import { windowUrl } from './allowed-urls.ts'
import { restartDelayMs, windowPolicy } from './restart-policy.ts'
import { smallestSize, visibleBounds } from './visible-bounds.ts'
import { readWindowState, writeWindowState } from './window-state.ts'
import type { Words } from './words.ts'

export type AppWindowParts = {
  readonly preload: string
  readonly icon: string
  readonly session: Session
  readonly stateFile: string
  readonly now: () => number
  readonly words: () => Words
  /** The page is gone or loads anew. */
  readonly onPageLost: () => void
  readonly quit: () => void
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
  keepAlive(window, parts)
  void window.loadURL(windowUrl)
  return window
}

function keepAlive(window: BrowserWindow, { now, words, onPageLost, quit }: AppWindowParts): void {
  let goneAtMs: number[] = []
  const page = window.webContents
  const reload = (): void => void (window.isDestroyed() || page.reload())
  page.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
    if (isMainFrame && !isSameDocument) onPageLost()
  })
  page.on('render-process-gone', (_, { reason }) => {
    if (reason === 'clean-exit') return
    onPageLost()
    goneAtMs = [...goneAtMs, now()].slice(-(windowPolicy.limit + 1))
    if (restartDelayMs(goneAtMs, windowPolicy) !== null) return reload()
    const { gone } = words()
    const question = {
      type: 'error' as const,
      message: gone.title,
      detail: gone.text,
      buttons: [gone.reload, gone.quit],
      defaultId: 0,
      cancelId: 1,
    }
    void dialog.showMessageBox(window, question).then(({ response }) => {
      if (response !== 0) return quit()
      goneAtMs = []
      reload()
    })
  })
}
