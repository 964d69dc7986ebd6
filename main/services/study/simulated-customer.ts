/**
 * Draws a simulated customer from product photos: a long-tailed catalogue whose texts are partly doubtful, trusted pairs, and
 * what is searched for in a gallery of other products. Pure: all chance is a hash of the customer's name, so that a name
 * always stands for the same customer, whoever draws it.
 */
import { createHash } from 'node:crypto'
import { defined } from '../../base/index.ts'
import { frequencyOf, splitExemplars, type ExemplarPart } from '../../training/index.ts'
import type { StudyExemplar, StudyProduct, StudyQuery, StudyText } from './study-files.ts'

/** Known: texts in English, whose words the encoder knows. New: names that nobody has heard before. */
export type CustomerWords = 'known' | 'new'

export type CustomerSpec = {
  /** Pairs of the catalogue; fewer where the products do not suffice. */
  readonly size: number
  /** Half of these texts are wrong, half of them partial. */
  readonly noisePercent: number
  /** Trusted pairs; fewer where the products do not suffice. */
  readonly trusted: number
  readonly words: CustomerWords
  readonly seed: number
}

export type CustomerSource = {
  /** All products. Those of the split `tune` are what a customer has, those of `test` are searched by the largest. */
  readonly products: readonly Pick<StudyProduct, 'id' | 'concept' | 'split' | 'attributes'>[]
  /** One text for each product of `tune`, with its kind and what it should be. */
  readonly texts: readonly StudyText[]
  /** What the customer calls a concept; undefined: as everybody does. */
  readonly names: Readonly<Record<string, string>> | undefined
}

export type SimulatedCustomer = {
  readonly name: string
  readonly spec: CustomerSpec
  readonly pairs: readonly StudyText[]
  readonly exemplars: readonly StudyExemplar[]
  readonly exemplarParts: ReadonlyMap<string, ExemplarPart>
  /** Ids of the products that are searched. */
  readonly gallery: readonly string[]
  readonly queries: readonly StudyQuery[]
}

const sizes = [100, 300, 1000, 4000] as const
const noisePercents = [0, 20, 40, 60] as const
const trustedCounts = [8, 20, 50, 150] as const

/** From this size on a customer takes all there is, and searches products that nobody trains on. */
const wholeSize = 4000

/**
 * Forty: every size meets every noise with known and with new words, such that each number of trusted pairs meets every size
 * and every noise; and the middle of all again with another seed.
 */
export const customerSpecs: readonly CustomerSpec[] = [
  ...sizes.flatMap((size, i) =>
    noisePercents.flatMap((noisePercent, j): CustomerSpec[] => [
      { ...{ size, noisePercent, seed: 1 }, trusted: trustedCounts[(i + j) % 4]!, words: 'known' },
      { ...{ size, noisePercent, seed: 1 }, trusted: trustedCounts[(i + 3 * j + 2) % 4]!, words: 'new' },
    ]),
  ),
  ...sizes.flatMap((size) =>
    (['known', 'new'] as const).map((words) => ({ ...{ size, words }, noisePercent: 40, trusted: 20, seed: 2 })),
  ),
]

/** As all its chance is keyed by: `c1/300/40/50/known`. */
export function customerName({ size, noisePercent, trusted, words, seed }: CustomerSpec): string {
  return `c${seed}/${size}/${noisePercent}/${trusted}/${words}`
}

/** Uniform in [0, 1): the first 52 bits of a SHA-256. */
export function unitOf(key: string): number {
  return parseInt(createHash('sha256').update(key).digest('hex').slice(0, 13), 16) / 2 ** 52
}

type Product = CustomerSource['products'][number]
type Chance = (purpose: string) => number

