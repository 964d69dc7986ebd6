/** What the page can reach: media by id, files by token, messages of a known form, and nothing else. */
import { readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { ProcedureOutput } from '../../../main/contract/index.ts'
import { sampleFolder } from '../../e2e/window.ts'
import { double, ipcMain } from '../double/main-side.ts'
import { session, toLoopback } from '../double/web.ts'
import { seekToMiddle } from '../players.ts'
import { ask, counts, eventually, folder, long, nextId, page, videos, window, type Shell } from './app.ts'

export function guardedDoor(): void {
  it('gives the page nothing of Node or Electron but the bridge', async () => {
    const seen = await page().evaluate(() => {
      const all = globalThis as unknown as Record<string, unknown>
      return { names: Object.keys(all['mamaDesktop'] as object), node: [typeof all['require'], typeof all['process']] }
    })
    expect(seen.names.sort()).toEqual([
      ...['ask', 'cancel', 'choose', 'drag', 'keepEndpointKey', 'listen', 'restartEngine', 'tokenOf'],
    ])
    expect(seen.node).toEqual(['undefined', 'undefined'])
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
    const [a, b] = [nextId(), nextId()]
    fromPage({ kind: 'ask', id: a, name: '__proto__', input: {} })
    fromPage({ kind: 'ask', id: b, name: 'counts', input: {}, extra: 1 })
    expect(sent).toMatchObject([
      { kind: 'failure', id: a, code: 'usage' },
      { kind: 'failure', id: b, code: 'usage' },
    ])
    sent.length = 0
    const good = { kind: 'ask', id: nextId(), name: 'counts', input: {} }
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

  it('keeps the key of a vision model in the keychain, for its address, and gives it back to nobody', async () => {
    const keep = (key: string | null): Promise<void> =>
      page().evaluate((given) => {
        const { mamaDesktop } = globalThis as unknown as {
          mamaDesktop: { keepEndpointKey(origin: string, key: string | null): void }
        }
        mamaDesktop.keepEndpointKey('http://models.example:8080', given)
      }, key)
    const keyFrom = async () => (await ask<ProcedureOutput<'endpoint'>>('endpoint', {})).keyFrom
    await ask('changeEndpoint', { address: 'http://models.example:8080/v1' })
    expect(await keyFrom()).toBeNull()
    await keep('sk-verysecret')
    await eventually(keyFrom).toBe('keychain')
    const places = [join(folder, 'library'), double.userData]
    for (const place of places) {
      for (const entry of readdirSync(place, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile()) continue
        expect(readFileSync(join(entry.parentPath, entry.name)).includes('verysecret'), entry.name).toBe(false)
      }
    }
    // It belongs to one address.
    await ask('changeEndpoint', { address: 'http://elsewhere.example' })
    expect(await keyFrom()).toBeNull()
    await ask('changeEndpoint', { address: 'http://models.example:8080/v1' })
    await keep(null)
    await eventually(keyFrom).toBeNull()
    await ask('changeEndpoint', { address: '' })
  })

  it('lets the network be used when the settings allow it, and only then', async () => {
    await ask('changeSettings', { networking: true })
    await eventually(() => session.defaultSession.mayRequest('https://example.com/')).toBe(true)
    await ask('changeSettings', { networking: false })
    await eventually(() => session.defaultSession.mayRequest('https://example.com/')).toBe(false)
  })
}
