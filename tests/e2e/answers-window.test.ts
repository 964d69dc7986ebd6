/**
 * Questions and their answers in the window, by keyboard alone: asked of a video and of the catalogue, put right, taken
 * back, imported, learned from, and handed to a vision model on the loopback address; in English and in Japanese.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import type { Answer } from '../../main/contract/index.ts'
import { tableOf } from '../../renderer/src/i18n/index.ts'
import { sentenceOfAnswer } from '../../renderer/src/screens/answers/sentences.ts'
import { fail, startModel, type LoopbackModel } from '../main/services/endpoint/loopback-model.ts'
import { h264 } from '../main/media/clips.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { openSmallLibrary, type SmallLibrary } from './small-library.ts'
import { chooseFiles, press, tabTo } from './window-hands.ts'
import { planTour } from './window-tour.ts'
import { axeViolations, call, findChromium, skipReason } from './window.ts'

const chromium = findChromium()
if (chromium === null) console.log(`tests/e2e/answers-window.test.ts ${skipReason}`)
const long = 120_000
/** Where pictures of the window go, for people to look at. */
const pictures = process.env['MAMA_PICTURES'] ?? temporaryFolder('answers-pictures')
type Standing = { questions: number; trusted: number; recent: string[] }

describe.skipIf(chromium === null)('questions, in the window', () => {
  const { t, formats } = tableOf('en')
  const words = t.answers
  let open: SmallLibrary
  let model: LoopbackModel
  let page: Page
  let video: string
  const { chapter, button, go, clean } = planTour(() => page, ['dark', 'light'])
  const look = (name: string): Promise<unknown> => page.screenshot({ path: join(pictures, `${name}.png`) })
  const box = () => page.getByRole('textbox', { name: words.placeholder })
  const sentence = () => page.locator('[role=status] .sentence')
  const standing = () => call<Standing>(page, 'answers', {})
  const hasFocus = (element: unknown) =>
    element === (globalThis as unknown as { document: { activeElement: unknown } }).document.activeElement

  /** Types a question over whatever the box holds, and asks it. */
  const ask = async (question: string): Promise<void> => {
    await page.keyboard.press('Alt+Digit2')
    await page.keyboard.type(question)
    await page.keyboard.press('Enter')
    await page.getByText(question, { exact: true }).first().waitFor()
    await page.getByRole('region', { name: words.answer.title }).and(page.locator('[aria-busy=false]')).waitFor()
  }
  /** What the engine answers to the same, as the window says it. */
  const said = async (input: object): Promise<string> => {
    const { says } = sentenceOfAnswer(await call<Answer>(page, 'ask', input), words, formats)
    return says
  }
  const table = (name: string, rows: readonly string[]): string => {
    const path = open.clips.path(name)
    writeFileSync(path, ['file,start,end,question,answer,choices,trusted', ...rows].join('\n'))
    return path
  }

  beforeAll(async () => {
    model = await startModel('Ollama')
    open = await openSmallLibrary(long)
    page = open.page
    ;[{ id: video }] = (await call<{ videos: [{ id: string }] }>(page, 'listVideos', {})).videos
  }, long)
  afterAll(async () => {
    await open.close()
    await model.close()
  }, long)

  chapter('begins with examples of what can be asked, and says that nothing is known yet', async () => {
    await go('Alt+Digit2', words.title)
    expect(await box().evaluate(hasFocus)).toBe(true)
    expect(await page.getByRole('listitem').getByText('Do we have teapots?').count()).toBe(1)
    await page.getByText(words.learning.none).waitFor()
    await page.getByText(words.learning.needs(16)).waitFor()
    expect(await button(words.learning.learn).isDisabled()).toBe(true)
    await clean()
    await look('ask-empty')
  })

  chapter('leads from an example to the video that it is about, and answers with choices', async () => {
    await press(page, button(/What colour is it\?/))
    const field = page.getByRole('combobox', { name: words.findVideo })
    await expect.poll(() => field.evaluate(hasFocus)).toBe(true)
    await page.keyboard.type('three')
    await page.getByRole('option', { name: 'three-shots.mp4' }).waitFor()
    await clean()
    await look('ask-video')
    await page.keyboard.press('Enter')
    await button(words.otherVideo).waitFor()
    await expect.poll(() => box().evaluate(hasFocus)).toBe(true)
    await tabTo(page, page.getByLabel(words.choicesPlaceholder))
    await page.keyboard.type('red; purple;black')
    await page.keyboard.press('Enter')
    await button(words.removeChoice('purple')).waitFor()
    await page.keyboard.press('Enter')
    await sentence().waitFor()
    const choices = ['red', 'purple', 'black']
    expect(await sentence().textContent()).toBe(await said({ question: 'What colour is it?', video, choices }))
    await page.getByText(words.answer.ruleOfThumb).waitFor()
    expect(await page.locator('.considered li').count()).toBe(3)
    await clean()
    await look('ask-answer')
  })

  chapter('plays the moments that an answer rests on', async () => {
    const card = page.locator('[data-moment]').first()
    expect(await card.textContent()).toContain('three-shots.mp4')
    await press(page, card)
    const player = page.getByRole('dialog', { name: 'three-shots.mp4' })
    await player.locator('video').waitFor()
    await page.keyboard.press('Escape')
    await player.waitFor({ state: 'detached' })
    await expect.poll(() => card.evaluate(hasFocus)).toBe(true)
  })

  chapter('keeps the newest answer, whichever comes last', async () => {
    let letGo = (): void => undefined
    const held = new Promise<void>((resolve) => (letGo = resolve))
    await page.route('**/rpc/ask', async (route) => {
      if (route.request().postData()?.includes('green thing') === true) await held
      await route.continue().catch(() => {}) // the page has given it up
    })
    await page.keyboard.press('Alt+Digit2')
    await page.keyboard.type('Is there a green thing?')
    await page.keyboard.press('Enter')
    await page.getByText(words.asking).waitFor()
    await ask('Is there a blue thing?')
    await sentence().waitFor()
    letGo()
    await page.waitForTimeout(1500)
    const section = page.getByRole('region', { name: words.answer.title })
    expect(await section.locator('.question b').textContent()).toBe('Is there a blue thing?')
    await page.unroute('**/rpc/ask')
  })

  chapter('says why some questions cannot be answered, and leads to a vision model', async () => {
    await ask('Why is it so loud?')
    await page.getByText(words.cannot.title).waitFor()
    await page.getByText(words.cannot.reason).waitFor()
    expect(await box().evaluate(hasFocus)).toBe(true)
    await clean()
    await look('ask-unanswerable')
    await press(page, button(words.setVision))
    await page.getByRole('heading', { name: t.settings.title, level: 1 }).waitFor()
    await expect.poll(() => page.locator('#endpoint-address').evaluate(hasFocus)).toBe(true)
  })

  chapter('asks which video, where a question is about one', async () => {
    await go('Alt+Digit2', words.title)
    await ask('What colour is it?')
    await page.getByText(words.problem.scopeText).waitFor()
    await clean()
    const main = page.getByRole('main')
    await press(page, main.getByRole('button', { name: words.scopes.query, exact: true }))
    await page.keyboard.type('red')
    await page.keyboard.press('Enter')
    await sentence().waitFor()
    await page.getByText(words.aboutScope.query('red')).waitFor()
    expect(await sentence().textContent()).toBe(await said({ question: 'What colour is it?', query: 'red' }))
    // The address says it all, so that a reload comes back to the same answer.
    await page.reload()
    await sentence().waitFor()
    await page.getByText(words.aboutScope.query('red')).waitFor()
    await page.keyboard.press('Alt+Digit2')
    await expect.poll(() => box().evaluate(hasFocus)).toBe(true)
    expect(await sentence().count()).toBe(1)
  })

  chapter('keeps what is right, by one key or in other words, and takes it back', async () => {
    await page.keyboard.press('Alt+KeyR')
    await page.getByText(/^Kept: .+\. 1 trusted question now\.$/).waitFor()
    await page.getByText(words.learning.known(1, 1)).waitFor()
    expect(await button(/^Right/).getAttribute('aria-pressed')).toBe('true')
    await press(page, button(t.app.undo))
    await page.getByText(words.takenBack(0)).waitFor()
    expect((await standing()).trusted).toBe(0)

    await page.keyboard.press('Alt+KeyW')
    const field = page.getByRole('textbox', { name: words.correction.label })
    await expect.poll(() => field.evaluate(hasFocus)).toBe(true)
    await clean()
    await look('ask-correction')
    await page.keyboard.type('crimson')
    await page.keyboard.press('Enter')
    await page.getByText(words.isKept('crimson')).waitFor()
    expect(await standing()).toMatchObject({ questions: 1, trusted: 1 })
    await clean()
    await look('ask-corrected')
    await press(page, button(t.app.undo).last())
    await page.getByText(words.isKept('crimson')).waitFor({ state: 'detached' })
    expect(await standing()).toMatchObject({ questions: 0, trusted: 0 })
  })

  chapter('brings questions from a table, and says of bad rows what is wrong', async () => {
    const colours = ['red', 'lime', 'blue']
    const rows = Array.from({ length: 24 }, (_, i) => {
      const shot = i % 3
      const question = ['What colour is it?', 'Which colour is the thing?'][i % 2]!
      const start = shot * 1.5 + Math.floor(i / 6) * 0.1
      return `three-shots.mp4,${start.toFixed(1)},${(shot + 1) * 1.5},${question},${colours[shot]!},red;lime;blue,${i < 18 ? 'yes' : 'no'}`
    })
    const file = table('questions.csv', [...rows, 'nowhere.mp4,,,What colour is it?,red,,yes'])
    await chooseFiles(page, [file], () => press(page, button(words.learning.import)))
    await page.getByText(words.learning.imported(24, 18, 1)).waitFor()
    await page.getByText(words.learning.ready).waitFor()
    await press(page, page.getByText(t.library.table.problems(1)))
    await page.getByText(/nowhere\.mp4/).waitFor()
    await clean()
    await look('ask-imported')
  })

  chapter('says what learning still takes, where all questions are about one video', async () => {
    await press(page, button(words.learning.learn))
    await page.getByText(words.learning.notEnough(16)).waitFor({ timeout: long })
    await clean()
    await look('ask-refused')
    const panel = page.getByRole('main').getByRole('group', { name: t.library.import.kinds.answers })
    await press(page, panel.getByRole('button', { name: t.app.dismiss }))
    await panel.waitFor({ state: 'detached' })
  })

  chapter('learns from questions about several videos, says what came of it, and answers on', async () => {
    const colours = ['red', 'lime', 'blue', 'yellow', 'white', 'black']
    for (const colour of colours) {
      open.clips.make(`${colour}.mp4`, '-f', 'lavfi', '-i', `color=c=${colour}:s=160x120:r=10:d=2`, ...h264)
    }
    await call(page, 'startImport', { paths: [open.clips.path('.')] })
    const indexed = async (): Promise<number> => (await call<{ indexed: number }>(page, 'counts', {})).indexed
    await expect.poll(indexed, { timeout: long }).toBe(1 + colours.length)
    const asked = ['What colour is it?', 'Which colour is it?', 'What colour is this?', 'What colour is the thing?']
    const rows = colours.flatMap((colour) =>
      asked.map((question, i) => `${colour}.mp4,,,${question},${colour},${colours.join(';')},${i < 3 ? 'yes' : 'no'}`),
    )
    await chooseFiles(page, [table('more.csv', rows)], () => press(page, button(words.learning.import)))
    await page.getByText(words.learning.imported(24, 18, 6)).waitFor()
    await press(page, button(words.learning.learn))
    const panel = page.getByRole('main').getByRole('group', { name: t.library.import.kinds.answers })
    await panel
      .getByText(/^Of \d+ held-out questions, \d+ answered rightly before, \d+ now\./)
      .waitFor({ timeout: long })
    const learned = await panel.getByText(words.learning.used).count()
    expect(await panel.getByText(words.learning.noGain).count()).toBe(1 - learned)
    await expect.poll(() => page.getByText(words.learning.notInUse).count()).toBe(1 - learned)
    await clean()
    await look('ask-learned')
    await tabTo(page, page.getByRole('radio', { name: words.scopes.query }))
    await page.keyboard.press('ArrowRight') // round to the first: all videos
    await ask('Is there a red thing?')
    await sentence().waitFor()
    expect(await sentence().textContent()).toBe(await said({ question: 'Is there a red thing?' }))
  })

  chapter('answers beside the player of a video, and plays what it rests on there', async () => {
    await go('Alt+Digit1', t.library.title)
    await press(page, page.locator('[data-cell]').filter({ hasText: 'black.mp4' }))
    const dialog = page.getByRole('dialog')
    await tabTo(page, dialog.getByRole('textbox', { name: words.placeholderVideo }))
    await page.keyboard.type('Is there a red thing?')
    await page.keyboard.press('Enter')
    await dialog.locator('.sentence').waitFor()
    expect(await dialog.locator('.sentence').textContent()).toBe(
      await said({ question: 'Is there a red thing?', video: 'black.mp4' }),
    )
    await clean()
    await look('ask-beside-player')
    await press(page, dialog.locator('[data-moment]').first())
    await expect.poll(() => dialog.locator('.shots [aria-pressed=true]').count()).toBe(1)
    await press(page, dialog.getByRole('button', { name: words.inVideo.open }))
    await page.getByText(words.aboutScope.video('black.mp4'), { exact: true }).first().waitFor()
    await sentence().waitFor()
  })

  chapter('lets a vision model answer, once it may, and says where pictures go', async () => {
    await call(page, 'changeEndpoint', { address: model.url, isOn: true })
    await page.getByRole('radio', { name: words.models.endpoint }).waitFor({ state: 'attached' })
    await ask('Why is it red?')
    await page.getByText(words.goesTo(model.host)).waitFor()
    await clean()
    await press(page, button(words.askVision))
    await page.getByText(words.problem.networkText(model.host)).waitFor()
    await clean()
    expect(model.asked.length).toBe(0)
    await press(page, button(words.problem.sendOnce))
    await page.getByText('It is red.').waitFor()
    await page.getByText(words.answer.proven).waitFor()
    await page.getByText(words.answer.by(model.host)).waitFor()
    expect(await page.locator('[data-moment]').count()).toBe(1)
    expect(model.asked.length).toBe(1)
    await clean()
    await look('ask-proven')
  })

  chapter('says so where a vision model names none of its frames, and fails with a way to try again', async () => {
    await call(page, 'changeSettings', { networking: true })
    model.say = () => JSON.stringify({ answerable: true, answer: 'Because of the paint.', citations: [] })
    await tabTo(page, page.getByRole('radio', { name: words.models.own }))
    await page.keyboard.press('ArrowRight')
    await page.getByText(words.goesTo(model.host)).waitFor()
    await ask('Why is it so red?')
    await page.getByText(words.answer.unproven).waitFor()
    await page.getByText('Because of the paint.').waitFor()
    await clean()
    await look('ask-unproven')
    model.mischief = (_, response) => (fail('Ollama', response, 500, 'this model does not support image input'), true)
    await page.keyboard.press('Alt+Digit2')
    await page.keyboard.type('Why is it so blue?')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').filter({ hasText: t.errors.title }).waitFor({ timeout: long })
    await clean()
    expect(await button(t.app.retry).isEnabled()).toBe(true)
  })

  chapter('speaks Japanese, and says there which questions are understood', async () => {
    await call(page, 'changeSettings', { language: 'ja' })
    await page.reload()
    const { t: ja } = tableOf('ja')
    await go('Alt+Digit1', ja.library.title)
    await go('Alt+Digit2', ja.answers.title)
    await page.getByText(ja.answers.onlyEnglish).waitFor()
    const example = page.getByRole('button', { name: 'Do we have teapots?' })
    expect(await example.locator('[lang=en]').count()).toBe(1)
    await example.getByText(ja.answers.start.about.catalogue).waitFor()
    await look('ask-empty-ja')
    expect(await axeViolations(page)).toEqual([])
    await press(page, example)
    await sentence().waitFor()
    expect(await sentence().textContent()).toMatch(/はい|いいえ/)
    await look('ask-answer-ja')
    expect(await axeViolations(page)).toEqual([])
  })

  chapter('fits into the smallest window', async () => {
    await page.setViewportSize({ width: 900, height: 600 })
    for (const place of ['#/ask', `#/ask?q=Is+there+a+red+thing%3F&video=${video}`]) {
      await page.evaluate((hash) => {
        ;(globalThis as unknown as { location: { hash: string } }).location.hash = hash
      }, place)
      await page.locator(place === '#/ask' ? '.start' : '[role=status] .sentence').waitFor()
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0)
      await look(place === '#/ask' ? 'ask-small' : 'ask-small-answer')
    }
  })
})
