/** The app opens, takes videos and tasks that a second start brings, and searches. */
import { expect, it } from 'vitest'
import { app, double, menuItem } from '../double/main-side.ts'
import { utilities } from '../double/utility.ts'
import { counts, engines, eventually, folder, indexed, long, page, screenShown, window } from './app.ts'

export function firstUse(): void {
  it('opens a sandboxed window on a display that is there', () => {
    const { webPreferences, ...bounds } = window().options
    expect(webPreferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
    })
    expect(bounds).toMatchObject({ x: 410, y: 170, width: 1100, height: 700 })
    expect(double.schemes).toMatchObject([
      { scheme: 'mama', privileges: { standard: true, secure: true, stream: true } },
    ])
  })

  it('shows the library, whose engine answers over messages', async () => {
    await page().getByText('Try the sample catalogue').waitFor()
    expect(await counts()).toMatchObject({ eligible: 0 })
    expect(engines()).toHaveLength(1)
  })

  it(
    'imports what a second start brings, and says so in the window',
    async () => {
      window().isFocusedNow = false
      app.emit('second-instance', {}, ['mama-studio', '--no-sandbox', 'videos'], folder)
      await indexed(4)
      expect(window().isFocusedNow).toBe(true)
      await page()
        .getByText(/videos added/)
        .waitFor()
      expect(window().progressBars.some(({ mode }) => mode === 'normal')).toBe(true)
      await eventually(() => window().progressBars.at(-1)).toEqual({ fraction: -1, mode: 'none' })
      // ffmpeg is started by a small process of its own, which speaks to the engine over a port.
      expect(utilities.filter(({ name }) => name === 'Media')).toHaveLength(1)
    },
    long,
  )

  it('searches in the window', async () => {
    menuItem('go.search').click?.()
    await page().getByRole('searchbox').or(page().getByRole('textbox')).first().fill('dress')
    await page().locator('[data-result]').first().waitFor()
    expect(window().webContents.problems).toEqual([])
  })

  it('begins with what a second start asks for, in front of everything', async () => {
    menuItem('go.label').click?.()
    await screenShown().toMatch(/^#\/label/)
    window().isFocusedNow = false
    app.emit('second-instance', {}, ['mama-studio', '--do=search'], folder)
    await screenShown().toMatch(/^#\/search/)
    expect(window().isFocusedNow).toBe(true)
    const asked = double.openedDialogs.length
    double.chosenPaths = []
    app.emit('second-instance', {}, ['mama-studio', '--do=import'], folder)
    await eventually(() => double.openedDialogs.length).toBe(asked + 1)
    expect(double.openedDialogs.at(-1)?.filters[0]?.extensions).toContain('mp4')
    expect((await counts()).eligible).toBe(4)
  })
}
