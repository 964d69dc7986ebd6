/**
 * The one dispatcher of keys. Screens register what a command does while they are shown; the newest registration wins.
 * In a text field only commands with a modifier work, so that typing stays typing; leaving the field brings all back.
 */
import { commandTable, keysOf, type ChangedKeys, type Command } from './shortcuts.ts'

export type CommandActions = Partial<Record<Command, () => void>>

export type Keyboard = {
  readonly isMac: boolean
  /** Adds actions; the answer takes them away again. */
  register(actions: CommandActions): () => void
  setKeys(changed: ChangedKeys): void
  /** Does what the command does now, as if its keys were pressed: a menu gave it. */
  run(command: Command): void
  /** Presses go to this function alone until it is null again; used while new keys are recorded. */
  capture(listener: ((keys: string | null, event: KeyboardEvent) => void) | null): void
  dispose(): void
}

export function createKeyboard(page: Window): Keyboard {
  const isMac = /mac/i.test(page.navigator.platform)
  const layers: CommandActions[] = []
  let table = commandTable({})
  let captured: ((keys: string | null, event: KeyboardEvent) => void) | null = null

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.isComposing) return // the keys belong to the input method
    const keys = keysOf(event, isMac)
    if (captured !== null) {
      event.preventDefault()
      event.stopPropagation()
      captured(keys, event)
      return
    }
    if (keys === null || event.defaultPrevented) return
    const command = table.get(keys)
    if (command === undefined || (isTyping(event.target) && !worksWhileTyping(keys))) return
    // A button under the focus keeps the keys that press it.
    if ((keys === 'Space' || keys === 'Enter') && isPressable(event.target)) return
    // Undo inside a field is the field's own.
    if (command.startsWith('edit.') && isTyping(event.target)) return
    const action = actionOf(command)
    if (action === undefined) return
    event.preventDefault()
    action()
  }
  /** What a command does now; nothing while a dialog lies over the screens. */
  const actionOf = (command: Command): (() => void) | undefined => {
    const isModal = page.document.querySelector('dialog[open]') !== null
    if (isModal && !command.startsWith('player.')) return undefined
    return layers.findLast((layer) => layer[command] !== undefined)?.[command]
  }
  page.addEventListener('keydown', onKeyDown, { capture: true })
  return {
    isMac,
    register(actions) {
      layers.push(actions)
      return () => void layers.splice(layers.indexOf(actions), 1)
    },
    run(command) {
      const inField = isTyping(page.document.activeElement)
      // Undo inside a field is the field's own, as with its keys.
      if (inField && command === 'edit.undo') page.document.execCommand('undo')
      else if (inField && command === 'edit.redo') page.document.execCommand('redo')
      else actionOf(command)?.()
    },
    setKeys: (changed) => void (table = commandTable(changed)),
    capture: (listener) => void (captured = listener),
    dispose: () => page.removeEventListener('keydown', onKeyDown, { capture: true }),
  }
}

function worksWhileTyping(keys: string): boolean {
  return /^(Mod|Ctrl|Alt|Meta)\+/.test(keys)
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target instanceof HTMLInputElement) return !/^(checkbox|radio|range|button|file|submit)$/.test(target.type)
  return target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
}

function isPressable(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('button, a[href], summary, input, [role="button"]') !== null
}
