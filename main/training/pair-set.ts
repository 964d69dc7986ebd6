/** Training pairs as features, and the batches drawn from them. Knows nothing of files or products. */
import { floatTensor, sizeOf, type Random, type TensorMap } from '../base/index.ts'

/** Row i of `frames` and of `texts` belong together. */
export type PairSet = {
  readonly count: number
  /** [N, T, D], or what lies below the encoder's trained blocks: [N, T, ...cut]. Empty where `framesOf` is given. */
  readonly frames: Float32Array
  /** The frames of some rows, one after the other, where all of them together would not fit into memory. */
  readonly framesOf?: ((rows: readonly number[]) => Float32Array) | undefined
  /** [N, T]: 1 for a frame, 0 for padding. */
  readonly mask: Float32Array
  /** [N, D] */
  readonly texts: Float32Array
}

export type FeatureSize = {
  readonly frames: number
  readonly width: number
  /** Of one frame; [width] by default. */
  readonly frameShape?: readonly number[]
}

function gatherRows(source: Float32Array, width: number, rows: readonly number[]): Float32Array {
  const out = new Float32Array(rows.length * width)
  rows.forEach((row, i) => out.set(source.subarray(row * width, (row + 1) * width), i * width))
  return out
}

/** The feeds `<prefix>.frames`, `<prefix>.mask` and `<prefix>.text` of the given rows. */
export function batchFeeds(
  set: PairSet,
  rows: readonly number[],
  prefix: string,
  { frames, width, frameShape = [width] }: FeatureSize,
): TensorMap {
  const size = rows.length
  return {
    [`${prefix}.frames`]: floatTensor(
      [size, frames, ...frameShape],
      set.framesOf?.(rows) ?? gatherRows(set.frames, frames * sizeOf(frameShape), rows),
    ),
    [`${prefix}.mask`]: floatTensor([size, frames], gatherRows(set.mask, frames, rows)),
    [`${prefix}.text`]: floatTensor([size, width], gatherRows(set.texts, width, rows)),
  }
}

/**
 * One epoch of batches of exactly `size` rows, every row at least once: the last batch is filled up with rows from the
 * start of the same shuffled order.
 */
export function epochBatches(count: number, size: number, random: Random): number[][] {
  const order = random.shuffled([...Array(count).keys()])
  return Array.from({ length: Math.ceil(count / size) }, (_, b) =>
    Array.from({ length: size }, (_, i) => order[(b * size + i) % count]!),
  )
}
