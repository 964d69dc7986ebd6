/** Sums of the gradients that reach one value by several ways. */
import { add } from './elementwise.ts'
import { concat, sliceBounds } from './movement.ts'
import type { Value } from './value.ts'

/**
 * Sum of values of one shape.
 *
 * [Note: Slices that tile] A value that was cut into slices gets back one padded gradient from each. Where the slices lie
 * end to end over the whole axis, their sum is the gradients side by side: one move instead of three, which is what every
 * attention's query, key and value come to.
 */
export function total(parts: readonly Value[]): Value {
  const tiles = tilesAmong(parts)
  const others = parts.filter((part) => !tiles.includes(part))
  return [...sideBySide(tiles), ...others].reduce(add)
}

type Bounds = readonly [axis: number, start: number, end: number]

const boundsOf = (padded: Value): Bounds => padded.node.attributes[sliceBounds] as unknown as Bounds

/** Those that are zeros around a part of one axis, when their parts cover the axis end to end; else none. In order. */
function tilesAmong(parts: readonly Value[]): Value[] {
  const padded = parts.filter(({ node }) => node.op === 'Pad' && node.attributes[sliceBounds] !== undefined)
  const [first] = padded
  if (first === undefined || padded.length < 2) return []
  const [axis] = boundsOf(first)
  const tiles = padded.toSorted((a, b) => boundsOf(a)[1] - boundsOf(b)[1])
  let reached = 0
  for (const tile of tiles) {
    const [along, start, end] = boundsOf(tile)
    if (along !== axis || start !== reached) return []
    reached = end
  }
  return reached === first.shape[axis] ? tiles : []
}

function sideBySide(tiles: readonly Value[]): Value[] {
  if (tiles.length === 0) return []
  const [axis] = boundsOf(tiles[0]!)
  return [
    concat(
      tiles.map(({ node }) => node.inputs[0]!),
      axis,
    ),
  ]
}
