/** Reads questions with known answers to measure by: JSON lines `{file, type, question, answer, choices, moments}`. */
import { z } from 'zod'
import { AppError } from '../../../contract/index.ts'
import { readTextFile } from '../../library/index.ts'

const rangeSchema = z
  .object({ start: z.number().min(0), end: z.number() })
  .refine(({ start, end }) => end > start, 'end must be after start')

const questionSchema = z.object({
  file: z.string().min(1),
  /** Default: what the question is understood to ask. */
  type: z.string().min(1).optional(),
  question: z.string().trim().min(1),
  answer: z.string().trim().min(1),
  choices: z.array(z.string().min(1)).default([]),
  /** Moments that show the answer; none for "no". */
  moments: z.array(rangeSchema).default([]),
})

export type KnownQuestion = z.infer<typeof questionSchema>

/** @throws AppError `input.missing`; `input.invalid` that names the first wrong line */
export async function readKnownQuestions(path: string): Promise<KnownQuestion[]> {
  const lines = (await readTextFile(path)).split(/\r?\n/)
  const questions = lines.flatMap((line, i): KnownQuestion[] => {
    if (line.trim() === '') return []
    const parsed = questionSchema.safeParse(parseJson(line))
    if (parsed.success) return [parsed.data]
    const issue = parsed.error.issues[0]
    const message = `${path}, line ${i + 1}: ${[issue?.path.join('.'), issue?.message].filter(Boolean).join(': ')}.`
    throw new AppError('input.invalid', message, { path, line: i + 1 })
  })
  if (questions.length > 0) return questions
  throw new AppError('input.invalid', `${path} holds no questions.`, { path })
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined // the schema then says what is missing
  }
}
