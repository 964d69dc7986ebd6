/** Reads a published export in a folder and says what it is and how it would be used; nothing is written and no graph runs. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join, posix } from 'node:path'
import { familyOf, needsProjection, slug } from './family.ts'
import { chooseGraphs, findExport, type Choice, type ExportFiles } from './find-export.ts'
import { inspectGraph, type GraphHalf, type Half } from './inspect-graph.ts'
import { licenceOf } from './licence.ts'
import type { ImportedManifest, Precision } from './manifest.ts'
import { readProcessor, type Processor } from './processor.ts'
import { ExportProblem } from './refusal.ts'
import { readTextRules } from './text-rules.ts'
import { loadTokenizer } from './tokenizer.ts'

/** `note`: usable, but worth knowing. */
export type Finding = { readonly state: 'ok' | 'note'; readonly topic: string; readonly sentence: string }

/** A graph as it will be kept, and the files beside it that hold its weights. */
export type InspectedHalf = GraphHalf & {
  readonly choice: Choice
  /** Full path of the file it was read from. */
  readonly source: string
  /** Full paths. */
  readonly dataFiles: readonly string[]
}

export type Inspection = {
  /** Folder that holds the export. */
  readonly folder: string
  readonly name: string
  readonly id: string
  readonly licence: string
  readonly vision: InspectedHalf
  readonly text: InspectedHalf
  readonly tokenizerPath: string
  /** All but what only running the graphs tells: the embedding width, and the hashes of the files that will be kept. */
  readonly draft: Omit<ImportedManifest, 'embeddingWidth' | 'files'>
  /** Bytes of all files that will be kept. */
  readonly sizeBytes: number
  readonly findings: readonly Finding[]
}

export type InspectOptions = {
  /** Default: the most exact one that is there. */
  readonly precision?: Precision | undefined
  /** Default: the name that the export gives itself. */
  readonly name?: string | undefined
  readonly signal?: AbortSignal | undefined
}

const mostFiles = 5000
const deepest = 4
const mostJsonBytes = 128 * 1024 * 1024
/** An ONNX file is one protobuf message, which cannot be larger. */
const mostGraphBytes = 2 ** 31 - 1

/** @throws ExportProblem that names what is missing and what was found; an AbortError */
export async function inspectExport(given: string, options: InspectOptions = {}): Promise<Inspection> {
  const { folder, files } = await findRoot(given)
  const parts = findExport(files)
  const chosen = chooseGraphs(parts, options.precision ?? null)
  const json = (path: string | null): Promise<unknown> => readJson(folder, path)
  const tokenizerFile = await json(parts.tokenizer)
  const tokenizerConfig = await json(parts.tokenizerConfig)
  const modelConfig = await json(parts.config)
  const { family, modelType, name: stated } = familyOf(modelConfig, tokenizerFile, basename(folder))
  const processor = readProcessor(await json(parts.processor))
  const half = async (kind: Half): Promise<InspectedHalf> => {
    options.signal?.throwIfAborted()
    return readHalf(folder, files, chosen[kind], kind, needsProjection(family))
  }
  const vision = await half('vision')
  const text = await half('text')
  if (vision.length !== null && vision.length !== processor.size) {
    throw new ExportProblem(
      `its graph takes pictures of ${vision.length} pixels where preprocessor_config.json makes ${processor.size}`,
    )
  }
  if (vision.width !== null && text.width !== null && vision.width !== text.width)
    throw widthProblem(vision.width, text.width)
  const tokenizer = openTokenizer(JSON.stringify(tokenizerFile), tokenizerConfig)
  const rules = readTextRules({
    ...{ tokenizer, tokenizerFile, tokenizerConfig, modelConfig },
    graphLength: text.length,
    hasMask: text.mask !== null,
    alwaysFull: family === 'siglip' || family === 'siglip2',
  })
  const licence = licenceOf(await readText(folder, parts.readme), await readText(folder, parts.licence))
  const name = options.name ?? stated
  const id = slug(vision.choice.precision === 'fp32' ? name : `${name}-${vision.choice.precision}`)
  const sizes = await Promise.all(
    [...new Set([...vision.dataFiles, ...text.dataFiles, join(folder, parts.tokenizer)])].map(
      async (path) => (await stat(path)).size,
    ),
  )
  return {
    ...{ folder, name, id, vision, text, licence: licence ?? 'not stated' },
    tokenizerPath: join(folder, parts.tokenizer),
    draft: {
      ...{ format: 2, id, name, kind: family, licence: licence ?? 'not stated' },
      image: {
        ...{ precision: vision.choice.precision, maxBatch: vision.maxBatch, ...processor },
        ...{ input: vision.input, dtype: vision.dtype as 'float32', output: vision.output },
      },
      text: {
        ...{ precision: text.choice.precision, maxBatch: text.maxBatch, ...rules },
        ...{
          input: text.input,
          mask: text.mask,
          tokenTypes: text.tokenTypes,
          dtype: text.dtype as 'int64',
          output: text.output,
        },
      },
    },
    sizeBytes: sizes.reduce((sum, size) => sum + size, vision.bytes.length + text.bytes.length),
    findings: findingsOf({
      parts,
      family,
      modelType,
      vision,
      text,
      processor,
      licence,
      rules,
      words: tokenizer.vocabularySize,
    }),
  }
}

