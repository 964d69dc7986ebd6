/** What the app was started with: options and files. Pure; used for the first start and for every further one. */
import { resolve } from 'node:path'

/** What the app's icon offers to begin with. */
export const quickTasks = ['search', 'import'] as const
export type QuickTask = (typeof quickTasks)[number]

/** The argument that begins a task: `--do=search`. */
export const taskSwitch = '--do='

export type CommandLine = {
  /** `--library DIR`; null: the user's own. */
  readonly libraryDir: string | null
  /** `--disable-networking`: nothing leaves or reaches this computer, whatever the settings say. */
  readonly isNetworkingDisabled: boolean
  /** Absolute paths of files and folders to import. */
  readonly files: readonly string[]
  /** `--do=search`, `--do=import`: what to begin with. */
  readonly task: QuickTask | null
}

/**
 * @param args without the executable; switches that belong to Chromium are skipped
 * @param cwd where the command was given
 * @param appPath the folder that Electron was told to run during development, which is no file to import
 */
export function parseCommandLine(args: readonly string[], cwd: string, appPath: string): CommandLine {
  let libraryDir: string | null = null
  const files: string[] = []
  for (let i = 0; i < args.length; i += 1) {
    const arg = args[i] ?? ''
    if (arg === '--library') libraryDir = resolve(cwd, args[(i += 1)] ?? '')
    else if (arg.startsWith('--library=')) libraryDir = resolve(cwd, arg.slice('--library='.length))
    else if (arg !== '' && !arg.startsWith('-') && resolve(cwd, arg) !== resolve(appPath)) files.push(resolve(cwd, arg))
  }
  const task = quickTasks.find((name) => args.includes(`${taskSwitch}${name}`)) ?? null
  return { libraryDir, isNetworkingDisabled: args.includes('--disable-networking'), files, task }
}
