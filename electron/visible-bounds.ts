/** Where the window opens: as it was left, but only on a display that is there now. Pure. */

export type Bounds = { readonly x: number; readonly y: number; readonly width: number; readonly height: number }

export const smallestSize = { width: 860, height: 560 } as const
const usualSize = { width: 1320, height: 860 } as const

/** A title bar must show by this much to be grabbed, pixels. */
const visibleWidth = 120
const visibleHeight = 40

/**
 * @param saved as they were left; null the first time
 * @param workAreas of the displays that are there; the first is the primary one
 */
export function visibleBounds(saved: Bounds | null, workAreas: readonly Bounds[]): Bounds {
  const primary = workAreas[0] ?? { x: 0, y: 0, ...usualSize }
  if (saved === null) return centred(usualSize, primary)
  const display = workAreas.find((area) => canBeGrabbed(saved, area))
  if (display === undefined) return centred(saved, primary)
  return {
    x: saved.x,
    // A title bar above the display could not be reached.
    y: Math.max(saved.y, display.y),
    width: clamp(saved.width, smallestSize.width, display.width),
    height: clamp(saved.height, smallestSize.height, display.height),
  }
}

function canBeGrabbed(window: Bounds, area: Bounds): boolean {
  const across = Math.min(window.x + window.width, area.x + area.width) - Math.max(window.x, area.x)
  const isTitleInside = window.y >= area.y - visibleHeight && window.y <= area.y + area.height - visibleHeight
  return across >= visibleWidth && isTitleInside
}

function centred(size: { readonly width: number; readonly height: number }, area: Bounds): Bounds {
  const width = clamp(size.width, smallestSize.width, area.width)
  const height = clamp(size.height, smallestSize.height, area.height)
  return {
    x: Math.round(area.x + (area.width - width) / 2),
    y: Math.round(area.y + (area.height - height) / 2),
    width,
    height,
  }
}

/** The upper bound wins: a display can be smaller than the smallest window. */
function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(Math.round(value), low), high)
}
