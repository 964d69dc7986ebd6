/**
 * The desktop app, put together: engine, door, window, menu, and what the system is told. Reads from top to bottom as the
 * wiring diagram. Runs in Electron's main process, once Electron is ready.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  app,
  dialog,
  Menu,
  nativeImage,
  powerMonitor,
  safeStorage,
  session as sessions,
  shell,
  type BrowserWindow,
} from 'electron'
import { createClient, type ChooseKind, type Settings, type ShellCommand } from '../main/contract/index.ts'
import { appPaths } from './app-paths.ts'
import { openAppWindow } from './app-window.ts'
import { chooseFiles } from './choose-files.ts'
import type { CommandLine, QuickTask } from './command-line.ts'
import { dragOut } from './drag-out.ts'
import { createEndpointKeys } from './endpoint-keys.ts'
import { startEngine } from './engine-link.ts'
import { followEngine } from './follow-engine.ts'
import type { GraphicsFallback } from './graphics-fallback.ts'
import type { LogFile } from './log-file.ts'
import { followLongWork } from './long-work.ts'
import { menuTemplate } from './menu.ts'
import { nameOf, openPageDoor, type PageDoor } from './page-door.ts'
import { createPageInbox } from './page-inbox.ts'
import { createPathGrants } from './path-grants.ts'
import { offerQuickTasks } from './quick-tasks.ts'
import { traceOf } from './trace.ts'
import { askAboutTrouble } from './trouble.ts'
import { guardSession } from './window-guards.ts'
import { handleWindowScheme } from './window-scheme.ts'
import { wordsFor } from './words.ts'

/** What a start of the app brings. */
export type Opening = Pick<CommandLine, 'files' | 'task'>

export type Desktop = {
  /** Imports files, begins a task, and brings the window to the front. */
  open(what: Opening): void
  /** Ends engine and news; the app can quit then. */
  close(): Promise<void>
}

export type StartParts = { readonly log: LogFile; readonly graphics: GraphicsFallback }

