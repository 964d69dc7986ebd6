/** Puts a drawn product into a scene: background, distractors, scale, rotation, place, shadow, light. */
import type { Random } from '../../main/base/random.ts'
import { colourNames, contrast, createPaint, mix, shadeOf, type ColourName, type PatternName } from './colours.ts'
import type { Kind } from './kind.ts'
import { circle, ellipse, rect } from './shapes.ts'

export type Look = { kind: Kind; colour: ColourName; pattern: PatternName; second: ColourName }

/** Where the product stands: centre and size in scene units (the scene is 100 x 100), rotation in degrees clockwise. */
export type Placement = { x: number; y: number; size: number; rotation: number; stretch: number; mirrored: boolean }

export type Backdrop = { markup: string; colour: string }

const backdropColours = [
  '#ffffff', '#f3f1ec', '#e6e9ee', '#d8d2c4', '#c9d6d2', '#b8c4d0', '#e9d9cf', '#8f9aa3', '#5c646c', '#cfe3ee', '#efe3b8', '#d9c7e0', '#3b4048', '#dbe8d0', '#b58f6a',
] as const // prettier-ignore

/** A background that the product's colour can be told apart from. */
export function createBackdrop(random: Random, productColour: string): Backdrop {
  const candidates = random.shuffled(backdropColours)
  const colour = candidates.find((candidate) => contrast(candidate, productColour) > 70) ?? candidates[0]!
  const style = random.integer(6)
  const deeper = mix(colour, '#000000', 0.14 + random.uniform() * 0.12)
  const full = rect(-60, -60, 220, 220, colour)
  if (style === 0) return { colour, markup: full }
  if (style === 1) {
    const definition = `<linearGradient id="backdrop" x1="0" y1="0" x2="${random.uniform().toFixed(2)}" y2="1"><stop offset="0" stop-color="${mix(colour, '#ffffff', 0.35)}"/><stop offset="1" stop-color="${deeper}"/></linearGradient>`
    return { colour, markup: `<defs>${definition}</defs>${rect(-60, -60, 220, 220, 'url(#backdrop)')}` }
  }
  if (style === 2) {
    const edge = 55 + random.integer(25)
    return {
      colour,
      markup:
        full +
        rect(-60, edge, 220, 160, mix('#8a623c', colour, 0.35)) +
        rect(-60, edge, 220, 1.6, mix('#4a3018', colour, 0.3)),
    }
  }
  if (style === 3) {
    const shelf = 82 + random.integer(8)
    const posts = [8 + random.integer(10), 84 + random.integer(10)].map((x) => rect(x, -60, 2, 220, deeper)).join('')
    return { colour, markup: full + posts + rect(-60, shelf, 220, 4, deeper) + rect(-60, shelf - 92, 220, 4, deeper) }
  }
  if (style === 4) {
    const spots = Array.from({ length: 26 }, () =>
      circle(
        Math.round(random.uniform() * 140 - 20),
        Math.round(random.uniform() * 140 - 20),
        2 + random.integer(9),
        mix(colour, random.uniform() < 0.5 ? '#ffffff' : '#000000', 0.05 + random.uniform() * 0.12),
      ),
    )
    return { colour, markup: full + spots.join('') }
  }
  const tile = 12 + random.integer(14)
  const lines = Array.from(
    { length: Math.ceil(160 / tile) },
    (_, i) => rect(-30 + i * tile, -60, 0.8, 220, deeper) + rect(-60, -30 + i * tile, 220, 0.8, deeper),
  )
  return { colour, markup: full + lines.join('') }
}

/** A few plain shapes near the borders: things that lie around and are not the product. */
export function createDistractors(random: Random, backdrop: Backdrop, count: number): string {
  return Array.from({ length: count }, () => {
    const colour = mix(shadeOf(colourNames[random.integer(colourNames.length)]!, random), backdrop.colour, 0.35)
    const side = random.integer(4)
    const along = random.uniform() * 100
    const inset = random.uniform() * 12 - 4
    const x = side === 0 ? inset : side === 1 ? 100 - inset : along
    const y = side === 2 ? inset : side === 3 ? 100 - inset : along
    const size = 4 + random.uniform() * 8
    return random.uniform() < 0.5
      ? circle(x, y, size / 1.6, colour)
      : rect(x - size / 2, y - size / 2, size, size * (0.5 + random.uniform()), colour, 1)
  }).join('')
}

export function randomPlacement(random: Random): Placement {
  const size = 52 + random.uniform() * 40
  const slack = (100 - size) / 2 + 3
  return {
    x: 50 + (random.uniform() * 2 - 1) * slack,
    y: 50 + (random.uniform() * 2 - 1) * slack,
    size,
    rotation: random.uniform() < 0.6 ? random.normal() * 9 : random.normal() * 30,
    stretch: Math.exp(random.normal() * 0.09),
    mirrored: random.uniform() < 0.5,
  }
}

/** A product as a group in scene units; paint and shadow included. The definitions have fixed ids: one product a document. */
export function createProduct(look: Look, random: Random): { base: string; at(placement: Placement): string } {
  const paint = createPaint(look.colour, look.pattern, look.second, random)
  const outline = random.uniform() < 0.75 ? 1.7 : 0.7
  const drawing = `<defs>${paint.definitions}</defs><g stroke="${paint.line}" stroke-width="${outline}" stroke-linejoin="round">${look.kind.draw(paint)}</g>`
  const shadow = random.uniform() < 0.6
  return {
    base: paint.base,
    at: ({ x, y, size, rotation, stretch, mirrored }) => {
      const scale = size / 100
      const fixed = (value: number): string => value.toFixed(3)
      const below = shadow ? ellipse(x, y + size * 0.5, size * 0.42, size * 0.06, '#000000', 'opacity="0.18"') : ''
      return `${below}<g transform="translate(${fixed(x)} ${fixed(y)}) rotate(${fixed(rotation)}) scale(${fixed(scale * stretch * (mirrored ? -1 : 1))} ${fixed(scale / stretch)}) translate(-50 -50)">${drawing}</g>`
    },
  }
}

/** A lamp's light from one side, over everything. */
export function createLight(random: Random): string {
  if (random.uniform() < 0.4) return ''
  const dark = random.uniform() < 0.5
  return `<defs><radialGradient id="light" cx="${random.uniform().toFixed(2)}" cy="${random.uniform().toFixed(2)}" r="0.9"><stop offset="0" stop-color="${dark ? '#000000' : '#ffffff'}" stop-opacity="${(0.1 + random.uniform() * 0.14).toFixed(2)}"/><stop offset="1" stop-color="${dark ? '#000000' : '#ffffff'}" stop-opacity="0"/></radialGradient></defs>${rect(-60, -60, 220, 220, 'url(#light)')}`
}

/** The whole document; `view` is the part of the scene that is seen, [x, y, width, height]. */
export function svgDocument(
  parts: readonly string[],
  view: readonly [number, number, number, number] = [0, 0, 100, 100],
): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${view.map((value) => value.toFixed(3)).join(' ')}">${parts.join('')}</svg>`
}

/** One still picture of a product in a random scene. */
export function drawStill(look: Look, random: Random): string {
  const product = createProduct(look, random)
  const backdrop = createBackdrop(random, product.base)
  const distractors = random.uniform() < 0.55 ? createDistractors(random, backdrop, 1 + random.integer(4)) : ''
  return svgDocument([backdrop.markup, distractors, product.at(randomPlacement(random)), createLight(random)])
}
