/** Draws a random look (kind, colour, pattern) that makes sense for the kind. */
import type { Random } from '../../main/base/random.ts'
import { colourNames, type ColourName, type PatternName } from './colours.ts'
import type { Kind } from './kind.ts'
import type { Look } from './scene.ts'

/** The usual second colour of a pattern is white, or black on white; one time in three any other. */
export function randomSecondColour(colour: ColourName, random: Random): ColourName {
  const usual: ColourName = colour === 'white' ? 'black' : 'white'
  if (random.uniform() < 0.66) return usual
  const others = colourNames.filter((name) => name !== colour)
  return others[random.integer(others.length)]!
}

export function randomLook(kind: Kind, random: Random): Look {
  const colours = kind.colours ?? colourNames
  const colour = colours[random.integer(colours.length)]!
  const draw = random.uniform()
  const pattern: PatternName = !kind.patterned || draw < 0.5 ? 'plain' : draw < 0.78 ? 'striped' : 'dotted'
  return { kind, colour, pattern, second: randomSecondColour(colour, random) }
}
