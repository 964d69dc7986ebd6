import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../main/base/index.ts'
import {
  disagreementProposals,
  metaSetBalance,
  proposeLabels,
  randomCheckProposals,
  rareConceptProposals,
  type Candidate,
} from '../../../main/labelling/index.ts'

const clip = (
  id: string,
  concept: string | null,
  agreement: number | null,
  rest: Partial<Candidate> = {},
): Candidate => ({
  id,
  videoId: `video of ${id}`,
  concept,
  agreement,
  isLabelled: false,
  ...rest,
})

const clips = [
  clip('shoe1', 'shoe', 0.9),
  clip('shoe2', 'shoe', 0.1),
  clip('shoe3', 'shoe', 0.5),
  clip('bag1', 'bag', 0.4),
  clip('bag2', 'bag', 0.6),
  clip('tie1', 'tie', 0.3, { isLabelled: true }),
  clip('unknown', null, null),
]

describe('proposals', () => {
  it('rare concepts take turns, the least labelled and rarest first, the most typical clip of each', () => {
    const proposals = rareConceptProposals(clips, new Map([['tie', 1]]))
    expect(proposals.map(({ id }) => id)).toEqual(['bag2', 'shoe1', 'bag1', 'shoe3', 'shoe2'])
    expect(proposals.map(({ urgency }) => urgency)).toEqual([1, 1, 1 / 2, 1 / 2, 1 / 3])
  })

  it('a concept with exemplars waits for those without', () => {
    expect(rareConceptProposals(clips, new Map([['bag', 1]])).map(({ id }) => id)[0]).toBe('shoe1')
  })

  it('disagreement goes from the most doubted text, and labelled clips are left out but counted', () => {
    const proposals = disagreementProposals(clips)
    expect(proposals.map(({ id }) => id)).toEqual(['shoe2', 'bag1', 'shoe3', 'bag2', 'shoe1'])
    expect(proposals[0]!.urgency).toBeCloseTo(5 / 6, 12)
    expect(proposals[1]!.urgency).toBeCloseTo(3 / 6, 12)
    expect(proposals[4]!.urgency).toBe(0)
  })

  it('random checks hold every unlabelled clip once, in the order of the seed', () => {
    const ids = (seed: number): string[] => randomCheckProposals(clips, createRandom(seed)).map(({ id }) => id)
    expect([...ids(1)].sort()).toEqual(['bag1', 'bag2', 'shoe1', 'shoe2', 'shoe3', 'unknown'])
    expect(ids(1)).toEqual(ids(1))
  })

  it('a page mixes the reasons by their shares, without repeating a clip', () => {
    const many = Array.from({ length: 100 }, (_, index) => clip(`c${index}`, `k${index % 5}`, (index * 37) % 100))
    const page = proposeLabels(many, { count: 20, random: createRandom(1), exemplarCounts: new Map() })
    const count = (reason: string): number => page.filter((proposal) => proposal.reason === reason).length
    expect([count('rareConcept'), count('disagreement'), count('randomCheck')]).toEqual([8, 8, 4])
    expect(new Set(page.map(({ id }) => id)).size).toBe(20)
  })

  it('other reasons fill in for one that has nothing to propose', () => {
    const untold = Array.from({ length: 10 }, (_, index) => clip(`c${index}`, null, null))
    const page = proposeLabels(untold, { count: 6, random: createRandom(1), exemplarCounts: new Map() })
    expect(page.map(({ reason }) => reason)).toEqual(new Array(6).fill('randomCheck'))
  })

  it('takes a second clip of a video only after every video had one', () => {
    const shared = Array.from({ length: 8 }, (_, index) => clip(`c${index}`, 'k', index, { videoId: `v${index % 4}` }))
    const page = proposeLabels(shared, { count: 6, random: createRandom(2), exemplarCounts: new Map() })
    const videos = page.map(({ id }) => Number(id.slice(1)) % 4)
    expect(new Set(videos.slice(0, 4)).size).toBe(4)
    expect(page).toHaveLength(6)
  })

  it('gives what there is when fewer clips are left', () => {
    expect(proposeLabels(clips, { count: 50, random: createRandom(1), exemplarCounts: new Map() })).toHaveLength(6)
    expect(proposeLabels([], { count: 5, random: createRandom(1), exemplarCounts: new Map() })).toEqual([])
  })
})

describe('balance of the meta-set', () => {
  const catalogue = new Map([
    ['shoe', 10],
    ['bag', 5],
    ['tie', 2],
  ])

  it('counts what is missing for the goal, and no more than a concept has', () => {
    const balance = metaSetBalance(catalogue, ['shoe', 'shoe', 'bag', null], 4)
    expect(balance.concepts).toEqual([
      { concept: 'bag', catalogueCount: 5, exemplarCount: 1, missing: 3 },
      { concept: 'shoe', catalogueCount: 10, exemplarCount: 2, missing: 2 },
      { concept: 'tie', catalogueCount: 2, exemplarCount: 0, missing: 2 },
    ])
    expect(balance.missing).toBe(7)
    expect(balance.uncovered).toEqual(['tie'])
    expect(balance.coveredFraction).toBeCloseTo(15 / 17, 12)
  })

  it('evenness is 1 when equal, 0 when one concept has all, and in between by entropy', () => {
    expect(metaSetBalance(catalogue, ['shoe', 'bag', 'tie']).evenness).toBeCloseTo(1, 12)
    expect(metaSetBalance(catalogue, ['shoe', 'shoe']).evenness).toBe(0)
    const two = metaSetBalance(catalogue, ['shoe', 'bag']).evenness
    expect(two).toBeCloseTo(Math.log(2) / Math.log(3), 12)
    expect(metaSetBalance(catalogue, []).evenness).toBe(0)
  })
})
