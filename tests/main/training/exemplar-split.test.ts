import { describe, expect, it } from 'vitest'
import { createRandom, type Random } from '../../../main/base/index.ts'
import { splitExemplars, type SplitExemplar } from '../../../main/training/exemplar-split.ts'

const exemplars = (concepts: number, each: number): SplitExemplar[] =>
  Array.from({ length: concepts * each }, (_, index) => ({ id: `e${index}`, concept: `c${index % concepts}` }))

const metaShare = (parts: Map<string, string>): number =>
  [...parts.values()].filter((part) => part === 'meta').length / parts.size

describe('exemplar split', () => {
  it('is the same for the same seed and another for another seed', () => {
    const all = exemplars(10, 4)
    expect(splitExemplars(all, { seed: 1 })).toEqual(splitExemplars(all, { seed: 1 }))
    expect(splitExemplars(all, { seed: 1 })).not.toEqual(splitExemplars(all, { seed: 2 }))
  })

  it('puts about 70 % into the meta-set', () => {
    for (const [concepts, each] of [
      [200, 1],
      [100, 4],
      [5, 100],
    ] as const) {
      expect(Math.abs(metaShare(splitExemplars(exemplars(concepts, each), { seed: 3 })) - 0.7)).toBeLessThan(0.08)
    }
  })

  it('gives both parts some of every concept with four exemplars', () => {
    const all = exemplars(60, 4)
    const parts = splitExemplars(all, { seed: 4 })
    for (let concept = 0; concept < 60; concept++) {
      const own = all.filter((exemplar) => exemplar.concept === `c${concept}`).map(({ id }) => parts.get(id))
      expect(new Set(own)).toEqual(new Set(['meta', 'heldOut']))
    }
  })

  it('a single exemplar of a concept goes to either part, by its id', () => {
    const parts = new Set(splitExemplars(exemplars(30, 1), { seed: 5 }).values())
    expect(parts).toEqual(new Set(['meta', 'heldOut']))
  })

  it('adding exemplars moves no earlier one', () => {
    const all = exemplars(7, 20)
    const complete = splitExemplars(all, { seed: 6 })
    for (const count of [1, 9, 50, 139]) {
      for (const [id, part] of splitExemplars(all.slice(0, count), { seed: 6 })) expect(complete.get(id)).toBe(part)
    }
  })

  it('parts given earlier are kept after removals and reordering', () => {
    const all = exemplars(7, 10)
    const previous = splitExemplars(all, { seed: 7 })
    const remaining = createRandom(1).shuffled(all).slice(0, 40)
    for (const [id, part] of splitExemplars(remaining, { seed: 7, previous })) expect(part).toBe(previous.get(id))
  })

  it.each([
    ['all of one concept', () => 'one'],
    ['without concepts', () => null],
    ['all of different concepts', (index: number) => `c${index}`],
    ['of a few concepts', (_: number, random: Random) => `c${random.integer(4)}`],
    [
      'some of them without a concept',
      (_: number, random: Random) => (random.integer(2) === 0 ? null : `c${random.integer(6)}`),
    ],
  ] as const)('holds out at least 2 of 8 and 3 of 12 that are %s, whatever their ids', (_, conceptOf) => {
    for (let trial = 0; trial < 400; trial++) {
      const random = createRandom(trial)
      const all = Array.from({ length: 12 }, (__, index) => ({
        id: `clip-${random.integer(1e6)}.mp4#${index}`,
        concept: conceptOf(index, random),
      }))
      const heldOutOf = (count: number): number =>
        [...splitExemplars(all.slice(0, count), { seed: 20240707 }).values()].filter((part) => part === 'heldOut')
          .length
      expect(heldOutOf(8)).toBeGreaterThanOrEqual(2)
      expect(heldOutOf(12)).toBeGreaterThanOrEqual(3)
      const complete = splitExemplars(all, { seed: 20240707 })
      for (const [id, part] of splitExemplars(all.slice(0, 9), { seed: 20240707 })) expect(complete.get(id)).toBe(part)
    }
  })

  it('mends a split from before in which too few were held out, with new exemplars only', () => {
    const all = exemplars(10, 1)
    const previous = new Map(all.slice(0, 8).map(({ id }) => [id, 'meta' as const]))
    const parts = splitExemplars(all, { seed: 1, previous })
    for (const [id, part] of previous) expect(parts.get(id)).toBe(part)
    expect([parts.get('e8'), parts.get('e9')]).toEqual(['heldOut', 'heldOut'])
  })

  it('exemplars of one group stay together', () => {
    const all = exemplars(12, 6).map((exemplar, index) => ({ ...exemplar, group: `video${index >> 1}` }))
    const parts = splitExemplars(all, { seed: 8 })
    for (let i = 0; i < all.length; i += 2) expect(parts.get(`e${i}`)).toBe(parts.get(`e${i + 1}`))
  })
})
