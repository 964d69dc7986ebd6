/** Plain data that several procedures speak of: moments, refused rows and files, retrieval metrics, counts. */
import { z } from 'zod'

/** A stretch of a video, `[start, end)` in seconds, as in the exemplar and query files. */
export const momentSchema = z.object({
  file: z.string(),
  start: z.number(),
  end: z.number(),
  /** Higher is better; comparable within one search only. */
  score: z.number(),
  /** Weak: hardly told apart from the rest of the catalogue. */
  match: z.enum(['strong', 'weak']),
  /** What found it: the picture, the words that describe its video, or both. */
  foundBy: z.array(z.enum(['picture', 'words'])),
})

/** Of an imported table: its rows may name other folders than the videos lie in, where a name can only mean one video. */
export const ignoreFolders = z.boolean().optional()

/** A row of an imported table that could not be used. Rows count from 1 with the header, as an editor shows them. */
export const rowProblemSchema = z.object({
  row: z.number().int(),
  file: z.string().optional(),
  reason: z.enum([
    'unknownFile',
    /** The name is there, in another folder than the row says. */
    'otherFolder',
    'ambiguousFile',
    'emptyText',
    'badTime',
    'badGrade',
    /** Whether an answer is trusted is neither yes nor no. */
    'badAnswer',
    'outsideVideo',
    'wrongColumns',
  ]),
  message: z.string(),
})

/** A video that could not be indexed; `reason` is from the closed list in main/media. */
export const failedFileSchema = z.object({ file: z.string(), reason: z.string(), message: z.string() })

/** A metric with its bootstrap interval; the bounds are null where there are too few queries. */
export const estimateSchema = z.object({ value: z.number(), low: z.number().nullable(), high: z.number().nullable() })

export const metricNames = ['R@1', 'R@5', 'R@10', 'medianRank', 'meanRank', 'MAP', 'P@10'] as const

export const retrievalMetricsSchema = z.object({
  queries: z.number().int(),
  'R@1': estimateSchema,
  'R@5': estimateSchema,
  'R@10': estimateSchema,
  medianRank: estimateSchema,
  meanRank: estimateSchema,
  MAP: estimateSchema,
  'P@10': estimateSchema,
})

/** The invariant shown to the user: `eligible = indexed + failed + pending`. */
export const countsSchema = z.object({
  eligible: z.number().int(),
  indexed: z.number().int(),
  failed: z.number().int(),
  pending: z.number().int(),
  segments: z.number().int(),
  descriptions: z.number().int(),
  exemplars: z.number().int(),
  models: z.number().int(),
})

export const objectives = ['mama', 'infonce', 'angular', 'reweight'] as const
export const objectiveSchema = z.enum(objectives)

export const devices = ['auto', 'cpu', 'webgpu', 'cuda', 'dml', 'coreml', 'tensorflow'] as const
export const deviceSchema = z.enum(devices)

/** Last blocks of the encoder that were trained with the towers. */
export const trainedBlocksSchema = z.object({
  /** Of pictures. */
  count: z.number().int(),
  /** Of texts. */
  texts: z.number().int(),
  /** Of low-rank updates; null: all weights. */
  rank: z.number().int().nullable(),
})

/** A version of the model. `zero-shot` is always there: the bundle before any training. */
/** How a version does beside the one that was in use before it, on the held-out exemplars. */
export const judgementSchema = z.object({
  /** `open`: the exemplars do not tell. */
  verdict: z.enum(['better', 'worse', 'open']),
  /** How likely it finds exemplars better, 0..1: the measure that decides. */
  odds: z.number(),
  exemplars: z.number().int(),
  /** Of these, the exemplars that their own text finds first, before and after. */
  firstBefore: z.number().int(),
  firstAfter: z.number().int(),
  /** Of `open`: about so many more labels would decide it. Null: it is decided, or they are too many to say. */
  labelsToDecide: z.number().int().nullable().default(null),
})

/** Pairs that a batch of a run leaned on, out of how many; few: under a third, so that its weights are not to be relied on. */
export const leaningSchema = z.object({ pairs: z.number(), batchSize: z.number().int(), isFew: z.boolean() })

export const modelVersionSchema = z.object({
  id: z.string(),
  objective: z.union([objectiveSchema, z.literal('zero-shot')]),
  active: z.boolean(),
  /** kept: trained, never in use; promoted: was in use; discarded: rejected by the user. */
  state: z.enum(['active', 'promoted', 'kept', 'discarded']),
  parent: z.string().nullable(),
  run: z.string().nullable(),
  createdAt: z.string().nullable(),
  seed: z.number().nullable(),
  /** Left out: none. `unreadShots`: those that these blocks have not seen. */
  blocks: trainedBlocksSchema.extend({ unreadShots: z.number().int() }).optional(),
  /** Words of the library's own that it learned, and how many of these are in two texts only. Left out: none, or not known. */
  lexicon: z.object({ words: z.number().int(), rare: z.number().int() }).optional(),
  heldOutScore: z.number().nullable(),
})

export type Judgement = z.infer<typeof judgementSchema>
export type Leaning = z.infer<typeof leaningSchema>
export type Moment = z.infer<typeof momentSchema>
export type RowProblem = z.infer<typeof rowProblemSchema>
export type FailedFile = z.infer<typeof failedFileSchema>
export type Estimate = z.infer<typeof estimateSchema>
export type MetricName = (typeof metricNames)[number]
export type RetrievalMetrics = z.infer<typeof retrievalMetricsSchema>
export type Counts = z.infer<typeof countsSchema>
export type Objective = z.infer<typeof objectiveSchema>
export type Device = z.infer<typeof deviceSchema>
export type ModelVersion = z.infer<typeof modelVersionSchema>
