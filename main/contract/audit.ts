/** The audit: what a run thought of each pair, why, and what a retrain would use. */
import { z } from 'zod'
import { call } from './procedure.ts'
import { objectiveSchema } from './shapes.ts'
import { weightPointSchema } from './training.ts'

export const verdicts = ['suspect', 'too easy', 'rare and raised', 'ordinary'] as const
export const verdictSchema = z.enum(verdicts)

const run = z.string().min(1).optional()

export const auditedPairSchema = z.object({
  /** Position of the pair in its run: with the run it names the pair. */
  position: z.number().int(),
  segment: z.string(),
  video: z.string(),
  fileName: z.string(),
  start: z.number(),
  end: z.number(),
  text: z.string(),
  concept: z.string().nullable(),
  /** Clips of the catalogue that have this concept. */
  conceptClips: z.number().int(),
  loss: z.number(),
  /** Relative to the average pair: 1 is as much as that. */
  weight: z.number(),
  /** Share of pairs with a lower value, 0..100. */
  lossPercentile: z.number(),
  weightPercentile: z.number(),
  /** How likely its text is wrong, 0..1; null where the run does not know. */
  doubt: z.number().nullable(),
  verdict: verdictSchema,
  /** Over the recorded epochs; null where an epoch did not see the pair. */
  trajectory: z.object({
    epochs: z.array(z.number().int()),
    loss: z.array(z.number().nullable()),
    weight: z.array(z.number().nullable()),
  }),
  /** What has become of it since the run: a retrain would use it as it is, with another text, as an exemplar too, or not. */
  now: z.enum(['unchanged', 'textChanged', 'leftOut', 'exemplar']),
})

export const auditProcedures = {
  audit: call(
    'Show for each training pair what the run thought of it: loss, weight, percentiles, verdict.',
    z.strictObject({ run }),
    z.object({
      run: z.string(),
      objective: objectiveSchema,
      epoch: z.number().int(),
      /** How the verdicts follow from the numbers, in words. */
      rule: z.string(),
      pairs: z.array(
        z.object({
          file: z.string(),
          start: z.number(),
          end: z.number(),
          text: z.string(),
          loss: z.number(),
          /** Relative to the average pair: 1 is as much as that. */
          weight: z.number(),
          /** As the run learned it, 0..1. */
          rawWeight: z.number(),
          /** How likely its text is wrong, 0..1; null where the run does not know. */
          doubt: z.number().nullable(),
          /** Share of pairs with a lower value, 0..100. */
          lossPercentile: z.number(),
          weightPercentile: z.number(),
          verdict: verdictSchema,
        }),
      ),
    }),
  ),
  auditOverview: call(
    'The whole run at a glance: rule, counts by verdict, the scatter of loss against weight, the learned curve.',
    /** `maxPoints`: a larger run is thinned evenly; suspects and raised ones are always kept. */
    z.strictObject({ run, maxPoints: z.number().int().min(10).max(20_000).default(4000) }),
    z.object({
      run: z.string(),
      objective: objectiveSchema,
      epoch: z.number().int(),
      pairs: z.number().int(),
      hasWeights: z.boolean(),
      /** How the verdicts follow from the numbers, in words, and the percentiles that they use. */
      rule: z.string(),
      thresholds: z.object({
        highLoss: z.number(),
        lowLoss: z.number(),
        lowWeight: z.number(),
        highWeight: z.number(),
        /** A concept with fewer clips is rare. */
        rareClips: z.number().int(),
      }),
      /**
       * A text is suspect that is likelier wrong than `doubt` and whose weight, relative to the average pair, is below `weight`
       * (null: the run has none). Null: the run knows no doubts, and loss and weight are compared with `thresholds`.
       */
      suspicion: z.object({ doubt: z.number(), weight: z.number().nullable() }).nullable(),
      counts: z.record(verdictSchema, z.number().int()),
      /** `weight` relative to the average pair, here and in the curve. */
      points: z.array(
        z.object({ position: z.number().int(), loss: z.number(), weight: z.number(), verdict: verdictSchema }),
      ),
      curve: z.array(weightPointSchema),
    }),
  ),
  auditPairs: call(
    'One page of audited pairs with their trajectories.',
    z.strictObject({
      run,
      verdict: verdictSchema.optional(),
      /** Part of a text or file name. */
      text: z.string().default(''),
      /** Only these; for a point of the scatter that was clicked. */
      positions: z.array(z.number().int().min(0)).max(500).optional(),
      sort: z.enum(['verdict', 'loss', 'weight', 'file']).default('verdict'),
      descending: z.boolean().default(false),
      offset: z.number().int().min(0).default(0),
      limit: z.number().int().min(1).max(500).default(100),
    }),
    z.object({ run: z.string(), total: z.number().int(), pairs: z.array(auditedPairSchema) }),
  ),
  retrainPreview: call(
    'What a retrain would use now, compared with the pairs of a run.',
    z.strictObject({ run }),
    z.object({
      run: z.string(),
      pairs: z.number().int(),
      unchanged: z.number().int(),
      added: z.number().int(),
      removed: z.number().int(),
      /** Of the removed ones: marked wrong by somebody. */
      markedWrong: z.number().int(),
      metaSet: z.number().int(),
      heldOut: z.number().int(),
      /** The first differences. */
      examples: z.array(z.object({ change: z.enum(['added', 'removed']), fileName: z.string(), text: z.string() })),
    }),
  ),
  auditExport: call(
    'All audited pairs of a run as a CSV table.',
    z.strictObject({ run, path: z.string().min(1).optional() }),
    z.object({ fileName: z.string(), text: z.string(), path: z.string().nullable() }),
  ),
} as const

export type Verdict = z.infer<typeof verdictSchema>
export type AuditedPair = z.infer<typeof auditedPairSchema>
