/**
 * Finds the parts of a published export among the names of its files: graphs by half and precision, tokenizer,
 * configuration. The layout is that of exports for transformers.js. Pure.
 */
import { ExportProblem } from './refusal.ts'
import { precisions, type Precision } from './manifest.ts'

export type ExportFiles = {
  /** Paths relative to the folder, with forward slashes, by precision. */
  readonly vision: ReadonlyMap<Precision, string>
  readonly text: ReadonlyMap<Precision, string>
  /** One graph for both halves. */
  readonly combined: ReadonlyMap<Precision, string>
  readonly tokenizer: string
  readonly tokenizerConfig: string | null
  readonly processor: string
  readonly config: string | null
  /** Files that may state the licence. */
  readonly readme: string | null
  readonly licence: string | null
}

const suffixes: Readonly<Record<string, Precision>> = {
  '': 'fp32',
  _fp16: 'fp16',
  _int8: 'int8',
  _quantized: 'int8',
  _uint8: 'uint8',
  _q4: 'q4',
  _q4f16: 'q4f16',
  _bnb4: 'bnb4',
}

/** What the halves are called, the usual name first. */
const names = {
  vision: ['vision_model', 'visual', 'image_model', 'image_encoder', 'vision_encoder'],
  text: ['text_model', 'textual', 'text_encoder'],
  combined: ['model'],
} as const

/** @throws ExportProblem that lists what is missing and what was found */
export function findExport(files: readonly string[]): ExportFiles {
  const graphs = (part: keyof typeof names): Map<Precision, string> => {
    const found = new Map<Precision, string>()
    for (const [suffix, precision] of Object.entries(suffixes)) {
      const wanted = names[part].flatMap((name) => [`onnx/${name}${suffix}.onnx`, `${name}${suffix}.onnx`])
      const path = wanted.find((name) => files.includes(name))
      if (path !== undefined && !found.has(precision)) found.set(precision, path)
    }
    return found
  }
  const vision = graphs('vision')
  const text = graphs('text')
  const combined = graphs('combined')
  const one = (...wanted: string[]): string | null => wanted.find((name) => files.includes(name)) ?? null
  const tokenizer = one('tokenizer.json', 'onnx/tokenizer.json')
  const processor = one('preprocessor_config.json', 'onnx/preprocessor_config.json')
  const missing = [
    ...(combined.size === 0 && vision.size === 0 ? ['a graph for pictures (onnx/vision_model.onnx)'] : []),
    ...(combined.size === 0 && text.size === 0 ? ['a graph for texts (onnx/text_model.onnx)'] : []),
    ...(tokenizer === null ? ['tokenizer.json'] : []),
    ...(processor === null ? ['preprocessor_config.json'] : []),
  ]
  if (missing.length > 0) {
    const found = files.filter((file) => !file.split('/').some((part) => part.startsWith('.'))).slice(0, 12)
    const listed = found.length === 0 ? 'no files' : found.join(', ')
    throw new ExportProblem(`it lacks ${missing.join(' and ')}; found: ${listed}${weightsHint(files)}`)
  }
  return {
    ...{ vision, text, combined, tokenizer: tokenizer!, processor: processor! },
    tokenizerConfig: one('tokenizer_config.json', 'onnx/tokenizer_config.json'),
    config: one('config.json', 'onnx/config.json'),
    readme: one('README.md'),
    licence: one('LICENSE', 'LICENSE.txt', 'LICENSE.md', 'LICENCE'),
  }
}

function weightsHint(files: readonly string[]): string {
  return files.some((file) => /\.(safetensors|bin|pt|ckpt|h5|msgpack)$/.test(file))
    ? '. These are weights for training programs: get the ONNX export of the same model'
    : ''
}

export type Choice = { readonly precision: Precision; readonly path: string; readonly isCombined: boolean }

/**
 * The graph of each half in the wanted precision, or else in the most exact one that is there. A graph of its own is
 * preferred to a combined one.
 * @throws ExportProblem when the wanted precision is not there for either half
 */
export function chooseGraphs(files: ExportFiles, wanted: Precision | null): { vision: Choice; text: Choice } {
  const choose = (own: ReadonlyMap<Precision, string>): Choice => {
    const order = wanted === null ? precisions : [wanted, ...precisions]
    for (const precision of order) {
      const path = own.get(precision) ?? files.combined.get(precision)
      if (path !== undefined) return { precision, path, isCombined: !own.has(precision) }
    }
    throw new ExportProblem('it lacks a graph of one half')
  }
  const vision = choose(files.vision)
  const text = choose(files.text)
  if (wanted !== null && vision.precision !== wanted && text.precision !== wanted) {
    const there = precisions.filter((name) => [files.vision, files.text, files.combined].some((map) => map.has(name)))
    throw new ExportProblem(`it is not there in the precision ${wanted}; it is there in: ${there.join(', ')}`)
  }
  return { vision, text }
}
