/**
 * Pictures of every screen in both themes for docs/screenshots: `npx tsx tests/e2e/window-screenshots.ts [SCREEN...]` (without
 * names all: first-run, import, library, video, search, ask, label, train, audit, models,
 * encoders, encoder-change, encoder-download, settings). Fills a library of its
 * own with the sample catalogue, trains a short run, and photographs the real window in Chromium.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { tableOf } from '../../renderer/src/i18n/index.ts'
import { exportFolder } from '../main/encoders/exports.ts'
import { axeViolations, call, findChromium, loaded, openWindow } from './window.ts'

const { values: options, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    to: { type: 'string', default: join(import.meta.dirname, '..', '..', 'docs', 'screenshots') },
    sizes: { type: 'boolean', default: false },
  },
})
const target = options.to
if (findChromium() === null) {
  console.error('No Chromium is installed here. Install it, or set MAMA_CHROMIUM to its path.')
  process.exit(1)
}
mkdirSync(target, { recursive: true })
const { page, close } = await openWindow()
page.setDefaultTimeout(120_000)

type Look = { theme: 'light' | 'dark'; language: 'en' | 'ja' }

async function wear(look: Look): Promise<void> {
  await call(page, 'changeSettings', look)
  await page.reload()
  await page.locator('nav a').first().waitFor()
}

async function take(name: string, { theme, language }: Look): Promise<void> {
  if (wanted.length > 0 && !wanted.includes(name)) return
  await loaded(page)
  await page.waitForTimeout(700) // pictures decode, and fonts settle
  // JPEG: a third of the size of PNG for windows full of pictures.
  const file = `${name}-${theme}${language === 'en' ? '' : `-${language}`}.jpg`
  await page.screenshot({ path: join(target, file), type: 'jpeg', quality: 72 })
  const wrong = await axeViolations(page)
  console.log(wrong.length === 0 ? file : `${file}: ${wrong.join('; ')}`)
  if (options.sizes && theme === 'light') await takeSizes(`${name}-${language}`)
}

/** The same screen in the smallest window and as it is at 200 % zoom, which halves what fits. */
async function takeSizes(name: string): Promise<void> {
  const usual = page.viewportSize()!
  for (const [kind, width, height] of [
    ['900x600', 900, 600],
    ['zoomed', 640, 400],
  ] as const) {
    await page.setViewportSize({ width, height })
    await page.waitForTimeout(400)
    await page.screenshot({ path: join(target, `${name}-${kind}.jpg`), type: 'jpeg', quality: 72 })
    const wider = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
    if (wider !== 0) console.log(`${name} ${kind}: ${String(wider)} px wider than the window`)
  }
  await page.setViewportSize(usual)
}

/** The encoders below the versions: an added one, what a change to it takes, and the short list of the hub. */
async function encoderShots(go: (hash: string) => Promise<void>, look: Look): Promise<void> {
  const { t } = tableOf(look.language)
  await page.locator('#encoders').evaluate((heading: { scrollIntoView(): void }) => heading.scrollIntoView())
  await take('encoders', look)
  const { use, change, download } = t.encoders
  const added = page.getByRole('button', { name: new RegExp(`^${use}: `) })
  if ((await added.count()) > 0) {
    await added.first().click()
    await page.getByText(change.meanwhile).waitFor()
    await take('encoder-change', look)
    await page.keyboard.press('Escape')
  }
  await page.getByRole('button', { name: download, exact: true }).click()
  await page.locator('dialog li').first().waitFor()
  await take('encoder-download', look)
  await page.keyboard.press('Escape')
  await go('#/models')
}

async function screens(look: Look): Promise<void> {
  await wear(look)
  const go = async (hash: string): Promise<void> => {
    await page.evaluate(`location.hash = ${JSON.stringify(hash)}`)
    await page.locator(`nav a[aria-current][href="${hash.split('?')[0]}"]`).waitFor()
  }
  await go('#/library')
  await page.locator('[data-cell] img').first().waitFor()
  await take('library', look)
  await page.locator('[data-cell]').nth(3).click()
  await page.locator('dialog video').waitFor()
  // Where this computer keeps its files is nobody's business.
  await page.locator('dialog dd.path').evaluateAll((paths: { textContent: string }[]) => {
    for (const path of paths) path.textContent = path.textContent.replace(/^.*(?=\/sample-catalogue)/, '~')
  })
  await take('video', look)
  await page.keyboard.press('Escape')
  await go('#/search?q=red%20teapot')
  await page.locator('[data-result]').first().waitFor()
  await take('search', look)
  await go('#/ask?q=Which%20videos%20show%20a%20teapot%3F')
  await page.locator('[role=status] .sentence').waitFor()
  await take('ask', look)
  await go('#/label')
  await page.locator('.grades').waitFor()
  await take('label', look)
  await go('#/train')
  await page.locator('table').first().waitFor()
  await page.locator('.moved').waitFor()
  await take('train', look)
  await go('#/audit')
  await page.locator('td').first().waitFor()
  await take('audit', look)
  await go('#/models')
  await page.locator('article').first().waitFor()
  await take('models', look)
  await encoderShots(go, look)
  await go('#/settings')
  await page.locator('kbd').first().waitFor()
  await take('settings', look)
}

try {
  for (const theme of ['dark', 'light'] as const) {
    const look: Look = { theme, language: 'en' }
    await wear(look)
    await page.locator('.cards summary').waitFor()
    await page.waitForTimeout(2500) // the system check looks for graphics cards
    await take('first-run', look)
  }
  await page.getByRole('button', { name: 'Try the sample catalogue' }).click()
  await page.locator('.panel.running').waitFor()
  await page.locator('[data-cell] img').nth(8).waitFor()
  await take('import', { theme: 'light', language: 'en' })
  await page.locator('.panel.succeeded').waitFor({ timeout: 300_000 })
  await call(page, 'addEncoder', { source: exportFolder('siglip'), name: 'SigLIP base (a small stand-in)' })
  await call(page, 'startTraining', { epochs: 30, marginRadians: 0.02 })
  await page.evaluate("location.hash = '#/train'")
  await page.locator('.moved').waitFor({ timeout: 300_000 })
  for (const theme of ['light', 'dark'] as const) await screens({ theme, language: 'en' })
  await screens({ theme: 'light', language: 'ja' })
} finally {
  await close()
}
