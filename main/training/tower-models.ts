/** Trained towers as ONNX models that hold their weights, for any runtime: what a version adds to its encoder. */
import type { TensorMap } from '../base/index.ts'
import { Graph, toModel, type Value } from '../graph/index.ts'
import { lexiconName } from './lexicon-table.ts'
import { temporalTower, type TemporalTowerConfig } from './towers.ts'

/** An unusual batch size that `toModel` turns into a dynamic axis. */
const batch = 7919
const dynamicAxis = { size: batch, name: 'N' }

export type TowerModels = {
  /** `frames` [N, T, D] and `mask` [N, T] (1 for a frame, 0 for padding) -> `embeddings` [N, D] of unit length. */
  readonly videos: Uint8Array
  /**
   * `text` [N, D] -> `embeddings` [N, D] of unit length; with a lexicon also `ownWords` [N, D], the sum of the vectors of each
   * text's own words over the root of how many there are.
   */
  readonly texts: Uint8Array
}

/** @param parameters of the tower; those of other parts do no harm */
export function towerModels(config: TemporalTowerConfig, parameters: TensorMap): TowerModels {
  const hasLexicon = parameters[lexiconName] !== undefined
  const tower = temporalTower({ ...config, masked: true }, hasLexicon ? 'sums' : undefined)
  const model = (
    name: string,
    build: (p: Record<string, Value>, input: (name: string, shape: number[]) => Value) => Value,
  ): Uint8Array => {
    const graph = new Graph()
    const constants = Object.keys(tower.parameterShapes).map((key) => [key, graph.constant(parameters[key]!)] as const)
    const input = (key: string, shape: number[]): Value => graph.input(key, 'float32', [batch, ...shape])
    return toModel({ embeddings: build(Object.fromEntries(constants), input) }, { name, dynamicAxis })
  }
  const { frames, width } = config
  return {
    videos: model('video tower', (p, input) =>
      tower.encodeVideos(p, { frames: input('frames', [frames, width]), mask: input('mask', [frames]) }),
    ),
    texts: model('text tower', (p, input) =>
      tower.encodeTexts(p, {
        text: input('text', [width]),
        ...(hasLexicon && { ownWords: input('ownWords', [width]) }),
      }),
    ),
  }
}
