/** What the app's icon offers on each system, and that what it starts is understood. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseCommandLine } from '../../electron/command-line.ts'
import { offerQuickTasks } from '../../electron/quick-tasks.ts'
import { wordsFor } from '../../electron/words.ts'
import { double } from './double/main-side.ts'

describe('what the app’s icon offers', () => {
  const seen = { tasks: double.userTasks, dock: double.dockMenu }
  const begun: string[] = []
  const offer = (platform: NodeJS.Platform, appPath: string | null, language: 'en' | 'ja'): void =>
    offerQuickTasks({ platform, program: '/opt/MAMA.exe', appPath }, wordsFor(language, []), (task) => begun.push(task))

  it('is nothing where there is no place for it', () => {
    offer('linux', null, 'en')
    expect([double.userTasks, double.dockMenu]).toEqual([seen.tasks, seen.dock])
  })

  it('is a start with an argument on Windows, which the command line understands', () => {
    offer('win32', null, 'en')
    expect(double.userTasks).toMatchObject([
      { title: 'Search', program: '/opt/MAMA.exe', arguments: '--do=search' },
      { title: 'Import Videos…', program: '/opt/MAMA.exe', arguments: '--do=import' },
    ])
    const tasks = double.userTasks.map((task) => parseCommandLine([task.arguments], '/', '/opt/app').task)
    expect(tasks).toEqual(['search', 'import'])
    offer('win32', 'C:\\my app', 'ja')
    expect(double.userTasks[0]).toMatchObject({ title: '検索', arguments: '"C:\\my app" --do=search' })
  })

  it('is an item of the Dock on macOS', () => {
    offer('darwin', null, 'en')
    expect(double.dockMenu.map(({ label }) => label)).toEqual(['Search', 'Import Videos…'])
    for (const { click } of double.dockMenu) click?.()
    expect(begun).toEqual(['search', 'import'])
  })

  it('belongs to the shortcut that the installer makes', () => {
    const root = join(import.meta.dirname, '..', '..')
    const appId = /^appId: (.+)$/m.exec(readFileSync(join(root, 'electron-builder.yml'), 'utf8'))?.[1]
    expect(readFileSync(join(root, 'electron', 'main.ts'), 'utf8')).toContain(`const appId = '${appId}'`)
  })
})
