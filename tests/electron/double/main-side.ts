/** The double of Electron's main process without windows: app, dialogs, menu, notifications, power, screen. */
import { EventEmitter } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '../../temporary-folder.ts'
import { startWeb } from './web.ts'

/** What the tests set and look at. */
export const double = {
  userData: temporaryFolder('electron'),
  languages: ['en-GB'],
  isFirstInstance: true,
  workAreas: [{ x: 0, y: 0, width: 1920, height: 1040 }],
  isOnBattery: false,
  hasKeychain: true,
  /** What the user chooses in the next dialog. */
  chosenPaths: [] as string[],
  openedDialogs: [] as { filters: { extensions: string[] }[]; properties: string[] }[],
  messageBoxes: [] as MessageBox[],
  /** Buttons that the user presses, one a question; without any left the question is cancelled. */
  answers: [] as number[],
  recentDocuments: [] as string[],
  shownInFolder: [] as string[],
  openedPaths: [] as string[],
  isHardwareAccelerated: true,
  external: [] as string[],
  notifications: [] as ShownNotification[],
  /** What keeps the computer awake now, by id, and everything that ever did. */
  keptAwake: new Map<number, string>(),
  awakeStarts: [] as string[],
  userTasks: [] as { title: string; program: string; arguments: string }[],
  dockMenu: [] as MenuItem[],
  switches: new Map<string, string>(),
  schemes: [] as { scheme: string; privileges: Record<string, boolean> }[],
  menu: [] as MenuItem[],
  hasQuit: false,
}

type ShownNotification = { title: string; body: string; click(): void }
type MessageBox = { message: string; buttons?: string[]; cancelId?: number; signal?: AbortSignal }

export type MenuItem = {
  id?: string
  label?: string
  accelerator?: string
  submenu?: MenuItem[]
  click?: () => void
}

class AppDouble extends EventEmitter {
  readonly isPackaged = false
  readonly commandLine = { appendSwitch: (name: string, value = '') => void double.switches.set(name, value) }
  getAppPath = (): string => join(import.meta.dirname, '..', '..', '..')
  getPath = (name: string): string => (name === 'logs' ? join(double.userData, 'logs') : double.userData)
  getVersion = (): string => '0.0.0'
  getName = (): string => 'MAMA Studio'
  getPreferredSystemLanguages = (): string[] => double.languages
  enableSandbox = (): void => {}
  disableHardwareAcceleration = (): void => void (double.isHardwareAccelerated = false)
  setAboutPanelOptions = (): void => {}
  addRecentDocument = (path: string): void => void double.recentDocuments.push(path)
  setAppUserModelId = (): void => {}
  setUserTasks = (tasks: typeof double.userTasks): boolean => ((double.userTasks = tasks), true)
  readonly dock = { setMenu: (menu: MenuItem[]): void => void (double.dockMenu = menu) }
  requestSingleInstanceLock = (): boolean => double.isFirstInstance
  whenReady = (): Promise<void> => startWeb({ app: this, ipcMain })

  quit(): void {
    let isPrevented = false
    this.emit('will-quit', { preventDefault: () => (isPrevented = true) })
    if (!isPrevented) double.hasQuit = true
  }
}

export const app = new AppDouble()
export const ipcMain = new EventEmitter()
export const protocol = {
  registerSchemesAsPrivileged: (schemes: typeof double.schemes) => void double.schemes.push(...schemes),
}
export const shell = {
  openExternal: async (url: string) => void double.external.push(url),
  showItemInFolder: (path: string) => void double.shownInFolder.push(path),
  openPath: async (path: string) => (double.openedPaths.push(path), ''),
}
export const screen = {
  getPrimaryDisplay: () => ({ id: 0, workArea: double.workAreas[0] }),
  getAllDisplays: () => double.workAreas.map((workArea, id) => ({ id, workArea })),
}
export const dialog = {
  async showOpenDialog(...args: unknown[]) {
    double.openedDialogs.push(args.at(-1) as (typeof double.openedDialogs)[number])
    return { filePaths: double.chosenPaths }
  },
  async showMessageBox(...args: unknown[]) {
    const question = args.at(-1) as MessageBox
    double.messageBoxes.push(question)
    const response = double.answers.shift()
    if (response !== undefined || question.signal === undefined) return { response: response ?? question.cancelId ?? 0 }
    // Nobody answers: it stays until what it was about has passed.
    await new Promise((resolve) => question.signal?.addEventListener('abort', resolve, { once: true }))
    return { response: question.cancelId ?? 0 }
  },
  showErrorBox: (_: string, message: string) => void double.messageBoxes.push({ message }),
}
export const Menu = {
  buildFromTemplate: (template: MenuItem[]) => template,
  setApplicationMenu: (menu: MenuItem[]) => void (double.menu = menu),
}
export const nativeImage = {
  createFromPath(path: string) {
    const image = { isEmpty: () => !existsSync(path), resize: () => image }
    return image
  },
}
export const powerMonitor = Object.assign(new EventEmitter(), { isOnBatteryPower: () => double.isOnBattery })

/** Turns every byte round, so that nothing of a text can be read in what it gives. */
export const safeStorage = {
  isEncryptionAvailable: (): boolean => double.hasKeychain,
  getSelectedStorageBackend: (): string => (double.hasKeychain ? 'gnome_libsecret' : 'basic_text'),
  encryptString: (text: string): Buffer => Buffer.from(text, 'utf8').map((byte) => byte ^ 0xff) as Buffer,
  decryptString: (encrypted: Buffer): string => Buffer.from(encrypted.map((byte) => byte ^ 0xff)).toString('utf8'),
}

let nextBlocker = 1
export const powerSaveBlocker = {
  start(type: string): number {
    double.awakeStarts.push(type)
    double.keptAwake.set(nextBlocker, type)
    return nextBlocker++
  },
  stop: (id: number): boolean => double.keptAwake.delete(id),
}

export class Notification extends EventEmitter {
  static isSupported = (): boolean => true
  readonly #content: { title: string; body: string }
  constructor(content: { title: string; body: string }) {
    super()
    this.#content = content
  }
  show(): void {
    double.notifications.push({ ...this.#content, click: () => void this.emit('click') })
  }
}

/** An item of the menu by its id. */
export function menuItem(id: string): MenuItem {
  const all = (items: readonly MenuItem[]): MenuItem[] => items.flatMap((item) => [item, ...all(item.submenu ?? [])])
  const found = all(double.menu).find((item) => item.id === id)
  if (found === undefined) throw new Error(`the menu has no ${id}`)
  return found
}
