/** What a person's hands do to the window: keys alone, and files dragged in from outside. */
import type { CDPSession, Locator, Page } from 'playwright'

/** Drops files of this computer onto the window, as a file manager does. @param whileOver what is seen before they fall */
export async function dropFiles(page: Page, files: string[], whileOver?: () => Promise<void>): Promise<void> {
  const session: CDPSession = await page.context().newCDPSession(page)
  const move = (type: 'dragEnter' | 'dragOver' | 'drop'): Promise<unknown> =>
    session.send('Input.dispatchDragEvent', { type, x: 640, y: 420, data: { items: [], files, dragOperationsMask: 1 } })
  await move('dragEnter')
  await move('dragOver')
  await whileOver?.()
  await move('drop')
  await session.detach()
}

const hasFocus = (element: unknown): boolean =>
  element === (globalThis as unknown as { document: { activeElement: unknown } }).document.activeElement

/** Presses Tab until the target has the focus. @throws Error when the keyboard never comes there */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.waitFor()
  for (let pressed = 0; pressed < 250; pressed++) {
    if (await target.evaluate(hasFocus)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab does not lead to ${String(target)}`)
}

/** Tabs to a button and presses it. */
export async function press(page: Page, target: Locator, key = 'Enter'): Promise<void> {
  await tabTo(page, target)
  await page.keyboard.press(key)
}

/** Chooses files in the dialog of the system that `open` brings up. */
export async function chooseFiles(page: Page, files: string[], open: () => Promise<void>): Promise<void> {
  const chosen = page.waitForEvent('filechooser')
  await open()
  await (await chosen).setFiles(files)
}

/** Goes down a list of options until the wanted one is chosen. */
export async function pickOption(page: Page, select: Locator, value: string): Promise<void> {
  await tabTo(page, select)
  for (let pressed = 0; pressed < 20 && (await select.inputValue()) !== value; pressed++) {
    await page.keyboard.press('ArrowDown')
  }
}

/** Counts presses of a mouse, pen or finger from now on. @returns how many there were */
export async function watchPointer(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(`window.pointerPresses = 0; addEventListener('pointerdown', () => window.pointerPresses++, true)`)
  return () => page.evaluate('window.pointerPresses')
}

/** A sentence of the catalogue with any value in the place of its argument. */
export function anyOf(sentence: (value: never) => string): RegExp {
  const parts = (sentence as (value: string) => string)('\u0001').split(/\u0001|NaN/)
  return new RegExp(parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.+'))
}
