/** How a picture of any shape becomes the square that a model takes. Named here because media and encoders both know it. */

/** Resampling filters, as Pillow names them. */
export const frameFilters = ['nearest', 'box', 'bilinear', 'hamming', 'bicubic', 'lanczos'] as const

export type FrameFilter = (typeof frameFilters)[number]

export type FrameFit =
  /** Resized to the square; the shape is not kept. */
  | { readonly mode: 'squash'; readonly filter: FrameFilter }
  /**
   * Resized so that the shorter edge has `shortEdge` pixels, then the square is cut from the middle; where the square
   * is larger, the rest is black.
   */
  | { readonly mode: 'centreCrop'; readonly shortEdge: number; readonly filter: FrameFilter }
