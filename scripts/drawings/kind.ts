/** What a kind of product is to the drawing scripts: its words, the colours it comes in, and how it is drawn. */
import type { ColourName, Paint } from './colours.ts'

export type Kind = {
  /** The product word, used as the concept. */
  name: string
  category: 'Clothing' | 'Shoes' | 'Accessories' | 'Home' | 'Food' | 'Leisure' | 'Electronics'
  /** Other words that a person would type for the same thing. */
  synonyms: readonly string[]
  /** Worn in pairs or grammatically plural: no article in captions. */
  plural?: boolean
  /** Colours it comes in; every basic colour when left out. */
  colours?: readonly ColourName[]
  /** Whether stripes and dots make sense on it. */
  patterned: boolean
  /** SVG markup in a box of 100 x 100 units; outline colour and width are inherited from the group around it. */
  draw(paint: Paint): string
}
