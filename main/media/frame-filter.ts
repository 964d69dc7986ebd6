/** The ffmpeg filters that make the square picture of a frame that a model takes. Pure. */
import type { FrameFilter, FrameFit } from '../base/index.ts'
import { scaleFlags } from './decode-images.ts'
import { eightBits } from './picture-kind.ts'

/**
 * Crop before squashing to a square: nothing is cut while the shown shape is within 4:3 or 3:4, more than that is cut
 * from both sides. `sar` is the shape of a pixel.
 */
export const fitFilter = "crop='max(1,min(iw,ih*4/3/max(sar,0.01)))':'max(1,min(ih,iw*4/3*if(sar,sar,1)))':exact=1"

const accurate = 'accurate_rnd+full_chroma_int'
/** The scaler's kernels with the parameters that image libraries give theirs. */
const flagsOf: Readonly<Record<FrameFilter, string>> = {
  nearest: `neighbor+${accurate}`,
  box: `area+${accurate}`,
  bilinear: scaleFlags,
  hamming: scaleFlags,
  bicubic: `bicubic+${accurate}:param0=0:param1=0.5`,
  lanczos: `lanczos+${accurate}:param0=3`,
}

/**
 * Filters that give pictures of `size` x `size`, RGB.
 *
 * @param fit null: as the built-in encoder was trained, see `fitFilter`
 */
export function frameFilter(size: number, fit: FrameFit | null): string {
  if (fit === null) return `format=${eightBits},${fitFilter},scale=${size}:${size}:flags=${scaleFlags},format=rgb24`
  const flags = flagsOf[fit.filter]
  if (fit.mode === 'squash') return `scale=${size}:${size}:flags=${flags},format=rgb24`
  const shown = 'iw*if(sar,sar,1)'
  const edge = fit.shortEdge
  const width = `if(lte(${shown},ih),${edge},trunc(${edge}*${shown}/ih))`
  const height = `if(lte(${shown},ih),trunc(${edge}*ih/(${shown})),${edge})`
  // Cut as RGB: with half-size colour planes only even places could be cut at.
  const surround = edge < size ? `,pad='max(iw,${size})':'max(ih,${size})':'ceil((ow-iw)/2)':'ceil((oh-ih)/2)'` : ''
  return `scale='${width}':'${height}':flags=${flags},setsar=1,format=rgb24${surround},crop=${size}:${size}:'floor((iw-ow)/2)':'floor((ih-oh)/2)':exact=1`
}
