/** The window and its graphics come back after they died or hung. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { app, double, menuItem } from '../double/main-side.ts'
import { ask, counts, eventually, folder, logFile, long, page, window } from './app.ts'

export function recovery(): void {
  it('brings a window back whose process has died, and asks when it dies again and again', async () => {
    await ask('settings', {})
    const { webContents } = window()
    const crashed = page()
    void crashed.goto('chrome://crash').catch(() => {})
    await eventually(() => page() !== crashed).toBe(true)
    await page().getByRole('navigation').first().waitFor()
    expect(double.messageBoxes).toEqual([])
    double.answers = [0]
    const reloads: string[] = []
    const reload = webContents.reload.bind(webContents)
    webContents.reload = () => void reloads.push('reload')
    for (let i = 0; i < 3; i += 1) webContents.emit('render-process-gone', {}, { reason: 'oom' })
    await eventually(() => double.messageBoxes.length).toBe(1)
    expect(double.answers).toEqual([])
    expect(reloads).toHaveLength(3) // two by itself, one because the user wished it
    // The page was only said to be gone, and what it had asked for went with it: now it does begin anew.
    webContents.reload = reload
    reload()
  })

  it(
    'asks when the window does not answer: waits, shows the log, and opens it anew in another process',
    async () => {
      const asked = (): number =>
        double.messageBoxes.filter(({ message }) => /window does not answer/.test(message)).length
      await page().waitForLoadState()
      await page().getByRole('navigation').first().waitFor()
      // The log first, then another look at the same question, then patience.
      double.answers = [2, 1]
      window().emit('unresponsive')
      await eventually(asked).toBe(2)
      expect(double.shownInFolder).toEqual([logFile])
      expect(double.messageBoxes.at(-1)).toMatchObject({ buttons: ['Open Anew', 'Wait', 'Show Log'] })
      // It answers again before the user does: the question goes away by itself.
      window().emit('unresponsive')
      window().emit('unresponsive')
      await eventually(asked).toBe(3)
      expect(double.messageBoxes.at(-1)?.signal?.aborted).toBe(false)
      window().emit('responsive')
      expect(double.messageBoxes.at(-1)?.signal?.aborted).toBe(true)
      // It never answers again, and the user has enough of it.
      const stuck = page()
      await stuck.waitForLoadState()
      void stuck.evaluate('for (;;);').catch(() => {})
      double.answers = [0]
      window().emit('unresponsive')
      await eventually(() => page() !== stuck).toBe(true)
      await page().getByRole('navigation').first().waitFor()
      expect(await page().evaluate('1 + 1')).toBe(2)
      expect((await counts()).indexed).toBe(13)
    },
    long,
  )

  it(
    'stays usable when the graphics process dies, and draws without it next time when it keeps dying',
    async () => {
      const browser = page().context().browser()!
      const session = await browser.newBrowserCDPSession()
      const graphics = async (): Promise<number | undefined> =>
        (await session.send('SystemInfo.getProcessInfo')).processInfo.find(({ type }) => type === 'GPU')?.id
      const before = await graphics()
      expect(before).toBeGreaterThan(0)
      await session.send('Browser.crashGpuProcess')
      await eventually(async () => ((await graphics()) ?? before) !== before).toBe(true)
      const details = { type: 'GPU', reason: 'crashed', exitCode: 139 }
      app.emit('child-process-gone', {}, details)
      expect(window().webContents.invalidated).toHaveLength(1)
      menuItem('go.models').click?.()
      await page().getByRole('heading', { name: 'Models', level: 1 }).waitFor()
      expect((await page().screenshot()).length).toBeGreaterThan(5000)
      const remembered = join(folder, 'graphics-off')
      expect(existsSync(remembered)).toBe(false)
      for (let i = 0; i < 2; i += 1) app.emit('child-process-gone', {}, details)
      app.emit('child-process-gone', {}, { type: 'Utility', reason: 'crashed', exitCode: 1 })
      expect(readFileSync(remembered, 'utf8')).toBe(app.getVersion())
      expect(window().webContents.invalidated).toHaveLength(3)
    },
    long,
  )
}
