/** The manifest of a model bundle: what its files are and how pictures and texts must be prepared for them. */
import { z } from 'zod'

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

export type BundleManifest = z.infer<typeof manifestSchema>
/** What an author writes: names that have defaults may be left out. */
export type BundleManifestInput = z.input<typeof manifestSchema>
