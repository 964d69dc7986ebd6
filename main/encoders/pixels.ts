/** Pixels as a picture file has them, to pixels as a model wants them. Pure. */
import { assert } from '../base/index.ts'

/** Converts `count` pictures: [count, S, S, 3] uint8, RGB -> [count, 3, S, S] float32, normalised. */
export type PixelConverter = (rgb: Uint8Array, count: number) => Float32Array

/**
 * A converter for pictures of `size` x `size` pixels. The 256 values of each channel are computed once, so that a
 * pixel costs a look-up.
 *
 * @param mean of each channel, for values in 0..1
 * @param deviation likewise
 * @param scale what a byte is multiplied by first; default 1/255, which makes 0..1 of it
 */
export function createPixelConverter(
  size: number,
  mean: readonly [number, number, number],
  deviation: readonly [number, number, number],
  scale?: number,
): PixelConverter {
  const area = size * size
  // Dividing and multiplying round differently, and embeddings that are stored must not change.
  const scaled = (byte: number): number => (scale === undefined ? byte / 255 : byte * scale)
  const tables = mean.map((channelMean, channel) =>
    Float32Array.from({ length: 256 }, (_, byte) => (scaled(byte) - channelMean) / deviation[channel]!),
  )
  const [redTable, greenTable, blueTable] = tables as [Float32Array, Float32Array, Float32Array]
  return (rgb, count) => {
    assert(
      rgb.length >= count * area * 3,
      `${count} pictures of ${size} x ${size} need ${count * area * 3} bytes, got ${rgb.length}`,
    )
    const out = new Float32Array(count * area * 3)
    for (let n = 0; n < count; n++) {
      const red = n * area * 3
      const green = red + area
      const blue = green + area
      for (let i = 0, from = red; i < area; i++, from += 3) {
        out[red + i] = redTable[rgb[from]!]!
        out[green + i] = greenTable[rgb[from + 1]!]!
        out[blue + i] = blueTable[rgb[from + 2]!]!
      }
    }
    return out
  }
}
