/** The basic colours that our drawings use, and the paint (fill, shade, light, outline) that a drawing gets from one. */
import type { Random } from '../../main/base/random.ts'

export type ColourName = (typeof colourNames)[number]
export type PatternName = 'plain' | 'striped' | 'dotted'
type Rgb = readonly [number, number, number]

export const colourNames = [
  'black',
  'white',
  'grey',
  'red',
  'orange',
  'yellow',
  'green',
  'blue',
  'purple',
  'pink',
  'brown',
] as const

/** A few shades per colour, so that a model learns a region and not one value. */
const shades: Record<ColourName, readonly string[]> = {
  black: ['#1b1b1f', '#262422', '#22262c'],
  white: ['#f7f7f4', '#fdfdfd', '#f1f3f5'],
  grey: ['#8d9096', '#a3a3a0', '#777c80'],
  red: ['#d32027', '#b7161f', '#e3342f'],
  orange: ['#f0801a', '#e96b0c', '#f79433'],
  yellow: ['#f6cf1e', '#f2dc3d', '#eec30a'],
  green: ['#2f9a48', '#1f7a3f', '#58b947'],
  blue: ['#2563c9', '#1d4aa0', '#3f8fe0'],
  purple: ['#7b35a8', '#6a3fc0', '#8f45b5'],
  pink: ['#f07fae', '#f5a3c4', '#e9609a'],
  brown: ['#7a4a25', '#8f5a30', '#643a1d'],
}

/** What a drawing is painted with; every member is an SVG paint. */
export type Paint = {
  /** Main surface: the plain colour, a soft gradient of it, or the pattern. */
  fill: string
  /** The plain colour without gradient or pattern. */
  base: string
  dark: string
  light: string
  line: string
  /** The second colour of a pattern; equals `light` when plain. */
  second: string
  /** SVG definitions that `fill` refers to. */
  definitions: string
}

function parseHex(hex: string): Rgb {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)) as unknown as Rgb
}

/** Mixes two `#rrggbb` colours; fraction 0 gives `from`, 1 gives `to`. */
export function mix(from: string, to: string, fraction: number): string {
  const a = parseHex(from)
  const b = parseHex(to)
  const channel = (i: 0 | 1 | 2): string =>
    Math.round(a[i] + (b[i] - a[i]) * fraction)
      .toString(16)
      .padStart(2, '0')
  return `#${channel(0)}${channel(1)}${channel(2)}`
}

/** One of the shades of a colour. */
export function shadeOf(colour: ColourName, random: Random): string {
  return shades[colour][random.integer(shades[colour].length)]!
}

/** Largest channel difference of two colours, 0..255: a cheap test of "can be told apart". */
export function contrast(a: string, b: string): number {
  const left = parseHex(a)
  const right = parseHex(b)
  return Math.max(...left.map((value, i) => Math.abs(value - right[i]!)))
}

/** The paint of a product. `second` is only used by patterns. Coordinates of the pattern are those of the 100-unit drawing box. */
export function createPaint(colour: ColourName, pattern: PatternName, second: ColourName, random: Random): Paint {
  const base = shadeOf(colour, random)
  const other = shadeOf(second, random)
  const dark = mix(base, '#000000', colour === 'black' ? 0.45 : colour === 'white' ? 0.16 : 0.3)
  const light = mix(base, '#ffffff', colour === 'black' ? 0.22 : 0.35)
  const line = colour === 'black' ? '#0a0a0c' : mix(base, '#1a1414', colour === 'white' ? 0.62 : 0.68)
  const angle = [0, 90, 45][random.integer(3)]!
  const shared = { base, dark, light, line, second: pattern === 'plain' ? light : other, fill: 'url(#surface)' }
  if (pattern === 'striped') {
    const width = 9 + random.integer(6)
    return { ...shared, definitions: striped({ base, other, width, angle }) }
  }
  if (pattern === 'dotted') {
    const pitch = 11 + random.integer(5)
    return { ...shared, definitions: dotted({ base, other, pitch }) }
  }
  const y2 = random.uniform().toFixed(2)
  const stops = [
    [0, mix(base, light, 0.55)],
    [0.5, base],
    [1, mix(base, dark, 0.6)],
  ].map(([offset, colour]) => `<stop offset="${offset}" stop-color="${colour}"/>`)
  return {
    ...shared,
    definitions: `<linearGradient id="surface" x1="0" y1="0" x2="1" y2="${y2}">${stops.join('')}</linearGradient>`,
  }
}

/** A square tile of `size` units that is filled with `base` and repeats with `marks` on it. */
function tile(size: number, base: string, marks: string, attributes = ''): string {
  return `<pattern id="surface" width="${size}" height="${size}" patternUnits="userSpaceOnUse"${attributes}><rect width="${size}" height="${size}" fill="${base}"/>${marks}</pattern>`
}

function striped(stripes: { base: string; other: string; width: number; angle: number }): string {
  const { base, other, width, angle } = stripes
  const stripe = `<rect width="${width * 0.42}" height="${width}" fill="${other}"/>`
  return tile(width, base, stripe, ` patternTransform="rotate(${angle})"`)
}

function dotted({ base, other, pitch }: { base: string; other: string; pitch: number }): string {
  const dot = (at: number): string =>
    `<circle cx="${pitch * at}" cy="${pitch * at}" r="${pitch * 0.24}" fill="${other}"/>`
  return tile(pitch, base, dot(0.25) + dot(0.75))
}
