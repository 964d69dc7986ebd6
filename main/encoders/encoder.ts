/**
 * The frozen trunks of a bundle as two functions: pictures to embeddings and texts to embeddings. Runs in the engine;
 * the graphs run in the runtime's worker thread. Each trunk is built when it is first used.
 */
import { readFile } from 'node:fs/promises'
import { defined, halfToFloat, type FrameFit, type Tensor, type TensorMap } from '../base/index.ts'
import type { GraphSession, Runtime } from '../runtime/index.ts'
import { encoderIdOf, invalid, type Bundle } from './bundle.ts'
import { pictureInputs, textInputs } from './prepare-inputs.ts'

export type EncodeOptions = {
  readonly signal?: AbortSignal
  /** Computes texts anew, also those whose embeddings are remembered. Default false. */
  readonly isFresh?: boolean
}

export interface Encoder {
  /** Changes whenever embeddings could: bundle id and content hash. Cached features are kept under it. */
  readonly id: string
  /** The same for features of texts, where it is another one than `id`. */
  readonly textsId?: string | undefined
  /** Length of an embedding, D. */
  readonly dim: number
  /** Side of the square pictures it takes in pixels, S. */
  readonly imageSize: number
  /** How pictures of other shapes become that square; null: as `main/media` does it by itself. */
  readonly imageFit: FrameFit | null
  /**
   * @param rgb [count, S, S, 3] uint8, RGB
   * @returns [count, D], rows L2-normalised
   * @throws AppError `encoder.invalid` when the bundle's graph is not what its manifest says; an AbortError
   */
  encodeImages(rgb: Uint8Array, count: number, options?: EncodeOptions): Promise<Float32Array>
  /** @returns [texts.length, D], rows L2-normalised. Throws as `encodeImages` does. */
  encodeTexts(texts: readonly string[], options?: EncodeOptions): Promise<Float32Array>
  /** Whether a word was part of what the text trunk learned from, as its vocabulary tells. */
  knowsWord(word: string): boolean
  /** How pictures are run from now on; a bundle that came with the app stays as it is. */
  tune?(setting: { readonly threads: number; readonly batchImages: number }): Promise<void>
  /** Frees both trunks; the runtime is its owner's to dispose of. */
  dispose(): Promise<void>
}

/** Texts whose embeddings are remembered: a search field and repeated descriptions ask for the same ones again. */
const rememberedTexts = 4096

export type EncoderOptions = {
  readonly bundle: Bundle
  readonly runtime: Runtime
  /** Graphs that stand in for the bundle's own ones of pictures and of texts: the same with other weights. */
  readonly vision?: Uint8Array | undefined
  readonly text?: Uint8Array | undefined
}

/** Opens the trunks of a bundle. Nothing heavy happens before the first call. */
export function createEncoder({ bundle, runtime, ...replaced }: EncoderOptions): Encoder {
  const { dim, image, text } = bundle.recipe
  const pictures = pictureInputs(bundle)
  const words = textInputs(bundle)
  const vision = createTrunk(bundle, runtime, 'vision', [image.input], image.output, replaced.vision)
  const texts = createTrunk(bundle, runtime, 'text', words.names, text.output, replaced.text)
  const remembered = new Map<string, Float32Array>()

  function remember(value: string, embedding: Float32Array): void {
    remembered.delete(value)
    remembered.set(value, embedding)
    if (remembered.size > rememberedTexts) remembered.delete(defined(remembered.keys().next().value, 'oldest text'))
  }

  return {
    id: encoderIdOf(bundle.manifest),
    // Features of texts that were made with their capitals are not used any more.
    ...(words.tokenizer.isLowerCasedHere && { textsId: `${encoderIdOf(bundle.manifest)}+lower` }),
    dim,
    imageSize: image.size,
    imageFit: image.fit,
    encodeImages: (rgb, count, options = {}) => {
      pictures.check(rgb, count)
      return vision.run(count, options, (start, end) => pictures.feeds(rgb, start, end))
    },
    encodeTexts: async (values, options = {}) => {
      const found = new Map<string, Float32Array>()
      for (const value of values) {
        const known = options.isFresh === true ? undefined : remembered.get(value)
        if (known) found.set(value, known)
      }
      const unknown = [...new Set(values)].filter((value) => !found.has(value))
      const rows = await texts.run(unknown.length, options, (start, end) => words.feeds(unknown.slice(start, end)))
      unknown.forEach((value, row) => found.set(value, rows.slice(row * dim, (row + 1) * dim)))
      for (const [value, embedding] of found) remember(value, embedding)
      const result = new Float32Array(values.length * dim)
      values.forEach((value, row) => result.set(defined(found.get(value), 'embedding of a text'), row * dim))
      return result
    },
    knowsWord: (word) => words.tokenizer.knows(word),
    // The features of the built-in encoder must stay what they are, to the last bit.
    ...(bundle.manifest.format === 1 ? {} : { tune: vision.tune }),
    dispose: async () => {
      await Promise.all([vision.dispose(), texts.dispose()])
    },
  }
}

