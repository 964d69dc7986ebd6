/** Training: what a run would use, on which device, its curves, and what it changed. */
import { z } from 'zod'
import { errorCodes, type ErrorCode } from './errors.ts'
import { jobSchema } from './jobs.ts'
import { call, stream } from './procedure.ts'
import {
  deviceSchema,
  estimateSchema,
  judgementSchema,
  leaningSchema,
  objectiveSchema,
  trainedBlocksSchema,
} from './shapes.ts'

const codes = Object.keys(errorCodes) as ErrorCode[]
const id = z.string().min(1)
const empty = z.strictObject({})

/** Blocks of the encoder that a run trains below the towers. */
export const blocksRequestSchema = z
  .strictObject({
    /** How many of the last ones of the encoder of pictures; may be left out where there are some of texts. */
    count: z.number().int().min(0).max(100).default(0),
    /** How many of the last ones of the encoder of texts. Left out: none. */
    texts: z.number().int().min(0).max(100).optional(),
    /** Train low-rank updates of this rank. Left out: all weights of the blocks. */
    rank: z.number().int().min(1).max(1024).optional(),
    /** What the learning rate is multiplied by for them. Left out: 0.1, and 1 with a rank. */
    rateFactor: z.number().gt(0).max(1).optional(),
  })
  .refine(({ count, texts = 0 }) => count + texts > 0, 'Say how many blocks of pictures or of texts are trained.')

/** What a run is asked for. */
export const trainingRequest = z.strictObject({
  objective: objectiveSchema.default('mama'),
  /** Left out: the default. */
  marginRadians: z.number().min(0).max(1).optional(),
  epochs: z.number().int().min(1).max(1000).optional(),
  seed: z.number().int().min(0).default(0),
  device: deviceSchema.default('auto'),
  blocks: blocksRequestSchema.optional(),
})

export const runStates = ['running', 'paused', 'finished', 'cancelled', 'failed'] as const

export const runSchema = z.object({
  id: z.string(),
  state: z.enum(runStates),
  objective: objectiveSchema,
  /** Null: the default, or not known. */
  marginRadians: z.number().nullable(),
  /** Asked for; null: by the size of the catalogue. */
  epochs: z.number().int().nullable(),
  epochsDone: z.number().int(),
  seed: z.number().int(),
  pairs: z.number().int(),
  startedAt: z.string(),
  endedAt: z.string().nullable(),
  failure: z.string().nullable(),
  /** The version that came out of it. */
  model: z.string().nullable(),
  modelState: z.enum(['active', 'promoted', 'kept', 'discarded']).nullable(),
  heldOutScore: z.number().nullable(),
  /** Whether the version won on the held-out exemplars; null: there is none, or its run did not say. */
  won: z.boolean().nullable(),
  /** Null: as `won`, and for versions from before it was kept. */
  judgement: judgementSchema.nullable(),
  /** Last blocks of the encoder that it trains too; null: none. */
  blocks: trainedBlocksSchema.nullable(),
  /** A stopped run that goes on when training is started with the same choices. */
  isResumable: z.boolean(),
})

/** One point of the learned curve: pairs of about this loss have about this weight, relative to the average pair. */
export const weightPointSchema = z.object({ loss: z.number(), weight: z.number(), pairs: z.number().int() })

export const epochRecordSchema = z.object({
  epoch: z.number().int(),
  loss: z.number().nullable(),
  metaLoss: z.number().nullable(),
  heldOutScore: z.number().nullable(),
  /** Pairs that a batch leaned on as a share of it, in (0, 1]; null where that was not recorded. */
  effectiveShare: z.number().nullable(),
})

/** One metric of two models on the same queries; `difference` is after minus before, query by query. */
const changeSchema = z.object({
  before: estimateSchema,
  after: estimateSchema,
  difference: estimateSchema,
  /** True when the interval of the difference does not hold 0. */
  isClear: z.boolean(),
})

export const comparisonMetrics = ['R@1', 'R@5', 'R@10', 'MAP', 'P@10'] as const

const comparisonBand = z.object({
  queries: z.number().int(),
  'R@1': changeSchema,
  'R@5': changeSchema,
  'R@10': changeSchema,
  MAP: changeSchema,
  'P@10': changeSchema,
})

/** Videos that have to be read, and about how long that takes. */
const toReadSchema = z.object({ videos: z.number().int(), frames: z.number().int(), seconds: z.number() })

/** Blocks of the encoder of pictures, or of that of texts, that can be trained. */
export const trainableHalfSchema = z.object({
  count: z.number().int(),
  /** Why there are none: none was found in it, or its graph cannot be trained at all; null where there are some. */
  obstacle: z.enum(['noneFound', 'notImportable']).nullable(),
})

/** What training blocks of the encoder takes beyond training the towers. */
const blocksPreflightSchema = z.object({
  /** Blocks of the encoder that can be trained; null where none of these are asked for. */
  available: z.object({ pictures: z.number().int().nullable(), texts: z.number().int().nullable() }),
  /** Before it trains. Its time is part of the estimate. */
  toRead: toReadSchema,
  /** Kept in the library until the run is finished. */
  diskBytes: z.number(),
  freeBytes: z.number(),
  /** Null where the encoder has not so many blocks. */
  memoryBytes: z.number().nullable(),
  /** Of this memory, what holds the texts as they are below the blocks; null where no blocks of texts are trained. */
  textBytes: z.number().nullable(),
  availableMemoryBytes: z.number(),
  /** Read after it, and only when the version wins; no part of the estimate. */
  toReadIfWon: toReadSchema,
})

