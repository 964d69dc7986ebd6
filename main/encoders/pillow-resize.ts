/**
 * Resizes pictures as the image processors of published models do: byte for byte what Pillow makes of them. Each pass
 * works with weights in fixed point and rounds to bytes, so that "the same filter" elsewhere would differ by a level. Pure.
 */
import { assert, type FrameFilter } from '../base/index.ts'

type Kernel = { /** Pixels on each side, at scale 1. */ readonly support: number; at(x: number): number }

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI))
/** The sharpness of the cubic filter that most image libraries use. */
const cubicA = -0.5

const kernels: Readonly<Record<Exclude<FrameFilter, 'nearest'>, Kernel>> = {
  box: { support: 0.5, at: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, at: (x) => Math.max(0, 1 - Math.abs(x)) },
  hamming: {
    support: 1,
    at: (x) => (Math.abs(x) >= 1 ? 0 : sinc(x) * (0.54 + 0.46 * Math.cos(x * Math.PI))),
  },
  bicubic: {
    support: 2,
    at: (signed) => {
      const x = Math.abs(signed)
      if (x < 1) return ((cubicA + 2) * x - (cubicA + 3)) * x * x + 1
      return x < 2 ? (((x - 5) * x + 8) * x - 4) * cubicA : 0
    },
  },
  lanczos: { support: 3, at: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
}

/** For each output pixel the first source pixel, how many there are, and their weights in fixed point. */
type Taps = {
  readonly starts: Int32Array
  readonly counts: Int32Array
  readonly weights: Int32Array
  readonly most: number
}

const precisionBits = 22
const half = 1 << (precisionBits - 1)

/** Weights that map a line of `from` pixels to one of `to`. Shrinking widens the kernel, so that every pixel counts. */
function tapsFor(from: number, to: number, { support, at }: Kernel): Taps {
  const scale = from / to
  const widening = Math.max(scale, 1)
  const reach = support * widening
  const most = Math.ceil(reach) * 2 + 1
  const starts = new Int32Array(to)
  const counts = new Int32Array(to)
  const weights = new Int32Array(to * most)
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * scale
    const start = Math.max(0, Math.trunc(centre - reach + 0.5))
    const count = Math.min(from, Math.trunc(centre + reach + 0.5)) - start
    const exact = Array.from({ length: count }, (_, k) => at((k + start - centre + 0.5) / widening))
    const sum = exact.reduce((total, weight) => total + weight, 0)
    exact.forEach((weight, k) => {
      const share = (sum === 0 ? 0 : weight / sum) * (1 << precisionBits)
      weights[i * most + k] = Math.trunc(share < 0 ? share - 0.5 : share + 0.5)
    })
    starts[i] = start
    counts[i] = count
  }
  return { starts, counts, weights, most }
}

function toByte(sum: number): number {
  const value = sum >> precisionBits
  return value < 0 ? 0 : value > 255 ? 255 : value
}

/** [height, width, 3] -> [height, to, 3] */
function resizeRows(src: Uint8Array, width: number, height: number, to: number, kernel: Kernel): Uint8Array {
  const { starts, counts, weights, most } = tapsFor(width, to, kernel)
  const result = new Uint8Array(height * to * 3)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < to; x++) {
      const into = (y * to + x) * 3
      for (let channel = 0; channel < 3; channel++) {
        let sum = half
        let at = (y * width + starts[x]!) * 3 + channel
        for (let k = 0; k < counts[x]!; k++, at += 3) sum += src[at]! * weights[x * most + k]!
        result[into + channel] = toByte(sum)
      }
    }
  }
  return result
}

/** [height, width, 3] -> [to, width, 3] */
function resizeColumns(src: Uint8Array, width: number, height: number, to: number, kernel: Kernel): Uint8Array {
  const { starts, counts, weights, most } = tapsFor(height, to, kernel)
  const line = width * 3
  const result = new Uint8Array(to * line)
  for (let y = 0; y < to; y++) {
    for (let i = 0; i < line; i++) {
      let sum = half
      let at = starts[y]! * line + i
      for (let k = 0; k < counts[y]!; k++, at += line) sum += src[at]! * weights[y * most + k]!
      result[y * line + i] = toByte(sum)
    }
  }
  return result
}

/**
 * @param src [height, width, 3] uint8, RGB
 * @returns [toHeight, toWidth, 3] uint8; `src` itself when the size is the same
 */
export function pillowResize(
  src: Uint8Array,
  width: number,
  height: number,
  toWidth: number,
  toHeight: number,
  filter: FrameFilter,
): Uint8Array {
  assert(src.length === width * height * 3, `a ${width} x ${height} picture has ${width * height * 3} bytes`)
  if (width === toWidth && height === toHeight) return src
  if (filter === 'nearest') return pickNearest(src, width, height, toWidth, toHeight)
  const kernel = kernels[filter]
  const narrowed = width === toWidth ? src : resizeRows(src, width, height, toWidth, kernel)
  return height === toHeight ? narrowed : resizeColumns(narrowed, toWidth, height, toHeight, kernel)
}

function pickNearest(src: Uint8Array, width: number, height: number, toWidth: number, toHeight: number): Uint8Array {
  const result = new Uint8Array(toWidth * toHeight * 3)
  for (let y = 0; y < toHeight; y++) {
    const row = Math.min(height - 1, Math.trunc(((y + 0.5) * height) / toHeight)) * width
    for (let x = 0; x < toWidth; x++) {
      const from = (row + Math.min(width - 1, Math.trunc(((x + 0.5) * width) / toWidth))) * 3
      result.set(src.subarray(from, from + 3), (y * toWidth + x) * 3)
    }
  }
  return result
}
