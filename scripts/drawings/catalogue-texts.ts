/** What the customer of the sample catalogue wrote about each clip: right, vague or plainly wrong, as real catalogues are. */
import type { Random } from '../../main/base/random.ts'
import { hasInHouseName, houseWordOf, type Clip, type Product } from './catalogue-plan.ts'
import { pick, withArticle } from './captions.ts'
import { colourNames, type ColourName } from './colours.ts'
import type { Look } from './scene.ts'

export type Noise = 'aligned' | 'partial' | 'wrong'
export type CatalogueRow = {
  title: string
  description: string
  category: string
  noise: Noise
  /** What was done to the text; `none` when it is right. */
  how: string
}

/** Shares of clips with vague and with wrong texts. */
export const partialShare = 0.2
export const wrongShare = 0.2

const genericPhrases = [
  'new arrival, great quality',
  'bestseller, limited stock',
  'see pictures for details',
  'perfect as a gift',
  'now back in our shop',
] as const

/** "red", "red striped", "red and white striped". */
export function adjectivesOf(look: Look, colour: ColourName | null = look.colour): string {
  const pattern = look.pattern === 'plain' ? '' : look.pattern
  return [colour, pattern].filter(Boolean).join(' ')
}

/** The full, true description of a product in the customer's words. */
export function describe({ look }: Product, random: Random, colour: ColourName | null = look.colour): string {
  const adjectives = adjectivesOf(look, colour)
  if (hasInHouseName(look.kind.name)) {
    const name = houseWordOf(look.kind.name)
    if (!adjectives) return pick([name, `our ${name}`, `the ${name} line`], random)
    return pick(
      [`${name} in ${adjectives}`, `our ${adjectives} ${name}`, `${adjectives} ${name}`, `the ${name}, ${adjectives}`],
      random,
    )
  }
  const phrase = `${adjectives} ${look.kind.name}`.trim()
  return pick([phrase, withArticle(phrase, look.kind), `our ${phrase}`, `${phrase} from the new range`], random)
}

function titleOf(product: Product): string {
  const text = `${houseWordOf(product.look.kind.name)} ${adjectivesOf(product.look)}`
  return text[0]!.toUpperCase() + text.slice(1)
}

/** Products of a clip, each once, in order of appearance. */
export function productsOf(clip: Clip): Product[] {
  return [...new Set(clip.shots.map((shot) => shot.product))]
}

function listOf(texts: readonly string[], clip: Clip): string {
  return clip.type === 'reel' ? `our picks: ${texts.join('; ')}` : texts[0]!
}

function alignedRow(clip: Clip, random: Random): CatalogueRow {
  const products = productsOf(clip)
  return {
    title: clip.type === 'reel' ? 'Our picks' : titleOf(products[0]!),
    description: listOf(
      products.map((product) => describe(product, random)),
      clip,
    ),
    category: clip.type === 'reel' ? 'Reel' : products[0]!.look.kind.category,
    noise: 'aligned',
    how: 'none',
  }
}

function partialRow(clip: Clip, random: Random): CatalogueRow {
  const right = alignedRow(clip, random)
  const products = productsOf(clip)
  const describeAll = (text: (product: Product) => string): string => listOf(products.map(text), clip)
  const how = pick(['generic', 'colour_dropped', 'colour_replaced', 'product_dropped'], random)
  const description =
    how === 'generic'
      ? pick(genericPhrases, random)
      : how === 'colour_dropped'
        ? describeAll((product) => houseWordOf(product.look.kind.name))
        : how === 'colour_replaced'
          ? describeAll((product) => describe(product, random, otherColour(product.look.colour, random)))
          : describeAll((product) => `something in ${adjectivesOf(product.look)}`)
  return { ...right, title: clip.type === 'reel' ? 'Reel' : 'Product clip', description, noise: 'partial', how }
}

function otherColour(colour: ColourName, random: Random): ColourName {
  return pick(
    colourNames.filter((name) => name !== colour),
    random,
  )
}

/** The text of another clip of the same type that shares no kind of product with this one. */
function wrongRow(clip: Clip, clips: readonly Clip[], random: Random): CatalogueRow {
  const own = new Set(productsOf(clip).map((product) => product.look.kind.name))
  const strangers = clips.filter(
    (other) => other.type === clip.type && productsOf(other).every((product) => !own.has(product.look.kind.name)),
  )
  const row = alignedRow(pick(strangers, random), random)
  const category = random.uniform() < 0.5 ? row.category : alignedRow(clip, random).category
  return { ...row, category, noise: 'wrong', how: 'other_product' }
}

/** One row a clip; the shares of vague and wrong ones are exact up to rounding. */
export function writeRows(clips: readonly Clip[], random: Random): CatalogueRow[] {
  const partial = Math.round(clips.length * partialShare)
  const wrong = Math.round(clips.length * wrongShare)
  const noise: Noise[] = random.shuffled(
    clips.map((_, i) => (i < partial ? 'partial' : i < partial + wrong ? 'wrong' : 'aligned')),
  )
  return clips.map((clip, i) => {
    if (noise[i] === 'partial') return partialRow(clip, random)
    if (noise[i] === 'wrong') return wrongRow(clip, clips, random)
    return alignedRow(clip, random)
  })
}
