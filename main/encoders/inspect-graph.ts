/**
 * Chooses in one published graph the half that is wanted: the input for pictures or texts, and the output that is the
 * pooled embedding. What the half does not need is cut away. Pure.
 */
import { extractPart, inspectModel, ModelProblem, type ExternalTensor, type ModelFacts } from '../graph/index.ts'
import { ExportProblem } from './refusal.ts'

export type Half = 'vision' | 'text'

export type GraphHalf = {
  /** The model to keep: the given bytes, or the part of them that is needed. */
  readonly bytes: Uint8Array
  readonly isPart: boolean
  /** Pixels, or token ids. */
  readonly input: string
  readonly dtype: string
  readonly mask: string | null
  readonly tokenTypes: string | null
  readonly output: string
  /** Null where the graph leaves it open. */
  readonly width: number | null
  readonly maxBatch: number | null
  /** Side of the pictures, or number of token ids; null where the graph leaves it open. */
  readonly length: number | null
  readonly externalTensors: readonly ExternalTensor[]
}

/** Names of pooled outputs, the surest first. */
const outputNames: Readonly<Record<Half, readonly string[]>> = {
  vision: [
    ...['image_embeds', 'l2norm_image_embeddings', 'image_embeddings', 'image_features', 'image_embedding'],
    ...['embeddings', 'sentence_embedding', 'pooler_output'],
  ],
  text: [
    ...['text_embeds', 'l2norm_text_embeddings', 'text_embeddings', 'text_features', 'text_embedding'],
    ...['sentence_embedding', 'embeddings', 'pooler_output'],
  ],
}

/** Domains whose operators ONNX Runtime brings along. */
const knownDomains = ['', 'com.microsoft', 'ai.onnx.ml']

/**
 * @param name of the file, for messages
 * @param needsProjection whether the pooled state alone is not yet the embedding, as in CLIP
 * @throws ExportProblem
 */
export function inspectGraph(bytes: Uint8Array, half: Half, name: string, needsProjection: boolean): GraphHalf {
  const whole = factsOf(bytes, name)
  const output = chooseOutput(whole, half, name, needsProjection)
  const isPart = whole.inputs.some((input) => !isInputOf(half, input.name, input.shape.length))
  const kept = isPart ? extractPart(bytes, output.name) : bytes
  const facts = isPart ? factsOf(kept, name) : whole
  const main = facts.inputs.filter((input) => (half === 'vision' ? input.shape.length === 4 : isIds(input.name)))
  const mask = facts.inputs.find((input) => half === 'text' && /attention_mask/.test(input.name)) ?? null
  const tokenTypes = facts.inputs.find((input) => half === 'text' && /token_type_ids/.test(input.name)) ?? null
  const [input] = main
  const what = half === 'vision' ? 'pictures' : 'token ids'
  const listed = facts.inputs.map((value) => value.name).join(', ') || 'nothing'
  if (input === undefined || main.length > 1) {
    throw new ExportProblem(`its ${name} has no single input for ${what}; it takes ${listed}`)
  }
  const others = facts.inputs.filter((value) => ![input, mask, tokenTypes].includes(value))
  if (others.length > 0) {
    throw new ExportProblem(
      `its ${name} also wants ${others.map((value) => value.name).join(', ')}, which nothing here can give`,
    )
  }
  const dtypes = half === 'vision' ? ['float32', 'float16'] : ['int64', 'int32']
  for (const value of facts.inputs) {
    if (!dtypes.includes(value.dtype) || value.dtype !== input.dtype) {
      throw new ExportProblem(`its ${name} takes ${value.name} as ${value.dtype} where ${dtypes.join(' or ')} is usual`)
    }
  }
  const width = output.shape[1]
  return {
    ...{ bytes: kept, isPart, input: input.name, dtype: input.dtype, output: output.name },
    mask: mask?.name ?? null,
    tokenTypes: tokenTypes?.name ?? null,
    width: typeof width === 'number' ? width : null,
    maxBatch: batchOf(input.shape[0], name),
    length: half === 'vision' ? sideOf(input.shape, name) : fixedLength(input.shape[1], name),
    externalTensors: facts.externalTensors,
  }
}

function factsOf(bytes: Uint8Array, name: string): ModelFacts {
  let facts: ModelFacts
  try {
    facts = inspectModel(bytes)
  } catch (error) {
    if (!(error instanceof ModelProblem)) throw error
    throw new ExportProblem(`its ${name} cannot be read: ${error.message}`, { cause: error })
  }
  for (const operator of facts.operators) {
    const domain = operator.slice(0, operator.indexOf('::'))
    if (knownDomains.includes(domain)) continue
    throw new ExportProblem(
      `its ${name} needs the operator ${operator.replace('::', '.')}, which is not part of the runtime`,
    )
  }
  return facts
}

function chooseOutput(facts: ModelFacts, half: Half, name: string, needsProjection: boolean) {
  const given = facts.outputs.map((value) => value.name).join(', ')
  for (const wanted of outputNames[half]) {
    const found = facts.outputs.find((value) => value.name === wanted && [0, 2].includes(value.shape.length))
    if (found === undefined) continue
    if (wanted === 'pooler_output' && needsProjection) {
      throw new ExportProblem(
        `its ${name} ends before the projection into the common space (it gives ${given}); export it "with projection"`,
      )
    }
    if (found.dtype === 'float32' || found.dtype === 'float16') return found
    throw new ExportProblem(`its ${name} gives ${wanted} as ${found.dtype} instead of floating-point numbers`)
  }
  throw new ExportProblem(
    `its ${name} gives no pooled embedding: looked for ${outputNames[half].slice(0, 3).join(', ')} or the like, found ${given}`,
  )
}

const isIds = (name: string): boolean => /input_ids|^input$|^text$/.test(name)

function isInputOf(half: Half, name: string, rank: number): boolean {
  return half === 'vision' ? rank === 4 : isIds(name) || /attention_mask|token_type_ids/.test(name)
}

function batchOf(size: number | string | undefined, name: string): number | null {
  if (typeof size !== 'number' || size === 1) return size === 1 ? 1 : null
  throw new ExportProblem(
    `its ${name} always wants exactly ${size} things at a time; export it with an open batch size`,
  )
}

function sideOf(shape: readonly (number | string)[], name: string): number | null {
  const [, channels, height, width] = shape
  if (typeof channels === 'number' && channels !== 3) {
    throw new ExportProblem(`its ${name} takes pictures of ${channels} channels instead of 3`)
  }
  const sizes = [height, width].filter((size) => typeof size === 'number')
  if (new Set(sizes).size > 1) {
    throw new ExportProblem(`its ${name} takes pictures of ${width} x ${height}; only squares can be used`)
  }
  const side = sizes[0] ?? null
  if (side !== null && (side < 8 || side > 2048)) {
    throw new ExportProblem(`its ${name} takes pictures of ${side} pixels; 8 to 2048 are possible`)
  }
  return side
}

function fixedLength(size: number | string | undefined, name: string): number | null {
  if (typeof size !== 'number') return null
  if (size >= 2 && size <= 4096) return size
  throw new ExportProblem(`its ${name} takes texts of ${size} tokens; 2 to 4096 are possible`)
}
