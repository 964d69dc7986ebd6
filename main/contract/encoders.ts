/** Encoders: which model bundles a library has, how others are added, and which one is used. */
import { z } from 'zod'
import { jobSchema } from './jobs.ts'
import { call, stream } from './procedure.ts'
import { failedFileSchema } from './shapes.ts'

const empty = z.strictObject({})
const id = z.string().min(1)

/** How an encoder is run on this computer, measured when it is first used, and again when that is asked for. */
export const encoderSpeedSchema = z.object({
  picturesPerSecond: z.number(),
  /** Pictures in one run. */
  batchImages: z.number().int(),
  /** Threads of one run. */
  threads: z.number().int(),
  /** Other programs took a good part of the computer meanwhile, so that it may be worth measuring again. */
  wasBusy: z.boolean(),
})

export const encoderSchema = z.object({
  id: z.string(),
  name: z.string(),
  /** `built-in`, `clip`, `siglip`, …, `other` */
  family: z.string(),
  licence: z.string(),
  /** `fp32`, `int8`, …; both when pictures and texts differ. */
  precision: z.string(),
  /** Numbers an embedding has. */
  dim: z.number().int(),
  /** Side of the pictures it takes, pixels. */
  imageSize: z.number().int(),
  /** Tokens of a text, at most. */
  contextLength: z.number().int(),
  sizeBytes: z.number(),
  /** Features that the library keeps of it. */
  featureBytes: z.number(),
  /** Null: not measured, because it was never used here or came with the app. */
  speed: encoderSpeedSchema.nullable(),
  active: z.boolean(),
  /** Came with the app; it cannot be removed. */
  isOwn: z.boolean(),
  /** Shots that it has seen; `segments` is how many there are. */
  seenSegments: z.number().int(),
  segments: z.number().int(),
  /** Trained model versions over it. */
  models: z.number().int(),
})

const listSchema = z.object({ encoders: z.array(encoderSchema) })

export const findingSchema = z.object({ state: z.enum(['ok', 'note']), topic: z.string(), sentence: z.string() })

/** Lets this one call out although the settings do not allow networking. */
const allowNetwork = z.boolean().default(false)

const switchRequest = z.strictObject({
  encoder: id,
  /** Change over although some videos cannot be read now; they are not found until they can. */
  leaveOut: z.boolean().default(false),
})

export const encodersProcedures = {
  encoders: call('List the encoders of the library.', empty, listSchema),
  addEncoder: stream(
    'Add an encoder from a folder or a ZIP archive of an ONNX export: it is inspected, copied and tested; nothing is used yet.',
    z.strictObject({
      source: z.string().min(1),
      name: z.string().min(1).max(100).optional(),
      precision: id.optional(),
    }),
    z.object({ encoder: encoderSchema, findings: z.array(findingSchema), wasThere: z.boolean() }),
  ),
  encoderSource: call(
    'Published encoders to begin with, and what a download would fetch. With a name it asks the hub, for lists only.',
    z.strictObject({
      name: id.optional(),
      revision: id.optional(),
      precision: id.optional(),
      allowNetwork: allowNetwork,
    }),
    z.object({
      curated: z.array(
        z.object({
          name: z.string(),
          languages: z.string(),
          licence: z.string(),
          sizeBytes: z.number(),
          goodFor: z.string(),
          /** Its licence forbids work with it: the list says so first and does not offer it. */
          notForWork: z.boolean().optional(),
        }),
      ),
      plan: z
        .object({
          name: z.string(),
          commit: z.string(),
          licence: z.string().nullable(),
          files: z.array(z.object({ path: z.string(), sizeBytes: z.number() })),
          totalBytes: z.number(),
        })
        .nullable(),
    }),
  ),
  downloadEncoder: stream(
    'Download an encoder from the model hub, then inspect, test and add it. Stopped, it goes on when it is called again.',
    z.strictObject({ name: id, revision: id.optional(), precision: id.optional(), allowNetwork: allowNetwork }),
    z.object({
      encoder: encoderSchema,
      findings: z.array(findingSchema),
      wasThere: z.boolean(),
      downloadedBytes: z.number(),
    }),
  ),
  removeEncoder: call(
    'Remove an encoder that is not in use, and the features it made. Model versions trained over it wait for its return.',
    z.strictObject({ encoder: id }),
    listSchema,
  ),
  estimateEncoder: call(
    'What changing to an encoder would take; nothing is started.',
    z.strictObject({ encoder: id }),
    z.object({
      encoder: z.string(),
      /** Videos that it has not seen. */
      videos: z.number().int(),
      frames: z.number().int(),
      videoSeconds: z.number(),
      estimatedSeconds: z.number(),
      /** What the time for reading videos rests on: imports on this computer, or a typical machine. */
      estimatedFrom: z.enum(['earlierImports', 'typical']),
      picturesPerSecond: z.number(),
      diskBytes: z.number(),
      freeBytes: z.number(),
    }),
  ),
  measureEncoder: stream(
    'Measure again how fast an encoder is here and how it is run best. Searches go on; refused while videos are imported or a model is trained.',
    z.strictObject({ /** Default: the one in use. */ encoder: id.optional() }),
    z.object({
      encoder: z.string(),
      speed: encoderSpeedSchema,
      /** What was remembered before; null: nothing. */
      previous: encoderSpeedSchema.nullable(),
      /** Settings that were tried. */
      tried: z.number().int(),
    }),
  ),
  useEncoder: stream(
    'Change to another encoder: videos that it has not seen are encoded first, while searches go on with the old one. Stopped, it goes on when it is called again.',
    switchRequest,
    z.object({
      active: z.string(),
      previous: z.string(),
      /** False: some videos could not be read, and the old encoder is still used. */
      switched: z.boolean(),
      videos: z.number().int(),
      frames: z.number().int(),
      failed: z.array(failedFileSchema),
      elapsedSeconds: z.number(),
    }),
  ),
  startUseEncoder: call(
    'Change to another encoder as a job that can be paused and goes on after a crash.',
    switchRequest,
    z.object({ job: jobSchema }),
  ),
} as const

export type EncoderSpeed = z.infer<typeof encoderSpeedSchema>
export type EncoderInfo = z.infer<typeof encoderSchema>
export type EncoderFinding = z.infer<typeof findingSchema>
