/** Questions about the footage: importing them with their answers, asking, and measuring how well they are answered. */
import { z } from 'zod'
import { jobSchema } from './jobs.ts'
import { call, stream } from './procedure.ts'
import { tableSourceSchema } from './library.ts'
import { estimateSchema, ignoreFolders, objectiveSchema, rowProblemSchema } from './shapes.ts'

/**
 * What answers: `answers` is a head trained on questions, `dual` compares statements with moments without any training,
 * `endpoint` a server of the customer's.
 */
export const answerModels = ['answers', 'dual', 'endpoint'] as const
export const answerModelSchema = z.enum(answerModels)

/** What a question was understood to ask. `open`: no known form, answered by its choices alone. */
export const questionTypes = [
  ...['present', 'kind', 'colour', 'audience', 'pattern', 'department', 'first', 'count', 'set', 'catalogue', 'open'],
  'unanswerable',
] as const

/** A stretch of a video, by its id, in seconds. */
const stretchSchema = z.object({ video: z.string(), start: z.number(), end: z.number() })

/** A moment that an answer rests on. */
export const answerMomentSchema = z.object({
  video: z.string(),
  /** Where to begin, which poster to show. */
  segment: z.string(),
  file: z.string(),
  fileName: z.string(),
  title: z.string().nullable(),
  start: z.number(),
  end: z.number(),
  /** Length of its video, seconds. */
  videoSeconds: z.number().nullable(),
  /** What it shows, such as the option that it speaks for. */
  shows: z.string(),
})

export const answerSchema = z.object({
  question: z.string(),
  type: z.enum(questionTypes),
  /** The thing that is spoken of, where one is. */
  thing: z.string().nullable(),
  model: answerModelSchema,
  /** `notSure`: below the confidence that trusted pairs ask for; `answer` is then the best guess and no claim. */
  state: z.enum(['answered', 'notSure', 'unanswerable']),
  /** Null where no model of ours can answer. Of a set: how many videos. */
  answer: z.string().nullable(),
  /** Of `unanswerable`: why. An endpoint may answer these. */
  reason: z.enum(['reason', 'price', 'label', 'other']).nullable(),
  /** 0..1; calibrated on trusted pairs where there are enough. Null: an endpoint does not say. */
  sureness: z.number().nullable(),
  /** Below it, an answer is `notSure`. */
  surenessNeeded: z.number(),
  /** Most likely first. */
  options: z.array(z.object({ answer: z.string(), probability: z.number() })),
  /** Best first. Of a set: one a video. Of `notSure`: the nearest ones. */
  moments: z.array(answerMomentSchema),
  /** Whether the moments show the answer; false: an endpoint named none of the frames that it saw, and they are what it was shown. */
  isProven: z.boolean(),
  /** Where frames were sent for this answer; null: nowhere. */
  host: z.string().nullable(),
  /** The stretch that a right answer would be kept for; null for what a single stretch cannot answer. */
  about: stretchSchema.nullable(),
  /** Trusted pairs that the sureness was calibrated on; 0: it is a rule of thumb. */
  calibratedOn: z.number().int(),
  tookMs: z.number(),
})

/** What a correction found where it put its own; null where there was nothing. */
const replacedSchema = z
  .object({
    answer: z.string(),
    choices: z.array(z.string()),
    trusted: z.boolean(),
    origin: z.enum(['imported', 'user', 'template']),
  })
  .nullable()

const empty = z.strictObject({})
const trainingInput = z.strictObject({
  objective: objectiveSchema.default('mama'),
  seed: z.number().int().min(0).default(1),
  epochs: z.number().int().min(1).max(1000).optional(),
})

const countedEstimate = estimateSchema.extend({ count: z.number().int() })

const measuredSchema = z.object({
  overall: countedEstimate,
  /** By the type that the file names. */
  byType: z.record(z.string(), countedEstimate),
})

