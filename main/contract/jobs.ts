/** Work that outlives a call: it is kept in the library, can be paused, and goes on after a crash. And news of it. */
import { z } from 'zod'
import { call, stream } from './procedure.ts'

const empty = z.strictObject({})

/**
 * `import`: paths; `sample`: the built-in catalogue; `index`: pending videos again; `train`: a run; `encoder`: a change;
 * `promote`: a version that reads videos before it is used; `descriptions`: a model of the customer's writes texts;
 * `answers`: training on questions.
 */
export const jobKinds = ['import', 'sample', 'index', 'train', 'encoder', 'promote', 'descriptions', 'answers'] as const

export const jobStates = ['pending', 'running', 'paused', 'succeeded', 'failed', 'cancelled'] as const

export const jobSchema = z.object({
  id: z.string(),
  kind: z.enum(jobKinds),
  state: z.enum(jobStates),
  /** What is being done now; null before the first news. `total` and what follows are null while unknown. */
  progress: z
    .object({
      stage: z.string(),
      done: z.number(),
      total: z.number().nullable(),
      unit: z.string(),
      ratePerSecond: z.number().nullable(),
      remainingSeconds: z.number().nullable(),
    })
    .nullable(),
  /** Why it failed, or why the last attempt did. */
  error: z.object({ code: z.string().nullable(), message: z.string() }).nullable(),
  /** Output of the procedure of the same name (`import`, `train`; `index` and `sample` as `import`; `encoder` as `useEncoder`), of `promote` a promotion, of `answers` as `trainAnswers`; null until it succeeded. */
  result: z.unknown(),
  /** Of a training job: its run, once there is one. */
  run: z.string().nullable(),
  /** Of a change of encoder: the one that it changes to. */
  encoder: z.string().nullable(),
  /** Of a promotion: the version that comes into use. */
  model: z.string().nullable(),
  /** Held until the computer is on mains power again. */
  waitsForPower: z.boolean(),
  createdAt: z.string(),
  updatedAt: z.string(),
})

export const jobsProcedures = {
  watch: stream(
    'News for a window until it leaves: that it listens, then jobs, epochs, previews, and which lists have changed.',
    empty,
    z.object({}),
  ),
  jobs: call(
    'Jobs that are not finished, and the newest finished ones.',
    empty,
    z.object({ jobs: z.array(jobSchema) }),
  ),
  controlJob: call(
    'Pause, resume or cancel a job, or take a finished one off the list. Whatever was done is kept.',
    z.strictObject({ job: z.string().min(1), action: z.enum(['pause', 'resume', 'cancel', 'dismiss']) }),
    z.object({ job: jobSchema.nullable() }),
  ),
  reportPower: call(
    'The window tells whether the computer runs on battery; imports wait when the settings say so.',
    z.strictObject({ onBattery: z.boolean() }),
    z.object({ held: z.number().int(), released: z.number().int() }),
  ),
} as const

export type JobState = (typeof jobStates)[number]
export type JobKind = (typeof jobKinds)[number]
export type Job = z.infer<typeof jobSchema>
