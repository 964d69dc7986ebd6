/**
 * A test double of the `electron` module: enough of it to drive the real electron/ code in a real Chromium, with real
 * processes for the engine. vitest.config.ts puts it in the place of the module, which is only a path outside Electron.
 */
export {
  app,
  dialog,
  ipcMain,
  Menu,
  nativeImage,
  Notification,
  powerMonitor,
  powerSaveBlocker,
  protocol,
  safeStorage,
  screen,
  shell,
} from './main-side.ts'
export { MessageChannelMain, utilityProcess } from './utility.ts'
export { BrowserWindow, session } from './web.ts'
