/** How the app starts: with networking switched off for good, in the language of the system; and a second start that ends. */
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { findChromium, skipReason } from '../e2e/window.ts'
import { ensureDesktopBuilt } from './built.ts'
import { app, double, menuItem } from './double/main-side.ts'
import { utilities } from './double/utility.ts'
import { BrowserWindow, session, stopWeb } from './double/web.ts'

const chromium = findChromium()
if (chromium === null) console.log(`tests/electron/start.test.ts ${skipReason}`)
const long = 60_000
vi.setConfig({ testTimeout: long })

/** Waits until it holds; how long that takes is no matter of these tests. */
const eventually = <T>(value: () => T) => expect.poll(value, { timeout: 45_000 })

describe.skipIf(chromium === null)('the start of the desktop app', () => {
  afterAll(async () => {
    app.quit()
    await vi.waitUntil(() => double.hasQuit, { timeout: 20_000 })
    await stopWeb()
    rmSync(double.userData, { recursive: true, force: true })
  }, long)

  it('ends at once when the app runs already', async () => {
    double.isFirstInstance = false
    await import('../../electron/main.ts')
    expect(double.hasQuit).toBe(true)
    expect([BrowserWindow.all, utilities]).toEqual([[], []])
    double.hasQuit = false
    double.isFirstInstance = true
  })

  it(
    'with --disable-networking no setting brings the network back',
    async () => {
      ensureDesktopBuilt()
      const library = join(double.userData, 'elsewhere')
      mkdirSync(library)
      double.languages = ['ja-JP', 'en-US']
      const { argv } = process
      process.argv = ['electron', '.', '--disable-networking', '--library', library]
      const again = '../../electron/main.ts?again' // a module of its own, which starts once more
      await import(again)
      process.argv = argv
      await vi.waitUntil(() => BrowserWindow.all.length === 1, { timeout: long })
      const [window] = BrowserWindow.all
      await window!.loaded
      const { page } = window!.webContents
      expect(double.switches.get('host-resolver-rules')).toBe('MAP * ~NOTFOUND')
      expect(menuItem('edit.redo').label).toBe('やり直す')
      menuItem('go.settings').click?.()
      await expect.poll(() => page.evaluate('location.hash'), { timeout: 20_000 }).toMatch(/^#\/settings/)
      await page.evaluate(() =>
        (globalThis as unknown as { mamaDesktop: { ask(...args: unknown[]): void } }).mamaDesktop.ask(
          900_000,
          'changeSettings',
          {
            networking: true,
            language: 'en',
          },
        ),
      )
      // Both settings arrive together, so the network was asked about as well.
      await eventually(() => menuItem('edit.redo').label).toBe('Redo')
      expect(session.defaultSession.mayRequest('https://example.com/')).toBe(false)
    },
    long,
  )
})
