/** Reads the files of a study on product photos. Each is checked; a wrong line names its file and number. */
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { AppError } from '../../contract/index.ts'

const productSchema = z.looseObject({
  id: z.string(),
  image: z.string(),
  concept: z.string(),
  split: z.string(),
  attributes: z.looseObject({ colour: z.string().nullish() }).optional(),
})
const textSchema = z.looseObject({
  id: z.string(),
  text: z.string(),
  kind: z.string().optional(),
  /** How the text was spoilt. */
  how: z.string().optional(),
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
  return {
    products: new Map((await readProducts(paths.products)).map((product) => [product.id, product])),
    texts: await readLines(paths.texts, textSchema),
    longTail: new Set(parseLine(longTailSchema, await readText(paths.longtail), paths.longtail).ids),
    exemplars: await readLines(paths.meta, exemplarSchema),
    queries: await readLines(paths.queries, querySchema),
  }
}

export type CustomerFiles = {
  readonly products: readonly StudyProduct[]
  /** A text of each product of the split `tune`, by the kind of its words. */
  readonly texts: Readonly<Record<'known' | 'new', readonly StudyText[]>>
  /** What concepts are called in new words. */
  readonly names: Readonly<Record<string, string>>
}

/**
 * What simulated customers are drawn from: a folder with products, noisy texts and invented names.
 * @throws AppError `input.missing` or `input.invalid`
 */
export async function readCustomerFiles(folder: string): Promise<CustomerFiles> {
  const texts = (name: string): Promise<StudyText[]> => readLines(resolve(folder, name), textSchema)
  const names = resolve(folder, 'inhouse.names.json')
  return {
    products: await readProducts(resolve(folder, 'products.jsonl')),
    texts: { known: await texts('tune.noisy.jsonl'), new: await texts('tune.inhouse.noisy.jsonl') },
    names: parseLine(z.record(z.string(), z.string()), await readText(names), names),
  }
}

/** Products with the paths of their photos. @throws AppError `input.missing` or `input.invalid` */
export async function readProductPhotos(path: string): Promise<StudyProduct[]> {
  return readProducts(path)
}

async function readProducts(path: string): Promise<StudyProduct[]> {
  const folder = dirname(resolve(path))
  const products = await readLines(path, productSchema)
  return products.map((product) => ({ ...product, imagePath: resolve(folder, product.image) }))
}
