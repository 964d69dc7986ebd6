/** Half-precision floats (IEEE 754 binary16) to and from single precision, as little-endian bytes. Runs anywhere. */

const floatBits = new Float32Array(1)
const wordBits = new Uint32Array(floatBits.buffer)

/** All 65536 values, so that decoding is one look-up a number. */
const decoded: Float32Array = /* @__PURE__ */ Float32Array.from({ length: 65_536 }, (_, bits) => decodeHalf(bits))

/** The value of 16 bits. */
function decodeHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/**
 * The nearest half of a number that single precision holds, ties to even. From 65520 up it is infinity; NaN becomes one
 * quiet NaN (0x7e00 or 0xfe00).
 */
export function floatToHalf(value: number): number {
  floatBits[0] = value
  const word = wordBits[0]!
  const sign = (word >>> 16) & 0x8000
  const magnitude = word & 0x7fff_ffff
  if (magnitude > 0x7f80_0000) return sign | 0x7e00 // NaN
  if (magnitude >= 0x477f_f000) return sign | 0x7c00 // 65520 and more round to infinity
  if (magnitude < 0x3880_0000) {
    // Below 2^-14 halves are multiples of 2^-24. Adding 0.5 leaves exactly those multiples in the low bits of the
    // single-precision sum, rounded to even by the addition itself.
    floatBits[0] = Math.abs(value) + 0.5
    return sign | (wordBits[0]! - 0x3f00_0000)
  }
  // Rebias the exponent from 127 to 15 and round the 13 bits that fall away to even; a carry moves into the exponent.
  const odd = (magnitude >>> 13) & 1
  return sign | ((magnitude - 0x3800_0000 + 0xfff + odd) >>> 13)
}

/** The value of a half given as 16 bits. */
export function halfToFloat(bits: number): number {
  return decoded[bits & 0xffff]!
}

/** Encodes numbers as bytes, two each, little-endian. */
export function encodeHalves(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.length * 2)
  for (let index = 0; index < values.length; index++) {
    const half = floatToHalf(values[index]!)
    bytes[2 * index] = half & 0xff
    bytes[2 * index + 1] = half >>> 8
  }
  return bytes
}

/** Decodes bytes into `target` from `offset`. The bytes need no alignment. */
export function decodeHalvesInto(bytes: Uint8Array, target: Float32Array, offset = 0): void {
  const count = bytes.length >> 1
  for (let index = 0; index < count; index++) {
    target[offset + index] = decoded[bytes[2 * index]! | (bytes[2 * index + 1]! << 8)]!
  }
}

export function decodeHalves(bytes: Uint8Array): Float32Array {
  const values = new Float32Array(bytes.length >> 1)
  decodeHalvesInto(bytes, values)
  return values
}
