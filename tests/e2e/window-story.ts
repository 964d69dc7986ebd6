/**
 * The whole story of the window in one language, by keyboard alone but for the files that are dropped: drop videos, import
 * a table, label ten pairs, train, compare, promote, search, open at the moment, audit, fix, roll back. Names come from the
 * language's own table.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright'
import { expect } from 'vitest'
import { tableOf, type Language } from '../../renderer/src/i18n/index.ts'
import { call, sampleClips, sampleFolder, type OpenWindow } from './window.ts'
import { anyOf, chooseFiles, dropFiles, pickOption, press, tabTo, watchPointer } from './window-hands.ts'
import { planTour } from './window-tour.ts'

const long = 120_000
const clips = 20
const dropped = 4

export type Story = {
  readonly language: Language
  /** Themes in which every screen is looked at by axe. */
  readonly themes: readonly ('light' | 'dark')[]
  readonly opened: () => OpenWindow
}

/** The catalogue's table under headings that nobody could guess, so that its columns have to be matched by hand. */
function tableWithoutKnownHeadings(folder: string): string {
  const [, ...rows] = readFileSync(join(sampleFolder, 'catalogue.csv'), 'utf8').split('\n')
  const file = join(folder, 'texts.csv')
  writeFileSync(file, ['c1,c2,c3,c4,c5', ...rows].join('\n'))
  return file
}

