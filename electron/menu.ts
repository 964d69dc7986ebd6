/**
 * The native menu. What the window can do, it does: an item gives the window's command, with the keys that the settings
 * have for it. Pure.
 */
import type { MenuItemConstructorOptions } from 'electron'
import type { ChooseKind, ShellCommand } from '../main/contract/index.ts'
import type { Words } from './words.ts'

export type MenuActions = {
  readonly command: (command: ShellCommand) => void
  readonly importFrom: (what: ChooseKind) => void
  readonly showLog: () => void
  /** Null where there are none to show: they are written when the app is packed. */
  readonly showLicences: (() => void) | null
}

/** As in the window's own table (renderer/src/state/shortcuts.ts); a test keeps the two together. */
export const menuKeys: Readonly<Record<ShellCommand, string>> = {
  'go.search': 'Mod+KeyK',
  'go.library': 'Alt+Digit1',
  'go.ask': 'Alt+Digit2',
  'go.label': 'Alt+Digit3',
  'go.train': 'Alt+Digit4',
  'go.audit': 'Alt+Digit5',
  'go.models': 'Alt+Digit6',
  'go.settings': 'Mod+Comma',
  'app.shortcuts': 'Shift+Slash',
  'edit.undo': 'Mod+KeyZ',
  'edit.redo': 'Mod+Shift+KeyZ',
}

export type MenuFacts = {
  readonly words: Words
  readonly isMac: boolean
  /** The settings' keys, only where the user changed them; no keys: switched off. */
  readonly shortcuts: Readonly<Record<string, readonly string[]>>
}

export function menuTemplate(
  { words, isMac, shortcuts }: MenuFacts,
  actions: MenuActions,
): MenuItemConstructorOptions[] {
  const { menu } = words
  const item = (label: string, command: ShellCommand): MenuItemConstructorOptions => {
    const accelerator = acceleratorOf((shortcuts[command] ?? [menuKeys[command]])[0])
    return {
      id: command,
      label,
      // The window listens to its keys itself: here they are only shown.
      ...(accelerator === null ? {} : { accelerator, registerAccelerator: false }),
      click: () => actions.command(command),
    }
  }
  const from = (label: string, what: ChooseKind, accelerator?: string): MenuItemConstructorOptions => ({
    id: `import.${what}`,
    label,
    ...(accelerator === undefined ? {} : { accelerator }),
    click: () => actions.importFrom(what),
  })
  const line: MenuItemConstructorOptions = { type: 'separator' }
  const settings = item(menu.settings, 'go.settings')
  const quit: MenuItemConstructorOptions = { role: 'quit', label: menu.quit }
  return [
    ...(isMac
      ? [
          {
            label: 'MAMA Studio',
            submenu: [
              { role: 'about' as const, label: menu.about },
              line,
              settings,
              line,
              { role: 'hide' as const, label: menu.hide },
              { role: 'hideOthers' as const, label: menu.hideOthers },
              { role: 'unhide' as const, label: menu.showAll },
              line,
              quit,
            ],
          },
        ]
      : []),
    {
      label: menu.file,
      submenu: [
        from(menu.importFiles, 'videos', 'CmdOrCtrl+O'),
        from(menu.importFolder, 'folder', 'CmdOrCtrl+Shift+O'),
        from(menu.importTable, 'table'),
        // The system keeps the list, where it has one in its menus.
        ...(isMac
          ? [
              {
                role: 'recentDocuments' as const,
                label: menu.openRecent,
                submenu: [{ role: 'clearRecentDocuments' as const, label: menu.clearRecent }],
              },
            ]
          : []),
        line,
        ...(isMac ? [{ role: 'close' as const, label: menu.close }] : [settings, line, quit]),
      ],
    },
    {
      label: menu.edit,
      submenu: [
        item(menu.undo, 'edit.undo'),
        item(menu.redo, 'edit.redo'),
        line,
        { role: 'cut', label: menu.cut },
        { role: 'copy', label: menu.copy },
        { role: 'paste', label: menu.paste },
        { role: 'selectAll', label: menu.selectAll },
        line,
        item(menu.search, 'go.search'),
      ],
    },
    {
      label: menu.go,
      submenu: [
        item(menu.library, 'go.library'),
        item(menu.ask, 'go.ask'),
        item(menu.label, 'go.label'),
        item(menu.train, 'go.train'),
        item(menu.audit, 'go.audit'),
        item(menu.models, 'go.models'),
      ],
    },
    {
      label: menu.view,
      submenu: [
        { role: 'zoomIn', label: menu.larger },
        { role: 'zoomOut', label: menu.smaller },
        { role: 'resetZoom', label: menu.actualSize },
        line,
        { role: 'togglefullscreen', label: menu.fullScreen },
      ],
    },
    {
      label: menu.window,
      role: 'window',
      submenu: [
        { role: 'minimize', label: menu.minimize },
        { role: 'close', label: menu.close },
      ],
    },
    {
      label: menu.help,
      role: 'help',
      submenu: [
        item(menu.shortcuts, 'app.shortcuts'),
        line,
        { id: 'help.log', label: menu.showLog, click: actions.showLog },
        ...(actions.showLicences === null
          ? []
          : [{ id: 'help.licences', label: menu.licences, click: actions.showLicences }]),
        ...(isMac ? [] : [line, { role: 'about' as const, label: menu.about }]),
      ],
    },
  ]
}

const named: Readonly<Record<string, string>> = {
  Comma: ',',
  Period: '.',
  Slash: '/',
  Backslash: '\\',
  Semicolon: ';',
  Quote: "'",
  Minus: '-',
  Equal: '=',
  Backquote: '`',
  BracketLeft: '[',
  BracketRight: ']',
  Escape: 'Esc',
  ArrowUp: 'Up',
  ArrowDown: 'Down',
  ArrowLeft: 'Left',
  ArrowRight: 'Right',
  Enter: 'Return',
}

/** `Mod+Shift+KeyZ` as Electron writes it; null when the command has no keys, or keys that a menu cannot show. */
export function acceleratorOf(keys: string | undefined): string | null {
  if (keys === undefined) return null
  const parts = keys.split('+').map((part) => {
    if (part === 'Mod') return 'CmdOrCtrl'
    if (/^(Ctrl|Alt|Shift|Meta)$/.test(part)) return part
    const key = /^(?:Key|Digit)(.)$/.exec(part)?.[1] ?? named[part]
    return key ?? (/^(F\d{1,2}|Space|Tab|Delete|Home|End|PageUp|PageDown)$/.test(part) ? part : null)
  })
  return parts.includes(null) ? null : parts.join('+')
}
