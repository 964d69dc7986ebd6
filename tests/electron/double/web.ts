/**
 * The double of Electron's windows: each is a page of a real Chromium. `mama://app/` is served from a loopback address by
 * the app's own protocol handler, and every address is translated on the way in and out.
 */
import { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import {
  chromium,
  type Browser,
  type Frame,
  type Page,
  type Request as PlaywrightRequest,
  type Route,
} from 'playwright'
import { findChromium } from '../../e2e/window.ts'
import { preloadScript } from './renderer-side.ts'

type Handler = (request: Request) => Promise<Response>
type Prevented = { preventDefault(): void; readonly isPrevented: boolean }

function eventOf<T extends object>(fields: T): T & Prevented {
  let isPrevented = false
  return {
    ...fields,
    preventDefault: () => void (isPrevented = true),
    get isPrevented() {
      return isPrevented
    },
  }
}

let server: Server | undefined
let base = ''
let browser: Browser | undefined

/** As the app sees an address: the loopback one is the app's own scheme. */
function toApp(url: string): string {
  return url.startsWith(base) ? `mama://app/${url.slice(base.length)}` : url
}

export function toLoopback(url: string): string {
  return url.startsWith('mama://app/') ? `${base}${url.slice('mama://app/'.length)}` : url
}

class SessionDouble extends EventEmitter {
  handler: Handler | undefined
  beforeRequest: ((details: { url: string }, answer: (result: { cancel: boolean }) => void) => void) | undefined
  permissionRequest: ((...args: unknown[]) => void) | undefined
  permissionCheck: ((...args: unknown[]) => boolean) | undefined
  proxy: unknown
  readonly protocol = { handle: (_: string, handler: Handler) => void (this.handler = handler) }
  readonly webRequest = {
    onBeforeRequest: (listener: SessionDouble['beforeRequest']) => void (this.beforeRequest = listener),
  }
  setPermissionRequestHandler = (handler: SessionDouble['permissionRequest']): void =>
    void (this.permissionRequest = handler)
  setPermissionCheckHandler = (handler: SessionDouble['permissionCheck']): void => void (this.permissionCheck = handler)
  setDevicePermissionHandler = (): void => {}
  setProxy = async (proxy: unknown): Promise<void> => void (this.proxy = proxy)

  mayRequest(url: string): boolean {
    let isAllowed = true
    this.beforeRequest?.({ url }, ({ cancel }) => (isAllowed = !cancel))
    return isAllowed
  }
}

export const session = { defaultSession: new SessionDouble() }

/** Who is told of new pages and of their messages. */
let shell: { readonly app: EventEmitter; readonly ipcMain: EventEmitter } | undefined

/** Starts the browser and the loopback address; called by `app.whenReady`. */
export async function startWeb(mainSide: {
  readonly app: EventEmitter
  readonly ipcMain: EventEmitter
}): Promise<void> {
  shell = mainSide
  server = createServer((request, response) => {
    const aborted = new AbortController()
    response.on('close', () => aborted.abort())
    const answer = session.defaultSession.handler?.(
      new Request(`mama://app${request.url}`, {
        method: request.method ?? 'GET',
        headers: request.headers as Record<string, string>,
        signal: aborted.signal,
      }),
    )
    void answer?.then(({ status, headers, body }) => {
      response.writeHead(status, Object.fromEntries(headers))
      if (body === null) return response.end()
      return Readable.fromWeb(body as never)
        .on('error', () => response.destroy())
        .pipe(response)
    })
  })
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  browser = await chromium.launch({
    executablePath: findChromium()!,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  })
}

export async function stopWeb(): Promise<void> {
  await browser?.close()
  server?.closeAllConnections()
  server?.close()
}

class WebContentsDouble extends EventEmitter {
  page!: Page
  readonly problems: string[] = []
  readonly invalidated: number[] = []
  readonly drags: { file: string; icon: { isEmpty(): boolean } }[] = []
  readonly mainFrame: { readonly url: string }
  #preload: string
  #isOpening = false
  #isCrashed = false
  #url = ''
  #windowOpen: (details: { url: string }) => { action: string } = () => ({ action: 'allow' })
  #sending: Promise<unknown> = Promise.resolve()
  #isDestroyed = false

  constructor(preload: string) {
    super()
    this.#preload = preload
    const url = (): string => toApp(this.page.url())
    this.mainFrame = {
      get url() {
        return url()
      },
    }
  }

  async loadURL(url: string): Promise<void> {
    this.#url = url
    const context = await browser!.newContext({ viewport: { width: 1280, height: 820 } })
    this.page = await context.newPage()
    const { page } = this
    this.#isCrashed = false
    page.setDefaultTimeout(20_000)
    page.on('pageerror', (error) => this.problems.push(String(error)))
    page.on('crash', () => {
      this.#isCrashed = true
      this.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 1 })
    })
    await page.exposeBinding('__toShell', ({ frame }, channel: string, message: unknown) =>
      this.receive(frame, channel, message),
    )
    await page.addInitScript(preloadScript(readFileSync(this.#preload, 'utf8')))
    // A page that was denied is not there in Electron; here it is closed.
    page.on('popup', (popup) => void popup.close())
    await context.route('**', (route) => this.#decide(route))
    await this.#open(() => page.goto(toLoopback(url)))
  }

  /** A message of the page, or of a frame that has no business here. */
  receive(frame: Frame | null, channel: string, message: unknown): void {
    const isMain = frame === this.page.mainFrame()
    const senderFrame = isMain ? this.mainFrame : frame === null ? null : { url: toApp(frame.url()) }
    shell?.ipcMain.emit(channel, { sender: this, senderFrame }, message)
  }

  reload(): void {
    const old = this.page
    if (!this.#isCrashed) return void this.#open(() => old.reload())
    // Playwright gives a crashed page up, so the window gets another one.
    void this.loadURL(this.#url).then(() => old.context().close())
  }

  send(channel: string, message: unknown): void {
    const { page } = this
    this.#sending = this.#sending
      .then(() =>
        page.evaluate(
          ([name, data]) => {
            const shell = globalThis as unknown as { __fromShell?: (channel: unknown, message: unknown) => void }
            shell.__fromShell?.(name, data)
          },
          [channel, structuredClone(message)],
        ),
      )
      .catch(() => {}) // the page is on its way to another place
  }

  startDrag(drag: { file: string; icon: { isEmpty(): boolean } }): void {
    this.drags.push(drag)
  }

  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.#windowOpen = handler
  }

  invalidate(): void {
    this.invalidated.push(this.invalidated.length)
  }

  /** Ends the process of a page whose scripts never come to an end: the one that works hardest. */
  forcefullyCrashRenderer(): void {
    void busiestRenderer(browser!).then((pid) => process.kill(pid, 'SIGKILL'))
  }

  isDestroyed(): boolean {
    return this.#isDestroyed
  }

  async destroy(): Promise<void> {
    this.#isDestroyed = true
    await this.page.context().close()
  }

  async #open(go: () => Promise<unknown>): Promise<void> {
    this.#isOpening = true
    this.emit('did-start-navigation', { isMainFrame: true, isSameDocument: false })
    await go().finally(() => (this.#isOpening = false))
  }

  /** What Electron asks the app before a request leaves. */
  async #decide(route: Route): Promise<void> {
    const request = route.request()
    const url = toApp(request.url())
    const from = pageOf(request)
    if (from !== this.page) {
      if (this.#windowOpen({ url }).action === 'deny') return route.abort()
    } else if (request.isNavigationRequest() && !this.#isOpening) {
      const event = eventOf({ url })
      this.emit('will-navigate', event)
      if (event.isPrevented) return route.abort('aborted') // leaves the page where it is
      this.emit('did-start-navigation', { isMainFrame: true, isSameDocument: false })
    }
    return session.defaultSession.mayRequest(url) ? route.fallback() : route.abort('blockedbyclient')
  }
}

/** Process id of the page that needed most of the processor during a second, once new processes have settled. */
async function busiestRenderer(of: Browser): Promise<number> {
  const session = await of.newBrowserCDPSession()
  const processes = async () => (await session.send('SystemInfo.getProcessInfo')).processInfo
  await setTimeout(1500)
  const before = new Map((await processes()).map(({ id, cpuTime }) => [id, cpuTime]))
  await setTimeout(1000)
  const renderers = (await processes()).filter(({ type }) => type === 'renderer')
  const work = renderers.map(({ id, cpuTime }) => ({ id, seconds: cpuTime - (before.get(id) ?? cpuTime) }))
  await session.detach()
  return work.sort((a, b) => b.seconds - a.seconds)[0]!.id
}

/** Null for the first request of a page that a script opens: its page is only about to be made. */
function pageOf(request: PlaywrightRequest): Page | null {
  try {
    return request.frame().page()
  } catch {
    return null
  }
}

type Bounds = { x: number; y: number; width: number; height: number }

export class BrowserWindow extends EventEmitter {
  static readonly all: BrowserWindow[] = []
  readonly webContents: WebContentsDouble
  readonly options: Bounds & { webPreferences: Record<string, unknown> & { preload: string } }
  readonly progressBars: { fraction: number; mode: string | undefined }[] = []
  bounds: Bounds
  isFocusedNow = true
  /** Resolves when the page has been loaded for the first time. */
  loaded: Promise<void> = Promise.resolve()
  #isMaximized = false
  #isDestroyed = false

  constructor(options: BrowserWindow['options']) {
    super()
    this.options = options
    const { x, y, width, height } = options
    this.bounds = { x, y, width, height }
    this.webContents = new WebContentsDouble(options.webPreferences.preload)
    BrowserWindow.all.push(this)
    shell?.app.emit('web-contents-created', {}, this.webContents)
  }

  loadURL(url: string): Promise<void> {
    this.loaded = this.webContents.loadURL(url).then(() => void this.emit('ready-to-show'))
    return this.loaded
  }

  maximize = (): void => void (this.#isMaximized = true)
  isMaximized = (): boolean => this.#isMaximized
  getNormalBounds = (): Bounds => this.bounds
  isMinimized = (): boolean => false
  isVisible = (): boolean => true
  isFocused = (): boolean => this.isFocusedNow
  isDestroyed = (): boolean => this.#isDestroyed
  restore = (): void => {}
  show = (): void => {}
  focus = (): void => void (this.isFocusedNow = true)
  setProgressBar = (fraction: number, { mode }: { mode?: string } = {}): void =>
    void this.progressBars.push({ fraction, mode })

  async close(): Promise<void> {
    this.emit('close', eventOf({}))
    this.#isDestroyed = true
    await this.webContents.destroy()
    this.emit('closed')
  }
}
