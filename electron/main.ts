/**
 * Start of the desktop app: Electron's main process. What must happen before Electron is ready happens here, without
 * waiting for anything; the rest is desktop.ts.
 */
import { app } from 'electron'
import { parseCommandLine } from './command-line.ts'
import { startDesktop, type Desktop } from './desktop.ts'
import { guardContents } from './window-guards.ts'
import { registerWindowScheme } from './window-scheme.ts'

const args = process.argv.slice(app.isPackaged ? 1 : 2)
const commandLine = parseCommandLine(args, process.cwd(), app.getAppPath())
let desktop: Desktop | null = null
/** macOS gives files before the app is ready. */
let early: string[] = []
let isClosed = false

app.enableSandbox()
registerWindowScheme()
// Nothing of Chromium's own asks the network either: updates of components, field trials, proxies.
for (const name of ['disable-background-networking', 'no-proxy-server']) app.commandLine.appendSwitch(name)
if (commandLine.isNetworkingDisabled) app.commandLine.appendSwitch('host-resolver-rules', 'MAP * ~NOTFOUND')

if (app.requestSingleInstanceLock()) {
  app.on('second-instance', (_, argv, workingDirectory) => {
    const { files } = parseCommandLine(argv.slice(1), workingDirectory, app.getAppPath())
    desktop?.open(files)
  })
  app.on('open-file', (event, path) => {
    event.preventDefault()
    if (desktop === null) early.push(path)
    else desktop.open([path])
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
      app.quit()
    })
  })
  void app.whenReady().then(() => {
    desktop = startDesktop({ ...commandLine, files: [...commandLine.files, ...early] })
    early = []
  })
} else {
  // The app that runs already gets the files of this start.
  app.quit()
}
