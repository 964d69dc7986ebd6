/** English captions for a look: several wordings, with synonyms of the product word, the colour and the pattern. */
import type { Random } from '../../main/base/random.ts'
import type { ColourName, PatternName } from './colours.ts'
import type { Kind } from './kind.ts'
import type { Look } from './scene.ts'

const colourWords: Record<ColourName, readonly string[]> = {
  black: ['black'],
  white: ['white'],
  grey: ['grey', 'gray'],
  red: ['red'],
  orange: ['orange'],
  yellow: ['yellow'],
  green: ['green'],
  blue: ['blue'],
  purple: ['purple', 'violet'],
  pink: ['pink'],
  brown: ['brown'],
}

const patternWords: Record<PatternName, readonly string[]> = {
  plain: ['', '', '', 'plain ', 'solid '],
  striped: ['striped ', 'stripy '],
  dotted: ['dotted ', 'polka dot ', 'spotted '],
}

const templates: readonly ((phrase: string, kind: Kind) => string)[] = [
  (phrase) => phrase,
  (phrase, kind) => withArticle(phrase, kind),
  (phrase, kind) => `a photo of ${withArticle(phrase, kind)}`,
  (phrase, kind) => `a picture of ${withArticle(phrase, kind)}`,
  (phrase) => `${phrase} for sale`,
  (phrase, kind) => `product clip of ${withArticle(phrase, kind)}`,
  (phrase, kind) => `${withArticle(phrase, kind)} on display`,
  (phrase) => `drawing of ${phrase}`,
]

/** "an apple", "a mug", "trousers". */
export function withArticle(phrase: string, kind: Pick<Kind, 'plural'>): string {
  if (kind.plural) return phrase
  return `${/^[aeiou]/.test(phrase) ? 'an' : 'a'} ${phrase}`
}

export function pick<T>(values: readonly T[], random: Random): T {
  return values[random.integer(values.length)]!
}

/** "red striped mug", "red and white striped cup", "cup in red". */
export function phraseOf(look: Look, word: string, random: Random): string {
  const colour = pick(colourWords[look.colour], random)
  const pattern = pick(patternWords[look.pattern], random)
  const draw = random.uniform()
  if (look.pattern !== 'plain' && draw < 0.35)
    return `${colour} and ${pick(colourWords[look.second], random)} ${pattern}${word}`
  if (draw > 0.85) return `${pattern}${word} in ${colour}`
  return `${colour} ${pattern}${word}`
}

/** Three to five different captions; the first names colour, pattern and product plainly. */
export function captionsOf(look: Look, random: Random): string[] {
  const words = [look.kind.name, look.kind.name, ...look.kind.synonyms]
  const plainPattern = look.pattern === 'plain' ? '' : `${look.pattern} `
  const captions = new Set([`${look.colour} ${plainPattern}${look.kind.name}`])
  const wanted = 3 + random.integer(3)
  while (captions.size < wanted) {
    const word = pick(words, random)
    const phrase = random.uniform() < 0.12 ? word : phraseOf(look, word, random)
    captions.add(pick(templates, random)(phrase, look.kind))
  }
  return [...captions]
}
