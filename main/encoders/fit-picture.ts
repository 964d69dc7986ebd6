/** A picture of any shape to the square that a model takes, exactly as the model's image processor defines it. Pure. */
import type { FrameFit } from '../base/index.ts'
import { pillowResize } from './pillow-resize.ts'

/**
 * @param rgb [height, width, 3] uint8, RGB
 * @param size side of the square, S
 * @returns [S, S, 3] uint8
 */
export function fitPicture(rgb: Uint8Array, width: number, height: number, size: number, fit: FrameFit): Uint8Array {
  if (fit.mode === 'squash') return pillowResize(rgb, width, height, size, size, fit.filter)
  const [toWidth, toHeight] = shortEdgeSize(width, height, fit.shortEdge)
  return cropMiddle(pillowResize(rgb, width, height, toWidth, toHeight, fit.filter), toWidth, toHeight, size)
}

/** Width and height once the shorter edge has `shortEdge` pixels; the longer one is rounded down. */
export function shortEdgeSize(width: number, height: number, shortEdge: number): [width: number, height: number] {
  return width <= height
    ? [shortEdge, Math.trunc((shortEdge * height) / width)]
    : [Math.trunc((shortEdge * width) / height), shortEdge]
}

/** The middle square; where the picture is smaller it is surrounded by black, the odd line above and to the left. */
function cropMiddle(rgb: Uint8Array, width: number, height: number, size: number): Uint8Array {
  const left = offset(width, size)
  const top = offset(height, size)
  const result = new Uint8Array(size * size * 3)
  for (let y = Math.max(0, -top); y < Math.min(size, height - top); y++) {
    const fromX = Math.max(0, left)
    const toX = Math.min(width, left + size)
    const row = (y + top) * width
    result.set(rgb.subarray((row + fromX) * 3, (row + toX) * 3), (y * size + fromX - left) * 3)
  }
  return result
}

/** Where the square begins in the picture; negative when the square is larger. */
function offset(length: number, size: number): number {
  return length >= size ? Math.floor((length - size) / 2) : -Math.ceil((size - length) / 2)
}
