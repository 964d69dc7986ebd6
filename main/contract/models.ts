/** Model versions: which there are, which one is in use, and taking one elsewhere. */
import { z } from 'zod'
import { jobSchema } from './jobs.ts'
import { call, stream } from './procedure.ts'
import { failedFileSchema, modelVersionSchema } from './shapes.ts'

const id = z.string().min(1)
const empty = z.strictObject({})

/** As a job of the kind `promote` gives it. */
export const promotionSchema = z.object({
  active: z.string(),
  previous: z.string(),
  /** False: some videos could not be read, and the version is not in use. */
  promoted: z.boolean(),
  /** Videos that were read for it. */
  videos: z.number().int(),
  frames: z.number().int(),
  failed: z.array(failedFileSchema),
})

export const modelsProcedures = {
  models: call('List the model versions.', empty, z.object({ models: z.array(modelVersionSchema) })),
  promote: stream(
    'Make a model version the active one.',
    z.strictObject({
      model: z.string().min(1),
      /** Read what its own blocks have not seen yet, which takes as long as an import; else such a version is refused. */
      read: z.boolean().default(false),
      /** Although some videos cannot be read now. */
      leaveOut: z.boolean().default(false),
    }),
    z.object({ active: z.string(), previous: z.string() }),
  ),
  estimatePromotion: call(
    'What using a version takes whose own blocks have not seen all videos; nothing is started.',
    z.strictObject({ model: id }),
    z.object({
      model: z.string(),
      /** To be read with its blocks. */
      videos: z.number().int(),
      frames: z.number().int(),
      estimatedSeconds: z.number(),
      /** What the time rests on: imports on this computer, or a typical machine. */
      estimatedFrom: z.enum(['earlierImports', 'typical']),
      diskBytes: z.number(),
      freeBytes: z.number(),
    }),
  ),
  startPromotion: call(
    'Make a model version the active one as a job: videos that its own blocks have not seen are read first.',
    z.strictObject({ model: id, /** Although some videos cannot be read now. */ leaveOut: z.boolean().default(false) }),
    z.object({ job: jobSchema }),
  ),
  rollback: call(
    'Go back to the model version that was active before.',
    empty,
    z.object({ active: z.string(), previous: z.string() }),
  ),
  discardModel: call(
    'Reject a model version that is not active. Its run and curves stay.',
    z.strictObject({ model: id }),
    z.object({ models: z.array(modelVersionSchema) }),
  ),
  exportModel: call(
    'Write the encoder that a version trained, with its towers, as ONNX files that can be added as an encoder again.',
    z.strictObject({ model: z.string().min(1), folder: id }),
    z.object({
      model: z.string(),
      folder: z.string(),
      files: z.array(z.string()),
      sizeBytes: z.number(),
    }),
  ),
} as const

export type Promotion = z.infer<typeof promotionSchema>
