/**
 * Captions for one product, made from its own row: short ones as a shopper types them, long ones as a catalogue holds
 * them. Runs in the training scripts; the same random generator gives the same captions.
 */
import { z } from 'zod'
import { type Random } from '../../main/base/index.ts'
import { attributeWords, audienceWords, colourSynonyms, namesOf, type Noun } from './synonyms.ts'

/** A row of products.jsonl, as far as captions need it. Attributes that are absent in a data set are undefined. */
export const productRowSchema = z.looseObject({
  id: z.string(),
  dataset: z.string(),
  image: z.string(),
  title: z.string(),
  description: z.string(),
  concept: z.string(),
  split: z.string().optional(),
  attributes: z.looseObject({
    audience: z.string().nullish(),
    colour: z.string().nullish(),
    usage: z.string().nullish(),
    pattern: z.string().nullish(),
    material: z.string().nullish(),
    detail: z.string().nullish(),
    coarseClass: z.string().nullish(),
    department: z.string().nullish(),
    kids: z.boolean().nullish(),
    title_agrees: z.boolean().nullish(),
  }),
})

export type ProductRow = z.infer<typeof productRowSchema>

/** What makes two products the same for a query: both as in the row, lower case; `colour` is null where the row has none. */
export type ProductKey = { readonly concept: string; readonly colour: string | null }

/** The key for targets with several matching products. */
export function productKey(product: ProductRow): ProductKey {
  return { concept: product.concept.toLowerCase(), colour: product.attributes.colour?.toLowerCase() || null }
}

/** Whether a caption speaks of this colour, by its own name or by one of its synonyms. */
export function mentionsColour(text: string, colour: string): boolean {
  const words = ` ${text.toLowerCase().replace(/[^\p{L}\p{N}-]+/gu, ' ')} `
  return [colour, ...colourSynonyms(colour)].some((name) => words.includes(` ${name.toLowerCase()} `))
}

/** `count` captions, drawn independently; about one in eight says nothing about the colour of a product that has one. */
export function captionsFor(product: ProductRow, random: Random, count: number): string[] {
  return Array.from({ length: count }, () => tidy(captionFor(product, random)))
}

/** One random caption for a product of any data set. */
function captionFor(product: ProductRow, random: Random): string {
  if (product.dataset === 'grocery') return groceryCaption(product, random)
  const roll = random.uniform()
  if (roll < 0.12) return product.description
  if (roll < 0.24 && product.attributes.title_agrees !== false) return titleCaption(product, random)
  const name = nameFor(product, random)
  if (roll < 0.54) return shortQuery(product, name, random)
  return composedCaption(product, name, random)
}

function pick<T>(values: readonly T[], random: Random): T {
  return values[random.integer(values.length)]!
}

/** True with probability `chance`. */
function maybe(chance: number, random: Random): boolean {
  return random.uniform() < chance
}

/** The row's own word half of the time, else a synonym, rarely a wider word; singular or plural. */
function nameFor(product: ProductRow, random: Random): string {
  const { names, wider } = namesOf(product.concept)
  const roll = random.uniform()
  if (roll < 0.35) return product.concept
  let noun: Noun = names[0]!
  if (roll > 0.97 && wider.length > 0) noun = pick(wider, random)
  else if (roll > 0.6) noun = pick(names, random)
  return maybe(0.35, random) ? noun.plural : noun.singular
}

function colourFor(product: ProductRow, random: Random): string {
  const colour = product.attributes.colour
  if (!colour) return ''
  const others = colourSynonyms(colour)
  return others.length > 0 && maybe(0.22, random) ? pick(others, random) : colour
}

/** A word for an attribute value, or '' when it is absent or left out (which happens with probability 1 - chance). */
function attributeFor(value: string | null | undefined, chance: number, random: Random): string {
  if (!value || !maybe(chance, random)) return ''
  return pick(attributeWords[value.toLowerCase()] ?? [value.toLowerCase()], random)
}

function audienceOf(product: ProductRow): string | undefined {
  const { audience, kids } = product.attributes
  if (audience) return audience
  return kids === undefined || kids === null ? undefined : kids ? 'kids' : 'adults'
}

function audienceFor(product: ProductRow, chance: number, random: Random): string {
  const audience = audienceOf(product)
  if (!audience || !maybe(audience === 'adults' ? chance / 3 : chance, random)) return ''
  return pick(audienceWords[audience] ?? [audience], random)
}

/** "red shirt", "men's red shirt", "shirt in red", "shirt": what is typed into a search field. */
function shortQuery(product: ProductRow, name: string, random: Random): string {
  const colour = maybe(0.85, random) ? colourFor(product, random) : ''
  if (!colour) return maybe(0.7, random) ? name : `${audienceFor(product, 1, random)} ${name}`
  const roll = random.uniform()
  if (roll < 0.7) return `${colour} ${name}`
  if (roll < 0.78) return `${name} in ${colour}`
  if (roll < 0.84) return `${name} ${colour}`
  return `${audienceFor(product, 1, random)} ${colour} ${name}`
}

