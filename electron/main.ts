/**
 * Start of the desktop app: Electron's main process. What must happen before Electron is ready happens here, without
 * waiting for anything; the rest is desktop.ts.
 */
import { join } from 'node:path'
import { app } from 'electron'
import { parseCommandLine } from './command-line.ts'
import { startDesktop, type Desktop, type Opening } from './desktop.ts'
import { graphicsFallback } from './graphics-fallback.ts'
import { openLogFile } from './log-file.ts'
import { traceOf } from './trace.ts'
import { guardContents } from './window-guards.ts'
import { registerWindowScheme } from './window-scheme.ts'

/** As electron-builder.yml has it, which makes the shortcut. */
const appId = 'studio.mama.app'
const args = process.argv.slice(app.isPackaged ? 1 : 2)
const commandLine = parseCommandLine(args, process.cwd(), app.getAppPath())
let desktop: Desktop | null = null
/** Files can come before the app is ready: macOS gives them early, and a second start may be quick. */
let early: Opening = commandLine
let isClosed = false

function open(what: Opening): void {
  if (desktop === null) early = { files: [...early.files, ...what.files], task: what.task ?? early.task }
  else desktop.open(what)
}

app.enableSandbox()
// Windows shows notifications, and keeps the jump list, of an app that says which of its shortcuts it belongs to.
if (process.platform === 'win32') app.setAppUserModelId(app.isPackaged ? appId : process.execPath)
registerWindowScheme()
// Nothing of Chromium's own asks the network either: updates of components, field trials, proxies.
for (const name of ['disable-background-networking', 'no-proxy-server']) app.commandLine.appendSwitch(name)
if (commandLine.isNetworkingDisabled) app.commandLine.appendSwitch('host-resolver-rules', 'MAP * ~NOTFOUND')

if (app.requestSingleInstanceLock()) {
  const log = openLogFile(app.getPath('logs'), { now: Date.now })
  const graphics = graphicsFallback(join(app.getPath('userData'), 'graphics-off'), app.getVersion(), Date.now)
  if (graphics.isOff) app.disableHardwareAcceleration()
  log.write('app', `version ${app.getVersion()} starts on ${process.platform} ${process.arch}`)
  // Only a witness: what happens to the process stays as it is.
  process.on('uncaughtExceptionMonitor', (error) => log.write('app', `failed: ${traceOf(error)}`))
  app.on('second-instance', (_, argv, workingDirectory) => {
    open(parseCommandLine(argv.slice(1), workingDirectory, app.getAppPath()))
  })
  app.on('open-file', (event, path) => {
    event.preventDefault()
    open({ files: [path], task: null })
  })
  app.on('web-contents-created', (_, contents) => guardContents(contents))
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit()
  })
  app.on('will-quit', (event) => {
    if (isClosed || desktop === null) return
    // The engine writes down where it stopped; then it is over.
    event.preventDefault()
    void desktop.close().finally(() => {
      isClosed = true
      log.write('app', 'ends')
      app.quit()
    })
  })
  void app.whenReady().then(() => {
    app.setAboutPanelOptions({ applicationName: app.getName(), applicationVersion: app.getVersion() })
    desktop = startDesktop({ ...commandLine, ...early }, { log, graphics })
  })
} else {
  // The app that runs already gets the files of this start.
  app.quit()
}
