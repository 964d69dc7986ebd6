/** What Electron's main process and the engine's process say to each other beside the contract's messages. */
import { z } from 'zod'
import { replySchema, requestSchema } from '../main/contract/index.ts'

const id = z.number().int().min(1)

/** How the engine is started; its only argument, as JSON. */
export const engineOptionsSchema = z.strictObject({
  libraryDir: z.string(),
  resourcesDir: z.string(),
  appVersion: z.string(),
  logFile: z.string(),
  nativeBinding: z.string().optional(),
  ffmpegPath: z.string().optional(),
  ffprobePath: z.string().optional(),
})

export const toEngineSchema = z.discriminatedUnion('kind', [
  ...requestSchema.options,
  z.strictObject({ kind: z.literal('findMedia'), id, what: z.enum(['video', 'poster', 'clip']), mediaId: z.string() }),
  z.strictObject({ kind: z.literal('networking'), isAllowed: z.boolean() }),
  /** The keys of vision models by origin; they take the place of those before. */
  z.strictObject({
    kind: z.literal('endpointKeys'),
    from: z.enum(['keychain', 'session']),
    keys: z.record(z.string(), z.string()),
  }),
  /** Ends it: what runs stops so that it goes on at the next start. */
  z.strictObject({ kind: z.literal('close') }),
  /** Comes with a port to a media process. */
  z.strictObject({ kind: z.literal('mediaPort'), id }),
])

export const fromEngineSchema = z.discriminatedUnion('kind', [
  ...replySchema.options,
  z.strictObject({ kind: z.literal('ready') }),
  z.strictObject({ kind: z.literal('mediaFound'), id, found: z.unknown() }),
  /** Asks for a media process; `options` are those of main/media. */
  z.strictObject({ kind: z.literal('startMedia'), id, options: z.string() }),
])

export type EngineProcessOptions = z.infer<typeof engineOptionsSchema>
export type ToEngine = z.infer<typeof toEngineSchema>
export type FromEngine = z.infer<typeof fromEngineSchema>
