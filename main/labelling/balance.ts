/** Whether the meta-set stands for the catalogue: it can only guide the weights of what it contains. Pure. */

export type ConceptCount = {
  readonly concept: string
  /** Clips of the catalogue, as far as is known. */
  readonly catalogueCount: number
  readonly exemplarCount: number
  /** How many more would make the goal. */
  readonly missing: number
}

export type MetaSetBalance = {
  /** Most urgent first: fewest exemplars for the goal, then the more clips without guidance. */
  readonly concepts: readonly ConceptCount[]
  /** Concepts of the catalogue without any exemplar. */
  readonly uncovered: readonly string[]
  /** Share of the catalogue's clips whose concept has at least one exemplar, 0..1; NaN for an empty catalogue. */
  readonly coveredFraction: number
  /** 1 when every concept has equally many exemplars, towards 0 when one has them all (entropy over its maximum). */
  readonly evenness: number
  /** How many exemplars are missing for the goal in all concepts together. */
  readonly missing: number
}

/**
 * Compares exemplars with the catalogue, concept by concept. The goal is equal for popular and rare concepts: a
 * meta-set as long-tailed as the catalogue would steer the weights to the popular ones again.
 *
 * @param catalogueCounts clips by concept
 * @param exemplarConcepts the concept of each exemplar that is in the meta-set
 * @param goal exemplars wanted a concept (no more than it has clips). Default 4
 */
export function metaSetBalance(
  catalogueCounts: ReadonlyMap<string, number>,
  exemplarConcepts: readonly (string | null)[],
  goal = 4,
): MetaSetBalance {
  const exemplarCounts = new Map<string, number>()
  for (const concept of exemplarConcepts) {
    if (concept !== null) exemplarCounts.set(concept, (exemplarCounts.get(concept) ?? 0) + 1)
  }
  const names = new Set([...catalogueCounts.keys(), ...exemplarCounts.keys()])
  const concepts = [...names].map((concept): ConceptCount => {
    const catalogueCount = catalogueCounts.get(concept) ?? 0
    const exemplarCount = exemplarCounts.get(concept) ?? 0
    const missing = Math.max(0, Math.min(goal, catalogueCount) - exemplarCount)
    return { concept, catalogueCount, exemplarCount, missing }
  })
  concepts.sort(
    (a, b) =>
      b.missing - a.missing ||
      b.catalogueCount - a.catalogueCount ||
      (a.concept < b.concept ? -1 : a.concept > b.concept ? 1 : 0),
  )
  const clips = concepts.reduce((sum, { catalogueCount }) => sum + catalogueCount, 0)
  const covered = concepts.reduce((sum, entry) => sum + (entry.exemplarCount > 0 ? entry.catalogueCount : 0), 0)
  return {
    concepts,
    uncovered: concepts.filter((entry) => entry.exemplarCount === 0).map((entry) => entry.concept),
    coveredFraction: covered / clips,
    evenness: evennessOf(concepts.map((entry) => entry.exemplarCount)),
    missing: concepts.reduce((sum, entry) => sum + entry.missing, 0),
  }
}

function evennessOf(counts: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (total === 0) return 0
  if (counts.length === 1) return 1
  const entropy = counts.reduce((sum, count) => (count > 0 ? sum - (count / total) * Math.log(count / total) : sum), 0)
  return entropy / Math.log(counts.length)
}
