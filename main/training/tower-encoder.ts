/** Runs trained towers: trunk features in (or what lies below trained blocks), embeddings out, in batches of a fixed size. */
import { float32Data, floatTensor, type TensorMap } from '../base/index.ts'
import { Graph, toModel, type Value } from '../graph/index.ts'
import type { GraphSession, Runtime } from '../runtime/index.ts'
import { towerOver, type TrainedPart } from './encoder-tower.ts'
import type { TemporalTowerConfig } from './towers.ts'

export interface TowerEncoder {
  /** frames [N, T, D] (or [N, T, ...cut]), mask [N, T] -> [N, D], rows of unit length. */
  videos(frames: Float32Array, mask: Float32Array, count: number): Promise<Float32Array>
  /** [N, D] -> [N, D], rows of unit length. */
  texts(features: Float32Array, count: number): Promise<Float32Array>
  dispose(): Promise<void>
}

/** Videos a run; fewer where each frame goes through blocks of the encoder too. */
const mostVideos = { tower: 64, blocks: 8 } as const

/**
 * @param parameters of the tower; more names (such as the logit scale) do no harm
 * @param vision the blocks of the encoder that were trained with it
 */
export async function createTowerEncoder(
  runtime: Runtime,
  config: TemporalTowerConfig,
  parameters: TensorMap,
  vision?: TrainedPart,
): Promise<TowerEncoder> {
  const tower = towerOver({ ...config, masked: true }, vision)
  const { frames: frameCount, width } = config
  const frameShape = vision?.model.cutShape ?? [width]
  const batchSize = mostVideos[vision === undefined ? 'tower' : 'blocks']

  const open = async (part: 'video' | 'text'): Promise<GraphSession> => {
    const graph = new Graph()
    const ofPart = part === 'video' ? /^(video\.|encoder\.vision\/)/ : /^text\./
    const names = Object.keys(tower.parameterShapes).filter((name) => ofPart.test(name))
    const p = Object.fromEntries(
      names.map((name) => [name, graph.input(name, 'float32', tower.parameterShapes[name]!)]),
    )
    const input = (name: string, shape: number[]): Value => graph.input(name, 'float32', [batchSize, ...shape])
    const embeddings =
      part === 'video'
        ? tower.encodeVideos(p, {
            frames: input('frames', [frameCount, ...frameShape]),
            mask: input('mask', [frameCount]),
          })
        : tower.encodeTexts(p, { text: input('text', [width]) })
    const session = await runtime.createSession(toModel({ embeddings }), { label: `${part} tower`, constants: names })
    await session.writeState(Object.fromEntries(names.map((name) => [name, parameters[name]!])))
    return session
  }
  const sessions: Partial<Record<'video' | 'text', Promise<GraphSession>>> = {}

  async function encode(
    part: 'video' | 'text',
    count: number,
    inputs: Record<string, { data: Float32Array; shape: number[]; padding: number }>,
  ): Promise<Float32Array> {
    const session = await (sessions[part] ??= open(part))
    const out = new Float32Array(count * width)
    for (let start = 0; start < count; start += batchSize) {
      const rows = Math.min(batchSize, count - start)
      const feeds = Object.entries(inputs).map(([name, { data, shape, padding }]) => {
        const rowSize = shape.reduce((product, size) => product * size, 1)
        const filled = new Float32Array(batchSize * rowSize).fill(padding)
        filled.set(data.subarray(start * rowSize, (start + rows) * rowSize))
        return [name, floatTensor([batchSize, ...shape], filled)] as const
      })
      const { embeddings } = await session.run(Object.fromEntries(feeds), { transfer: true })
      out.set(float32Data(embeddings!).subarray(0, rows * width), start * width)
    }
    return out
  }

  return {
    videos: (frames, mask, count) =>
      encode('video', count, {
        frames: { data: frames, shape: [frameCount, ...frameShape], padding: 0 },
        mask: { data: mask, shape: [frameCount], padding: 1 },
      }),
    texts: (features, count) => encode('text', count, { text: { data: features, shape: [width], padding: 0 } }),
    async dispose() {
      for (const session of Object.values(sessions)) await (await session).dispose()
    },
  }
}
