/**
 * One half of an encoder, of pictures or of texts, split below its last blocks for training them: what lies below runs in the
 * runtime's worker thread, and its results can be kept; what lies above is a graph with weights.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { defined, float32Data, sizeOf, type TensorMap } from '../base/index.ts'
import { AppError } from '../contract/index.ts'
import {
  BlocksProblem,
  inspectModel,
  ModelProblem,
  openModel,
  splitModel,
  withInlineWeights,
  type RowInput,
  type SplitModel,
} from '../graph/index.ts'
import type { GraphSession, Runtime } from '../runtime/index.ts'
import { encoderIdOf, invalid, type Bundle } from './bundle.ts'
import type { EncodeOptions } from './encoder.ts'

export type UpperBlocksOptions = {
  readonly bundle: Bundle
  readonly runtime: Runtime
  /** How many of the last blocks lie above the cut. */
  readonly blocks: number
}

/** What both halves have in common. */
export type UpperHalf = {
  /** Changes whenever the activations could: encoder and place of the cut. */
  readonly id: string
  /** Numbers of the activations of one picture or text. */
  readonly dim: number
  /** What lies above the cut. */
  readonly model: SplitModel
  /** The whole graph with all its weights, which trained ones can be written into. */
  readonly bytes: Uint8Array
  dispose(): Promise<void>
}

export type SplitHalf = UpperHalf & {
  /** [count, ...cut], in batches: `feedsFor(start, end)` prepares [start, end). */
  below(
    count: number,
    options: EncodeOptions,
    feedsFor: (start: number, end: number) => TensorMap,
  ): Promise<Float32Array>
}

type Half = 'vision' | 'text'

/**
 * @param inputs what one picture or text is to the graph
 * @throws AppError `encoder.invalid` when the graph cannot be imported; `usage` when it has fewer blocks
 */
export async function openHalf(
  { bundle, runtime, blocks }: UpperBlocksOptions,
  half: Half,
  inputs: Readonly<Record<string, RowInput>>,
): Promise<SplitHalf> {
  const { output, maxBatch } = half === 'vision' ? bundle.recipe.image : bundle.recipe.text
  const bytes = await readWhole(bundle, half)
  const model = explained(bundle, half, () => splitModel(openModel(bytes), { inputs, output, blocks }))
  const dim = sizeOf(model.cutShape)
  let opening: Promise<GraphSession> | undefined
  return {
    id: `${encoderIdOf(bundle.manifest)} below ${model.cut}`,
    ...{ dim, model, bytes },
    async below(count, { signal }, feedsFor) {
      opening ??= runtime.createSession(model.lower(bytes), { label: `${bundle.manifest.id} below ${model.cut}` })
      const session = await opening
      const result = new Float32Array(count * dim)
      for (let start = 0; start < count; start += maxBatch) {
        const feeds = feedsFor(start, Math.min(start + maxBatch, count))
        // The part below may do without a mask that the one above reads.
        const asked = session.inputs.map(({ name }) => [name, defined(feeds[name], name)] as const)
        const { activations } = await session.run(Object.fromEntries(asked), {
          ...{ transfer: true, ...(signal && { signal }) },
        })
        result.set(float32Data(activations!), start * dim)
      }
      return result
    },
    async dispose() {
      await (await opening)?.dispose()
    },
  }
}

/** A graph with its weights, also those that lie in files beside it. */
async function readWhole(bundle: Bundle, half: Half): Promise<Uint8Array> {
  const bytes = new Uint8Array(await readFile(bundle.paths[half]))
  const { externalTensors } = explained(bundle, half, () => inspectModel(bytes))
  const beside = new Map<string, Uint8Array>()
  for (const location of new Set(externalTensors.map((tensor) => tensor.location))) {
    // A bundle holds only files that its manifest lists.
    if (!(location in bundle.manifest.files)) throw invalid(bundle.folder, `it lacks the file "${location}"`)
    beside.set(location, new Uint8Array(await readFile(join(bundle.folder, location))))
  }
  return explained(bundle, half, () => withInlineWeights(bytes, (location) => defined(beside.get(location), location)))
}

function tooManyBlocks({ manifest: { id, name } }: Bundle, half: Half, found: number): AppError {
  const sentences = {
    vision: [
      `No blocks that can be trained were found in the encoder ${name}. Train the towers alone, without blocks.`,
      `The encoder ${name} has ${found} blocks that can be trained. Ask for at most so many.`,
    ],
    text: [
      `The encoder ${name} reads texts without blocks that can be trained. Train without blocks of texts: the tower over it learns words too.`,
      `The encoder ${name} has ${found} blocks of texts that can be trained. Ask for at most so many.`,
    ],
  } as const
  return new AppError('usage', sentences[half][found === 0 ? 0 : 1], { encoder: id, blocks: found })
}

/** @throws AppError `encoder.invalid` for a model that cannot be used; `usage` when it has fewer blocks */
function explained<T>(bundle: Bundle, half: Half, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof BlocksProblem) throw tooManyBlocks(bundle, half, error.found)
    throw error instanceof ModelProblem ? invalid(bundle.folder, error.message, error) : error
  }
}
