/**
 * Every procedure of the engine, once: its verb, input, output and a summary. Handlers, transports and clients are
 * derived from this table; nothing else lists the procedures.
 */
import { z } from 'zod'
import { appProcedures } from './app-procedures.ts'
import { auditProcedures, verdictSchema } from './audit-procedures.ts'
import { checkSchema } from './doctor-checks.ts'
import { encoderProcedures } from './encoder-procedures.ts'
import { labellingProcedures } from './labelling-procedures.ts'
import { libraryProcedures } from './library-procedures.ts'
import { call, stream } from './procedure.ts'
import { modelChoiceSchema, searchProcedures } from './search-procedures.ts'
import {
  countsSchema,
  deviceSchema,
  failedFileSchema,
  modelVersionSchema,
  objectiveSchema,
  retrievalMetricsSchema,
  rowProblemSchema,
} from './shapes.ts'
import { trainingProcedures, trainingRequest } from './training-procedures.ts'

const empty = z.strictObject({})
const path = z.string().min(1)

/** What a command of the command line does, file in and answer out; a window uses some of them too. */
const commandProcedures = {
  import: stream(
    'Add videos (files or folders): probe, cut into shots, index. Importing the same content again changes nothing.',
    z.strictObject({ paths: z.array(path).min(1), sidecars: z.boolean().default(true) }),
    z.object({
      /** Files that the probe took for videos, by what became of them. */
      imported: z.number().int(),
      alreadyThere: z.number().int(),
      failed: z.array(failedFileSchema),
      /** Files that are plainly not media (tables, texts) and links that lead out of the folder. */
      skipped: z.number().int(),
      segments: z.number().int(),
      frames: z.number().int(),
      sidecars: z.number().int(),
      elapsedSeconds: z.number(),
      videoSeconds: z.number(),
      counts: countsSchema,
    }),
  ),
  describe: stream(
    'Import descriptions from a table with the header file,sku,title,description,category.',
    // Without an encoding it is found out.
    z.strictObject({ file: path, encoding: z.string().optional() }),
    z.object({
      rows: z.number().int(),
      described: z.number().int(),
      videos: z.number().int(),
      withoutDescription: z.number().int(),
      problems: z.array(rowProblemSchema),
    }),
  ),
  label: stream(
    'Import exemplars from a table with the header file,start,end,description,grade.',
    z.strictObject({ file: path, encoding: z.string().optional() }),
    z.object({
      rows: z.number().int(),
      exemplars: z.number().int(),
      concepts: z.number().int(),
      shortened: z.number().int(),
      problems: z.array(rowProblemSchema),
    }),
  ),
  train: stream(
    'Train a model version on the described videos; it is promoted only when it wins on the held-out exemplars.',
    trainingRequest,
    z.object({
      run: z.string(),
      model: z.string(),
      objective: objectiveSchema,
      marginRadians: z.number(),
      /** How much of what the run learned was kept, above 0 to 1. */
      learnedShare: z.number(),
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
      promoted: z.boolean(),
      reason: z.string(),
    }),
  ),
  evaluate: stream(
    'Measure retrieval on a file of queries with known answers.',
    z.strictObject({ queries: path, model: modelChoiceSchema }),
    z.object({
      model: z.string(),
      segments: z.number().int(),
      overall: retrievalMetricsSchema,
      /** By how often the asked concept occurs; a class without queries is null. */
      byFrequency: z.object({
        popular: retrievalMetricsSchema.nullable(),
        mid: retrievalMetricsSchema.nullable(),
        rare: retrievalMetricsSchema.nullable(),
      }),
      problems: z.array(z.string()),
    }),
  ),
  audit: call(
    'Show for each training pair what the run thought of it: loss, weight, percentiles, verdict.',
    z.strictObject({ run: z.string().min(1).optional() }),
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
          weight: z.number(),
          /** Share of pairs with a lower value, 0..100. */
          lossPercentile: z.number(),
          weightPercentile: z.number(),
          verdict: verdictSchema,
        }),
      ),
    }),
  ),
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
  exportModel: call(
    'Write the encoder that a version trained, with its towers, as ONNX files that can be added as an encoder again.',
    z.strictObject({ model: z.string().min(1), folder: path }),
    z.object({
      model: z.string(),
      folder: z.string(),
      files: z.array(z.string()),
      sizeBytes: z.number(),
    }),
  ),
  rollback: call(
    'Go back to the model version that was active before.',
    empty,
    z.object({ active: z.string(), previous: z.string() }),
  ),
  doctor: call(
    'Check ffmpeg, execution providers, disk, the model bundle and the integrity of the library.',
    empty,
    z.object({
      ok: z.boolean(),
      checks: z.array(checkSchema),
      counts: countsSchema.nullable(),
      failures: z.array(failedFileSchema),
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
  counts: call('How many videos are eligible, indexed, failed and pending.', empty, countsSchema),
  backup: call(
    'Write the whole library into one file.',
    z.strictObject({ file: path }),
    z.object({ file: z.string(), sizeBytes: z.number() }),
  ),
  restore: call(
    'Replace the library by a backup; the library that was there is kept beside it.',
    z.strictObject({ file: path }),
    z.object({ file: z.string(), keptAs: z.string().nullable(), counts: countsSchema }),
  ),
} as const

export const procedures = {
  ...commandProcedures,
  ...libraryProcedures,
  ...searchProcedures,
  ...labellingProcedures,
  ...trainingProcedures,
  ...auditProcedures,
  ...appProcedures,
  ...encoderProcedures,
} as const

/** The procedures that the command line has a command for. */
export type CommandName =
  keyof typeof commandProcedures | 'search' | Exclude<keyof typeof encoderProcedures, 'startUseEncoder'>

export type Procedures = typeof procedures
export type ProcedureName = keyof Procedures
export type ProcedureInput<N extends ProcedureName> = z.output<Procedures[N]['input']>
/** What a caller may write: fields with a default can be left out. */
export type ProcedureRequest<N extends ProcedureName> = z.input<Procedures[N]['input']>
export type ProcedureOutput<N extends ProcedureName> = z.output<Procedures[N]['output']>
