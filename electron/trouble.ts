/**
 * Asks the user what to do when a part of the app has stopped or does not answer: wait, start it again, or look at the log
 * first. Runs in Electron's main process.
 */
import { dialog, shell, type BrowserWindow } from 'electron'
import type { LogFile } from './log-file.ts'
import type { Words } from './words.ts'

export type Trouble = keyof Words['trouble']['of']
export type Answer = 'wait' | 'restart'

/**
 * @param signal closes the question when the trouble has passed by itself; the answer is then `wait`
 * @returns what the user chose; looking at the log brings the question back
 */
export async function askAboutTrouble(
  window: BrowserWindow | null,
  trouble: Trouble,
  { words: { trouble: words }, log, signal }: { words: Words; log: LogFile; signal?: AbortSignal },
): Promise<Answer> {
  const question = {
    type: 'warning' as const,
    message: words.of[trouble].title,
    detail: words.of[trouble].text,
    buttons: [words.of[trouble].restart, words.wait, words.showLog],
    defaultId: 1,
    cancelId: 1,
    noLink: true,
    ...(signal === undefined ? {} : { signal }),
  }
  for (;;) {
    const asked = window === null || window.isDestroyed() ? null : window
    const { response } = await (asked === null
      ? dialog.showMessageBox(question)
      : dialog.showMessageBox(asked, question))
    if (response !== 2) return response === 0 ? 'restart' : 'wait'
    shell.showItemInFolder(log.path)
  }
}