export const answersProcedures = {
  importQuestions: call(
    'Import questions with their answers from a CSV table: file,start,end,question,answer[,choices][,trusted].',
    z.strictObject({ source: tableSourceSchema, ignoreFolders }),
    z.object({
      rows: z.number().int(),
      imported: z.number().int(),
      trusted: z.number().int(),
      videos: z.number().int(),
      problems: z.array(rowProblemSchema),
    }),
  ),
  ask: call(
    'Answer a question about a video, about what a search finds, or about the whole catalogue.',
    z.strictObject({
      question: z.string().trim().min(1).max(1000),
      /** Id or file name. */
      video: z.string().min(1).optional(),
      /** The moments that this search finds, instead of a video. */
      query: z.string().trim().min(1).optional(),
      choices: z.array(z.string().trim().min(1)).max(100).default([]),
      /** Default: the trained head where there is one, else `dual`. */
      model: answerModelSchema.optional(),
      /** Of `endpoint`: let this one question out although the settings do not allow networking. */
      allowNetwork: z.boolean().default(false),
    }),
    answerSchema,
  ),
  answers: call(
    'What answers questions here, how many are known, and the last ones that were asked.',
    empty,
    z.object({
      questions: z.number().int(),
      trusted: z.number().int(),
      /** Trusted questions that training asks for. */
      trustedNeeded: z.number().int(),
      /** The trained head in use; null: the dual encoder answers. */
      head: z.object({ trainedAt: z.string() }).nullable(),
      /** Null: none is set, or it is off. */
      endpoint: z.object({ host: z.string(), model: z.string() }).nullable(),
      /** Latest first. */
      recent: z.array(z.string()),
    }),
  ),
  correctAnswer: call(
    'Keep the right answer to a question about a stretch of a video: as a trusted one it calibrates and trains.',
    z.strictObject({
      question: z.string().trim().min(1).max(1000),
      answer: z.string().trim().min(1).max(200),
      choices: z.array(z.string().trim().min(1)).max(100).default([]),
      about: z.strictObject(stretchSchema.shape),
    }),
    z.object({ id: z.string(), trusted: z.number().int(), replaced: replacedSchema }),
  ),
  undoCorrection: call(
    'Take back a kept answer: what it replaced is there again.',
    z.strictObject({ id: z.string().min(1), replaced: replacedSchema }),
    z.object({ trusted: z.number().int() }),
  ),
  startAnswers: call(
    'Train answers as a job that can be paused and begins again after a crash.',
    trainingInput,
    z.object({ job: jobSchema }),
  ),
  trainAnswers: stream(
    'Train answers on the questions of the library; they are used where they beat the dual encoder on held-out trusted pairs.',
    trainingInput,
    z.object({
      objective: objectiveSchema,
      /** Questions that were trained on, without the trusted ones, and those that judge the weights too. */
      pairs: z.number().int(),
      trusted: z.number().int(),
      /** Of the questions of the library, those that templates made. */
      made: z.number().int(),
      epochs: z.number().int(),
      /** Trusted pairs that trained nothing, and how many of them were right: by the dual encoder, and with the trained head. */
      heldOut: z.number().int(),
      rightBefore: z.number().int(),
      rightAfter: z.number().int(),
      /** How likely the head is better, 0..1. */
      odds: z.number(),
      promoted: z.boolean(),
    }),
  ),
  evaluateQuestions: stream(
    'Measure answers on a file of questions with known answers.',
    z.strictObject({ questions: z.string().min(1), model: answerModelSchema.optional() }),
    measuredSchema.extend({
      model: answerModelSchema,
      /** The commonest answer of each type, always: the first thing to beat. */
      majority: measuredSchema,
      /** Of the right answers that moments can show: how many cite a moment that overlaps a true one. */
      supported: countedEstimate,
      /** What is left when the app says "not sure": the share that is answered, and how many of these are wrong. */
      coverage: z.object({
        threshold: z.number(),
        covered: z.number(),
        risk: z.number(),
        curve: z.array(z.object({ coverage: z.number(), risk: z.number(), threshold: z.number() })),
      }),
      problems: z.array(z.string()),
    }),
  ),
} as const

export type AnswerModel = z.infer<typeof answerModelSchema>
export type AnswerMoment = z.infer<typeof answerMomentSchema>
export type Answer = z.infer<typeof answerSchema>
