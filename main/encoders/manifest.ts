/**
 * The manifest of a model bundle: what its files are and how pictures and texts must be prepared for them. Form 1 is that
 * of the built-in bundle; form 2 is written by an import and says more.
 */
import { z } from 'zod'
import { frameFilters } from '../base/index.ts'

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hexadecimal digits')

/** The names of the files a bundle may hold besides its manifest; the three are required. */
export const bundleFiles = { vision: 'vision.onnx', text: 'text.onnx', tokenizer: 'tokenizer.json' } as const

const perChannel = z.tuple([z.number(), z.number(), z.number()])

export const manifestSchema = z.object({
  /** Version of this form. */
  format: z.literal(1),
  /** Stable and unique among bundles: lower-case words joined by hyphens. */
  id: z.string().regex(/^[a-z0-9]+(?:[-.][a-z0-9]+)*$/, 'must be lower-case words joined by hyphens'),
  /** What people read. */
  name: z.string().min(1),
  kind: z.enum(['built-in', 'clip', 'siglip', 'mobileclip', 'other']),
  /** Length of an embedding, D. */
  embeddingWidth: z.int().min(1).max(8192),
  image: z.object({
    /** Side of the square input in pixels, S. */
    size: z.int().min(8).max(2048),
    /** Per channel (R, G, B), for values in 0..1: the model sees (value - mean) / deviation. */
    mean: perChannel,
    deviation: perChannel.refine((values) => values.every((value) => value > 0), 'must be positive'),
    /** Name of the input, [N, 3, S, S] float32, and of the output, [N, D] float32. */
    input: z.string().default('pixel_values'),
    output: z.string().default('image_embeds'),
  }),
  text: z.object({
    /** Number of token ids per text, L. */
    contextLength: z.int().min(2).max(4096),
    /** Names of the inputs, [N, L] int64, and of the output, [N, D] float32. Null: the model takes no mask. */
    input: z.string().default('input_ids'),
    mask: z.string().nullable().default('attention_mask'),
    output: z.string().default('text_embeds'),
  }),
  /** SPDX name or a sentence. */
  licence: z.string().min(1),
  /** sha256 of each file, by file name. Further files (a model card) may be listed too. */
  files: z
    .record(z.string().regex(/^[\w.-]+$/, 'must be a file name without folders'), sha256)
    .refine((files) => Object.values(bundleFiles).every((name) => name in files), {
      message: `must list ${Object.values(bundleFiles).join(', ')}`,
    }),
})

/** Families of encoders that an import knows; `other` is accepted when everything that must be known can be read. */
export const families = [
  'clip',
  'siglip',
  'siglip2',
  'mobileclip',
  'mobileclip2',
  'multilingual-clip',
  'other',
] as const
export type Family = (typeof families)[number]

/** Precisions of a published graph, the most exact first. */
export const precisions = ['fp32', 'fp16', 'int8', 'uint8', 'q4', 'q4f16', 'bnb4'] as const
export type Precision = (typeof precisions)[number]

const fitSchema = z.discriminatedUnion('mode', [
  z.object({ mode: z.literal('squash'), filter: z.enum(frameFilters) }),
  z.object({
    mode: z.literal('centreCrop'),
    shortEdge: z.int().min(8).max(2048),
    filter: z.enum(frameFilters),
  }),
])

const graphSchema = z.object({
  /** Precision of this half; an export may lack a half in the precision of the other. */
  precision: z.enum(precisions),
  /** Most things in one run; null: as many as wanted. */
  maxBatch: z.int().min(1).nullable(),
})

export const importedManifestSchema = manifestSchema.extend({
  format: z.literal(2),
  kind: z.enum(families),
  image: graphSchema.extend({
    size: z.int().min(8).max(2048),
    fit: fitSchema,
    /** What a byte is multiplied by; null: 1/255. */
    scale: z.number().positive().nullable(),
    mean: perChannel,
    deviation: perChannel.refine((values) => values.every((value) => value > 0), 'must be positive'),
    /** Name of the input, [N, 3, S, S], and of the output, [N, D]. */
    input: z.string().min(1),
    dtype: z.enum(['float32', 'float16']),
    output: z.string().min(1),
  }),
  text: graphSchema.extend({
    contextLength: z.int().min(2).max(4096),
    /** `fixed`: always filled up to the whole context, as the model was trained; `longest`: to the longest of a batch. */
    padding: z.enum(['fixed', 'longest']),
    padId: z.int().min(0),
    input: z.string().min(1),
    mask: z.string().nullable(),
    /** Name of an input of zeros that says which of two texts a token is of; null: there is none. */
    tokenTypes: z.string().nullable(),
    dtype: z.enum(['int64', 'int32']),
    output: z.string().min(1),
  }),
})

export type BundleManifest = z.infer<typeof manifestSchema>
export type ImportedManifest = z.infer<typeof importedManifestSchema>
/** Of either form. */
export const anyManifestSchema = z.discriminatedUnion('format', [manifestSchema, importedManifestSchema])
export type AnyManifest = z.infer<typeof anyManifestSchema>
/** What an author writes: names that have defaults may be left out. */
export type BundleManifestInput = z.input<typeof manifestSchema>
