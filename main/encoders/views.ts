/**
 * Several views of one photo, so that a photo can be shown to the model as if it were the frames of a short video.
 * Deterministic: the same photo always gives the same views.
 */
import { assert } from '../base/index.ts'
import { resampleCrop } from './resample.ts'

/** A region of the photo in fractions of its sides, and whether it is mirrored. */
export type View = { readonly left: number; readonly top: number; readonly zoom: number; readonly flip: boolean }

const centred = (zoom: number, flip: boolean): View => ({ left: (1 - zoom) / 2, top: (1 - zoom) / 2, zoom, flip })

/** In the order in which they are used: the first `count` are taken, so that fewer views lose the least. */
export const standardViews: readonly View[] = [
  centred(1, false),
  centred(1, true),
  centred(0.9, false),
  centred(0.8, true),
  { left: 0, top: 0, zoom: 0.85, flip: false },
  { left: 0.15, top: 0, zoom: 0.85, flip: true },
  { left: 0, top: 0.15, zoom: 0.85, flip: true },
  { left: 0.15, top: 0.15, zoom: 0.85, flip: false },
  centred(0.9, true),
  centred(0.8, false),
  { left: 0.05, top: 0, zoom: 0.9, flip: false },
  { left: 0.05, top: 0.1, zoom: 0.9, flip: true },
  { left: 0, top: 0.05, zoom: 0.9, flip: true },
  { left: 0.1, top: 0.05, zoom: 0.9, flip: false },
  centred(0.7, false),
  centred(0.7, true),
]

/**
 * Cuts and resamples the first `count` standard views of a photo. The whole photo is squashed to a square, as videos are.
 *
 * @param rgb [height, width, 3] uint8
 * @returns [count, size, size, 3] uint8, RGB
 */
export function photoViews(rgb: Uint8Array, width: number, height: number, size: number, count = 8): Uint8Array {
  assert(count >= 1 && count <= standardViews.length, `there are 1 to ${standardViews.length} views, not ${count}`)
  const viewSize = size * size * 3
  const result = new Uint8Array(count * viewSize)
  standardViews.slice(0, count).forEach(({ left, top, zoom, flip }, index) => {
    const box = { x: left * width, y: top * height, width: zoom * width, height: zoom * height }
    resampleCrop(rgb, width, height, box, size, result, index * viewSize, { flip })
  })
  return result
}
