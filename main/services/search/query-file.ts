/** Reads queries with known answers: JSON lines of DESIGN 7, with the optional fields that benchmark files carry. */
import { z } from 'zod'
import { AppError } from '../../contract/index.ts'
import { readTextFile } from '../library/index.ts'

const rangeSchema = z
  .object({ file: z.string().min(1), start: z.number().min(0), end: z.number() })
  .refine(({ start, end }) => end > start, 'end must be after start')

const querySchema = z.object({
  query: z.string().trim().min(1),
  relevant: z.array(rangeSchema),
  /** Moments that a person could accept too: they count neither way. */
  uncertain: z.array(rangeSchema).default([]),
  /** What is asked for, to tell frequent from rare concepts. */
  concept: z.string().optional(),
  target: z.object({ concept: z.union([z.string(), z.array(z.string())]) }).optional(),
})

export type TimeRange = z.infer<typeof rangeSchema>
export type Query = {
  readonly text: string
  readonly relevant: readonly TimeRange[]
  readonly uncertain: readonly TimeRange[]
  /** Null when the file does not say. */
  readonly concept: string | null
}

/** @throws AppError `input.missing`; `input.invalid` that names the first wrong line */
export async function readQueries(path: string): Promise<Query[]> {
  const lines = (await readTextFile(path)).split(/\r?\n/)
  const queries = lines.flatMap((line, i): Query[] => {
    if (line.trim() === '') return []
    const parsed = querySchema.safeParse(parseJson(line))
    if (!parsed.success) {
      const issue = parsed.error.issues[0]
      const message = `${path}, line ${i + 1}: ${[issue?.path.join('.'), issue?.message].filter(Boolean).join(': ')}.`
      throw new AppError('input.invalid', message, { path, line: i + 1 })
    }
    const { query, relevant, uncertain, concept, target } = parsed.data
    const named = concept ?? (target === undefined ? null : [target.concept].flat().join(' / '))
    return [{ text: query, relevant, uncertain, concept: named }]
  })
  if (queries.length > 0) return queries
  throw new AppError('input.invalid', `${path} holds no queries.`, { path })
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined // the schema then says what is missing
  }
}
