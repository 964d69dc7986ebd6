/**
 * Which exemplars judge the weights (the meta-set) and which only judge finished models (held out). Pure and seeded.
 * An exemplar keeps its part for good: if a held-out one moved into the meta-set, later comparisons on the held-out
 * part would favour models that had trained on it.
 */
import { assert, hashString } from '../base/index.ts'

export type ExemplarPart = 'meta' | 'heldOut'

export type SplitExemplar = {
  id: string
  /** Its kind of thing; exemplars without one share a group of their own. */
  concept: string | null
  /** Exemplars that must stay together, such as those of one video; default: none. */
  group?: string
}

export type ExemplarSplitOptions = {
  seed: number
  /** Share of the meta-set. Default 0.7. */
  metaFraction?: number
  /** Uniform in [0, 1) for an id. Default: a hash of seed and id. */
  hash?: (id: string) => number
  /** Parts given earlier (from the library); they are kept, whatever the order of `exemplars` is now. */
  previous?: ReadonlyMap<string, ExemplarPart>
}

/**
 * Splits exemplars, given oldest first. Each one goes by a hash of its id and the seed, unless its concept has drifted
 * by a whole exemplar or more from the wanted share; then it goes where one is missing. So the first exemplar of a concept
 * goes by hash alone, four of one concept always give both parts some, and appending exemplars moves no earlier one.
 * Where the held-out part would fall behind a quarter of all, the next free exemplar goes there, whatever its hash: of 8 at
 * least 2 are held out and of 12 at least 3, unless those of one group must stay together.
 * Removing one can move later ones of its concept; pass `previous` to rule that out.
 */
export function splitExemplars(
  exemplars: readonly SplitExemplar[],
  options: ExemplarSplitOptions,
): Map<string, ExemplarPart> {
  const { seed, metaFraction = 0.7, hash = (id: string) => unitHash(`${seed}/${id}`) } = options
  const previous = options.previous ?? new Map<string, ExemplarPart>()
  assert(metaFraction > 0 && metaFraction < 1, `metaFraction ${metaFraction} is outside (0, 1)`)
  const parts = new Map<string, ExemplarPart>()
  const partOfGroup = new Map<string, ExemplarPart>()
  const countsOfConcept = new Map<string | null, Record<ExemplarPart, number>>()
  const assign = (exemplar: SplitExemplar, part: ExemplarPart): void => {
    parts.set(exemplar.id, part)
    if (exemplar.group !== undefined && !partOfGroup.has(exemplar.group)) partOfGroup.set(exemplar.group, part)
    const counts = countsOfConcept.get(exemplar.concept) ?? { meta: 0, heldOut: 0 }
    counts[part] += 1
    countsOfConcept.set(exemplar.concept, counts)
  }
  const heldOutShortage = (): Shortage => {
    const heldOut = [...parts.values()].filter((part) => part === 'heldOut').length
    if (heldOut >= leastHeldOut(parts.size + 1)) return 'none'
    return parts.size < smallSet ? 'grave' : 'slight'
  }
  for (const exemplar of exemplars) {
    const part = previous.get(exemplar.id)
    if (part !== undefined) assign(exemplar, part)
  }
  for (const exemplar of exemplars) {
    if (parts.has(exemplar.id)) continue
    const sibling = exemplar.group === undefined ? undefined : partOfGroup.get(exemplar.group)
    const { id, concept } = exemplar
    const chosen = nextPart(countsOfConcept.get(concept), metaFraction, heldOutShortage(), () => hash(id))
    assign(exemplar, sibling ?? chosen)
  }
  return parts
}

/** Of so many exemplars; a quarter, and one exemplar early, since the next may have to stay with its group. */
function leastHeldOut(count: number): number {
  return Math.floor((count + 1) / 4)
}

/** Up to so many, too few held-out ones weigh more than the share of a concept. */
const smallSet = 12

/** Whether held-out exemplars are missing: `grave` goes before the share of a concept, `slight` before the hash alone. */
type Shortage = 'none' | 'slight' | 'grave'

function nextPart(
  counts: Record<ExemplarPart, number> | undefined,
  metaFraction: number,
  shortage: Shortage,
  unit: () => number,
): ExemplarPart {
  const { meta, heldOut } = counts ?? { meta: 0, heldOut: 0 }
  const surplus = meta - (meta + heldOut + 1) * metaFraction
  // Small slack: 7 - 10 * 0.7 is not exactly 0 in binary
  if (surplus >= 0 - 1e-9 && meta + heldOut > 0) return 'heldOut'
  if (shortage === 'grave') return 'heldOut'
  if (surplus <= -1.5) return 'meta'
  if (shortage === 'slight') return 'heldOut'
  return unit() < metaFraction ? 'meta' : 'heldOut'
}

/** Uniform in [0, 1) from a string. FNV alone is uneven in its high bits for short strings, hence the final mixing. */
function unitHash(text: string): number {
  let z = hashString(text)
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
  return ((z ^ (z >>> 15)) >>> 0) / 0x1_0000_0000
}
