/** Work that outlives a call: it is kept in the library, can be paused, and goes on after a crash. */
import { z } from 'zod'

/**
 * `import`: paths; `sample`: the built-in catalogue; `index`: pending videos again; `train`: a run; `encoder`: a change;
 * `promote`: a version that reads videos before it is used.
 */
export const jobKinds = ['import', 'sample', 'index', 'train', 'encoder', 'promote'] as const

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
  /** Output of the procedure of the same name (`import`, `train`; `index` and `sample` as `import`; `encoder` as `useEncoder`), of `promote` a promotion; null until it succeeded. */
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

export type JobState = (typeof jobStates)[number]
export type JobKind = (typeof jobKinds)[number]
export type Job = z.infer<typeof jobSchema>