export function simulateCustomer(spec: CustomerSpec, source: CustomerSource): SimulatedCustomer {
  const name = customerName(spec)
  const chance: Chance = (purpose) => unitOf(`${name}/${purpose}`)
  const tune = source.products.filter(({ split }) => split === 'tune')
  const conceptOf = new Map(tune.map(({ id, concept }) => [id, concept]))
  const shelf = stock(tune, chance)
  const concepts = chooseConcepts(shelf, spec.size, chance)
  const ids = takeCatalogue(shelf, concepts, spec.size, chance)
  const trusted = takeTrusted(shelf, concepts, new Set(ids), spec.trusted, chance)

  const rows = new Map(source.texts.map((row) => [row.id, row]))
  const truthOf = (id: string): string => defined(rows.get(id)?.truth_text, `the true text of ${id}`)
  const texts = spoilTexts(ids, { conceptOf, rows, truthOf, chance, noisePercent: spec.noisePercent })
  const exemplars = trusted.map((id) => ({ id, text: truthOf(id), concept: conceptOf.get(id)! }))

  const taken = new Set([...ids, ...trusted])
  const gallery =
    spec.size < wholeSize
      ? tune.filter(({ id }) => !taken.has(id))
      : source.products.filter(({ split }) => split === 'test')
  const counts = new Map<string, number>()
  for (const id of ids) counts.set(conceptOf.get(id)!, (counts.get(conceptOf.get(id)!) ?? 0) + 1)
  return {
    ...{ name, spec, exemplars },
    pairs: byChance(texts, ({ id }) => chance(`final/${id}`)),
    exemplarParts: splitExemplars(exemplars, { seed: spec.seed, hash: chance }),
    gallery: gallery.map(({ id }) => id),
    queries: queriesFor(new Set(concepts), gallery, source.names).map(({ concept, ...query }) => ({
      ...query,
      frequency: frequencyOf(counts.get(concept) ?? 0),
    })),
  }
}

/** Ids of each concept in the order in which they are taken; concepts in the order in which they first occur. */
function stock(products: readonly Product[], chance: Chance): Map<string, string[]> {
  const shelf = new Map<string, string[]>()
  for (const { id, concept } of products) {
    const ids = shelf.get(concept)
    if (ids === undefined) shelf.set(concept, [id])
    else ids.push(id)
  }
  return new Map([...shelf].map(([concept, ids]) => [concept, byChance(ids, (id) => chance(`order/${id}`))]))
}

/** Concepts drawn in proportion to what there is of each, without replacement; the commonest first. */
function chooseConcepts(shelf: ReadonlyMap<string, readonly string[]>, size: number, chance: Chance): string[] {
  const available = (concept: string): number => shelf.get(concept)!.length
  return byChance([...shelf.keys()], (concept) => -(chance(`concept/${concept}`) ** (1 / available(concept))))
    .slice(0, Math.max(6, Math.ceil(size / 4)))
    .sort((a, b) => available(b) - available(a) || (a < b ? -1 : 1))
}

/** How steeply the number of products falls with the rank of their concept. */
const tailExponent = 1.1

/** Of each concept, the share that a catalogue takes at most, so that something is left to be searched. */
const mostShare = 0.67

/** Products of the catalogue, concept by concept. */
function takeCatalogue(
  shelf: ReadonlyMap<string, readonly string[]>,
  concepts: readonly string[],
  size: number,
  chance: Chance,
): string[] {
  const caps = concepts.map((concept) => {
    const available = shelf.get(concept)!.length
    return size < wholeSize ? Math.max(1, Math.floor(mostShare * available)) : available
  })
  const keptAt = (scale: number): number[] =>
    caps.map((cap, rank) => Math.min(cap, Math.max(2, Math.floor(scale * (rank + 1) ** -tailExponent))))
  const kept = keptAt(largestScale((scale) => sum(keptAt(scale)) <= size))
  let missing = size - sum(kept)
  for (let hasRoom = true; missing > 0 && hasRoom;) {
    hasRoom = false
    for (const [rank, cap] of caps.entries()) {
      if (missing === 0 || kept[rank]! >= cap) continue
      kept[rank]! += 1
      missing -= 1
      hasRoom = true
    }
  }
  const ids = concepts.flatMap((concept, rank) => shelf.get(concept)!.slice(0, kept[rank]))
  return size < wholeSize ? ids : byChance(ids, (id) => chance(`drop/${id}`)).slice(0, size)
}

/** The largest scale that fits, by halving 0 to 50,000 sixty times. */
function largestScale(fits: (scale: number) => boolean): number {
  let [low, high] = [0, 5e4]
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2
    if (fits(middle)) low = middle
    else high = middle
  }
  return low
}

/** Products beside the catalogue, one of each concept a round; of any concept where the chosen ones have none left. */
function takeTrusted(
  shelf: ReadonlyMap<string, readonly string[]>,
  concepts: readonly string[],
  taken: ReadonlySet<string>,
  count: number,
  chance: Chance,
): string[] {
  const left = new Map([...shelf].map(([concept, ids]) => [concept, ids.filter((id) => !taken.has(id))]))
  const chosen = byChance(concepts, (concept) => chance(`trustorder/${concept}`))
  const order = chosen.some((concept) => left.get(concept)!.length > 0) ? chosen : [...shelf.keys()]
  const rounds = Math.max(...order.map((concept) => left.get(concept)!.length))
  return Array.from({ length: rounds }, (_, round) =>
    order.flatMap((concept) => left.get(concept)!.slice(round, round + 1)),
  )
    .flat()
    .slice(0, count)
}

