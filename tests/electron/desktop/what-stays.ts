/** What stays behind: the log, what was opened, and where the window was. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { ProcedureOutput } from '../../../main/contract/index.ts'
import { app, double, menuItem } from '../double/main-side.ts'
import { BrowserWindow } from '../double/web.ts'
import { ask, eventually, folder, logFile, page, screenShown, window } from './app.ts'

export function whatStays(): void {
  it('keeps a log of what happened, without a word of the customer’s, and gives it to the diagnostics', async () => {
    const text = readFileSync(logFile, 'utf8')
    for (const line of [
      /app: version 0\.0\.0 starts on /,
      /engine: started/,
      /media: started/,
      /engine: ended with code/,
      /engine: ended too often and is not started again/,
      /window: its process is gone: crashed/,
      /window: does not answer/,
      /window: answers again/,
      /window: started again by the user/,
      /graphics: its process is gone: crashed, code 139/,
      /graphics: the next start draws without it/,
      /app: a message of the window was not understood/,
    ]) {
      expect(text).toMatch(line)
    }
    expect(text.split('\n').every((line) => line === '' || /^\d{4}-\d\d-\d\dT[\d:.]+Z \w+: /.test(line))).toBe(true)
    for (const word of [folder, 'videos', 'clip-', '.mp4', 'dress', 'boots', 'passwd']) expect(text).not.toContain(word)
    menuItem('help.log').click?.()
    expect(double.shownInFolder.at(-1)).toBe(logFile)
    const { text: report } = await ask<ProcedureOutput<'diagnostics'>>('diagnostics', {})
    const { log } = JSON.parse(report) as { log: string[] }
    expect(log.slice(0, 10)).toEqual(text.split('\n').slice(0, 10))
  })

  it('tells the system what was opened', () => {
    expect(double.recentDocuments).toContain(join(folder, 'videos'))
  })

  it('remembers where the window was', async () => {
    window().bounds = { x: 40, y: 50, width: 1000, height: 640 }
    const closing = window()
    await closing.close()
    expect(JSON.parse(readFileSync(join(folder, 'window.json'), 'utf8'))).toMatchObject({ x: 40, width: 1000 })
    app.emit('activate')
    await eventually(() => BrowserWindow.all.length).toBe(2)
    await window().loaded
    expect(window().options).toMatchObject({ x: 40, y: 50, width: 1000, height: 640 })
    await page().getByRole('navigation').first().waitFor()
  })

  it('opens the window for a command that comes while there is none', async () => {
    await window().close()
    menuItem('go.models').click?.()
    await eventually(() => BrowserWindow.all.length).toBe(3)
    await window().loaded
    await screenShown().toMatch(/^#\/models/)
  })
}
