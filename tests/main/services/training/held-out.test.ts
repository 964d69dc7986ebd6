/** The figures that choose and judge models, on embeddings that can be ranked by hand. */
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../../main/base/index.ts'
import {
  judgePromotion,
  perhapsTheSame,
  rankExemplars,
  scoreExemplars,
  type ExemplarScore,
  type PromotionVerdict,
} from '../../../../main/services/training/held-out.ts'
import { promotionReason } from '../../../../main/services/training/train.ts'
import { createZeroShotTower } from '../../../../main/services/models/zero-shot-tower.ts'
import type { PairFeatures } from '../../../../main/services/training/ports.ts'

/** One frame each; angles in degrees. */
function exemplars(rows: readonly { video: number; text: number; concept: string }[]): PairFeatures {
  const unit = (degrees: number): number[] => [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)]
  return {
    ids: rows.map((_, i) => `e${i}`),
    strings: rows.map(({ concept }) => concept),
    frames: Float32Array.from(rows.flatMap(({ video }) => unit(video))),
    mask: new Float32Array(rows.length).fill(1),
    texts: Float32Array.from(rows.flatMap(({ text }) => unit(text))),
    concepts: rows.map(({ concept }) => concept),
  }
}

describe('the score of an exemplar', () => {
  const tower = createZeroShotTower(2, 1)
  const judged = exemplars([
    { video: 0, text: 5, concept: 'mug' },
    { video: 90, text: 60, concept: 'hat' },
  ])

  it('is 1 where text and shot find each other first', async () => {
    expect(await scoreExemplars(tower, 2, judged)).toEqual([1, 1])
  })

  it('is the mean of both directions among all exemplars, of which only the first are judged', async () => {
    // The text of the hat (60) is nearer to the scarf's shot (62): rank 2. Its shot (90) finds its own text first.
    const others = exemplars([{ video: 62, text: 200, concept: 'scarf' }])
    expect(await scoreExemplars(tower, 2, judged, others)).toEqual([1, (0.5 + 1) / 2])
    expect((await rankExemplars(tower, 2, judged, others)).map(({ isFirst }) => isFirst)).toEqual([true, false])
  })

  it('counts exemplars of one concept as right for each other', async () => {
    const others = exemplars([{ video: 62, text: 88, concept: 'hat' }])
    expect(await scoreExemplars(tower, 2, judged, others)).toEqual([1, 1])
  })

  it('leaves out those that may show the same, where a word is shared and no concept is known', async () => {
    // As the scarf above, but for all that is known it shows a hat too.
    const others = exemplars([{ video: 62, text: 200, concept: 'white hat' }])
    expect(await scoreExemplars(tower, 2, judged, others)).toEqual([1, 1])
    expect(
      perhapsTheSame({
        concepts: ['hats', 'brown hat', 'mugs', 'cups', 'our sock', 'our belt'],
        strings: ['red hat', 'brown hat', 'a mug', 'our mug', 'our sock', 'our belt'],
      }),
    ).toEqual([[1], [0], [], [], [], []])
  })
})

describe('promotion', () => {
  const scores = [0.2, 0.4, 0.5, 0.6, 0.3, 0.7, 0.5, 0.4]
  const of = (values: readonly number[]): ExemplarScore[] =>
    values.map((score, i) => ({ score, isFirst: score > 0.52 && i > 3 }))
  const before = of(scores)
  const moved = (...by: readonly number[]): ExemplarScore[] => of(scores.map((score, i) => score + by[i % by.length]!))

  it('of a model that is better on average by more than chance, with how many it finds first and how sure that is', () => {
    const judged = judgePromotion(before, moved(0.2, 0.1, -0.05, 0.15))
    expect(judged).toMatchObject({ verdict: 'better', exemplars: 8, first: { before: 1, after: 2 } })
    expect(judged.odds).toBeGreaterThan(0.75)
    expect(judged.odds).toBeLessThan(1)
    expect(judged.scores.after - judged.scores.before).toBeCloseTo(0.1, 10)
  })

  it('calls a model clearly worse where the odds are as high that it is', () => {
    const judged = judgePromotion(before, moved(-0.2, -0.1, 0.05, -0.15))
    expect(judged.verdict).toBe('worse')
    expect(judged.odds).toBeLessThan(0.25)
  })

  it('does not trust a handful of exemplars that happen to agree', () => {
    const few = (by: number): PromotionVerdict => judgePromotion(before.slice(0, 2), moved(by).slice(0, 2)).verdict
    expect([few(0.02), few(-0.02)]).toEqual(['open', 'open'])
  })

  it('is open between equals, at even odds', () => {
    const { verdict, odds } = judgePromotion(before, before)
    expect(verdict).toBe('open')
    expect(odds).toBeCloseTo(0.5, 1)
  })

  it('has a sentence for each outcome', () => {
    const judged = (...by: readonly number[]): string => promotionReason(judgePromotion(before, moved(...by)), 'mama-1')
    expect(judged(0.2)).toMatch(
      /^it finds \d of 8 held-out exemplars first, mama-1 found 1; 9\d % sure that it is better\.$/,
    )
    expect(judged(-0.2)).toMatch(/9\d % sure that it is clearly worse\.$/)
    expect(judged(0)).toMatch(/only \d\d % sure that it is better, which does not decide it\./)
  })

  it.each([
    ['equal', [0]],
    ['worse', [-0.1, -0.2, 0.05]],
    ['better on average by one lucky exemplar', [0.5, -0.05, -0.05, -0.06, -0.05, -0.05, -0.05, -0.05]],
    ['better by rounding', [1e-9]],
  ])('not of one that is %s', (_, by) => {
    expect(judgePromotion(before, moved(...by)).verdict).not.toBe('better')
  })

  it('that is open says how many more labels would decide it, and with these it is decided', () => {
    // As a customer's exemplars gain: a little on average, much of it up and down.
    const drawn = (seed: number, count: number): ExemplarScore[] => {
      const random = createRandom(seed)
      return Array.from({ length: count }, () => ({ score: 0.5 + 0.03 + 0.1 * random.normal(), isFirst: false }))
    }
    const asBefore = (count: number): ExemplarScore[] =>
      Array.from({ length: count }, () => ({ score: 0.5, isFirst: false }))
    let [open, decided] = [0, 0]
    for (let seed = 1; seed <= 60; seed++) {
      const few = drawn(seed, 8)
      const { verdict, labelsToDecide: more } = judgePromotion(asBefore(8), few)
      expect(more === null || verdict === 'open', `seed ${seed}`).toBe(true)
      if (more === null) continue
      expect(more % 5).toBe(0)
      // Those that come look like those that are there: the same ones again.
      const count = 8 + more / 2
      const many = Array.from({ length: Math.ceil(count) }, (_, i) => few[i % 8]!)
      open += 1
      if (judgePromotion(asBefore(many.length), many).verdict !== 'open') decided += 1
    }
    expect(open).toBeGreaterThan(5)
    expect(decided / open).toBeGreaterThan(0.8)
    expect(judgePromotion(before, before).labelsToDecide).toBeNull()
    expect(judgePromotion(before, moved(0.2)).labelsToDecide).toBeNull()
  })

  it('is the same every time', () => {
    const after = moved(0.1, -0.1, 0.02)
    expect(judgePromotion(before, after)).toEqual(judgePromotion(before, after))
  })
})
