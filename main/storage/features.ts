/** Cached trunk features, half precision: frames by segment and encoder, texts by hash and encoder. Runs in the engine. */

export type FrameBatch = {
  /** [N, T, D] float32; rows without a frame are 0. */
  readonly frames: Float32Array
  /** [N, T] float32: 1 where there is a frame, else 0. */
  readonly mask: Float32Array
  readonly shape: readonly [number, number, number]
}

export type FeatureStore = {
  /** Replaces the frame features of one segment. `features` is [T, D]. */
  saveFrames(
    segmentId: string,
    encoderId: string,
    features: Float32Array,
    frameCount: number,
    frameSeconds?: readonly number[],
  ): void
  /** [T, D] of one segment, or undefined. */
  framesOf(
    segmentId: string,
    encoderId: string,
  ): { readonly features: Float32Array; readonly frameCount: number; readonly frameSeconds: number[] } | undefined
  /**
   * Frames of many segments for training or embedding. Longer segments are thinned evenly to `frameCount` frames,
   * shorter ones padded with zeros.
   * @throws an internal error when a segment has no features of this encoder: ask `segmentsWithout` first
   */
  loadFrames(encoderId: string, segmentIds: readonly string[], frameCount: number): FrameBatch
  /** Ids of segments that have no features of this encoder, ordered by path and start. */
  segmentsWithout(encoderId: string): string[]
  /** `features` is [N, D] for N texts. */
  saveTexts(encoderId: string, texts: readonly string[], features: Float32Array): void
  /** [N, D]; rows of texts that are not cached are 0 and listed in `missing` (positions). D is 0 when none is cached. */
  loadTexts(
    encoderId: string,
    texts: readonly string[],
  ): { readonly features: Float32Array; readonly dim: number; readonly missing: number[] }
  /** Drops everything an encoder cached. */
  removeEncoder(encoderId: string): void
}