export const trainingProcedures = {
  train: stream(
    'Train a model version on the described videos; it is promoted only when it wins on the held-out exemplars.',
    trainingRequest,
    z.object({
      run: z.string(),
      model: z.string(),
      objective: objectiveSchema,
      marginRadians: z.number(),
      pairs: z.number().int(),
      metaPairs: z.number().int(),
      heldOutPairs: z.number().int(),
      epochs: z.number().int(),
      resumedAtEpoch: z.number().int().nullable(),
      elapsedSeconds: z.number(),
      device: z.string(),
      /** Why this device, in a sentence. */
      deviceReason: z.string(),
      /** Score of the previously active model and of the new one on the held-out exemplars; higher is better. */
      heldOutBefore: z.number(),
      heldOutAfter: z.number(),
      judgement: judgementSchema,
      promoted: z.boolean(),
      reason: z.string(),
      /** At the end of the run; null where no weights are learned. */
      leaning: leaningSchema.nullable(),
    }),
  ),
  devices: stream(
    'The devices that training can use here, the time of a short training step on each, and which one auto takes.',
    z.strictObject({ /** Measure although a measurement is remembered. */ measure: z.boolean().default(false) }),
    z.object({
      /** What auto takes, and why, in a sentence. */
      device: deviceSchema,
      reason: z.string(),
      /** Other programs took a good part of the computer while it was measured. */
      wasBusy: z.boolean(),
      devices: z.array(
        z.object({
          device: deviceSchema,
          /** What does the work, with its version; null where it does not work. */
          engine: z.string().nullable(),
          /** Milliseconds of the measured step; null: not measured. */
          stepMs: z.number().nullable(),
          /** Why it does not work; null where it does. */
          reason: z.string().nullable(),
        }),
      ),
    }),
  ),
  trainableBlocks: call(
    'How many last blocks of the encoder in use can be trained with the towers. It is looked through once.',
    empty,
    z.object({
      encoder: z.string(),
      /** Of the encoder of pictures. */
      pictures: trainableHalfSchema,
      /** Of the encoder of texts. */
      texts: trainableHalfSchema,
    }),
  ),
  preflight: call(
    'What a run would use and how long it would take; nothing is started.',
    trainingRequest,
    z.object({
      /** False: `problems` says what is missing. */
      isReady: z.boolean(),
      problems: z.array(z.object({ code: z.enum(codes), message: z.string() })),
      pairs: z.number().int(),
      /** Pairs left out because somebody marked them wrong. */
      pairsLeftOut: z.number().int(),
      exemplars: z.number().int(),
      metaSet: z.number().int(),
      heldOut: z.number().int(),
      concepts: z.number().int(),
      epochs: z.number().int(),
      batchSize: z.number().int(),
      device: z.string(),
      estimatedSeconds: z.number(),
      /** What the estimate rests on: runs on this computer, a short step that was measured on it, or a typical machine. */
      estimatedFrom: z.enum(['earlierRuns', 'measuredStep', 'typical']),
      /** Null where none are asked for. */
      blocks: blocksPreflightSchema.nullable(),
      /** A stopped run with the same data and choices, which would go on. */
      resumes: z.object({ run: z.string(), epoch: z.number().int() }).nullable(),
    }),
  ),
  startTraining: call(
    'Train as a job that can be paused and goes on after a crash. Epochs arrive as events of `watch`.',
    trainingRequest,
    z.object({ job: jobSchema }),
  ),
  runs: call('Training runs, newest first.', empty, z.object({ runs: z.array(runSchema) })),
  run: call(
    'One run with its curves: losses, held-out score, and the learned weight of a pair by its loss.',
    z.strictObject({ run: id }),
    runSchema.extend({
      /** Its version has blocks of its own that have seen nothing yet, so that it cannot be searched or compared with. */
      isUnread: z.boolean(),
      /** Its version was trained over another encoder than the one in use: only with that one can it be used or compared. */
      isOfOtherEncoder: z.boolean(),
      records: z.array(epochRecordSchema),
      /** In the last epoch; null where no weights are learned, or it was not recorded. */
      leaning: leaningSchema.nullable(),
      /** By rising loss, for the last epoch and for a few before it; empty where no weights were learned. */
      weightCurves: z.array(z.object({ epoch: z.number().int(), points: z.array(weightPointSchema) })),
    }),
  ),
  compare: call(
    'Two model versions on the held-out exemplars: every metric before and after, with intervals, popular against rare.',
    z.strictObject({ before: z.string().min(1).default('zero-shot'), after: z.string().min(1).default('active') }),
    z.object({
      before: z.string(),
      after: z.string(),
      /** Shots that were searched. */
      segments: z.number().int(),
      overall: comparisonBand,
      /** By how many clips of the catalogue show the concept; a class without exemplars is null. */
      byFrequency: z.object({
        popular: comparisonBand.nullable(),
        mid: comparisonBand.nullable(),
        rare: comparisonBand.nullable(),
      }),
      /** Held-out queries whose first right answer moved most, best gain first. */
      moved: z.array(
        z.object({ text: z.string(), segment: z.string(), rankBefore: z.number().int(), rankAfter: z.number().int() }),
      ),
    }),
  ),
} as const

export type TrainRequest = z.infer<typeof trainingRequest>
export type TrainingRun = z.infer<typeof runSchema>
export type WeightPoint = z.infer<typeof weightPointSchema>
export type MetricChange = z.infer<typeof changeSchema>
export type ComparisonBand = z.infer<typeof comparisonBand>
export type TrainableHalf = z.infer<typeof trainableHalfSchema>
export type BlocksPreflight = z.infer<typeof blocksPreflightSchema>
