/** Labelling pairs: what to label next and why, decisions as undoable edits, balance of the meta-set. */
import { z } from 'zod'
import { exemplarSchema, gradeSchema } from './library.ts'
import { call, stream } from './procedure.ts'
import { ignoreFolders, rowProblemSchema } from './shapes.ts'

const id = z.string().min(1)
const path = z.string().min(1)
const text = z.string().trim().min(1).max(10_000)

/** A pair that is proposed for labelling. */
export const candidateSchema = z.object({
  segment: z.string(),
  video: z.string(),
  fileName: z.string(),
  title: z.string().nullable(),
  start: z.number(),
  end: z.number(),
  durationSeconds: z.number().nullable(),
  /** The text to judge; '' when the video has none: then the user writes one. */
  text: z.string(),
  /** The kind of thing as far as known. */
  concept: z.string().nullable(),
  /** Why it is proposed, with the numbers that say so. */
  reason: z.discriminatedUnion('kind', [
    /** Few exemplars of its concept. */
    z.object({
      kind: z.literal('rareConcept'),
      concept: z.string(),
      exemplars: z.number().int(),
      clips: z.number().int(),
    }),
    /** The model agrees with its text less than with that share (0..1) of all texts. */
    z.object({ kind: z.literal('disagreement'), better: z.number() }),
    z.object({ kind: z.literal('randomCheck') }),
    /** Its decision was undone: it was asked for as `first`. */
    z.object({ kind: z.literal('takenBack') }),
  ]),
  /** Its exemplar when it has been labelled before. */
  exemplar: exemplarSchema.nullable(),
})

/** How many exemplars there are and whether they are enough. */
export const labelStandSchema = z.object({
  exact: z.number().int(),
  partial: z.number().int(),
  wrong: z.number().int(),
  /** Exact and partial ones: those that training can use, split into the part that judges weights and the held-out part. */
  usable: z.number().int(),
  metaSet: z.number().int(),
  heldOut: z.number().int(),
  /** Fewer than this cannot train. */
  needed: z.number().int(),
  /** From here on, more exemplars change the result little. */
  recommended: z.number().int(),
  state: z.enum(['tooFew', 'canTrain', 'enough']),
})

export const balanceSchema = z.object({
  /** Most urgent first. */
  concepts: z.array(
    z.object({
      concept: z.string(),
      clips: z.number().int(),
      exemplars: z.number().int(),
      /** How many more would make the goal. */
      missing: z.number().int(),
    }),
  ),
  /** Share of the clips whose concept has an exemplar, 0..1. */
  covered: z.number(),
  /** 1: all concepts have equally many exemplars; towards 0: one has them all. */
  evenness: z.number(),
  missing: z.number().int(),
})

/** What changed and what can be taken back. Every edit is one saved transaction. */
export const editOutcomeSchema = z.object({
  /** Identifies the saved edit; null when there was nothing to undo or redo. */
  edit: z.string().nullable(),
  kind: z.enum(['label', 'unlabel', 'skip', 'describe']).nullable(),
  /** What the edit was about, so that the window can show it again. */
  video: z.string().nullable(),
  segment: z.string().nullable(),
  exemplar: exemplarSchema.nullable(),
  savedAt: z.string(),
  canUndo: z.boolean(),
  canRedo: z.boolean(),
})

const edits = z.discriminatedUnion('action', [
  /** Grades a pair; with `exemplar`, replaces that one (its range, text, grade and concept). */
  z.strictObject({
    action: z.literal('label'),
    video: id,
    start: z.number().min(0),
    end: z.number().min(0),
    text,
    grade: gradeSchema,
    /** Left out: the concept stays, or the category of the video is taken. */
    concept: z.string().trim().max(200).optional(),
    exemplar: id.optional(),
  }),
  z.strictObject({ action: z.literal('unlabel'), exemplar: id }),
  /** Not proposed again until the skip is undone. */
  z.strictObject({ action: z.literal('skip'), segment: id }),
  /**
   * Corrects the texts of a video: `from` (a description or the title) becomes `to`; without `from`, `to` is added. The
   * user's own descriptions replace imported ones in training; importing a table again does not bring those back.
   */
  z.strictObject({ action: z.literal('describe'), video: id, from: z.string().optional(), to: text }),
])

export const labellingProcedures = {
  label: stream(
    'Import exemplars from a table with the header file,start,end,description,grade.',
    z.strictObject({ file: path, encoding: z.string().optional(), ignoreFolders }),
    z.object({
      rows: z.number().int(),
      exemplars: z.number().int(),
      concepts: z.number().int(),
      shortened: z.number().int(),
      problems: z.array(rowProblemSchema),
    }),
  ),
  labelQueue: call(
    'What to label next and why, how balanced the exemplars are, and whether they are enough.',
    z.strictObject({
      count: z.number().int().min(1).max(100).default(20),
      /** Another seed draws other random checks. */
      seed: z.number().int().min(0).default(0),
      /** Segments that the window has already. */
      without: z.array(id).max(1000).default([]),
      /** A segment whose decision was undone: proposed before all others, if it is undecided. */
      first: id.optional(),
    }),
    z.object({
      candidates: z.array(candidateSchema),
      /** Pairs without a label that were not skipped. */
      remaining: z.number().int(),
      skipped: z.number().int(),
      stand: labelStandSchema,
      balance: balanceSchema,
    }),
  ),
  edit: call('Change a label or a text, as one saved transaction that can be undone.', edits, editOutcomeSchema),
  history: call(
    'Undo or redo edits; any number, also after a restart.',
    z.strictObject({ step: z.enum(['undo', 'redo']), count: z.number().int().min(1).max(1000).default(1) }),
    editOutcomeSchema,
  ),
  labels: call(
    'Exemplars, newest first.',
    z.strictObject({
      grade: gradeSchema.optional(),
      offset: z.number().int().min(0).default(0),
      limit: z.number().int().min(1).max(500).default(100),
    }),
    z.object({
      total: z.number().int(),
      labels: z.array(exemplarSchema.extend({ fileName: z.string(), part: z.enum(['meta', 'heldOut']).nullable() })),
    }),
  ),
} as const

export type Candidate = z.infer<typeof candidateSchema>
export type EditRequest = z.infer<typeof edits>
export type EditOutcome = z.infer<typeof editOutcomeSchema>
export type LabelStand = z.infer<typeof labelStandSchema>
export type Balance = z.infer<typeof balanceSchema>