export function widthProblem(pictures: number, texts: number): ExportProblem {
  return new ExportProblem(
    `its pictures become ${pictures} numbers and its texts ${texts}: one of the halves ends before the projection into the common space, or they are not of one model`,
  )
}

/** The folder itself, or the only folder in it: archives often wrap everything in one. */
async function findRoot(given: string): Promise<{ folder: string; files: string[] }> {
  let folder = given
  for (let depth = 0; depth < 3; depth++) {
    const entries = (await readdir(folder, { withFileTypes: true })).filter(({ name }) => !/^(\.|__MACOSX$)/.test(name))
    const [only] = entries
    if (entries.length !== 1 || !only!.isDirectory()) break
    folder = join(folder, only!.name)
  }
  const files: string[] = []
  const walk = async (inside: string, depth: number): Promise<void> => {
    for (const entry of await readdir(join(folder, inside), { withFileTypes: true })) {
      const path = posix.join(inside, entry.name)
      if (entry.isDirectory()) {
        if (depth < deepest) await walk(path, depth + 1)
      } else files.push(path) // caches of downloads hold links to files
      if (files.length > mostFiles)
        throw new ExportProblem(`it holds more than ${mostFiles} files; choose the folder of the model`)
    }
  }
  await walk('', 1)
  return { folder, files: files.sort() }
}

async function readHalf(
  folder: string,
  files: readonly string[],
  choice: Choice,
  kind: Half,
  projects: boolean,
): Promise<InspectedHalf> {
  const source = join(folder, choice.path)
  const { size } = await stat(source)
  if (size > mostGraphBytes) {
    throw new ExportProblem(
      `its ${choice.path} is larger than an ONNX file can be (2 GB); export it with external data`,
    )
  }
  const half = inspectGraph(new Uint8Array(await readFile(source)), kind, choice.path, projects)
  const dataFiles = new Set<string>()
  for (const { tensor, location, offsetBytes, lengthBytes } of half.externalTensors) {
    if (!isPlainName(location)) {
      throw new ExportProblem(
        `the tensor "${tensor.slice(0, 80)}" of its ${choice.path} points outside the folder ("${location.slice(0, 80)}")`,
      )
    }
    const beside = posix.join(posix.dirname(choice.path), location)
    if (!files.includes(beside)) {
      throw new ExportProblem(`it lacks ${beside}, which holds weights of ${choice.path}`)
    }
    const path = join(folder, beside)
    const { size: dataBytes } = await stat(path)
    if (offsetBytes + lengthBytes > dataBytes) {
      throw new ExportProblem(
        `its ${beside} is too short: "${tensor.slice(0, 80)}" ends at byte ${offsetBytes + lengthBytes} of ${dataBytes}`,
      )
    }
    dataFiles.add(path)
  }
  return { ...half, choice, source, dataFiles: [...dataFiles] }
}