const leadIns = [
  'looking for',
  'show me',
  'i want',
  'find me',
  'a photo of',
  'a picture of',
  'photo of',
  'product photo of',
  'a clip of',
  'video of',
  'close-up of',
  'search for',
]

const settings = ['', '', '', 'on a white background', 'for sale', 'product shot', 'studio photo', 'in the shop']
const homeSettings = [
  '',
  '',
  'photographed at home',
  'on a bed',
  'on the floor',
  'on a hanger',
  'laid flat',
  'second hand',
]

/** A longer caption of adjectives, name and trailing phrases in varying order. */
function composedCaption(product: ProductRow, name: string, random: Random): string {
  const { attributes } = product
  const colour = maybe(0.85, random) ? colourFor(product, random) : ''
  const colourLast = colour !== '' && maybe(0.15, random)
  const audienceLast = maybe(0.3, random)
  const audience = audienceOf(product)
  const adjectives = [
    audienceLast ? '' : audienceFor(product, 0.6, random),
    colourLast ? '' : colour,
    attributeFor(attributes.pattern, 0.6, random),
    attributeFor(attributes.material, 0.6, random),
    attributeFor(attributes.detail, 0.6, random),
    attributeFor(attributes.usage, 0.25, random),
  ].filter((word) => word !== '')
  const phrase = (maybe(0.2, random) ? random.shuffled(adjectives) : adjectives).join(' ')
  const trailing = [
    colourLast ? `in ${colour}` : '',
    audienceLast && audience && maybe(0.6, random) ? `for ${audience}` : '',
    pick(product.dataset === 'clothing' ? homeSettings : settings, random),
  ]
  const lead = maybe(0.3, random) ? pick(leadIns, random) : ''
  return [lead, phrase, name, ...trailing].join(' ')
}

const audienceInTitle = /\b(men|women|unisex|boys?|girls?|kids?)(?:'s|s)?\b/i

/** The shop's name: whole, without its brand, or only the brand with the article. */
function titleCaption(product: ProductRow, random: Random): string {
  const { title } = product
  const match = audienceInTitle.exec(title)
  const brand = match && match.index > 0 ? title.slice(0, match.index).trim() : ''
  const roll = random.uniform()
  if (!brand || roll < 0.5) return title
  if (roll < 0.75) return title.slice(match!.index)
  const colour = maybe(0.5, random) ? colourFor(product, random) : ''
  return `${brand} ${colour} ${nameFor(product, random)}`
}

const groceryContexts: Readonly<Record<string, readonly string[]>> = {
  Fruit: ['fresh', 'ripe', 'organic', 'loose', 'a box of', 'some', 'fresh fruit', 'a bag of'],
  Vegetables: ['fresh', 'organic', 'loose', 'a box of', 'some', 'a bag of', 'raw'],
  Packages: ['a carton of', 'a pack of', 'carton of', 'a package of', 'chilled', 'one litre', 'a shelf of'],
}

const shopSettings = [
  '',
  '',
  'in the supermarket',
  'on the shelf',
  'in a grocery store',
  'at the market',
  'in the shop',
]

/** Grocery rows have a class name, a wider class and a product text, but no colours. */
function groceryCaption(product: ProductRow, random: Random): string {
  const { coarseClass, department } = product.attributes
  const roll = random.uniform()
  if (roll < 0.1) return excerpt(product.description, random)
  const name = nameFor(product, random)
  if (roll < 0.55) return name
  if (roll < 0.62 && coarseClass) return coarseClass === product.concept ? name : `${product.concept} ${coarseClass}`
  const context = maybe(0.6, random) ? pick(groceryContexts[department ?? ''] ?? ['fresh'], random) : ''
  const lead = context === '' || maybe(0.2, random) ? pick(leadIns, random) : ''
  return [lead, context, name, pick(shopSettings, random)].join(' ')
}

/** The first sentences of a long text, at most 24 words: later ones are about cooking, not about what is seen. */
function excerpt(text: string, random: Random): string {
  const sentences = text.split(/(?<=[.!?])\s+/)
  const taken = sentences.slice(0, maybe(0.6, random) ? 1 : 2).join(' ')
  return taken.split(/\s+/).slice(0, 24).join(' ')
}

/** Single spaces and no repeated neighbours ("polo polo shirt"). */
function tidy(caption: string): string {
  const words = caption.trim().split(/\s+/)
  return words.filter((word, index) => index === 0 || word.toLowerCase() !== words[index - 1]!.toLowerCase()).join(' ')
}
