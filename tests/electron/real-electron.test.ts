/** The desktop app in real Electron. Runs wherever its binary and SQLite for it are installed, and says why it does not. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { _electron, type ElectronApplication, type Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sampleClips } from '../e2e/window.ts'
import { nativePlace } from '../../scripts/natives.mjs'
import { ensureDesktopBuilt, root } from './built.ts'
import { seekToMiddle } from './players.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const electronDir = join(root, 'node_modules', 'electron')
const named = join(electronDir, 'path.txt')
const binary = existsSync(named) ? join(electronDir, 'dist', readFileSync(named, 'utf8').trim()) : null

function reasonToSkip(): string | null {
  if (binary === null || !existsSync(binary)) return 'the Electron binary is not installed here (npx install-electron)'
  const { version: electron } = JSON.parse(readFileSync(join(electronDir, 'package.json'), 'utf8')) as {
    version: string
  }
  const target = { platform: process.platform, arch: process.arch, electron }
  if (!existsSync(nativePlace(target, join(root, 'out', 'natives')).binary)) {
    return 'SQLite for Electron is not built here (npm run natives)'
  }
  const hasDisplay = process.platform !== 'linux' || process.env['DISPLAY'] !== undefined
  return hasDisplay ? null : 'there is no display here (xvfb-run npm test)'
}

const reason = reasonToSkip()
if (reason !== null) console.log(`tests/electron/real-electron.test.ts skipped: ${reason}`)

describe.skipIf(reason !== null)('the desktop app in real Electron', () => {
  let folder: string
  let electron: ElectronApplication
  let page: Page

  beforeAll(async () => {
    ensureDesktopBuilt()
    folder = temporaryFolder('real')
    const noSandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : []
    const args = [...noSandbox, root, '--library', join(folder, 'library'), `--user-data-dir=${join(folder, 'user')}`]
    electron = await _electron.launch({ executablePath: binary!, args, timeout: 60_000 })
    page = await electron.firstWindow()
  }, 120_000)
  afterAll(() => electron?.close(), 60_000)

  it('shows the library from its own scheme, sandboxed', async () => {
    expect(page.url()).toMatch(/^mama:\/\/app\//)
    await page.getByText('Try the sample catalogue').waitFor()
    expect(await page.evaluate('[typeof require, typeof process]')).toEqual(['undefined', 'undefined'])
  }, 60_000)

  it('imports what a second start brings, searches it, and plays two videos at once', async () => {
    spawnSync(binary!, [root, `--user-data-dir=${join(folder, 'user')}`, ...sampleClips(2)], { timeout: 30_000 })
    await page.getByText(/videos added/).waitFor({ timeout: 60_000 })
    await page.getByRole('link', { name: /Search/ }).click()
    await page.getByRole('searchbox').or(page.getByRole('textbox')).first().fill('dress')
    const results = page.locator('[data-result]')
    const addresses: string[] = []
    for (const result of [results.first(), results.last()]) {
      await result.hover()
      addresses.push((await result.locator('video').getAttribute('src'))!.replace(/#.*/, ''))
    }
    expect(addresses[0]).toMatch(/^mama:\/\/app\/media\/video\//)
    expect(await seekToMiddle(page, addresses)).toEqual([expect.closeTo(0.5), expect.closeTo(0.5)])
  }, 120_000)

  it('stays in its window', async () => {
    await page.evaluate("location.href = 'https://example.com/'")
    await page.evaluate("void window.open('file:///etc/passwd')")
    expect(page.url()).toMatch(/^mama:\/\/app\//)
    expect(electron.windows()).toHaveLength(1)
  })
})
