/**
 * What the doctor looks at and what it found, as data: the command line and the window word it each in its own way.
 * `detail` is the command line's sentence.
 */
import { z } from 'zod'

const whole = z.number().int().min(0)

export const findingSchema = z.discriminatedUnion('kind', [
  /** The check itself failed; `code` is one of `errorCodes`. */
  z.object({ kind: z.literal('error'), code: z.string(), message: z.string() }),
  z.object({ kind: z.literal('ffmpeg'), version: z.string() }),
  z.object({ kind: z.literal('encoder'), id: z.string(), dimensions: whole, imageSizePixels: whole }),
  /** `reason` is what the provider's own library said, in English. */
  z.object({
    ...{ kind: z.literal('provider'), provider: z.string(), isThere: z.boolean(), reason: z.string().nullable() },
    /** What does the work, with its version, where it is there. */
    engine: z.string().optional(),
  }),
  z.object({ kind: z.literal('disk'), freeBytes: z.number().min(0), isLow: z.boolean() }),
  /** `problems` are what SQLite and the checks of the rows said, in English. */
  z.object({ kind: z.literal('library'), folder: z.string(), problems: z.array(z.string()) }),
  z.object({ kind: z.literal('counts'), eligible: whole, indexed: whole, failed: whole, pending: whole }),
  /** Videos whose file is no longer where it was. */
  z.object({ kind: z.literal('files'), gone: whole, videos: whole }),
  /** Shots that the encoder in use has not seen. */
  z.object({ kind: z.literal('features'), unseen: whole }),
  /** Videos whose shots do not cover all that is shown; `example` names the first one and says what is missing. */
  z.object({ kind: z.literal('tiling'), videos: whole, example: z.string().nullable() }),
])

export const checkSchema = z.object({
  name: z.string(),
  state: z.enum(['ok', 'warning', 'failed']),
  finding: findingSchema,
  detail: z.string(),
})

export type Finding = z.infer<typeof findingSchema>
export type Check = z.infer<typeof checkSchema>