/** Registers one test a chapter; they go on from each other. */
export function tellStory({ language, themes, opened }: Story): void {
  const { t } = tableOf(language)
  let page: Page
  let pointerPresses: () => Promise<number>
  const { chapter, button, go, clean } = planTour(() => page, themes)

  chapter('begins with a first run and a system check in plain words', async () => {
    page = opened().page
    pointerPresses = await watchPointer(page)
    await page.getByRole('heading', { name: t.library.firstRun.title }).waitFor()
    await page.getByText(t.library.firstRun.checkGood).waitFor()
    await clean()
  })

  chapter('takes videos that are dropped and videos that are chosen, and accounts for every one', async () => {
    const files = sampleClips(clips)
    await dropFiles(page, files.slice(0, dropped), () => page.getByText(t.drop.title, { exact: true }).waitFor())
    await page.getByText(t.library.import.done(dropped, 0)).waitFor({ timeout: long })
    await press(page, button(t.library.addVideos))
    await tabTo(page, page.getByRole('menuitem', { name: t.library.chooseFiles }))
    await chooseFiles(page, files.slice(dropped), () => page.keyboard.press('Enter'))
    await page.getByText(t.library.import.done(clips - dropped, 0)).waitFor({ timeout: long })
    expect(await call(page, 'counts', {})).toMatchObject({ eligible: clips, indexed: clips, failed: 0, pending: 0 })
    expect(await page.locator('[data-cell]').count()).toBeGreaterThan(5)
    await clean()
  })

  chapter('imports descriptions after their columns were matched and looked at', async () => {
    const words = t.library.table
    const file = tableWithoutKnownHeadings(opened().folder)
    await chooseFiles(page, [file], () => press(page, button(t.library.importTable)))
    const dialog = page.getByRole('dialog', { name: words.title })
    for (const [field, column] of [
      ['file', 'c1'],
      ['title', 'c3'],
      ['description', 'c4'],
      ['category', 'c5'],
    ] as const) {
      await pickOption(page, dialog.getByRole('combobox', { name: words.columns[field], exact: true }), column)
    }
    await dialog.getByText(words.summary(clips, 90, clips)).waitFor()
    await press(page, dialog.getByText(words.problems(90 - clips)))
    await dialog
      .getByRole('listitem')
      .filter({ hasText: `${words.row} ${clips + 2}` })
      .waitFor()
    await clean()
    await press(page, dialog.getByRole('button', { name: words.import(clips) }))
    await page.getByText(words.done(clips)).waitFor()
    await dialog.waitFor({ state: 'detached' })
  })

  chapter('labels ten pairs with one key each, and takes a decision back', async () => {
    await go('Alt+Digit3', t.label.title)
    await page.locator('.grades .exact').waitFor()
    await clean()
    const question = page.locator('.work .text p')
    const exemplars = async (): Promise<number> => (await call<{ exemplars: number }>(page, 'counts', {})).exemplars
    const decide = async (key: string): Promise<void> => {
      await expect.poll(() => page.locator('.grades .exact').isEnabled()).toBe(true)
      await page.keyboard.press(key)
    }
    for (let labelled = 0; labelled < 10; labelled++) {
      const before = await question.textContent()
      await decide(labelled === 4 ? 'Digit3' : labelled % 3 === 0 ? 'Digit2' : 'Digit1')
      await expect.poll(exemplars).toBe(labelled + 1)
      await page.locator('header .saved').getByText(t.label.saved).waitFor()
      if (labelled > 0) continue
      await page.keyboard.press('Control+z')
      await expect.poll(exemplars).toBe(0)
      await expect.poll(() => question.textContent()).toBe(before)
      await decide('Digit2')
      await expect.poll(exemplars).toBe(1)
    }
    // To compare models takes two that were not trained on; which ones are held out depends on what was asked.
    for (let labelled = 10; (await call<{ heldOut: number }>(page, 'preflight', {})).heldOut < 2; labelled++) {
      await decide('Digit1')
      await expect.poll(exemplars).toBe(labelled + 1)
    }
  })

  chapter('trains with live curves, compares before with after, and promotes', async () => {
    const words = t.train
    await go('Alt+Digit4', words.title)
    await page.getByRole('heading', { name: words.ready }).waitFor()
    await press(page, page.getByRole('checkbox', { name: words.marginAuto }), 'Space')
    await press(page, page.getByRole('checkbox', { name: anyOf(words.epochsAuto) }), 'Space')
    await tabTo(page, page.getByRole('spinbutton', { name: words.epochs }))
    await page.keyboard.press('Control+a')
    await page.keyboard.type('4')
    await clean()
    await press(page, button(words.start))
    await page.getByRole('heading', { name: words.result }).waitFor({ timeout: long })
    await page.getByRole('cell', { name: words.metrics.MAP }).waitFor()
    await clean()
    const use = button(words.promote)
    if (await use.isVisible()) await press(page, use)
    await page.getByText(anyOf(words.promoted)).waitFor()
  })

  chapter('finds a moment while typing, compares with before training, and opens the player there', async () => {
    const words = t.search
    const text = 'grey headphones'
    await go('Control+KeyK', words.title)
    await expect.poll(() => page.evaluate("document.activeElement?.getAttribute('role')")).toBe('searchbox')
    await page.keyboard.type(text)
    await page.locator('.results .summary').waitFor()
    // An honest answer may be short in so small a library: what does not stand out is asked for too.
    const more = button(anyOf(words.unmatched))
    if (await more.isVisible()) await press(page, more)
    await page.locator('[data-result]').first().waitFor()
    await clean()
    await tabTo(page, page.getByRole('radio', { name: words.after }))
    await page.keyboard.press('ArrowLeft')
    await expect.poll(() => page.getByRole('radio', { name: words.before }).isChecked()).toBe(true)
    await page.keyboard.press('ArrowRight')
    await expect.poll(() => page.getByRole('radio', { name: words.after }).isChecked()).toBe(true)
    await page.locator('[aria-busy=false] [data-result]').first().waitFor()
    await page.keyboard.press('Control+KeyK')
    await page.keyboard.press('ArrowDown')
    await expect.poll(() => page.evaluate("document.activeElement?.hasAttribute('data-result')")).toBe(true)
    await page.keyboard.press('Enter')
    const video = page.locator('dialog video')
    await expect.poll(() => video.evaluate((player: { readyState: number }) => player.readyState)).toBeGreaterThan(1)
    const [from, to] = await momentOf(page)
    const at = await video.evaluate((player: { currentTime: number }) => player.currentTime)
    expect(at).toBeGreaterThanOrEqual(from - 0.2)
    expect(at).toBeLessThanOrEqual(to + 0.2)
    await clean()
    await page.keyboard.press('Escape')
    await video.waitFor({ state: 'detached' })
    await press(page, button(words.similar).first())
    await page.getByText(anyOf(words.similarTo)).first().waitFor()
  })

  chapter('audits every pair, fixes one in place, and takes the fix back', async () => {
    const words = t.audit
    await go('Alt+Digit5', words.title)
    await page.getByRole('heading', { name: words.scatter }).waitFor()
    await clean()
    await press(page, button(words.editText).first())
    await page.keyboard.press('Control+a')
    await page.keyboard.type('a text that was put right')
    await page.keyboard.press('Enter')
    await page.getByText(words.saved).first().waitFor()
    await page.getByText(words.now.textChanged, { exact: true }).first().waitFor()
    await press(page, button(words.markWrong).first())
    await page.getByText(words.now.leftOut, { exact: true }).first().waitFor()
    await page.keyboard.press('Control+z')
    await page.getByText(words.now.leftOut, { exact: true }).first().waitFor({ state: 'detached' })
  })

  chapter('goes back to the model before', async () => {
    await go('Alt+Digit6', t.models.title)
    await press(page, button(t.train.rollback))
    await page.getByText(t.train.rolledBack(t.app.zeroShot)).first().waitFor()
    await page.getByText(t.models.active, { exact: true }).first().waitFor()
    await clean()
    await go('Control+Comma', t.settings.title)
    await clean()
  })

  chapter('needed no pointer, and met no error', async () => {
    expect(await pointerPresses()).toBe(0)
    expect(opened().problems).toEqual([])
  })
}

/** Start and end of the moment that the player loops, seconds: what the first answer of the engine says. */
async function momentOf(page: Page): Promise<readonly [number, number]> {
  const { moments } = await call<{ moments: { start: number; end: number }[] }>(page, 'search', {
    text: 'grey headphones',
    includeUnmatched: true,
  })
  return [moments[0]!.start, moments[0]!.end]
}
