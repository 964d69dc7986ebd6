/** Verdicts by doubt and, for runs that know none, by percentiles; weights relative to the average pair. Over the real storage. */
import { afterEach, describe, expect, it } from 'vitest'
import { doubtsOfTexts, isDoubted, ruleOf, suspicion, verdictOf } from '../../../../main/services/audit/judge-run.ts'
import { hasWeights, relativeWeights } from '../../../../main/services/training/index.ts'
import type { Trainer } from '../../../../main/services/training/ports.ts'
import { createWorld, fakeTrainer, type World } from '../colour-world.ts'
import { fill } from '../shop.ts'

describe('a text is suspect', () => {
  it('when it is likelier wrong than right and weighs clearly less than the average pair', () => {
    expect(isDoubted(0.51, 0.69)).toBe(true)
    expect(isDoubted(0.5, 0.1)).toBe(false)
    expect(isDoubted(0.99, 0.7)).toBe(false)
  })

  it('by its doubt alone where there are no weights, which must then be greater', () => {
    expect([0.8, 0.81].map((doubt) => isDoubted(doubt, null))).toEqual([false, true])
  })

  it('by no quota: the hardest pair of little weight is ordinary where the doubt is small', () => {
    expect(verdictOf(100, 0, null, false)).toBe('ordinary')
    expect(verdictOf(50, 50, null, true)).toBe('suspect')
    expect(verdictOf(5, 5, null, false)).toBe('too easy')
    expect(verdictOf(50, 90, 3, false)).toBe('rare and raised')
  })

  it('only where it fits no shot of its video', () => {
    const texts = ['reel a', 'reel a', 'reel b', 'other a']
    const doubts = doubtsOfTexts(Float32Array.of(0.9, 0.125, 0.75, 1), texts)!
    expect([...doubts]).toEqual([0.125, 0.125, 0.75, 1])
    expect(doubtsOfTexts(undefined, texts)).toBeUndefined()
  })

  it('by a rule that names what decides', () => {
    expect(ruleOf({ hasDoubts: true, isWeighted: true })).toContain(
      "doubt is above 0.5 and its weight below 0.7 of the average pair's",
    )
    expect(ruleOf({ hasDoubts: true, isWeighted: false })).toContain('doubt is above 0.8')
    expect(ruleOf({ hasDoubts: false, isWeighted: true })).toContain('its loss is above 80 % of the pairs')
  })
})

describe('relative weights', () => {
  it('are 1 for the average pair, and unknown where a pair was not seen', () => {
    expect([...relativeWeights(Float32Array.of(0.25, 0.75, NaN))]).toEqual([0.5, 1.5, NaN])
  })

  it('are 1 where all weigh the same, and stay 0 where nothing weighs anything', () => {
    expect([...relativeWeights(Float32Array.of(0.5, 0.5))]).toEqual([1, 1])
    expect([...relativeWeights(Float32Array.of(0, 0))]).toEqual([0, 0])
    expect(hasWeights(Float32Array.of(0.5, 0.5))).toBe(false)
  })
})

describe('the audit of a run', () => {
  let world: World
  afterEach(() => world.close())
  const trained = async (trainer: Trainer): Promise<void> => {
    world = createWorld({ trainer })
    await fill(world)
    await world.client.train({})
  }

  it('suspects by doubt and weight, shows both and says how', async () => {
    // Weights fall with the position, so that the last ones weigh little; the first two are doubted although they weigh much.
    // Every video has two shots and one text: of video 7 it fits the second.
    const isDoubtful = (i: number): boolean => i < 2 || i === 14 || i > 15
    const doubts = (pairs: number) => Float32Array.from({ length: pairs }, (_, i) => (isDoubtful(i) ? 0.9 : 0.1))
    await trained(fakeTrainer({ doubts }))
    const overview = await world.client.auditOverview({})
    expect(overview.suspicion).toEqual({ doubt: suspicion.doubt, weight: suspicion.weight })
    expect(overview.counts.suspect).toBe(4)
    const { pairs } = await world.client.auditPairs({ limit: 20 })
    const suspects = pairs.filter(({ verdict }) => verdict === 'suspect')
    expect(suspects.map(({ position }) => position).sort()).toEqual([16, 17, 18, 19])
    expect(suspects.every(({ doubt, weight }) => doubt! > 0.89 && weight < 0.7)).toBe(true)
    const mean = pairs.reduce((sum, { weight }) => sum + weight, 0) / pairs.length
    expect(mean).toBeCloseTo(1, 5)
    expect(overview.points.reduce((sum, { weight }) => sum + weight, 0) / 20).toBeCloseTo(1, 5)
    const audit = await world.client.audit({})
    expect(audit.rule).toContain('doubt is above 0.5')
    for (const { weight, rawWeight } of audit.pairs) expect(weight / rawWeight).toBeCloseTo(1 / 0.525, 4)
    const [header, first] = (await world.client.auditExport({})).text.replace('\ufeff', '').split('\r\n')
    expect(header).toBe(
      'file,start,end,text,category,loss,weight,raw_weight,loss_percentile,weight_percentile,doubt,verdict',
    )
    expect(first).toMatch(/,0\.8999\d*,suspect$/)
  })

  it('of a catalogue without doubtful texts suspects nothing', async () => {
    await trained(fakeTrainer({ doubts: (pairs) => new Float32Array(pairs) }))
    expect((await world.client.auditOverview({})).counts.suspect).toBe(0)
  })

  it('of a run that knows no doubts judges by percentiles and says so', async () => {
    await trained(fakeTrainer())
    const overview = await world.client.auditOverview({})
    expect(overview.suspicion).toBeNull()
    expect(overview.rule).toContain('its loss is above 80 % of the pairs')
    expect(overview.counts.suspect).toBe(4)
    expect((await world.client.auditPairs({})).pairs[0]).toMatchObject({ verdict: 'suspect', doubt: null })
  })
})
