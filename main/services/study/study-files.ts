/** Reads the files of a study on product photos. Each is checked; a wrong line names its file and number. */
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { AppError } from '../../contract/index.ts'

const productSchema = z.looseObject({ id: z.string(), image: z.string(), concept: z.string(), split: z.string() })
const textSchema = z.looseObject({
  id: z.string(),
  text: z.string(),
  kind: z.string().optional(),
  truth_text: z.string().optional(),
})
const exemplarSchema = z.looseObject({ id: z.string(), text: z.string(), concept: z.string() })
const frequencySchema = z.enum(['popular', 'mid', 'rare'])
const querySchema = z.looseObject({
  query: z.string(),
  relevant: z.array(z.string()),
  dataset: z.string().optional(),
  frequency: frequencySchema.optional(),
})
const longTailSchema = z.looseObject({ ids: z.array(z.string()) })

export type StudyProduct = z.infer<typeof productSchema> & { readonly imagePath: string }
export type StudyText = z.infer<typeof textSchema>
export type StudyExemplar = z.infer<typeof exemplarSchema>
export type StudyQuery = z.infer<typeof querySchema>

export type StudyPaths = {
  readonly products: string
  readonly texts: string
  readonly longtail: string
  readonly meta: string
  readonly queries: string
}

export type StudyFiles = {
  readonly products: ReadonlyMap<string, StudyProduct>
  readonly texts: readonly StudyText[]
  readonly longTail: ReadonlySet<string>
  readonly exemplars: readonly StudyExemplar[]
  readonly queries: readonly StudyQuery[]
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new AppError('input.missing', `${path} cannot be read. Check the path.`, { path }, { cause })
  }
}

function parseLine<T>(schema: z.ZodType<T>, line: string, place: string): T {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (cause) {
    throw new AppError('input.invalid', `${place} is not JSON.`, { place }, { cause })
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new AppError('input.invalid', `${place}: ${z.prettifyError(parsed.error)}`, { place })
}

async function readLines<T>(path: string, schema: z.ZodType<T>): Promise<T[]> {
  const lines = (await readText(path)).split('\n')
  return lines.flatMap((line, i) => (line.trim() === '' ? [] : [parseLine(schema, line, `${path}, line ${i + 1}`)]))
}

/** @throws AppError `input.missing` or `input.invalid` */
export async function readStudyFiles(paths: StudyPaths): Promise<StudyFiles> {
  const folder = dirname(resolve(paths.products))
  const products = await readLines(paths.products, productSchema)
  return {
    products: new Map(
      products.map((product) => [product.id, { ...product, imagePath: resolve(folder, product.image) }]),
    ),
    texts: await readLines(paths.texts, textSchema),
    longTail: new Set(parseLine(longTailSchema, await readText(paths.longtail), paths.longtail).ids),
    exemplars: await readLines(paths.meta, exemplarSchema),
    queries: await readLines(paths.queries, querySchema),
  }
}
