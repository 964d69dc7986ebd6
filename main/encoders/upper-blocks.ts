/**
 * The encoder of pictures, split below its last blocks for training them: pictures to the activations at the cut, which can be
 * kept, and the blocks above as a graph with weights. The graph runs in the runtime's worker thread.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { assert, defined, float32Data, floatToHalf, sizeOf, tensor, type FrameFit } from '../base/index.ts'
import {
  BlocksProblem,
  inspectModel,
  ModelProblem,
  openModel,
  splitModel,
  withInlineWeights,
  type SplitModel,
} from '../graph/index.ts'
import type { GraphSession, Runtime } from '../runtime/index.ts'
import { AppError } from '../contract/index.ts'
import { encoderIdOf, invalid, type Bundle } from './bundle.ts'
import type { EncodeOptions } from './encoder.ts'
import { createPixelConverter } from './pixels.ts'

export type UpperBlocks = {
  /** Changes whenever the activations could: encoder and place of the cut. */
  readonly id: string
  /** Numbers of the activations of one picture. */
  readonly dim: number
  readonly imageSize: number
  /** As that of the encoder. */
  readonly imageFit: FrameFit | null
  /** What lies above the cut. */
  readonly model: SplitModel
  /** The whole graph with all its weights, which trained ones can be written into. */
  readonly bytes: Uint8Array
  /** @param rgb [count, S, S, 3] uint8, RGB  @returns [count, ...cut] */
  encodeImages(rgb: Uint8Array, count: number, options?: EncodeOptions): Promise<Float32Array>
  dispose(): Promise<void>
}

export type UpperBlocksOptions = {
  readonly bundle: Bundle
  readonly runtime: Runtime
  /** How many of the last blocks lie above the cut. */
  readonly blocks: number
}

/** @throws AppError `encoder.invalid` when the graph cannot be imported; `usage` when it has fewer blocks */
export async function openUpperBlocks({ bundle, runtime, blocks }: UpperBlocksOptions): Promise<UpperBlocks> {
  const { image } = bundle.recipe
  const bytes = await readWhole(bundle)
  const model = explained(bundle, () => {
    const pixels = { dtype: 'float32', shape: [3, image.size, image.size] } as const
    return splitModel(openModel(bytes), { inputs: { [image.input]: pixels }, output: image.output, blocks })
  })
  const toPixels = createPixelConverter(image.size, image.mean, image.deviation, image.scale)
  const pictureBytes = image.size * image.size * 3
  const dim = sizeOf(model.cutShape)
  let opening: Promise<GraphSession> | undefined

  return {
    id: `${encoderIdOf(bundle.manifest)} below ${model.cut}`,
    ...{ dim, imageSize: image.size, imageFit: image.fit, model, bytes },
    async encodeImages(rgb, count, { signal } = {}) {
      assert(rgb.length === count * pictureBytes, `${count} pictures need ${count * pictureBytes} bytes`)
      opening ??= runtime.createSession(model.lower(bytes), { label: `${bundle.manifest.id} below ${model.cut}` })
      const session = await opening
      const result = new Float32Array(count * dim)
      for (let start = 0; start < count; start += image.maxBatch) {
        const end = Math.min(start + image.maxBatch, count)
        const pixels = toPixels(rgb.subarray(start * pictureBytes, end * pictureBytes), end - start)
        const data = image.dtype === 'float16' ? Uint16Array.from(pixels, floatToHalf) : pixels
        const feeds = { [image.input]: tensor(image.dtype, [end - start, 3, image.size, image.size], data) }
        const { activations } = await session.run(feeds, { transfer: true, ...(signal && { signal }) })
        result.set(float32Data(activations!), start * dim)
      }
      return result
    },
    async dispose() {
      await (await opening)?.dispose()
    },
  }
}

/** The graph of pictures with its weights, also those that lie in files beside it. */
async function readWhole(bundle: Bundle): Promise<Uint8Array> {
  const bytes = new Uint8Array(await readFile(bundle.paths.vision))
  const { externalTensors } = explained(bundle, () => inspectModel(bytes))
  const beside = new Map<string, Uint8Array>()
  for (const location of new Set(externalTensors.map((tensor) => tensor.location))) {
    // A bundle holds only files that its manifest lists.
    if (!(location in bundle.manifest.files)) throw invalid(bundle.folder, `it lacks the file "${location}"`)
    beside.set(location, new Uint8Array(await readFile(join(bundle.folder, location))))
  }
  return explained(bundle, () => withInlineWeights(bytes, (location) => defined(beside.get(location), location)))
}

function tooManyBlocks({ manifest }: Bundle, found: number): AppError {
  const message =
    found === 0
      ? `No blocks that can be trained were found in the encoder ${manifest.name}. Train the towers alone, without blocks.`
      : `The encoder ${manifest.name} has ${found} blocks that can be trained. Ask for at most so many.`
  return new AppError('usage', message, { encoder: manifest.id, blocks: found })
}

/** @throws AppError `encoder.invalid` for a model that cannot be used; `usage` when it has fewer blocks */
function explained<T>(bundle: Bundle, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof BlocksProblem) throw tooManyBlocks(bundle, error.found)
    throw error instanceof ModelProblem ? invalid(bundle.folder, error.message, error) : error
  }
}
