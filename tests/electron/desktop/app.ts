/**
 * The one desktop app that the tests of this folder use, one subject after the other: its own main process, preload script,
 * engine and window over the double of Electron, started and ended by desktop.test.ts.
 */
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Page } from 'playwright'
import { expect, vi } from 'vitest'
import type { DesktopBridge, FromShell, ProcedureOutput } from '../../../main/contract/index.ts'
import { sampleClips } from '../../e2e/window.ts'
import { ensureDesktopBuilt } from '../built.ts'
import { app, double } from '../double/main-side.ts'
import { utilities, type UtilityProcessDouble } from '../double/utility.ts'
import { BrowserWindow, stopWeb } from '../double/web.ts'

/** Milliseconds that a test of the app may take on a busy machine. */
export const long = 60_000

export const folder = double.userData
export const videos = join(folder, 'videos')
export const logFile = join(folder, 'logs', 'mama-studio.log')

export type Shell = { mamaDesktop: DesktopBridge; __replies: FromShell[] }

/** Waits until it holds; how long that takes is no matter of these tests. */
export const eventually = <T>(value: () => T) => expect.poll(value, { timeout: 45_000 })

export const window = (): BrowserWindow => BrowserWindow.all.at(-1)!
export const page = (): Page => window().webContents.page
export const engines = (): UtilityProcessDouble[] => utilities.filter(({ name }) => name === 'Engine')

/** Asks through the bridge with ids of its own, beside the window's transport. */
const firstTestId = 1_000_000
let lastId = firstTestId
export const nextId = (): number => (lastId += 1)

/** The reply of the shell to a message of the page, as the page gets it. */
export async function ask<T = unknown>(name: string, input: unknown): Promise<T> {
  const id = nextId()
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

export const counts = () => ask<ProcedureOutput<'counts'>>('counts', {})
export const indexed = (count: number) => eventually(async () => (await counts()).indexed).toBe(count)

/** What the address says is shown. */
export const screenShown = () => expect.poll(() => page().evaluate<string>('location.hash'), { timeout: 20_000 })

export async function startApp(): Promise<void> {
  ensureDesktopBuilt()
  mkdirSync(videos)
  for (const clip of sampleClips(4)) cpSync(clip, join(videos, basename(clip)))
  // Left on a second display that has gone since.
  writeFileSync(
    join(folder, 'window.json'),
    JSON.stringify({ x: 2500, y: 300, width: 1100, height: 700, isMaximized: false }),
  )
  await import('../../../electron/main.ts')
  await vi.waitUntil(() => BrowserWindow.all.length === 1, { timeout: long })
  await window().loaded
}

export async function endApp(): Promise<void> {
  app.quit()
  await vi.waitUntil(() => double.hasQuit, { timeout: 20_000 })
  await stopWeb()
  rmSync(folder, { recursive: true, force: true })
}