export function startDesktop(commandLine: CommandLine, { log, graphics }: StartParts): Desktop {
  const { platform, arch, env } = process
  const { isPackaged } = app
  const { resourcesPath = '' } = process
  const paths = appPaths({
    ...{ appPath: app.getAppPath(), resourcesPath, isPackaged, platform, arch, env },
    exists: existsSync,
  })
  const isMac = platform === 'darwin'
  const newId = (): string => crypto.randomUUID()
  const report = (problem: unknown): void => log.write('app', traceOf(problem))
  const stop = new AbortController()
  let settings: Settings | null = null
  let window: BrowserWindow | null = null
  let door: PageDoor | null = null
  const words = () => wordsFor(settings?.language ?? 'system', app.getPreferredSystemLanguages())
  const isNetworkingAllowed = (): boolean => !commandLine.isNetworkingDisabled && settings?.networking === true

  // The engine.
  const { resourcesDir, nativeBinding, ffmpegPath, ffprobePath, licences } = paths
  const engine = startEngine({
    engineEntry: paths.engineEntry,
    mediaEntry: paths.mediaEntry,
    options: {
      libraryDir: commandLine.libraryDir ?? join(app.getPath('userData'), 'library'),
      resourcesDir,
      appVersion: app.getVersion(),
      logFile: log.path,
      ...(nativeBinding === undefined ? {} : { nativeBinding }),
      ...(ffmpegPath === undefined ? {} : { ffmpegPath }),
      ...(ffprobePath === undefined ? {} : { ffprobePath }),
    },
    now: Date.now,
    log: (source, what) => log.write(source, what),
  })
  const client = createClient(engine.transport)
  // Beside the settings of the shell, not in the library, which is copied and backed up.
  const endpointKeys = createEndpointKeys(join(app.getPath('userData'), 'endpoint-keys'), { safeStorage, platform })
  engine.setEndpointKeys(endpointKeys.all())
  const grants = createPathGrants(newId)

  // What the window is loaded from, and what it may do.
  const session = sessions.defaultSession
  guardSession(session, isNetworkingAllowed)
  handleWindowScheme(session, { windowDir: paths.windowDir, findMedia: engine.findMedia })

  const inbox = createPageInbox(
    (path) => {
      app.addRecentDocument(path)
      return { token: grants.grant(path), name: nameOf(path) }
    },
    (message) => door?.send(message),
  )

  const choose = (what: ChooseKind): Promise<readonly string[]> => chooseFiles(window, what, words())

  function openWindow(): BrowserWindow {
    const shown = openAppWindow({
      preload: paths.preload,
      icon: paths.icon,
      session,
      stateFile: join(app.getPath('userData'), 'window.json'),
      now: Date.now,
      words,
      log,
      onPageLost() {
        inbox.setReady(false)
        door?.reset()
      },
      quit: () => app.quit(),
    })
    const page = shown.webContents
    const appIcon = () => nativeImage.createFromPath(paths.icon)
    door = openPageDoor(page, {
      engine: engine.transport,
      grants,
      choose,
      drag: (moment) => void dragOut(page, moment, { client, findMedia: engine.findMedia, appIcon }).catch(report),
      restartEngine: () => engine.restart(),
      keepEndpointKey(origin, key) {
        endpointKeys.keep(origin, key)
        engine.setEndpointKeys(endpointKeys.all())
      },
      onReady: () => inbox.setReady(true),
      onRefused: (why) => log.write('app', why),
    })
    shown.on('closed', () => {
      inbox.setReady(false)
      door?.close()
      door = null
      window = null
    })
    return shown
  }

  function showWindow(): void {
    window ??= openWindow()
    if (window.isMinimized()) window.restore()
    if (window.isVisible()) window.focus()
  }

  // What menus and the app's icon can begin.
  function command(given: ShellCommand): void {
    showWindow()
    inbox.addCommand(given)
  }
  const importFrom = (what: ChooseKind): void => void choose(what).then((files) => inbox.addFiles(files), report)

  function begin(task: QuickTask): void {
    if (task === 'search') return command('go.search')
    showWindow()
    importFrom('videos')
  }

  /** The menus follow language and keys. */
  function setMenus(): void {
    const template = menuTemplate(
      { words: words(), isMac, shortcuts: settings?.shortcuts ?? {} },
      {
        ...{ command, importFrom },
        showLog: () => shell.showItemInFolder(log.path),
        showLicences: licences === undefined ? null : () => void shell.openPath(licences),
      },
    )
    Menu.setApplicationMenu(Menu.buildFromTemplate(template))
    const appPath = isPackaged ? null : app.getAppPath()
    offerQuickTasks({ platform, program: process.execPath, appPath }, words(), begin)
  }

  const longWork = followLongWork({ window: () => window, words, show: command })

  const reportPower = async (): Promise<void> => {
    const onBattery = powerMonitor.isOnBatteryPower()
    longWork.setOnBattery(onBattery)
    await client.reportPower({ onBattery })
  }
  const onPower = (): void => void reportPower().catch(report)
  powerMonitor.on('on-battery', onPower)
  powerMonitor.on('on-ac', onPower)

  // What has stopped for good is asked about; the window says it, too, where it can.
  engine.onState((state) => {
    if (state !== 'failed') return
    longWork.stop()
    void askAboutTrouble(window, 'engine', { words: words(), log }).then((answer) => {
      if (answer === 'restart') engine.restart()
    })
  })
  app.on('child-process-gone', (_, { type, reason, exitCode }) => {
    if (type !== 'GPU' || reason === 'clean-exit') return
    log.write('graphics', `its process is gone: ${reason}, code ${exitCode}`)
    if (graphics.gone()) log.write('graphics', 'the next start draws without it')
    // Chromium starts another one; what the old one had drawn went with it.
    window?.webContents.invalidate()
  })

  setMenus()
  window = openWindow()
  if (process.versions['electron'] !== undefined && nativeBinding === undefined) {
    dialog.showErrorBox(app.getName(), words().noBinding)
  }
  app.on('activate', showWindow)
  inbox.addFiles(commandLine.files)
  if (commandLine.task !== null) begin(commandLine.task)
  void followEngine(
    client,
    {
      onStart: reportPower,
      onSettings(changed) {
        settings = changed
        engine.setNetworking(isNetworkingAllowed())
        longWork.setSettings(changed)
        setMenus()
      },
      onJobs: longWork.setJobs,
    },
    stop.signal,
  )

  return {
    open({ files, task }) {
      showWindow()
      inbox.addFiles(files)
      if (task !== null) begin(task)
    },
    async close() {
      stop.abort()
      longWork.stop()
      powerMonitor.off('on-battery', onPower)
      powerMonitor.off('on-ac', onPower)
      await engine.close()
    },
  }
}
