/**
 * The real window in a real Chromium against a real engine: builds the bundle when it is older than its sources, starts
 * `mama serve` on a library of its own and opens the page. Everything is closed again by `close`.
 */
import { randomBytes } from 'node:crypto'
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright'
import { temporaryFolder } from '../temporary-folder.ts'

const root = join(import.meta.dirname, '..', '..')
const built = join(root, 'out', 'renderer', 'index.html')

/** Path of a Chromium that is installed here, or null: tests of the window are skipped then. */
export function findChromium(): string | null {
  const places = [
    process.env['MAMA_CHROMIUM'],
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ]
  return places.find((place) => place !== undefined && existsSync(place)) ?? null
}

export const skipReason = 'skipped: no Chromium is installed here (set MAMA_CHROMIUM to its path)'

/** Test files run side by side: one builds, the others wait for it. */
export function ensureBuilt(): void {
  oneAtATime('renderer', buildWhenOlder)
}

/** Does the work while no other test file does work of this name. */
export function oneAtATime(name: string, work: () => void): void {
  const lock = join(root, 'out', `${name}.lock`)
  mkdirSync(join(root, 'out'), { recursive: true })
  for (let waitedMs = 0; waitedMs < 120_000; waitedMs += 250) {
    try {
      mkdirSync(lock)
      break
    } catch {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 250) // somebody else is at it
    }
  }
  try {
    work()
  } finally {
    rmSync(lock, { recursive: true, force: true })
  }
}

function buildWhenOlder(): void {
  const newest = Math.max(
    ...['renderer', 'main/contract'].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs),
    ),
  )
  if (existsSync(built) && statSync(built).mtimeMs >= newest) return
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
  const { status, stderr } = spawnSync(process.execPath, [vite, 'build', '--logLevel', 'error'], {
    cwd: root,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`the window could not be built: ${stderr}`)
}

export type Serving = {
  readonly url: string
  readonly child: ChildProcess
  stop(signal?: NodeJS.Signals): Promise<void>
}

/** @param again port and token of an engine before this one, whose page then knows this one too */
export async function serve(libraryDir: string, again: { port: number; token: string }): Promise<Serving> {
  const child = spawn(
    process.execPath,
    [...['scripts/mama.mjs', 'serve', '--library', libraryDir, '--port', String(again.port)]],
    {
      ...{ cwd: root, stdio: ['ignore', 'pipe', 'pipe'], detached: true },
      env: { ...process.env, MAMA_SERVE_TOKEN: again.token },
    },
  )
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  let said = ''
  const url = await new Promise<string>((resolve, reject) => {
    const take = (chunk: Buffer): void => {
      said += String(chunk)
      const found = /http:\/\/127\.0\.0\.1:\d+\/\S*/.exec(said)?.[0]
      if (found !== undefined) resolve(found)
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    child.once('close', () => reject(new Error(`mama serve ended: ${said}`)))
  })
  return {
    url,
    child,
    async stop(signal = 'SIGTERM') {
      // The whole group of our own child: the media process is a child of its own.
      if (child.exitCode === null && child.signalCode === null && child.pid !== undefined)
        process.kill(-child.pid, signal)
      await ended
    },
  }
}

export type OpenWindow = {
  readonly page: Page
  /** Kills the engine in the middle of whatever it does. */
  killEngine(): Promise<void>
  /** Starts it again where the page looks for it. */
  startEngine(): Promise<void>
  readonly folder: string
  readonly browser: Browser
  /** Errors that the page met: uncaught ones and what it wrote as an error. */
  readonly problems: string[]
  close(): Promise<void>
}

/** @param fill fills the library before the engine opens it */
export async function openWindow(
  options: BrowserContextOptions = {},
  fill: (libraryDir: string) => Promise<void> = async () => {},
): Promise<OpenWindow> {
  ensureBuilt()
  const folder = temporaryFolder('window')
  await fill(join(folder, 'library'))
  const token = randomBytes(32).toString('base64url')
  let serving = await serve(join(folder, 'library'), { port: 0, token })
  const browser = await chromium.launch({
    executablePath: findChromium()!,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  })
  // Axe is put into the page, which the page's own policy would forbid.
  const context = await browser.newContext({ viewport: { width: 1280, height: 820 }, bypassCSP: true, ...options })
  const page = await context.newPage()
  // From now on a dialog for files is a matter of the test; the browser hears of a wish for it too late otherwise.
  page.on('filechooser', () => {})
  const problems: string[] = []
  page.on('pageerror', (error) => problems.push(String(error)))
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()))
  await page.goto(serving.url)
  return {
    ...{ page, folder, browser, problems },
    killEngine: () => serving.stop('SIGKILL'),
    async startEngine() {
      serving = await serve(join(folder, 'library'), { port: Number(new URL(serving.url).port), token })
    },
    async close() {
      await browser.close()
      await serving.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const axeSource = readFileSync(join(root, 'node_modules', 'axe-core', 'axe.min.js'), 'utf8')

/** What axe finds wrong on the page now, one line each. @param rules only those about colours, where all others have passed */
export async function axeViolations(page: Page, rules: 'all' | 'colours' = 'all'): Promise<string[]> {
  if (!(await page.evaluate<boolean>(`'axe' in globalThis`))) await page.evaluate(`${axeSource};0`)
  return page.evaluate(
    async (options) => {
      type Node = { html: string; failureSummary?: string }
      type Axe = { run(target: unknown, options: object): Promise<{ violations: { id: string; nodes: Node[] }[] }> }
      const page = globalThis as unknown as { axe: Axe; document: unknown }
      const { violations } = await page.axe.run(page.document, options)
      return violations.map(
        ({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 200)} ${nodes[0]?.failureSummary ?? ''}`,
      )
    },
    { resultTypes: ['violations'], ...(rules === 'colours' && { runOnly: ['color-contrast', 'link-in-text-block'] }) },
  )
}

/** Waits until no place of the screen is still being filled. */
export async function loaded(page: Page): Promise<void> {
  while ((await page.locator('.loading').count()) > 0) await page.waitForTimeout(50)
}

/** Calls a procedure with the page's own session. */
export async function call<T>(page: Page, name: string, input: unknown): Promise<T> {
  const answer = await page.evaluate(
    async ([procedure, body]) => {
      const response = await fetch(`/rpc/${procedure}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: body!,
      })
      // Of a stream the last line is the answer.
      const lines = (await response.text()).trimEnd().split('\n')
      return JSON.parse(lines.at(-1)!) as { result?: unknown; error?: { message: string } }
    },
    [name, JSON.stringify(input)],
  )
  if (answer.error !== undefined) throw new Error(`${name}: ${answer.error.message}`)
  return answer.result as T
}

export const sampleFolder = join(root, 'resources', 'sample-catalogue')

/** Clips of the sample catalogue that have an exemplar, so that few are enough to train on. */
export function labelledClips(count: number): string[] {
  const rows = readFileSync(join(sampleFolder, 'exemplars.csv'), 'utf8').matchAll(/^(videos\/.+?),/gm)
  return [...new Set([...rows].map((row) => row[1]!))].slice(0, count).map((name) => join(sampleFolder, name))
}

/** The first clips of the sample catalogue, as files. */
export function sampleClips(count: number): string[] {
  const folder = join(sampleFolder, 'videos')
  return readdirSync(folder)
    .sort()
    .slice(0, count)
    .map((name) => join(folder, name))
}
