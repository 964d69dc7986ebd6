/** Straight scales and their marks. Pure. */

export type Scale = {
  (value: number): number
  invert(pixel: number): number
  readonly from: number
  readonly to: number
}

/** @param domain values @param range pixels */
export function linearScale([from, to]: readonly [number, number], [start, end]: readonly [number, number]): Scale {
  const span = to - from || 1
  const scale = (value: number): number => start + ((value - from) / span) * (end - start)
  const invert = (pixel: number): number => from + ((pixel - start) / (end - start || 1)) * span
  return Object.assign(scale, { invert, from, to })
}

/** Round values inside the domain, about `count` of them: steps of 1, 2 or 5 times a power of ten. */
export function ticks([from, to]: readonly [number, number], count = 5): number[] {
  const span = to - from
  if (!(span > 0)) return [from]
  const rough = span / Math.max(1, count)
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999) ?? 10) * power
  const first = Math.ceil(from / step - 1e-9)
  const last = Math.floor(to / step + 1e-9)
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)))
}

/** Lowest and highest of the finite values, with a little room; a flat line gets some height. */
export function domainOf(values: Iterable<number>, room = 0.06): [number, number] {
  let low = Infinity
  let high = -Infinity
  for (const value of values) {
    if (!Number.isFinite(value)) continue
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  if (low > high) return [0, 1]
  const span = high - low || Math.abs(high) || 1
  return [low - span * room, high + span * room]
}

export function linePath(points: readonly (readonly [number, number])[]): string {
  return points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('')
}
