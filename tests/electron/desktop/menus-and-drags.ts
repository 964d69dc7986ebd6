/** The native menu, its undo, and moments that are dragged out. */
import { existsSync, lstatSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { ProcedureOutput } from '../../../main/contract/index.ts'
import { sampleFolder } from '../../e2e/window.ts'
import { double, menuItem } from '../double/main-side.ts'
import { ask, eventually, page, screenShown, window, type Shell } from './app.ts'

export function menusAndDrags(): void {
  it('has a menu in the language of the settings, whose items do what the window does', async () => {
    menuItem('go.label').click?.()
    await screenShown().toMatch(/^#\/label/)
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
}
