/**
 * Commands and their keys. Keys are physical ones (`KeyboardEvent.code`), so that they stay in place on every keyboard
 * layout; `Mod` is Cmd on a Mac and Ctrl elsewhere. Pure.
 */
import type { Messages } from '../i18n/index.ts'

export type Command = keyof Messages['commands']
export type CommandGroup = keyof Messages['shortcuts']['groups']
/** Keys by command, only where the user changed them; no keys: switched off. */
export type ChangedKeys = Readonly<Record<string, readonly string[]>>

export const defaultKeys: Readonly<Record<Command, readonly string[]>> = {
  'go.search': ['Mod+KeyK'],
  'go.library': ['Alt+Digit1'],
  'go.ask': ['Alt+Digit2'],
  'go.label': ['Alt+Digit3'],
  'go.train': ['Alt+Digit4'],
  'go.audit': ['Alt+Digit5'],
  'go.models': ['Alt+Digit6'],
  'go.settings': ['Mod+Comma'],
  'app.shortcuts': ['Shift+Slash'],
  'edit.undo': ['Mod+KeyZ'],
  'edit.redo': ['Mod+Shift+KeyZ', 'Mod+KeyY'],
  'ask.right': ['Alt+KeyR', 'KeyR'],
  'ask.wrong': ['Alt+KeyW', 'KeyW'],
  'label.exact': ['Digit1'],
  'label.partial': ['Digit2'],
  'label.wrong': ['Digit3'],
  'label.skip': ['KeyS'],
  'label.edit': ['KeyE'],
  'label.startHere': ['KeyI'],
  'label.endHere': ['KeyO'],
  'label.startEarlier': ['BracketLeft'],
  'label.startLater': ['Shift+BracketLeft'],
  'label.endEarlier': ['Shift+BracketRight'],
  'label.endLater': ['BracketRight'],
  'player.play': ['Space'],
  'player.back': ['Comma'],
  'player.forward': ['Period'],
  'player.loop': ['KeyL'],
}

export const commands = Object.keys(defaultKeys) as Command[]

export function groupOf(command: Command): CommandGroup {
  return command.split('.')[0] as CommandGroup
}

export type KeyPress = {
  readonly code: string
  readonly ctrlKey: boolean
  readonly altKey: boolean
  readonly shiftKey: boolean
  readonly metaKey: boolean
}

/** `Mod+Shift+KeyZ`; null while only modifiers are held. */
export function keysOf(press: KeyPress, isMac: boolean): string | null {
  if (press.code === '' || /^(Control|Shift|Alt|Meta|OS)(Left|Right)?$/.test(press.code)) return null
  const mod = isMac ? press.metaKey : press.ctrlKey
  const parts = [
    mod && 'Mod',
    isMac && press.ctrlKey && 'Ctrl',
    press.altKey && 'Alt',
    press.shiftKey && 'Shift',
    !isMac && press.metaKey && 'Meta',
    press.code,
  ]
  return parts.filter((part) => part !== false).join('+')
}

export function keysFor(command: Command, changed: ChangedKeys): readonly string[] {
  return changed[command] ?? defaultKeys[command]
}

/** Commands that these keys start, as a table to look up. */
export function commandTable(changed: ChangedKeys): ReadonlyMap<string, Command> {
  return new Map(commands.flatMap((command) => keysFor(command, changed).map((keys) => [keys, command] as const)))
}

/** The other command that has these keys already. */
export function conflictOf(keys: string, command: Command, changed: ChangedKeys): Command | null {
  return commands.find((other) => other !== command && keysFor(other, changed).includes(keys)) ?? null
}

const names: Readonly<Record<string, string>> = {
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  BracketLeft: '[',
  BracketRight: ']',
  Comma: ',',
  Period: '.',
  Slash: '/',
  Backslash: '\\',
  Semicolon: ';',
  Quote: '’',
  Minus: '-',
  Equal: '=',
  Backquote: '`',
  Escape: 'Esc',
}

/** As a person reads it: `Ctrl Shift Z`, on a Mac `⌘⇧Z`. */
export function keyLabels(keys: string, isMac: boolean): string[] {
  const modifiers: Readonly<Record<string, string>> = isMac
    ? { Mod: '⌘', Ctrl: '⌃', Alt: '⌥', Shift: '⇧' }
    : { Mod: 'Ctrl', Meta: 'Win' }
  return keys.split('+').map((part) => modifiers[part] ?? names[part] ?? part.replace(/^(Key|Digit|Numpad)/, ''))
}
