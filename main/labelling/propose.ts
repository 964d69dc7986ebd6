/**
 * What to label next, with the reason for each proposal: a concept that the meta-set hardly knows, a clip whose text
 * the model doubts, or a clip drawn by chance. Pure functions over arrays.
 */
import { assert, type Random } from '../base/index.ts'

export type ProposalReason = 'rareConcept' | 'disagreement' | 'randomCheck'

export type Candidate = {
  readonly id: string
  /** Clips of one video look alike: a page of proposals takes at most one of them while others are left. */
  readonly videoId: string
  /** The kind of thing as far as known (category, or the nearest concept); null when unknown. */
  readonly concept: string | null
  /** How far the model agrees with the clip's text (cosine, or minus the loss); null when it has no text. */
  readonly agreement: number | null
  readonly isLabelled: boolean
}

export type Proposal = {
  readonly id: string
  readonly reason: ProposalReason
  /** How strongly its reason speaks for it, 0..1; comparable within one reason only. */
  readonly urgency: number
}

export type ProposeOptions = {
  /** How many proposals. */
  readonly count: number
  readonly random: Random
  /** Exemplars by concept that the meta-set has already. */
  readonly exemplarCounts: ReadonlyMap<string, number>
  /** Shares of the three reasons; default 0.4, 0.4 and 0.2. */
  readonly shares?: Readonly<Record<ProposalReason, number>>
}

/**
 * Unlabelled clips of concepts with few exemplars: urgency = 1 / (1 + exemplars). Among equals the rarer concept in the
 * catalogue first; within a concept the clip that agrees best with its text, being the best example of it. A concept's
 * next clip waits until every other concept has had its turn (each proposal counts as an exemplar to come).
 */
export function rareConceptProposals(
  candidates: readonly Candidate[],
  exemplarCounts: ReadonlyMap<string, number>,
): Proposal[] {
  const clipsOf = new Map<string, Candidate[]>()
  const sizeOf = new Map<string, number>()
  for (const candidate of candidates) {
    if (candidate.concept === null) continue
    sizeOf.set(candidate.concept, (sizeOf.get(candidate.concept) ?? 0) + 1)
    if (candidate.isLabelled) continue
    clipsOf.set(candidate.concept, [...(clipsOf.get(candidate.concept) ?? []), candidate])
  }
  const turns: { id: string; exemplars: number; size: number }[] = []
  for (const [concept, clips] of clipsOf) {
    const typicalFirst = [...clips].sort(
      (a, b) => (b.agreement ?? -Infinity) - (a.agreement ?? -Infinity) || compare(a.id, b.id),
    )
    typicalFirst.forEach(({ id }, turn) =>
      turns.push({ id, exemplars: (exemplarCounts.get(concept) ?? 0) + turn, size: sizeOf.get(concept)! }),
    )
  }
  turns.sort((a, b) => a.exemplars - b.exemplars || a.size - b.size || compare(a.id, b.id))
  return turns.map(({ id, exemplars }) => ({ id, reason: 'rareConcept', urgency: 1 / (1 + exemplars) }))
}

/**
 * Unlabelled clips whose text the model doubts most: urgency = share of the clips with a text that agree better. By
 * rank, since the level of the agreement differs from model to model.
 */
export function disagreementProposals(candidates: readonly Candidate[]): Proposal[] {
  const judged = candidates
    .flatMap(({ id, agreement, isLabelled }) => (agreement === null ? [] : [{ id, agreement, isLabelled }]))
    .sort((a, b) => a.agreement - b.agreement || compare(a.id, b.id))
  return judged.flatMap(({ id, agreement, isLabelled }) => {
    if (isLabelled) return []
    const better = judged.length - upperBound(judged, agreement)
    return [{ id, reason: 'disagreement' as const, urgency: better / judged.length }]
  })
}

/** Index of the first entry that agrees better than `agreement`; entries ascend. */
function upperBound(entries: readonly { agreement: number }[], agreement: number): number {
  let low = 0
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (entries[middle]!.agreement > agreement) high = middle
    else low = middle + 1
  }
  return low
}

/**
 * Unlabelled clips in random order. Only these say without bias how much of the catalogue is wrong, and they find the
 * mistakes that the model is sure of.
 */
export function randomCheckProposals(candidates: readonly Candidate[], random: Random): Proposal[] {
  return random
    .shuffled(candidates.filter((candidate) => !candidate.isLabelled))
    .map(({ id }) => ({ id, reason: 'randomCheck', urgency: 1 }))
}

/**
 * A page of proposals that mixes the reasons by their shares. No clip twice; one clip a video while there are others.
 * Where one reason runs out (no concepts known, no texts), the others fill its place.
 */
export function proposeLabels(candidates: readonly Candidate[], options: ProposeOptions): Proposal[] {
  const { count, random, exemplarCounts, shares = { rareConcept: 0.4, disagreement: 0.4, randomCheck: 0.2 } } = options
  const total = shares.rareConcept + shares.disagreement + shares.randomCheck
  assert(total > 0, 'the shares of the reasons are all zero')
  const queues: Record<ProposalReason, Proposal[]> = {
    rareConcept: rareConceptProposals(candidates, exemplarCounts),
    disagreement: disagreementProposals(candidates),
    randomCheck: randomCheckProposals(candidates, random),
  }
  const videoOf = new Map(candidates.map(({ id, videoId }) => [id, videoId]))
  const reasons: ProposalReason[] = ['rareConcept', 'disagreement', 'randomCheck']
  const given: Record<ProposalReason, number> = { rareConcept: 0, disagreement: 0, randomCheck: 0 }
  const next: Record<ProposalReason, number> = { rareConcept: 0, disagreement: 0, randomCheck: 0 }
  const takenIds = new Set<string>()
  const takenVideos = new Set<string>()
  const proposals: Proposal[] = []

  const takeFrom = (reason: ProposalReason, isSameVideoAllowed: boolean): boolean => {
    while (next[reason] < queues[reason].length) {
      const proposal = queues[reason][next[reason]++]!
      const videoId = videoOf.get(proposal.id)!
      if (takenIds.has(proposal.id) || (!isSameVideoAllowed && takenVideos.has(videoId))) continue
      takenIds.add(proposal.id)
      takenVideos.add(videoId)
      given[reason] += 1
      proposals.push(proposal)
      return true
    }
    return false
  }

  for (const isSameVideoAllowed of [false, true]) {
    for (const reason of reasons) next[reason] = 0
    while (proposals.length < count) {
      // The reason that is furthest behind its share goes first; one without a share only fills gaps.
      const behind = (reason: ProposalReason): number =>
        (shares[reason] / total) * (proposals.length + 1) - given[reason]
      const order = [...reasons].sort((a, b) => behind(b) - behind(a))
      if (!order.some((reason) => takeFrom(reason, isSameVideoAllowed))) break
    }
  }
  return proposals
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
