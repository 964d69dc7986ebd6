/**
 * What can be begun from the app's icon, whether the app runs or not: tasks of the jump list on Windows, which are starts
 * with an argument, and items of the Dock's menu on macOS.
 */
import { app, Menu, type MenuItemConstructorOptions, type Task } from 'electron'
import { quickTasks, taskSwitch, type QuickTask } from './command-line.ts'
import type { Words } from './words.ts'

export type ProgramFacts = {
  readonly platform: NodeJS.Platform
  /** The program to start. */
  readonly program: string
  /** The folder that Electron is told to run during development; null in an installed app. */
  readonly appPath: string | null
}

/** Pure. */
export function userTasksOf({ program, appPath }: Omit<ProgramFacts, 'platform'>, { tasks }: Words): Task[] {
  return quickTasks.map((task) => ({
    ...{ program, iconPath: program, iconIndex: 0 },
    arguments: `${appPath === null ? '' : `"${appPath}" `}${taskSwitch}${task}`,
    title: tasks[task].title,
    description: tasks[task].description,
  }))
}

/** Offers the tasks where the system has a place for them; again whenever the language changes. */
export function offerQuickTasks(facts: ProgramFacts, words: Words, begin: (task: QuickTask) => void): void {
  if (facts.platform === 'win32') app.setUserTasks(userTasksOf(facts, words))
  if (facts.platform !== 'darwin') return
  const items = quickTasks.map((task): MenuItemConstructorOptions => ({
    label: words.tasks[task].title,
    click: () => begin(task),
  }))
  app.dock?.setMenu(Menu.buildFromTemplate(items))
}