type Spoiling = {
  readonly conceptOf: ReadonlyMap<string, string>
  readonly rows: ReadonlyMap<string, StudyText>
  readonly truthOf: (id: string) => string
  readonly chance: Chance
  readonly noisePercent: number
}

/** How much of a text that says too little belongs to no concept at all, where the concept has partial texts of its own. */
const genericShare = 0.25

/** Texts of the catalogue: so many wrong, as many partial, the others right. */
function spoilTexts(
  ids: readonly string[],
  { conceptOf, rows, truthOf, chance, noisePercent }: Spoiling,
): Required<Pick<StudyText, 'id' | 'text' | 'kind' | 'truth_text'>>[] {
  const isGeneric = ({ how }: StudyText): boolean => how === 'generic' || how === 'range_only'
  const partial = [...rows.values()].filter(({ kind }) => kind === 'partial').sort((a, b) => (a.id < b.id ? -1 : 1))
  const generic = partial.filter(isGeneric)
  const at = <T>(list: readonly T[], unit: number): T => defined(list[Math.floor(unit * list.length)], 'a text to take')

  const wrongText = (id: string): string => {
    const others = ids.filter((other) => conceptOf.get(other) !== conceptOf.get(id))
    return truthOf(at(others, chance(`wrong/${id}`)))
  }
  const partialText = (id: string): string => {
    const own = rows.get(id)!
    if (own.kind === 'partial') return own.text
    const alike = partial.filter((row) => !isGeneric(row) && conceptOf.get(row.id) === conceptOf.get(id))
    const from = alike.length === 0 || chance(`generic/${id}`) < genericShare ? generic : alike
    return at(from, chance(`partial/${id}`)).text
  }
  const ofEach = Math.round((ids.length * noisePercent) / 200)
  const order = byChance(ids, (id) => chance(`noise/${id}`))
  const [wrong, vague] = [new Set(order.slice(0, ofEach)), new Set(order.slice(ofEach, 2 * ofEach))]
  return ids.map((id) => {
    const truth = { id, truth_text: truthOf(id) }
    if (wrong.has(id)) return { ...truth, kind: 'wrong', text: wrongText(id) }
    if (vague.has(id)) return { ...truth, kind: 'partial', text: partialText(id) }
    return { ...truth, kind: 'aligned', text: truth.truth_text }
  })
}

/** A query needs so many right answers. */
const fewestRight = 3

/** Each concept of the catalogue in each colour that the gallery has of it; the concept alone where it has no colours. */
function queriesFor(
  concepts: ReadonlySet<string>,
  gallery: readonly Product[],
  names: CustomerSource['names'],
): { concept: string; query: string; relevant: string[] }[] {
  const found = new Map<string, { concept: string; colour: string; relevant: string[] }>()
  const add = (concept: string, colour: string, id: string): void => {
    const key = JSON.stringify([concept, colour])
    const query = found.get(key)
    if (query === undefined) found.set(key, { concept, colour, relevant: [id] })
    else query.relevant.push(id)
  }
  const coloured = new Set(gallery.flatMap((product) => (colourOf(product) === '' ? [] : [product.concept])))
  for (const product of gallery) {
    const { id, concept } = product
    if (!concepts.has(concept)) continue
    if (!coloured.has(concept)) add(concept, '', id)
    else if (colourOf(product) !== '') add(concept, colourOf(product), id)
  }
  return [...found.values()]
    .filter(({ relevant }) => relevant.length >= fewestRight)
    .sort((a, b) => (a.concept === b.concept ? byCode(a.colour, b.colour) : byCode(a.concept, b.concept)))
    .map(({ concept, colour, relevant }) => {
      const name = names === undefined ? concept.toLowerCase() : defined(names[concept], `a name for ${concept}`)
      return { concept, relevant, query: colour === '' ? name : `${colour} ${name}` }
    })
}

function colourOf({ attributes }: Product): string {
  return attributes?.colour ?? ''
}

function byCode(a: string, b: string): number {
  return a < b ? -1 : 1
}

/** In ascending order of a number for each. */
function byChance<T>(items: readonly T[], unit: (item: T) => number): T[] {
  return items
    .map((item) => ({ item, at: unit(item) }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
