/**
 * Resizing of one RGB picture region to a square, in plain TypeScript. Runs wherever it is called (training scripts,
 * engine, workers); touches nothing but the arrays it is given.
 */
import { assert } from '../base/index.ts'

/** A region of a picture in pixels of that picture; edges may lie between pixels. */
export type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number }

/** For each output pixel: where its source pixels start, and their weights (they sum to 1, `taps` slots a pixel). */
type FilterTable = {
  readonly taps: number
  readonly starts: Int32Array
  readonly counts: Int32Array
  readonly weights: Float32Array
}

/**
 * Weights of a triangle filter that maps [from, from + length) of a line of `sourceSize` pixels to `size` pixels.
 * Enlarging, this is bilinear interpolation; shrinking, the triangle grows with the scale, so that every source pixel counts.
 */
function filterTable(sourceSize: number, from: number, length: number, size: number): FilterTable {
  const scale = length / size
  const support = Math.max(1, scale)
  const taps = Math.ceil(support) * 2 + 1
  const starts = new Int32Array(size)
  const counts = new Int32Array(size)
  const weights = new Float32Array(size * taps)
  for (let i = 0; i < size; i++) {
    const centre = from + (i + 0.5) * scale
    // Clamped on both sides, so that a box that leaves the picture repeats the picture's edge.
    const start = Math.min(Math.max(Math.ceil(centre - support - 0.5), 0), sourceSize - 1)
    const end = Math.max(Math.min(Math.floor(centre + support - 0.5) + 1, sourceSize, start + taps), start + 1)
    let sum = 0
    for (let k = 0; k < end - start; k++) {
      const weight = Math.max(0, 1 - Math.abs((start + k + 0.5 - centre) / support))
      weights[i * taps + k] = weight
      sum += weight
    }
    if (sum === 0) weights[i * taps] = sum = 1
    for (let k = 0; k < end - start; k++) weights[i * taps + k]! /= sum
    starts[i] = start
    counts[i] = end - start
  }
  return { taps, starts, counts, weights }
}

/**
 * Resamples one region of a picture to `size` x `size` pixels; the aspect ratio is not kept.
 *
 * @param src [srcHeight, srcWidth, 3] uint8, RGB
 * @param box the region; parts outside the picture repeat its edge
 * @param out receives [size, size, 3], RGB in 0..255 (rounded when it holds integers), from element `outOffset` on
 * @param options.flip mirrors left and right
 */
export function resampleCrop(
  src: Uint8Array,
  srcWidth: number,
  srcHeight: number,
  box: Box,
  size: number,
  out: Uint8Array | Float32Array,
  outOffset: number,
  options: { readonly flip?: boolean } = {},
): void {
  assert(
    src.length >= srcWidth * srcHeight * 3,
    `a ${srcWidth} x ${srcHeight} picture has too few bytes: ${src.length}`,
  )
  assert(out.length >= outOffset + size * size * 3, 'the output array is too short for the resampled picture')
  const columns = filterTable(srcWidth, box.x, box.width, size)
  const rows = filterTable(srcHeight, box.y, box.height, size)
  const firstRow = rows.starts[0]!
  const rowCount = rows.starts[size - 1]! + rows.counts[size - 1]! - firstRow
  const narrowed = resampleRows(src, srcWidth, firstRow, rowCount, columns, size, options.flip ?? false)
  resampleColumns(narrowed, firstRow, rows, size, out, outOffset, out instanceof Float32Array ? 0 : 0.5)
}

/** Horizontal pass: [rowCount, srcWidth, 3] -> [rowCount, size, 3]. */
function resampleRows(
  src: Uint8Array,
  srcWidth: number,
  firstRow: number,
  rowCount: number,
  table: FilterTable,
  size: number,
  flip: boolean,
): Float32Array {
  const { taps, starts, counts, weights } = table
  const result = new Float32Array(rowCount * size * 3)
  for (let x = 0; x < size; x++) {
    const count = counts[x]!
    const weightStart = x * taps
    let from = (firstRow * srcWidth + starts[x]!) * 3
    let to = (flip ? size - 1 - x : x) * 3
    for (let y = 0; y < rowCount; y++) {
      let red = 0
      let green = 0
      let blue = 0
      for (let k = 0, at = from; k < count; k++, at += 3) {
        const weight = weights[weightStart + k]!
        red += weight * src[at]!
        green += weight * src[at + 1]!
        blue += weight * src[at + 2]!
      }
      result[to] = red
      result[to + 1] = green
      result[to + 2] = blue
      from += srcWidth * 3
      to += size * 3
    }
  }
  return result
}

/** Vertical pass: [rowCount, size, 3] -> [size, size, 3]. `rounding` is added before the value is stored. */
function resampleColumns(
  narrowed: Float32Array,
  firstRow: number,
  table: FilterTable,
  size: number,
  out: Uint8Array | Float32Array,
  outOffset: number,
  rounding: number,
): void {
  const { taps, starts, counts, weights } = table
  const width = size * 3
  const line = new Float32Array(width)
  for (let y = 0; y < size; y++) {
    line.fill(rounding)
    for (let k = 0; k < counts[y]!; k++) {
      const weight = weights[y * taps + k]!
      const from = (starts[y]! + k - firstRow) * width
      for (let i = 0; i < width; i++) line[i]! += weight * narrowed[from + i]!
    }
    // Weights are never negative and sum to 1, so that 255.5 is the largest value: storing cannot wrap around.
    out.set(line, outOffset + y * width)
  }
}