/** A file name without folders: nothing that leads elsewhere on any system. */
function isPlainName(location: string): boolean {
  return /^[\w.-]+$/.test(location) && location !== '.' && location !== '..'
}

function openTokenizer(json: string, config: unknown): ReturnType<typeof loadTokenizer> {
  try {
    return loadTokenizer(json, typeof config === 'object' && config !== null ? { config } : {})
  } catch (cause) {
    const reason =
      cause instanceof Error && cause.cause instanceof Error ? ` (${cause.cause.message.slice(0, 200)})` : ''
    throw new ExportProblem(`its tokenizer.json is not a tokenizer that can be read${reason}`, { cause })
  }
}

async function readText(folder: string, path: string | null): Promise<string | null> {
  if (path === null) return null
  const { size } = await stat(join(folder, path))
  if (size > mostJsonBytes) throw new ExportProblem(`its ${path} is larger than any file of its kind (${size} bytes)`)
  return readFile(join(folder, path), 'utf8')
}

async function readJson(folder: string, path: string | null): Promise<unknown> {
  const text = await readText(folder, path)
  if (text === null) return null
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''))
  } catch (cause) {
    throw new ExportProblem(`its ${path} is not valid JSON`, { cause })
  }
}

const fourBits = /^(q4|bnb4)/

function findingsOf(facts: {
  parts: ExportFiles
  family: string
  modelType: string | null
  vision: InspectedHalf
  text: InspectedHalf
  processor: Processor
  licence: string | null
  rules: { contextLength: number; padding: string; padId: number }
  words: number
}): Finding[] {
  const { family, modelType, vision, text, processor, licence, rules } = facts
  const ok = (topic: string, sentence: string): Finding => ({ state: 'ok', topic, sentence })
  const note = (topic: string, sentence: string): Finding => ({ state: 'note', topic, sentence })
  const { fit, size, mean, deviation } = processor
  const shape =
    fit.mode === 'squash' ? 'squashed to the square' : `shorter edge to ${fit.shortEdge} pixels, the middle cut out`
  const part = ({ choice, isPart, dataFiles }: InspectedHalf): string =>
    `${choice.path}, ${choice.precision}${isPart ? ', the half that is needed' : ''}${dataFiles.length > 0 ? `, weights in ${dataFiles.map((path) => basename(path)).join(', ')}` : ''}`
  return [
    family === 'other'
      ? note(
          'family',
          `The family is not known (model_type ${modelType ?? 'not stated'}); the files say enough to try it.`,
        )
      : ok('family', `A ${family} encoder.`),
    ok('pictures', `${part(vision)}: ${vision.input} to ${vision.output}.`),
    ok(
      'texts',
      `${part(text)}: ${[text.input, text.mask, text.tokenTypes].filter(Boolean).join(', ')} to ${text.output}.`,
    ),
    ok('picture size', `${size} x ${size} pixels, ${shape}, ${fit.filter} filter.`),
    ok('colours', `Mean ${mean.join(', ')}, deviation ${deviation.join(', ')}.`),
    ok(
      'text length',
      `Up to ${rules.contextLength} tokens, filled up ${rules.padding === 'fixed' ? 'always' : 'to the longest of a batch'} with token ${rules.padId}; ${facts.words} tokens are known.`,
    ),
    vision.choice.precision === text.choice.precision
      ? ok('precision', `${vision.choice.precision}.`)
      : note(
          'precision',
          `Pictures ${vision.choice.precision}, texts ${text.choice.precision}: the export does not have both in one.`,
        ),
    ...(family.startsWith('mobileclip') && /^(int8|uint8|q4|bnb4)/.test(vision.choice.precision)
      ? [
          note(
            'precision',
            'The picture half of MobileCLIP loses most of its quality in 8 bits and fewer; fp16 is the better small one.',
          ),
        ]
      : []),
    ...([vision, text].some(({ choice }) => fourBits.test(choice.precision))
      ? [
          note(
            'precision',
            'Weights of four bits are the coarsest there are: expect less exact searches than with fp16 or int8.',
          ),
        ]
      : []),
    licence === null
      ? note('licence', 'The export does not state a licence. Look at its source before you use it for work.')
      : ok('licence', licence),
  ]
}