type Trunk = {
  /** Encodes `count` things in batches; `feedsFor(start, end)` prepares [start, end). Returns [count, D], rows L2-normalised. */
  run(count: number, options: EncodeOptions, feedsFor: (start: number, end: number) => TensorMap): Promise<Float32Array>
  tune(setting: { readonly threads: number; readonly batchImages: number }): Promise<void>
  dispose(): Promise<void>
}

function createTrunk(
  bundle: Bundle,
  runtime: Runtime,
  kind: 'vision' | 'text',
  inputs: readonly string[],
  output: string,
  replaced?: Uint8Array,
): Trunk {
  const { dim } = bundle.recipe
  const mostBatch = kind === 'vision' ? bundle.recipe.image.maxBatch : bundle.recipe.text.maxBatch
  let batch = mostBatch
  let threads: number | undefined
  let opening: Promise<GraphSession> | undefined
  const runs = new Set<Promise<unknown>>()

  async function open(): Promise<GraphSession> {
    // Weights of an imported bundle may lie in files beside its graph.
    const isAlone = bundle.manifest.format === 1
    const model =
      replaced ?? (isAlone ? new Uint8Array(await readFile(bundle.paths[kind])) : { path: bundle.paths[kind] })
    const label = `${bundle.manifest.id} ${kind}`
    const session = await runtime.createSession(model, { label, ...(threads === undefined ? {} : { threads }) })
    const graphInputs = session.inputs.map((input) => input.name)
    const wrong =
      graphInputs.length !== inputs.length || inputs.some((name) => !graphInputs.includes(name))
        ? `takes ${graphInputs.join(', ')} where its manifest says ${inputs.join(', ')}`
        : session.outputs.some((info) => info.name === output)
          ? undefined
          : `gives ${session.outputs.map((info) => info.name).join(', ')} where its manifest says ${output}`
    if (wrong === undefined) return session
    await session.dispose()
    throw invalid(bundle.folder, `its ${kind}.onnx ${wrong}`)
  }

  /** A trunk that could not be opened is tried again by the next call. */
  function session(): Promise<GraphSession> {
    opening ??= open().catch((error: unknown) => {
      opening = undefined
      throw error
    })
    return opening
  }

  const dispose = async (): Promise<void> => {
    const closing = opening
    opening = undefined
    // A trunk that failed to open has nothing to free; its error went to whoever asked.
    const graph = await closing?.catch(() => undefined)
    await Promise.allSettled(runs)
    await graph?.dispose()
  }

  return {
    run(count, options, feedsFor) {
      const running = run(count, options, feedsFor)
      const done: Promise<void> = running.catch(() => undefined).then(() => void runs.delete(done))
      runs.add(done)
      return running
    },
    async tune(setting) {
      batch = Math.min(mostBatch, setting.batchImages)
      if (threads === setting.threads) return
      threads = setting.threads
      await dispose() // the next run opens it with the new number
    },
    dispose,
  }

  async function run(
    count: number,
    { signal }: EncodeOptions,
    feedsFor: (start: number, end: number) => TensorMap,
  ): Promise<Float32Array> {
    const result = new Float32Array(count * dim)
    signal?.throwIfAborted()
    if (count === 0) return result
    const graph = await session()
    const size = batch
    let next = feedsFor(0, Math.min(size, count))
    for (let start = 0; start < count; start += size) {
      const end = Math.min(start + size, count)
      const running = graph.run(next, { outputs: [output], transfer: true, ...(signal ? { signal } : {}) })
      // The next batch is prepared on this thread while the worker runs this one.
      if (end < count) next = feedsFor(end, Math.min(end + size, count))
      const rows = (await running)[output]
      const shape = rows?.shape.join(', ') ?? ''
      const values = rows === undefined ? null : floatsOf(rows)
      if (values === null || shape !== `${end - start}, ${dim}`) {
        throw invalid(
          bundle.folder,
          `its ${kind}.onnx gives [${shape}] ${rows?.dtype} instead of [${end - start}, ${dim}] floating-point numbers`,
        )
      }
      result.set(values, start * dim)
    }
    if (!normaliseRows(result, dim)) throw invalid(bundle.folder, `its ${kind}.onnx gives values that are not finite`)
    return result
  }
}

/** Null for anything but floating-point numbers. */
function floatsOf({ dtype, data }: Tensor): Float32Array | null {
  if (dtype === 'float32') return data as Float32Array
  return dtype === 'float16' ? Float32Array.from(data as Uint16Array, halfToFloat) : null
}

/**
 * L2-normalises rows of length `dim` in place: not every export does it inside its graph. A row of zeros stays.
 * @returns false when a value is not finite
 */
function normaliseRows(rows: Float32Array, dim: number): boolean {
  for (let start = 0; start < rows.length; start += dim) {
    let sum = 0
    for (let i = start; i < start + dim; i++) sum += rows[i]! * rows[i]!
    if (!Number.isFinite(sum)) return false
    const scale = sum > 0 ? 1 / Math.sqrt(sum) : 0
    for (let i = start; i < start + dim; i++) rows[i]! *= scale
  }
  return true
}
