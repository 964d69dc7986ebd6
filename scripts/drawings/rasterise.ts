/** Turns SVG text into pixels. */
import { Resvg } from '@resvg/resvg-js'

/**
 * Draws an SVG document at the given width.
 * @returns [H, W, 4] u8, RGBA; drawings with an opaque background need not look at the fourth channel
 */
export function rasterise(
  svg: string,
  width: number,
): { width: number; height: number; rgba: Uint8Array; png(): Uint8Array } {
  const image = new Resvg(svg, {
    fitTo: { mode: 'width', value: width },
    font: { loadSystemFonts: false },
    shapeRendering: 2,
  }).render()
  return { width: image.width, height: image.height, rgba: image.pixels, png: () => image.asPng() }
}

/** Drops the fourth channel: [H, W, 4] -> [H, W, 3]. */
export function rgbOf(rgba: Uint8Array): Uint8Array {
  const pixels = rgba.length / 4
  const rgb = new Uint8Array(pixels * 3)
  for (let i = 0; i < pixels; i++) {
    rgb[3 * i] = rgba[4 * i]!
    rgb[3 * i + 1] = rgba[4 * i + 1]!
    rgb[3 * i + 2] = rgba[4 * i + 2]!
  }
  return rgb
}
