/** Reads from tokenizer and configuration how texts become token ids: how many, and how short texts are filled up. Pure. */
import { z } from 'zod'
import { ExportProblem } from './refusal.ts'
import type { TextTokenizer } from './tokenizer.ts'

export type TextRules = {
  readonly contextLength: number
  readonly padding: 'fixed' | 'longest'
  readonly padId: number
}

const tokenName = z.union([z.string(), z.looseObject({ content: z.string() })]).nullish()

const tokenizerFileSchema = z.looseObject({
  padding: z
    .looseObject({ strategy: z.unknown(), direction: z.string().nullish(), pad_id: z.number().int() })
    .nullish(),
  truncation: z.looseObject({ max_length: z.number().int() }).nullish(),
})
const tokenizerConfigSchema = z.looseObject({
  pad_token: tokenName,
  eos_token: tokenName,
  model_max_length: z.number().nullish(),
  padding_side: z.string().nullish(),
})
const modelConfigSchema = z.looseObject({
  max_position_embeddings: z.number().int().nullish(),
  text_config: z.looseObject({ max_position_embeddings: z.number().int().nullish() }).nullish(),
})

/** Texts in a catalogue and queries are shorter; longer contexts would only cost time. */
const mostTokens = 512

export type TextRuleSources = {
  readonly tokenizer: TextTokenizer
  /** Contents of tokenizer.json, tokenizer_config.json and config.json; null where the file is missing. */
  readonly tokenizerFile: unknown
  readonly tokenizerConfig: unknown
  readonly modelConfig: unknown
  /** The number of ids that the graph is built for, when it is fixed. */
  readonly graphLength: number | null
  /** Whether the graph is told where a text ends. */
  readonly hasMask: boolean
  readonly alwaysFull: boolean
}

/** @throws ExportProblem when a rule cannot be read from any of them */
export function readTextRules(sources: TextRuleSources): TextRules {
  const { tokenizer, graphLength, hasMask, alwaysFull } = sources
  const file = parse(tokenizerFileSchema, sources.tokenizerFile, 'tokenizer.json')
  const config = parse(tokenizerConfigSchema, sources.tokenizerConfig ?? {}, 'tokenizer_config.json')
  const model = parse(modelConfigSchema, sources.modelConfig ?? {}, 'config.json')
  if (config.padding_side === 'left' || file.padding?.direction === 'Left') {
    throw new ExportProblem('its tokenizer fills texts up on the left, which no encoder of this kind does')
  }
  const stated = [
    model.text_config?.max_position_embeddings ?? model.max_position_embeddings,
    config.model_max_length,
    file.truncation?.max_length,
  ].filter((length): length is number => typeof length === 'number' && length >= 2 && length < 100_000)
  const contextLength = graphLength ?? Math.min(mostTokens, ...stated)
  if (graphLength === null && stated.length === 0) {
    throw new ExportProblem(
      'none of its files says how long a text may be (text_config.max_position_embeddings in config.json, or model_max_length in tokenizer_config.json)',
    )
  }
  const strategy = file.padding?.strategy
  const isFixed =
    graphLength !== null ||
    alwaysFull ||
    !hasMask ||
    (typeof strategy === 'object' && strategy !== null && 'Fixed' in strategy)
  return { contextLength, padding: isFixed ? 'fixed' : 'longest', padId: padIdOf(tokenizer, file, config) }
}

function padIdOf(
  tokenizer: TextTokenizer,
  file: z.infer<typeof tokenizerFileSchema>,
  config: z.infer<typeof tokenizerConfigSchema>,
): number {
  if (file.padding !== null && file.padding !== undefined) return file.padding.pad_id
  for (const token of [config.pad_token, config.eos_token]) {
    const name = typeof token === 'string' ? token : token?.content
    if (name === undefined) continue
    const id = tokenizer.idOf(name)
    if (id === undefined) throw new ExportProblem(`its tokenizer fills texts up with "${name}", which it does not know`)
    return id
  }
  return tokenizer.padId
}

function parse<S extends z.ZodType>(schema: S, content: unknown, file: string): z.infer<S> {
  const parsed = schema.safeParse(content)
  if (parsed.success) return parsed.data
  throw new ExportProblem(`its ${file} is wrong at "${parsed.error.issues[0]?.path.join('.')}"`, {
    cause: parsed.error,
  })
}
