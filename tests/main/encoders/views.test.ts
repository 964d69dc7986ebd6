import { describe, expect, it } from 'vitest'
import { photoViews, resampleCrop } from '../../../main/encoders/index.ts'

/** A picture whose red grows to the right and whose green grows downwards. */
function gradient(width: number, height: number): Uint8Array {
  const rgb = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) rgb.set([(255 * x) / (width - 1), (255 * y) / (height - 1), 7], (y * width + x) * 3)
  }
  return rgb
}

describe('resampleCrop', () => {
  it('copies a region of the same size exactly', () => {
    const src = gradient(20, 12)
    const out = new Uint8Array(8 * 8 * 3)
    resampleCrop(src, 20, 12, { x: 5, y: 3, width: 8, height: 8 }, 8, out, 0)
    for (let y = 0; y < 8; y++) {
      const row = ((y + 3) * 20 + 5) * 3
      expect([...out.subarray(y * 24, y * 24 + 24)]).toEqual([...src.subarray(row, row + 24)])
    }
  })

  it('averages when it shrinks, so that a checkerboard turns grey', () => {
    const src = new Uint8Array(64 * 64 * 3).map((_, i) =>
      (Math.floor(i / 3) + Math.floor(i / 192)) % 2 === 0 ? 255 : 0,
    )
    const out = new Float32Array(4 * 4 * 3)
    resampleCrop(src, 64, 64, { x: 0, y: 0, width: 64, height: 64 }, 4, out, 0)
    for (const value of out) expect(Math.abs(value - 127.5)).toBeLessThan(1)
  })

  it('mirrors left and right', () => {
    const src = gradient(16, 16)
    const box = { x: 0, y: 0, width: 16, height: 16 }
    const plain = new Uint8Array(16 * 16 * 3)
    const flipped = new Uint8Array(16 * 16 * 3)
    resampleCrop(src, 16, 16, box, 16, plain, 0)
    resampleCrop(src, 16, 16, box, 16, flipped, 0, { flip: true })
    expect([...flipped.subarray(0, 3)]).toEqual([...plain.subarray(45, 48)])
  })

  it('writes at the offset and nowhere else', () => {
    const out = new Uint8Array(3 * 12).fill(99)
    resampleCrop(new Uint8Array(27), 3, 3, { x: 0, y: 0, width: 3, height: 3 }, 2, out, 12)
    expect([...out.subarray(0, 12), ...out.subarray(24)]).toEqual(Array<number>(24).fill(99))
    expect([...out.subarray(12, 24)]).toEqual(Array<number>(12).fill(0))
  })

  it('repeats the edge where the box leaves the picture, and never overflows white', () => {
    const white = new Uint8Array(5 * 7 * 3).fill(255)
    const out = new Uint8Array(9 * 9 * 3)
    for (const box of [
      { x: -30, y: -4, width: 20, height: 30 },
      { x: 3.3, y: 6.9, width: 50, height: 0.2 },
    ]) {
      resampleCrop(white, 5, 7, box, 9, out, 0)
      expect(new Set(out)).toEqual(new Set([255]))
    }
  })
})

describe('photoViews', () => {
  it('begins with the whole photo and its mirror image', () => {
    const src = gradient(30, 40)
    const views = photoViews(src, 30, 40, 10, 3)
    expect(views.length).toBe(3 * 300)
    const whole = new Uint8Array(300)
    resampleCrop(src, 30, 40, { x: 0, y: 0, width: 30, height: 40 }, 10, whole, 0)
    expect(views.subarray(0, 300)).toEqual(whole)
    expect([...views.subarray(300, 303)]).toEqual([...whole.subarray(27, 30)])
  })

  it('gives eight different views by default', () => {
    const views = photoViews(gradient(30, 40), 30, 40, 10)
    const distinct = new Set(Array.from({ length: 8 }, (_, i) => views.subarray(i * 300, (i + 1) * 300).join()))
    expect(distinct.size).toBe(8)
  })

  it('works on a photo of one pixel', () => {
    expect(new Set(photoViews(new Uint8Array([4, 4, 4]), 1, 1, 6))).toEqual(new Set([4]))
  })
})
