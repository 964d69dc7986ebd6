import { describe, expect, it } from 'vitest'
import { decodeHalves, encodeHalves, floatToHalf, halfToFloat } from '../../../main/base/index.ts'

/** All finite halves from 0 up: their bits are in the order of their values. */
const lastFinite = 0x7bff

describe('half precision', () => {
  it('decodes and encodes each of the 65536 values to itself, NaN to a NaN', () => {
    for (let bits = 0; bits < 65_536; bits++) {
      const value = halfToFloat(bits)
      if (Number.isNaN(value)) expect(Number.isNaN(halfToFloat(floatToHalf(value)))).toBe(true)
      else if (floatToHalf(value) !== bits) expect.fail(`${bits} became ${floatToHalf(value)}`)
    }
  })

  it('knows the values that the standard names', () => {
    expect([0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0x3555, 0x7c00].map(halfToFloat)).toEqual([
      1,
      -2,
      65_504,
      2 ** -14,
      2 ** -24,
      0.333251953125,
      Infinity,
    ])
    expect(Object.is(halfToFloat(0x8000), -0)).toBe(true)
  })

  it('rounds to the nearest half, and a tie to the even one, between every two neighbours', () => {
    for (let bits = 0; bits < lastFinite; bits++) {
      const [low, high] = [halfToFloat(bits), halfToFloat(bits + 1)]
      const middle = (low + high) / 2 // exact in single precision
      const even = bits % 2 === 0 ? bits : bits + 1
      const below = Math.fround(low + (high - low) * 0.499)
      const above = Math.fround(low + (high - low) * 0.501)
      if (floatToHalf(middle) !== even || floatToHalf(below) !== bits || floatToHalf(above) !== bits + 1) {
        expect.fail(`between ${low} and ${high}`)
      }
      if (floatToHalf(-middle) !== (even | 0x8000)) expect.fail(`between ${-low} and ${-high}`)
    }
  })

  it('turns what is too large into infinity and what is too small into zero', () => {
    expect(floatToHalf(65_519)).toBe(0x7bff)
    expect([65_520, 1e30, Infinity].map(floatToHalf)).toEqual([0x7c00, 0x7c00, 0x7c00])
    expect([2 ** -25, 1e-30, 0].map(floatToHalf)).toEqual([0, 0, 0])
    expect(floatToHalf(-1e-30)).toBe(0x8000)
  })

  it('reads bytes at odd addresses', () => {
    const bytes = new Uint8Array(9)
    bytes.set(encodeHalves(Float32Array.of(1, -2, 0.5, 65_504)), 1)
    expect([...decodeHalves(bytes.subarray(1))]).toEqual([1, -2, 0.5, 65_504])
  })
})
