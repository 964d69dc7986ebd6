/** Long work: waits for mains, goes on after the end of the engine, keeps the computer awake, and says when it is done. */
import { cpSync, mkdirSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, it } from 'vitest'
import { sampleClips } from '../../e2e/window.ts'
import { app, double, menuItem, powerMonitor } from '../double/main-side.ts'
import { ask, counts, engines, eventually, folder, indexed, long, page, screenShown, window } from './app.ts'

/** The import that waits was asked for an hour ago: only long work is worth a notification. */
function beganLongAgo(): void {
  const database = new Database(join(folder, 'library', 'catalogue.db'))
  const changes = database
    .prepare(
      `UPDATE jobs SET body = json_set(body, '$.createdAtMs', json_extract(body, '$.createdAtMs') - 3600000)
       WHERE state = 'paused'`,
    )
    .run().changes
  database.close()
  expect(changes).toBe(1)
}

export function longWork(): void {
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
    // Nothing is at work that would have to be kept awake for.
    await eventually(() => double.keptAwake.size).toBe(0)
  })

  it(
    'starts a killed engine again and goes on with its work, reload of the window included',
    async () => {
      beganLongAgo()
      const awakeStarts = double.awakeStarts.length
      window().isFocusedNow = false
      double.isOnBattery = false
      powerMonitor.emit('on-ac')
      await eventually(async () => (await counts()).eligible).toBeGreaterThan(4)
      await eventually(() => double.awakeStarts.length).toBeGreaterThan(awakeStarts)
      expect(new Set(double.awakeStarts)).toEqual(new Set(['prevent-app-suspension']))
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

  it('says that long work is done to who looks elsewhere, and shows it when that is pressed', async () => {
    await eventually(() => double.notifications.map(({ body }) => body)).toEqual(['The videos are in the library.'])
    await eventually(() => double.keptAwake.size).toBe(0)
    menuItem('go.search').click?.()
    await screenShown().toMatch(/^#\/search/)
    window().isFocusedNow = false
    double.notifications[0]!.click()
    await screenShown().toMatch(/^#\/library/)
    expect(window().isFocusedNow).toBe(true)
  })

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
}
