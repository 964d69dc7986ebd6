/** Runs trained towers: trunk features in (or what lies below trained blocks), embeddings out, in batches of a fixed size. */
import { defined, float32Data, floatTensor, sizeOf, type TensorMap } from '../base/index.ts'
import { Graph, toModel } from '../graph/index.ts'
import type { GraphSession, Runtime } from '../runtime/index.ts'
import { sideName, towerOver, type TrainedParts } from './encoder-tower.ts'
import { lexiconName, lexiconSums } from './lexicon-table.ts'
import type { TextRows } from './pair-set.ts'
import { mapKeys } from './step-parts.ts'
import type { TemporalTowerConfig } from './towers.ts'

/** What a tower may read of texts beside their features. */
export type TextExtras = {
  /** What trained blocks of the encoder read too. */
  readonly side?: TextRows['textSide']
  /** Entries of the lexicon in each text; left out: no text has any. */
  readonly entries?: readonly (readonly number[])[] | undefined
}

export interface TowerEncoder {
  /** frames [N, T, D] (or [N, T, ...cut]), mask [N, T] -> [N, D], rows of unit length. */
  videos(frames: Float32Array, mask: Float32Array, count: number): Promise<Float32Array>
  /** [N, D] (or [N, ...cut]) -> [N, D], rows of unit length. */
  texts(features: Float32Array, count: number, further?: TextExtras): Promise<Float32Array>
  dispose(): Promise<void>
}

/** Videos and texts a run; fewer where each goes through blocks of the encoder too. */
const mostRows = { tower: { video: 64, text: 64 }, blocks: { video: 8, text: 32 } } as const

type Side = 'video' | 'text'

/** Names of its parameters, and what of a batch it reads. */
const partOf = {
  video: { parameters: /^(video\.|encoder\.vision\/)/, inputs: /^(frames|mask|vision\/.*)$/ },
  text: { parameters: /^(text\.|encoder\.text\/)/, inputs: /^(text(\/.*)?|ownWords)$/ },
} as const

/**
 * @param parameters of the tower, with the table of its lexicon where it has one; more names (such as the logit scale) do
 *   no harm
 * @param parts the blocks of the encoder that were trained with it
 */
export async function createTowerEncoder(
  runtime: Runtime,
  config: TemporalTowerConfig,
  parameters: TensorMap,
  parts: TrainedParts = {},
): Promise<TowerEncoder> {
  const vectors = parameters[lexiconName]
  const lexicon = vectors && ('sums' as const)
  const tower = towerOver({ ...config, masked: true }, { ...parts, lexicon })
  const { width } = config
  const batchSizes = {
    video: mostRows[parts.vision === undefined ? 'tower' : 'blocks'].video,
    text: mostRows[parts.text === undefined ? 'tower' : 'blocks'].text,
  }
  const inputsOf = (part: Side) => Object.entries(tower.batchShapes).filter(([name]) => partOf[part].inputs.test(name))

  const open = async (part: Side): Promise<GraphSession> => {
    const graph = new Graph()
    const names = Object.keys(tower.parameterShapes).filter((name) => partOf[part].parameters.test(name))
    const p = Object.fromEntries(
      names.map((name) => [name, graph.input(name, 'float32', tower.parameterShapes[name]!)]),
    )
    const batch = Object.fromEntries(
      inputsOf(part).map(([name, shape]) => [name, graph.input(name, 'float32', [batchSizes[part], ...shape])]),
    )
    const embeddings = part === 'video' ? tower.encodeVideos(p, batch) : tower.encodeTexts(p, batch)
    const session = await runtime.createSession(toModel({ embeddings }), { label: `${part} tower`, constants: names })
    await session.writeState(Object.fromEntries(names.map((name) => [name, parameters[name]!])))
    return session
  }
  const sessions: Partial<Record<Side, Promise<GraphSession>>> = {}

  async function encode(part: Side, count: number, values: Record<string, Float32Array>): Promise<Float32Array> {
    const session = await (sessions[part] ??= open(part))
    const batchSize = batchSizes[part]
    const out = new Float32Array(count * width)
    for (let start = 0; start < count; start += batchSize) {
      const rows = Math.min(batchSize, count - start)
      const feeds = inputsOf(part).map(([name, shape]) => {
        const rowSize = sizeOf(shape)
        const source = defined(values[name], name).subarray(start * rowSize, (start + rows) * rowSize)
        const filled = new Float32Array(batchSize * rowSize)
        filled.set(source)
        // What is missing at the end is filled with copies of the first row, whose embeddings nothing reads.
        for (let row = rows; row < batchSize; row++) filled.set(source.subarray(0, rowSize), row * rowSize)
        return [name, floatTensor([batchSize, ...shape], filled)] as const
      })
      const { embeddings } = await session.run(Object.fromEntries(feeds), { transfer: true })
      out.set(float32Data(embeddings!).subarray(0, rows * width), start * width)
    }
    return out
  }

  return {
    videos: (frames, mask, count) => encode('video', count, { frames, mask }),
    texts(text, count, { side = {}, entries = [] } = {}) {
      const own = vectors && lexiconSums(padded(entries, count), float32Data(vectors), width)
      const sides = mapKeys(side, (name) => sideName('text', name))
      return encode('text', count, { text, ...sides, ...(own && { ownWords: own }) })
    },
    async dispose() {
      for (const session of Object.values(sessions)) await (await session).dispose()
    },
  }
}

function padded(entries: readonly (readonly number[])[], count: number): readonly (readonly number[])[] {
  return Array.from({ length: count }, (_, n) => entries[n] ?? [])
}
