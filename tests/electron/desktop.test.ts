/**
 * The desktop app's own main process, preload script, engine and window, over the double of Electron: the window in a real
 * Chromium, the engine and the media process as real processes from the bundles that are shipped.
 */
import { cpSync, existsSync, lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { DesktopBridge, FromShell, ProcedureOutput } from '../../main/contract/index.ts'
import { findChromium, sampleClips, sampleFolder, skipReason } from '../e2e/window.ts'
import { ensureDesktopBuilt } from './built.ts'
import { app, double, ipcMain, menuItem, powerMonitor } from './double/main-side.ts'
import { utilities } from './double/utility.ts'
import { BrowserWindow, session, stopWeb, toLoopback } from './double/web.ts'
import { seekToMiddle } from './players.ts'

const chromium = findChromium()
if (chromium === null) console.log(`tests/electron/desktop.test.ts ${skipReason}`)
const long = 60_000
vi.setConfig({ testTimeout: long })

/** Waits until it holds; how long that takes is no matter of these tests. */
const eventually = <T>(value: () => T) => expect.poll(value, { timeout: 45_000 })

type Shell = { mamaDesktop: DesktopBridge; __replies: FromShell[] }

/** Asks through the bridge with ids of its own, beside the window's transport. */
const firstTestId = 1_000_000
let nextId = firstTestId

describe.skipIf(chromium === null)('the desktop app', () => {
  const folder = double.userData
  const videos = join(folder, 'videos')
  const logFile = join(folder, 'logs', 'mama-studio.log')
  const window = (): BrowserWindow => BrowserWindow.all.at(-1)!
  const page = () => window().webContents.page
  const engines = () => utilities.filter(({ name }) => name === 'Engine')

  /** The reply of the shell to a message of the page, as the page gets it. */
  const ask = async <T = unknown>(name: string, input: unknown): Promise<T> => {
    const id = nextId++
    const replies: FromShell[] = []
    const { webContents } = window()
    const send = webContents.send.bind(webContents)
    const answered = new Promise<FromShell>((resolve) => {
      webContents.send = (channel: string, message: unknown) => {
        const reply = message as FromShell & { id?: number }
        if (reply.id !== id) return send(channel, message)
        replies.push(reply)
        if (reply.kind === 'result' || reply.kind === 'failure') resolve(reply)
      }
    })
    await page().evaluate(
      ([number, procedure, body]) =>
        (globalThis as unknown as Shell).mamaDesktop.ask(number as number, procedure as string, body),
      [id, name, input],
    )
    const reply = await answered
    webContents.send = send
    if (reply.kind === 'result') return reply.value as T
    throw Object.assign(new Error(reply.kind === 'failure' ? reply.message : ''), reply)
  }
  const counts = () => ask<ProcedureOutput<'counts'>>('counts', {})
  const indexed = (count: number) => eventually(async () => (await counts()).indexed).toBe(count)

  beforeAll(async () => {
    ensureDesktopBuilt()
    mkdirSync(videos)
    for (const clip of sampleClips(4)) cpSync(clip, join(videos, basename(clip)))
    // Left on a second display that has gone since.
    writeFileSync(
      join(folder, 'window.json'),
      JSON.stringify({ x: 2500, y: 300, width: 1100, height: 700, isMaximized: false }),
    )
    await import('../../electron/main.ts')
    await vi.waitUntil(() => BrowserWindow.all.length === 1, { timeout: long })
    await window().loaded
  }, long)
  afterAll(async () => {
    app.quit()
    await vi.waitUntil(() => double.hasQuit, { timeout: 20_000 })
    await stopWeb()
    rmSync(folder, { recursive: true, force: true })
  }, long)

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

  it('gives the page nothing of Node or Electron but the bridge', async () => {
    const seen = await page().evaluate(() => {
      const all = globalThis as unknown as Record<string, unknown>
      return { names: Object.keys(all['mamaDesktop'] as object), node: [typeof all['require'], typeof all['process']] }
    })
    expect(seen.names.sort()).toEqual(['ask', 'cancel', 'choose', 'drag', 'listen', 'restartEngine', 'tokenOf'])
    expect(seen.node).toEqual(['undefined', 'undefined'])
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

  it(
    'plays by id with ranges, a grid of players at once, and refuses everything else',
    async () => {
      const { videos: rows } = await ask<ProcedureOutput<'listVideos'>>('listVideos', {})
      const [first, second] = rows
      const get = async (path: string, headers: Record<string, string> = {}, method = 'GET') => {
        const response = await session.defaultSession.handler!(new Request(`mama://app${path}`, { headers, method }))
        return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) }
      }
      const whole = readFileSync(join(videos, first!.fileName))
      const part = await get(`/media/video/${first!.id}`, { range: 'bytes=100-199' })
      expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 100-199/${whole.length}`])
      expect(part.bytes.equals(whole.subarray(100, 200))).toBe(true)
      const open = await get(`/media/video/${first!.id}`, { range: `bytes=${whole.length - 5}-` })
      expect(open.bytes.equals(whole.subarray(-5))).toBe(true)
      const beyond = await get(`/media/video/${first!.id}`, { range: `bytes=${whole.length}-` })
      expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, `bytes */${whole.length}`])
      expect((await get('/')).headers.get('content-security-policy')).toContain("default-src 'none'")
      for (const path of [
        '/media/video/nothing',
        '/media/video/..%2f..%2fcatalogue.db',
        '/..%2fpackage.json',
        '/.git/config',
      ]) {
        expect((await get(path)).status).toBe(404)
      }
      expect((await get('/media/poster/x', {}, 'POST')).status).toBe(405)
      // Players of one page, two for each video, each sought on its own.
      const addresses = [...rows, ...rows].map(({ id }) => toLoopback(`mama://app/media/video/${id}`))
      const played = await seekToMiddle(page(), addresses)
      expect(played).toEqual(addresses.map(() => expect.closeTo(0.5)))
      // A link that took the place of an imported file is not followed to another file.
      const secret = join(folder, 'secret.mp4')
      writeFileSync(secret, 'not a video of the library')
      rmSync(join(videos, second!.fileName))
      symlinkSync(secret, join(videos, second!.fileName))
      expect((await get(`/media/video/${second!.id}`)).status).toBe(422)
    },
    long,
  )

  it('takes paths only as tokens of files that the user gave', async () => {
    await expect(ask('startImport', { paths: ['/etc'] })).rejects.toMatchObject({
      code: 'usage',
      message: /handed over/,
    })
    await expect(ask('browse', { folder: '/' })).rejects.toMatchObject({ code: 'usage', message: /not for the window/ })
    await expect(ask('importTable', { source: { path: '/etc/passwd' }, mapping: {} })).rejects.toMatchObject({
      code: 'usage',
    })
    const table = join(sampleFolder, 'catalogue.csv')
    const token = await page().evaluate((path) => {
      const seen = globalThis as unknown as Shell & {
        __paths: Record<string, string>
        File: new (parts: string[], name: string) => unknown
      }
      seen.__paths = { 'catalogue.csv': path }
      const made = seen.mamaDesktop.tokenOf(new seen.File(['x'], 'made-by-a-script.csv'))
      return { made, given: seen.mamaDesktop.tokenOf(new seen.File(['x'], 'catalogue.csv')) }
    }, table)
    expect(token.made).toBeNull()
    const preview = await ask<ProcedureOutput<'previewTable'>>('previewTable', { source: { path: token.given } })
    expect(preview.columns).toContain('sku')
  })

  it('refuses messages that are malformed or come from elsewhere', async () => {
    const { webContents } = window()
    const sent: unknown[] = []
    const send = webContents.send.bind(webContents)
    webContents.send = (channel, message) => (sent.push(message), send(channel, message))
    const fromPage = (message: unknown): boolean =>
      ipcMain.emit('mama', { sender: webContents, senderFrame: webContents.mainFrame }, message)
    for (const message of [
      null,
      'ask',
      { kind: 'ask' },
      { kind: 'eval', id: 1 },
      { kind: 'grant', token: 'x', path: '/' },
    ]) {
      fromPage(message)
    }
    expect(sent).toEqual([])
    const [a, b] = [nextId++, nextId++]
    fromPage({ kind: 'ask', id: a, name: '__proto__', input: {} })
    fromPage({ kind: 'ask', id: b, name: 'counts', input: {}, extra: 1 })
    expect(sent).toMatchObject([
      { kind: 'failure', id: a, code: 'usage' },
      { kind: 'failure', id: b, code: 'usage' },
    ])
    sent.length = 0
    const good = { kind: 'ask', id: nextId++, name: 'counts', input: {} }
    const strangers = [
      { sender: {}, senderFrame: webContents.mainFrame },
      { sender: webContents, senderFrame: null },
      { sender: webContents, senderFrame: { url: 'mama://app/' } },
      { sender: webContents, senderFrame: { url: 'https://example.com/' } },
    ]
    for (const stranger of strangers) ipcMain.emit('mama', stranger, good)
    await counts() // whatever the strangers had asked would have been answered before
    expect(sent.filter((reply) => (reply as { id?: number }).id === good.id)).toEqual([])
    webContents.send = send
  })

  it('stays where it is: no navigation, no window, no network, no permission', async () => {
    const before = page().url()
    const pages = page().context().pages().length
    await page().evaluate(() => {
      const seen = globalThis as unknown as { location: { href: string }; open(url: string): void }
      seen.open('https://example.com/manual')
      seen.open('file:///etc/passwd')
      seen.location.href = 'https://example.com/'
    })
    await eventually(() => double.external).toEqual(['https://example.com/manual'])
    expect(page().url()).toBe(before)
    await eventually(() => page().context().pages().length).toBe(pages)
    expect(session.defaultSession.mayRequest('https://example.com/')).toBe(false)
    expect(session.defaultSession.mayRequest('wss://example.com/')).toBe(false)
    expect(session.defaultSession.mayRequest('mama://app/index.html')).toBe(true)
    expect(session.defaultSession.proxy).toEqual({ mode: 'direct' })
    const granted: boolean[] = []
    for (const [permission, requestingUrl] of [
      ['media', 'mama://app/'],
      ['geolocation', 'mama://app/'],
      ['fullscreen', 'https://example.com/'],
      ['fullscreen', 'mama://app/'],
    ]) {
      session.defaultSession.permissionRequest?.({}, permission, (given: boolean) => granted.push(given), {
        requestingUrl,
      })
    }
    expect(granted).toEqual([false, false, false, true])
    expect(session.defaultSession.permissionCheck?.({}, 'midi', 'mama://app')).toBe(false)
    let isWebviewPrevented = false
    window().webContents.emit('will-attach-webview', { preventDefault: () => (isWebviewPrevented = true) })
    expect(isWebviewPrevented).toBe(true)
  })

  it('lets the network be used when the settings allow it, and only then', async () => {
    await ask('changeSettings', { networking: true })
    await eventually(() => session.defaultSession.mayRequest('https://example.com/')).toBe(true)
    await ask('changeSettings', { networking: false })
    await eventually(() => session.defaultSession.mayRequest('https://example.com/')).toBe(false)
  })

  it('has a menu in the language of the settings, whose items do what the window does', async () => {
    menuItem('go.label').click?.()
    await expect.poll(() => page().evaluate('location.hash'), { timeout: 20_000 }).toMatch(/^#\/label/)
    expect(menuItem('edit.undo')).toMatchObject({ label: 'Undo', accelerator: 'CmdOrCtrl+Z' })
    await ask('changeSettings', { language: 'ja', shortcuts: { 'go.search': ['Mod+KeyP'], 'edit.undo': [] } })
    await eventually(() => menuItem('edit.undo').label).toBe('元に戻す')
    expect(menuItem('go.search').accelerator).toBe('CmdOrCtrl+P')
    expect(menuItem('edit.undo').accelerator).toBeUndefined()
    await ask('changeSettings', { language: 'en', shortcuts: {} })
    await eventually(() => menuItem('edit.undo').label).toBe('Undo')
    double.chosenPaths = [join(sampleFolder, 'catalogue.csv')]
    menuItem('import.table').click?.()
    await page().getByText('catalogue.csv').first().waitFor()
    expect(double.openedDialogs.at(-1)?.filters[0]?.extensions).toEqual(['csv', 'tsv'])
    await page().keyboard.press('Escape')
  })

  it('undoes in a text field what was typed there', async () => {
    menuItem('go.search').click?.()
    const box = page().getByRole('searchbox').or(page().getByRole('textbox')).first()
    await box.fill('')
    await box.pressSequentially('boots')
    menuItem('edit.undo').click?.()
    await eventually(() => box.inputValue()).not.toBe('boots')
  })

  it('drags a moment out as a clip', async () => {
    const { moments } = await ask<ProcedureOutput<'search'>>('search', { text: 'red', includeUnmatched: true })
    const moment = moments.find(({ file }) => existsSync(file))!
    await page().evaluate((dragged) => (globalThis as unknown as Shell).mamaDesktop.drag(dragged), {
      video: moment.video,
      segment: moment.segment,
      start: moment.start,
      end: moment.end,
    })
    await eventually(() => window().webContents.drags.length).toBe(1)
    const [drag] = window().webContents.drags
    expect(readFileSync(drag!.file).length).toBeGreaterThan(1000)
    expect(drag!.icon.isEmpty()).toBe(false)
  })

  it('begins that drag when a result is pulled by its picture, and only then', async () => {
    const drags = (): number => window().webContents.drags.length
    const before = drags()
    menuItem('go.search').click?.()
    await page().getByRole('searchbox').fill('dress')
    await page().locator('.results[aria-busy=false] [data-result]').first().waitFor()
    const { moments } = await ask<ProcedureOutput<'search'>>('search', { text: 'dress' })
    // One of these files has been replaced by a link, which nobody follows.
    const index = moments.findIndex(({ file }) => existsSync(file) && !lstatSync(file).isSymbolicLink())
    const { x, y, width, height } = (await page().locator('[data-result]').nth(index).boundingBox())!
    await page().mouse.move(x + width / 2, y + height / 3)
    await page().mouse.move(x + width / 2 + 40, y + height / 3)
    expect(drags()).toBe(before)
    await page().mouse.down()
    await page().mouse.move(x + width / 2, y + height / 3, { steps: 5 })
    await eventually(drags).toBe(before + 1)
    await page().mouse.up()
    expect(existsSync(window().webContents.drags.at(-1)!.file)).toBe(true)
    // It was pulled, not pressed; pressed it opens.
    expect(await page().getByRole('dialog').count()).toBe(0)
    await page().locator('[data-result]').nth(index).click()
    await page().getByRole('dialog').waitFor()
    await page().keyboard.press('Escape')
    await page().getByRole('dialog').waitFor({ state: 'detached' })
  })

  it('tells the engine of the power supply', async () => {
    await ask('changeSettings', { indexWhen: 'mains' })
    double.isOnBattery = true
    powerMonitor.emit('on-battery')
    rmSync(join(folder, 'more'), { recursive: true, force: true })
    mkdirSync(join(folder, 'more'))
    for (const clip of sampleClips(12).slice(4)) cpSync(clip, join(folder, 'more', basename(clip)))
    app.emit('open-file', { preventDefault() {} }, join(folder, 'more'))
    await page().getByText(/mains/i).first().waitFor()
    expect((await counts()).indexed).toBe(4)
  })

  it(
    'starts a killed engine again and goes on with its work, reload of the window included',
    async () => {
      double.isOnBattery = false
      powerMonitor.emit('on-ac')
      await eventually(async () => (await counts()).eligible).toBeGreaterThan(4)
      engines().at(-1)!.child.kill('SIGKILL')
      await eventually(() => engines().length).toBe(2)
      window().webContents.reload()
      await indexed(12)
      const { eligible, indexed: done, failed, pending } = await counts()
      expect([eligible, failed, pending]).toEqual([done, 0, 0])
      expect(engines()).toHaveLength(2)
    },
    long,
  )

  it('imports what is dropped by its path, without reading it', async () => {
    const [clip] = sampleClips(13).slice(12)
    await page().evaluate((path) => {
      type Drop = { items: { add(file: unknown): void } }
      const seen = globalThis as unknown as {
        __paths: Record<string, string>
        File: new (parts: string[], name: string) => unknown
        DataTransfer: new () => Drop
        DragEvent: new (name: string, options: object) => unknown
        dispatchEvent(event: unknown): void
      }
      seen.__paths = { 'dropped.mp4': path }
      const dataTransfer = new seen.DataTransfer()
      dataTransfer.items.add(new seen.File(['only a stand-in for the content'], 'dropped.mp4'))
      seen.dispatchEvent(new seen.DragEvent('drop', { dataTransfer, cancelable: true }))
    }, clip!)
    await indexed(13)
  })

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

  /** Kills it until it is left alone. */
  async function wearOutEngine(): Promise<void> {
    const refusal = page().getByText('The engine does not start')
    for (;;) {
      const last = engines().at(-1)!
      last.child.kill('SIGKILL')
      const isOver = async (): Promise<boolean> => (await refusal.isVisible()) || engines().at(-1) !== last
      await vi.waitUntil(isOver, { timeout: 45_000 })
      if (engines().at(-1) === last) break
    }
    await refusal.waitFor()
  }

  it(
    'says when the engine does not start any more, and starts it when the user wishes',
    async () => {
      double.messageBoxes = []
      await wearOutEngine()
      // The first kill of this file, and four more: then it is left alone.
      expect(engines()).toHaveLength(5)
      expect(double.messageBoxes).toMatchObject([{ buttons: ['Start Again', 'Wait', 'Show Log'] }])
      const before = engines().length
      await page().getByRole('button', { name: 'Start it again' }).click()
      await eventually(() => engines().length).toBe(before + 1)
      await page().getByText('The engine does not start').waitFor({ state: 'detached' })
      expect((await counts()).indexed).toBe(13)
    },
    long,
  )

  it(
    'starts the engine by the question, too, after a look at the log',
    async () => {
      double.shownInFolder = []
      double.answers = [2, 0]
      const before = engines().length
      await wearOutEngine().catch(() => {}) // the answer may come before the window has said it
      await eventually(() => double.answers).toEqual([])
      await eventually(() => engines().length).toBe(before + 5)
      expect(double.shownInFolder).toEqual([logFile])
      await page().getByText('The engine does not start').waitFor({ state: 'detached' })
      expect((await counts()).indexed).toBe(13)
    },
    long,
  )

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
})
