/**
 * The frozen trunks of a bundle as two functions: pictures to embeddings and texts to embeddings. Runs in the engine;
 * the graphs run in the runtime's worker thread. Each trunk is built when it is first used.
 */
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { assert, defined, tensor, type TensorMap } from '../base/index.ts'
import type { GraphSession, Runtime } from '../runtime/index.ts'
import { encoderIdOf, invalid, type Bundle } from './bundle.ts'
import { createPixelConverter } from './pixels.ts'
import { loadTokenizer } from './tokenizer.ts'

export type EncodeOptions = { readonly signal?: AbortSignal }

export interface Encoder {
  /** Changes whenever embeddings could: bundle id and content hash. Cached features are kept under it. */
  readonly id: string
  /** Length of an embedding, D. */
  readonly dim: number
  /** Side of the square pictures it takes in pixels, S. */
  readonly imageSize: number
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
  /** Frees both trunks; the runtime is its owner's to dispose of. */
  dispose(): Promise<void>
}

/** At most this many pictures or texts go into one run: more gains no speed and costs memory. */
export const batchSize = 64

/** Texts whose embeddings are remembered: a search field and repeated descriptions ask for the same ones again. */
const rememberedTexts = 4096

/** Opens the trunks of a bundle. Nothing heavy happens before the first call. */
export function createEncoder({ bundle, runtime }: { bundle: Bundle; runtime: Runtime }): Encoder {
  const { manifest } = bundle
  const { embeddingWidth: dim, image, text } = manifest
  const toPixels = createPixelConverter(image.size, image.mean, image.deviation)
  const tokenizer = loadTokenizer(readFileSync(bundle.paths.tokenizer, 'utf8'))
  const vision = createTrunk(bundle, runtime, 'vision', [image.input], image.output)
  const textInputs = text.mask === null ? [text.input] : [text.input, text.mask]
  const texts = createTrunk(bundle, runtime, 'text', textInputs, text.output)
  const remembered = new Map<string, Float32Array>()

  function remember(value: string, embedding: Float32Array): void {
    remembered.delete(value)
    remembered.set(value, embedding)
    if (remembered.size > rememberedTexts) remembered.delete(defined(remembered.keys().next().value, 'oldest text'))
  }

  function textFeeds(batch: readonly string[]): TensorMap {
    const { inputIds, attentionMask } = tokenizer.encodeBatch(batch, text.contextLength)
    const shape = [batch.length, text.contextLength]
    const feeds: TensorMap = { [text.input]: tensor('int64', shape, inputIds) }
    if (text.mask !== null) feeds[text.mask] = tensor('int64', shape, attentionMask)
    return feeds
  }

  return {
    id: encoderIdOf(manifest),
    dim,
    imageSize: image.size,
    encodeImages: (rgb, count, options = {}) => {
      const bytes = image.size * image.size * 3
      assert(rgb.length === count * bytes, `${count} pictures need ${count * bytes} bytes, got ${rgb.length}`)
      return vision.run(count, options, (start, end) => {
        const pixels = toPixels(rgb.subarray(start * bytes, end * bytes), end - start)
        return { [image.input]: tensor('float32', [end - start, 3, image.size, image.size], pixels) }
      })
    },
    encodeTexts: async (values, options = {}) => {
      const found = new Map<string, Float32Array>()
      for (const value of values) {
        const known = remembered.get(value)
        if (known) found.set(value, known)
      }
      const unknown = [...new Set(values)].filter((value) => !found.has(value))
      const rows = await texts.run(unknown.length, options, (start, end) => textFeeds(unknown.slice(start, end)))
      unknown.forEach((value, row) => found.set(value, rows.slice(row * dim, (row + 1) * dim)))
      for (const [value, embedding] of found) remember(value, embedding)
      const result = new Float32Array(values.length * dim)
      values.forEach((value, row) => result.set(defined(found.get(value), 'embedding of a text'), row * dim))
      return result
    },
    knowsWord: (word) => tokenizer.knows(word),
    dispose: async () => {
      await Promise.all([vision.dispose(), texts.dispose()])
    },
  }
}

type Trunk = {
  /** Encodes `count` things in batches; `feedsFor(start, end)` prepares [start, end). Returns [count, D], rows L2-normalised. */
  run(count: number, options: EncodeOptions, feedsFor: (start: number, end: number) => TensorMap): Promise<Float32Array>
  dispose(): Promise<void>
}

function createTrunk(
  bundle: Bundle,
  runtime: Runtime,
  kind: 'vision' | 'text',
  inputs: readonly string[],
  output: string,
): Trunk {
  const dim = bundle.manifest.embeddingWidth
  let opening: Promise<GraphSession> | undefined

  async function open(): Promise<GraphSession> {
    const model = new Uint8Array(await readFile(bundle.paths[kind]))
    const session = await runtime.createSession(model, { label: `${bundle.manifest.id} ${kind}` })
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

  return {
    run: async (count, { signal }, feedsFor) => {
      const result = new Float32Array(count * dim)
      signal?.throwIfAborted()
      if (count === 0) return result
      const graph = await session()
      let next = feedsFor(0, Math.min(batchSize, count))
      for (let start = 0; start < count; start += batchSize) {
        const end = Math.min(start + batchSize, count)
        const running = graph.run(next, { outputs: [output], transfer: true, ...(signal ? { signal } : {}) })
        // The next batch is prepared on this thread while the worker runs this one.
        if (end < count) next = feedsFor(end, Math.min(end + batchSize, count))
        const rows = (await running)[output]
        const shape = rows?.shape.join(', ') ?? ''
        if (rows?.dtype !== 'float32' || shape !== `${end - start}, ${dim}`) {
          throw invalid(
            bundle.folder,
            `its ${kind}.onnx gives [${shape}] ${rows?.dtype} instead of [${end - start}, ${dim}] float32`,
          )
        }
        result.set(rows.data as Float32Array, start * dim)
      }
      if (!normaliseRows(result, dim)) throw invalid(bundle.folder, `its ${kind}.onnx gives values that are not finite`)
      return result
    },
    dispose: async () => {
      const closing = opening
      opening = undefined
      // A trunk that failed to open has nothing to free; its error went to whoever asked.
      const graph = await closing?.catch(() => undefined)
      await graph?.dispose()
    },
  }
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
