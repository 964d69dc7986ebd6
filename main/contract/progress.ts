/** What a long call tells while it runs. Progress never goes backwards; being done is the call's result, not an event. */
import { z } from 'zod'
import { jobSchema } from './jobs.ts'
import { countsSchema } from './shapes.ts'

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
  /** Loss on the meta-set, null when not measured. */
  metaLoss: z.number().nullable().optional(),
  /** The run, where several could be meant. */
  run: z.string().optional(),
})

/** A job has changed; its progress at most a few times a second. */
export const jobEventSchema = z.object({ kind: z.literal('job'), job: jobSchema })

export const changeable = ['videos', 'texts', 'labels', 'models', 'runs', 'searches', 'settings', 'encoders'] as const

/** Lists that a window may show are out of date; `counts` are the new ones. */
export const changeEventSchema = z.object({
  kind: z.literal('change'),
  what: z.array(z.enum(changeable)),
  counts: countsSchema,
})

/** A preview of a video is being made, is ready, or could not be made. */
export const playbackEventSchema = z.object({
  kind: z.literal('playback'),
  video: z.string(),
  state: z.enum(['preparing', 'ready', 'failed']),
  fraction: z.number().nullable(),
})

/** The first word of `watch`: whatever happens from now on is told. */
export const listeningEventSchema = z.object({ kind: z.literal('listening') })

/** The last four are given by `watch` only. */
export const eventSchema = z.discriminatedUnion('kind', [
  progressSchema,
  noteSchema,
  epochSchema,
  jobEventSchema,
  changeEventSchema,
  playbackEventSchema,
  listeningEventSchema,
])

export type Changeable = (typeof changeable)[number]
export type Progress = z.infer<typeof progressSchema>
export type ProcedureEvent = z.infer<typeof eventSchema>
