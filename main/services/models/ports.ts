/** What model versions need of the numeric layers: towers, and the graphs that a version has trained. */
import type { BlockSettings, Half, TextRows, UpperModels } from '../../training/index.ts'
import type { CutHalf } from '../shared/ports.ts'

/** Frames that a tower sees of a shot. */
export const framesPerShot = 8

/** The trained part (or, without weights, the plain mean of the frames): trunk features to embeddings of unit length. */
export interface Tower {
  /** frames [N, T, D], mask [N, T] -> [N, D] */
  videos(frames: Float32Array, mask: Float32Array, count: number): Promise<Float32Array>
  /**
   * [N, D] -> [N, D]; over what lies below trained blocks, with what these read too.
   * @param strings the texts themselves, N of them: words that the tower has vectors of its own for are found in these
   */
  texts(features: Float32Array, strings: readonly string[], side?: TextRows['textSide']): Promise<Float32Array>
  dispose(): Promise<void>
}

/** Opens what a version has learned, and writes it out. */
export interface Towers {
  /** With `blocks` over the activations at a cut; without them over the features that the version's encoder makes. */
  openTower(options: {
    weights: Uint8Array | null
    config: unknown
    dim: number
    frameCount: number
    blocks?: { readonly upper: UpperModels; readonly settings: BlockSettings } | undefined
  }): Promise<Tower>
  /** A graph of the encoder with the blocks that a version trained. */
  trainedGraph(
    half: Half,
    weights: Uint8Array,
    cut: Pick<CutHalf, 'model' | 'bytes'>,
    settings: BlockSettings,
  ): Uint8Array
  /** The tower of a version as ONNX graphs that any runtime can load, by file name. */
  towerGraphs(weights: Uint8Array, config: unknown): Readonly<Record<string, Uint8Array>>
}
