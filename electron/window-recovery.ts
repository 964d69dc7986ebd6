/**
 * Brings the window back: loads it anew when its process has died, asks when that happens again and again, and asks when it
 * does not answer any more. Runs in Electron's main process.
 */
import { dialog, type BrowserWindow } from 'electron'
import type { LogFile } from './log-file.ts'
import { restartDelayMs, windowPolicy } from './restart-policy.ts'
import { askAboutTrouble } from './trouble.ts'
import type { Words } from './words.ts'

export type RecoveryParts = {
  readonly now: () => number
  readonly words: () => Words
  readonly log: LogFile
  /** The page is gone or loads anew. */
  readonly onPageLost: () => void
  readonly quit: () => void
}

export function recoverWindow(window: BrowserWindow, parts: RecoveryParts): void {
  const page = window.webContents
  page.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
    if (isMainFrame && !isSameDocument) parts.onPageLost()
  })
  recoverFromDeath(window, parts)
  recoverFromSilence(window, parts)
}

function recoverFromDeath(window: BrowserWindow, { now, words, log, onPageLost, quit }: RecoveryParts): void {
  let goneAtMs: number[] = []
  const page = window.webContents
  const reload = (): void => void (window.isDestroyed() || page.reload())
  page.on('render-process-gone', (_, { reason, exitCode }) => {
    if (reason === 'clean-exit') return
    log.write('window', `its process is gone: ${reason}, code ${exitCode}`)
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

function recoverFromSilence(window: BrowserWindow, { words, log }: RecoveryParts): void {
  let asking: AbortController | undefined
  const page = window.webContents
  const stop = (): void => {
    asking?.abort()
    asking = undefined
  }
  window.on('unresponsive', () => {
    if (asking !== undefined) return
    log.write('window', 'does not answer')
    const mine = new AbortController()
    asking = mine
    void askAboutTrouble(window, 'window', { words: words(), log, signal: mine.signal }).then((answer) => {
      if (asking === mine) asking = undefined
      if (answer === 'wait' || window.isDestroyed()) return
      log.write('window', 'started again by the user')
      // Its end is then handled like any other: the page is loaded anew, in another process.
      page.forcefullyCrashRenderer()
    })
  })
  window.on('responsive', () => {
    if (asking !== undefined) log.write('window', 'answers again')
    stop()
  })
  window.on('closed', stop)
}
