/** Finding moments, remembering searches, measuring how well they are found, taking results elsewhere. */
import { z } from 'zod'
import { videoFilterSchema } from './library.ts'
import { call, stream } from './procedure.ts'
import { momentSchema, retrievalMetricsSchema } from './shapes.ts'

const id = z.string().min(1)
const path = z.string().min(1)

/** `active`, `zero-shot` or the id of a model version. */
export const modelChoiceSchema = z.string().min(1).default('active')

const searchOptions = {
  k: z.number().int().min(1).max(1000).default(10),
  model: modelChoiceSchema,
  filter: videoFilterSchema.omit({ statuses: true }).default({}),
  /** True: also what does not stand out from the rest of the catalogue. */
  includeUnmatched: z.boolean().default(false),
}

/** Where the query's words stand in a text of a found video: half-open ranges of UTF-16 positions. */
export const highlightSchema = z.object({
  field: z.enum(['title', 'description', 'generated', 'sku', 'category']),
  text: z.string(),
  ranges: z.array(z.tuple([z.number().int(), z.number().int()])),
})

/** A moment with what a result shows beside it. */
export const foundMomentSchema = momentSchema.extend({
  video: z.string(),
  /** The best of its shots: where to begin, which poster to show, what `similar` takes. */
  segment: z.string(),
  /** All shots that it spans, in order. */
  segments: z.array(z.string()),
  fileName: z.string(),
  title: z.string().nullable(),
  category: z.string().nullable(),
  durationSeconds: z.number().nullable(),
  /** 0..1: how far it stands out of what chance would find in this catalogue; 0.5 and more is a strong match. */
  strength: z.number(),
  highlights: z.array(highlightSchema),
})

const searchOutput = z.object({
  query: z.string(),
  model: z.string(),
  segmentsSearched: z.number().int(),
  /** Best first. */
  moments: z.array(foundMomentSchema),
  /** Position of the first moment that is not a strong match: where the divider goes. Equal to the length when all are strong. */
  weakFrom: z.number().int(),
  /** Moments left out because they do not stand out; `includeUnmatched` shows them. */
  unmatched: z.number().int(),
  /** Words of the query that neither the model nor any text of the library has: nothing could be found by them. */
  unknownWords: z.array(z.string()),
  /** Videos that wait to be indexed and could not be searched. */
  pendingVideos: z.number().int(),
  tookMs: z.number(),
})

/** A stretch of a video that the window speaks of, seconds. */
export const stretchSchema = z.strictObject({ video: id, start: z.number().min(0), end: z.number().min(0) })

export const savedSearchSchema = z.object({
  id: z.string(),
  name: z.string(),
  text: z.string(),
  filter: videoFilterSchema.omit({ statuses: true }),
  savedAt: z.string(),
})

export const searchProcedures = {
  search: call(
    'Find moments by describing them.',
    z.strictObject({
      text: z.string().trim().min(1),
      ...searchOptions,
      /** False while somebody is still typing: only finished searches are remembered. */
      remember: z.boolean().default(true),
    }),
    searchOutput,
  ),
  similar: call(
    'Find moments that look like a shot of the library or like a picture.',
    z.strictObject({
      to: z.union([
        z.strictObject({ segment: id }),
        /** Bytes of a JPEG, PNG or WebP file, base64. */
        z.strictObject({ image: z.string().min(1).max(24_000_000) }),
      ]),
      ...searchOptions,
    }),
    searchOutput,
  ),
  searches: call(
    'Recent searches (each text once, newest first) and saved ones.',
    z.strictObject({ limit: z.number().int().min(0).max(100).default(20) }),
    z.object({
      recent: z.array(z.object({ text: z.string(), model: z.string(), hits: z.number().int(), at: z.string() })),
      saved: z.array(savedSearchSchema),
    }),
  ),
  editSearches: call(
    'Save or remove a search, or forget the recent ones.',
    z.discriminatedUnion('action', [
      z.strictObject({
        action: z.literal('save'),
        name: z.string().trim().min(1).max(200),
        text: z.string().trim().min(1),
        filter: videoFilterSchema.omit({ statuses: true }).default({}),
      }),
      z.strictObject({ action: z.literal('remove'), id }),
      z.strictObject({ action: z.literal('forgetRecent') }),
    ]),
    z.object({ saved: z.array(savedSearchSchema) }),
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
  exportMoments: call(
    'Moments as a CSV table or as an edit decision list (EDL, CMX 3600).',
    z.strictObject({
      format: z.enum(['csv', 'edl', 'fcpxml', 'otio']),
      title: z.string().max(200).default('Search results'),
      moments: z
        .array(stretchSchema.extend({ text: z.string().default(''), score: z.number().optional() }))
        .max(10_000),
      /** Also written here when given; the window may instead offer the text as a download. */
      path: z.string().min(1).optional(),
    }),
    z.object({ fileName: z.string(), text: z.string(), path: z.string().nullable() }),
  ),
  cutClips: stream(
    'Cut moments out of their files as clips of their own. The originals are not changed.',
    z.strictObject({
      moments: z.array(stretchSchema).min(1).max(1000),
      /** Default: a folder of the library. */
      folder: z.string().min(1).optional(),
      /** `exact` encodes anew and begins on the frame; `fast` copies and may begin at an earlier key frame. */
      mode: z.enum(['exact', 'fast']).default('exact'),
    }),
    z.object({
      folder: z.string(),
      /** `/media/clip/<id>` gives the file. */
      /** `note`: in what a clip differs from what was asked. */
      clips: z.array(
        z.object({
          ...{ id: z.string(), video: z.string(), path: z.string(), sizeBytes: z.number() },
          note: z.string().optional(),
        }),
      ),
      failed: z.array(z.object({ video: z.string(), message: z.string() })),
    }),
  ),
} as const

export type FoundMoment = z.infer<typeof foundMomentSchema>
export type Highlight = z.infer<typeof highlightSchema>
export type SavedSearch = z.infer<typeof savedSearchSchema>
