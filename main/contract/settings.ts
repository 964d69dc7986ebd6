/** The app around the library: settings, storage, the doctor, diagnostics. */
import { z } from 'zod'
import { checkSchema } from './doctor-checks.ts'
import { call } from './procedure.ts'
import { countsSchema, deviceSchema, failedFileSchema } from './shapes.ts'

const empty = z.strictObject({})

/** A key as `KeyboardEvent.code` names it with its modifiers, such as `Mod+KeyK`; Mod is Cmd on a Mac and Ctrl elsewhere. */
const shortcut = z.string().regex(/^((Mod|Ctrl|Alt|Shift|Meta)\+)*[A-Za-z0-9]+$/, 'is not a key such as Mod+KeyK')

export const settingsSchema = z.object({
  language: z.enum(['system', 'en', 'ja']),
  theme: z.enum(['system', 'light', 'dark']),
  /** Keys by command, only where they differ from the window's own; no keys: switched off. */
  shortcuts: z.record(z.string().max(100), z.array(shortcut).max(4)),
  device: deviceSchema,
  /** Threads of computations; null: chosen by the app. Takes effect at the next start. */
  threads: z.number().int().min(1).max(256).nullable(),
  /** `mains`: imports wait while the computer runs on battery. */
  indexWhen: z.enum(['always', 'mains']),
  /** False: nothing leaves or reaches this computer. */
  networking: z.boolean(),
  /** Previews of videos that cannot be played as they are: the oldest go beyond this. */
  previewCacheBytes: z.number().int().min(0),
})

const storageParts = [
  'database',
  'encoders',
  'posters',
  'checkpoints',
  'previews',
  'clips',
  'uploads',
  'backups',
] as const

export const settingsProcedures = {
  doctor: call(
    'Check ffmpeg, execution providers, disk, the model bundle and the integrity of the library.',
    empty,
    z.object({
      ok: z.boolean(),
      checks: z.array(checkSchema),
      counts: countsSchema.nullable(),
      failures: z.array(failedFileSchema),
    }),
  ),
  settings: call('The settings of the app.', empty, settingsSchema),
  changeSettings: call(
    'Change some settings; the others stay. A shortcut that two commands share is refused.',
    settingsSchema.partial().strict(),
    settingsSchema,
  ),
  storage: call(
    'Disk space that the library uses, by part, and what is free.',
    empty,
    z.object({
      folder: z.string(),
      freeBytes: z.number(),
      totalBytes: z.number(),
      parts: z.array(z.object({ part: z.enum(storageParts), bytes: z.number(), files: z.number().int() })),
    }),
  ),
  clearStorage: call(
    'Delete files that can be made again or were exported: previews, clips.',
    z.strictObject({ part: z.enum(['previews', 'clips']) }),
    z.object({ freedBytes: z.number() }),
  ),
  diagnostics: call(
    'A report for support as text: versions, checks, counts, errors. No texts, names or paths of the customer.',
    empty,
    z.object({ fileName: z.string(), text: z.string() }),
  ),
} as const

export type Settings = z.infer<typeof settingsSchema>
export type StoragePart = (typeof storageParts)[number]
