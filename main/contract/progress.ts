/** What a long call tells while it runs. Progress never goes backwards; being done is the call's result, not an event. */
import { z } from 'zod'

/** How far a stage is. `total` and what follows from it are null while the amount of work is unknown. */
export const progressSchema = z.object({
  kind: z.literal('progress'),
  /** What is being done now, as a short English phrase: `indexing videos`. */
  stage: z.string(),
  done: z.number(),
  total: z.number().nullable(),
  /** What `done` counts, in the plural: `videos`, `epochs`. */
  unit: z.string(),
  ratePerSecond: z.number().nullable(),
  remainingSeconds: z.number().nullable(),
})

/** A sentence for the user that is no progress: a file was refused, a run goes on from its checkpoint. */
export const noteSchema = z.object({ kind: z.literal('note'), message: z.string() })

/** One finished epoch of a training run. `heldOutScore` is the figure that decides promotion, null when not measured. */
export const epochSchema = z.object({
  kind: z.literal('epoch'),
  epoch: z.number(),
  epochs: z.number(),
  loss: z.number(),
  heldOutScore: z.number().nullable(),
})

export const eventSchema = z.discriminatedUnion('kind', [progressSchema, noteSchema, epochSchema])

export type Progress = z.infer<typeof progressSchema>
export type ProcedureEvent = z.infer<typeof eventSchema>
