/** What the window needs of its host: the transport, and what the two hosts do differently. */
import type { ChooseKind, DraggedMoment, OpenedFile, ShellCommand, Transport } from '../../../main/contract/index.ts'

/** What the desktop shell tells the window. */
export type ShellListener = {
  /** Files were opened from the system or from the menu. */
  readonly onOpen: (files: readonly OpenedFile[]) => void
  readonly onCommand: (command: ShellCommand) => void
}

export type HostBridge = {
  readonly transport: Transport
  /** Address before `poster/<segment>`, `video/<video>` and `clip/<clip>`, ending in a slash. */
  readonly mediaBase: string
  /** Whether files are named by where they lie; otherwise they are uploaded one by one. */
  readonly hasPaths: boolean
  /** What stands for a dropped or chosen file towards the engine (in the desktop app a token); null where it is to be uploaded. */
  pathOf(file: File): string | null
  /** Sends a file to the engine and answers with its path there. */
  upload(file: File, signal: AbortSignal): Promise<string>
  /** Asks for files or folders in a dialog of the system; null where the window must use its own. */
  readonly chooseFiles: ((kind: ChooseKind) => Promise<string[]>) | null
  /** Hears the desktop shell; null in a browser, as are the three below. */
  readonly listen: ((listener: ShellListener) => void) | null
  /** Must be called while `dragstart` is handled, with the page's own drag prevented. */
  readonly dragOut: ((moment: DraggedMoment) => void) | null
  /** Keeps the key of the vision model at this origin in the keychain of the system, or forgets it (null). */
  readonly keepEndpointKey: ((origin: string, key: string | null) => void) | null
  /** Starts an engine again that has failed too often. */
  readonly restartEngine: (() => void) | null
}
