/**
 * What the window and the desktop shell say to each other beside the contract's own messages, and the bridge that the
 * preload script offers the page. The page never handles a path: files travel as tokens that the shell redeems.
 */
import { z } from 'zod'
import { askSchema, cancelSchema, replySchema } from './messages.ts'

/** Stands for a file or folder that the user dropped or chose. */
export const fileTokenSchema = z.string().regex(/^file:[0-9a-f-]{36}$/)

const id = z.number().int().min(1)

export const chooseKinds = ['videos', 'table', 'folder', 'archive'] as const

/** Commands of the window that the native menu can give. */
export const shellCommands = [
  'go.search',
  'go.library',
  'go.ask',
  'go.label',
  'go.train',
  'go.audit',
  'go.models',
  'go.settings',
  'app.shortcuts',
  'edit.undo',
  'edit.redo',
] as const

/** A moment that is dragged out of the window: it is cut into a clip first. `segment` names its picture. */
export const draggedMomentSchema = z.strictObject({
  video: z.string().min(1).max(64),
  segment: z.string().min(1).max(64),
  start: z.number().min(0),
  end: z.number().min(0),
})

/** From the page's process to the shell. `grant` is sent by the preload script alone, for a File that the user gave. */
export const toShellSchema = z.discriminatedUnion('kind', [
  askSchema,
  cancelSchema,
  z.strictObject({ kind: z.literal('grant'), token: fileTokenSchema, path: z.string().min(1).max(32_768) }),
  z.strictObject({ kind: z.literal('choose'), id, what: z.enum(chooseKinds) }),
  z.strictObject({ kind: z.literal('drag'), moment: draggedMomentSchema }),
  z.strictObject({ kind: z.literal('restartEngine') }),
  /** Of the vision model at this origin (scheme, host, port), for the keychain; null: forget it. It never comes back. */
  z.strictObject({
    kind: z.literal('endpointKey'),
    origin: z.string().min(1).max(500),
    key: z.string().min(1).max(500).nullable(),
  }),
  /** The page listens: what was opened before may come now. */
  z.strictObject({ kind: z.literal('ready') }),
])

const openedFileSchema = z.strictObject({ token: fileTokenSchema, name: z.string() })

/** From the shell to the page. */
export const fromShellSchema = z.discriminatedUnion('kind', [
  ...replySchema.options,
  z.strictObject({ kind: z.literal('chosen'), id, files: z.array(openedFileSchema) }),
  /** Files from the system, a second start, or the menu. */
  z.strictObject({ kind: z.literal('open'), files: z.array(openedFileSchema) }),
  z.strictObject({ kind: z.literal('command'), command: z.enum(shellCommands) }),
])

/** Codes of failures that only the shell gives: the engine is being started again, or is not started any more. */
export const engineGoneCode = 'engine.gone'
export const engineFailedCode = 'engine.failed'

export type ToShell = z.infer<typeof toShellSchema>
export type FromShell = z.infer<typeof fromShellSchema>
export type ShellCommand = (typeof shellCommands)[number]
export type ChooseKind = (typeof chooseKinds)[number]
export type DraggedMoment = z.infer<typeof draggedMomentSchema>
export type OpenedFile = z.infer<typeof openedFileSchema>

/** `window.mamaDesktop`, made by the preload script. Nothing else of Electron reaches the page. */
export type DesktopBridge = {
  /** Asks the engine: a call or a stream, by the procedure's verb. Answers come to `listen`. */
  ask(id: number, name: string, input: unknown): void
  cancel(id: number): void
  listen(listener: (message: unknown) => void): void
  /** Token of a dropped or chosen file; null for one that is not on disk. */
  tokenOf(file: unknown): string | null
  choose(id: number, what: ChooseKind): void
  drag(moment: DraggedMoment): void
  restartEngine(): void
  keepEndpointKey(origin: string, key: string | null): void
}
