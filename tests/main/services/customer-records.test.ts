/** Records of simulated customers: read back from a file, and what all of them say together. */
import { describe, expect, it } from 'vitest'
import {
  readCustomerRecords,
  summariseCustomers,
  type ArmRecord,
  type CustomerRecord,
} from '../../../main/services/study/customer-records.ts'

const arm = (score: number, weights: Partial<ArmRecord> = {}): ArmRecord => ({
  ...{ score, precisionAt10: score, meanAveragePrecision: score, seconds: 1 },
  ...{ auc: null, effectiveShare: null, promoted: null, ...weights },
})

function record(
  customer: string,
  noisePercent: number,
  [infonce, rule, mama, right]: readonly [number, number, number, number],
  changes: Partial<CustomerRecord> = {},
): CustomerRecord {
  const over = (other: number) => ({ mean: mama - other, low: mama - other - 0.02, high: mama - other + 0.02 })
  return {
    ...{ customer, noisePercent, size: 100, trusted: 8, words: 'known', fingerprint: 'f', seeds: 1 },
    ...{ pairs: 100, metaSet: 6, heldOut: 2, queries: 50, ownWords: 3 },
    arms: {
      'zero-shot': arm(0.5),
      infonce: arm(infonce),
      'plain rule': arm(rule),
      mama: arm(mama, { auc: noisePercent === 0 ? null : 0.9, effectiveShare: 0.5, promoted: 1 }),
      'right pairs': arm(right),
    },
    over: { 'zero-shot': over(0.5), infonce: over(infonce), 'plain rule': over(rule) },
    ...changes,
  }
}

const records = [
  record('a', 40, [0.5, 0.55, 0.6, 0.7]),
  record('b', 40, [0.4, 0.5, 0.45, 0.5], { words: 'new' }),
  record('c', 0, [0.6, 0.5, 0.55, 0.6]),
]

describe('records of customers', () => {
  it('are read back as they were written, without what a kill cut short', () => {
    const text = records.map((each) => JSON.stringify(each)).join('\n')
    expect(readCustomerRecords(`${text}\n{"case":"summary"}\n`)).toEqual(records)
    expect(readCustomerRecords(text.slice(0, -5))).toEqual(records.slice(0, 2))
  })
})

describe('all customers together', () => {
  const [all, ...groups] = summariseCustomers(records)

  it('have mean scores, and the share of damage of those whose texts are doubtful', () => {
    expect(all).toMatchObject({ group: 'all', customers: 3 })
    expect(all!.score.mama).toBeCloseTo((0.6 + 0.45 + 0.55) / 3, 9)
    // Gains 0.1 and 0.05 of damages 0.2 and 0.1; by the rule 0.05 and 0.1.
    expect(all!.undone.mama!.share).toBeCloseTo(0.5, 9)
    expect(all!.undone['plain rule']!.share).toBeCloseTo(0.5, 9)
    expect(all!.undone.mama!.low).toBeCloseTo(0.5, 9)
    expect(all!.undone['plain rule']!.low).toBeCloseTo(0.25, 9)
    expect(all!.undone['plain rule']!.high).toBeCloseTo(1, 9)
  })

  it('name the customer for whom mama is furthest behind, and count those where that is clear', () => {
    expect(all!.worst.infonce!.customer).toBe('c')
    expect(all!.worst.infonce!.difference).toBeCloseTo(-0.05, 9)
    expect(all!.worst['plain rule']!.customer).toBe('b')
    expect(all!.clearlyBelow).toEqual({ infonce: 1, 'plain rule': 1, 'zero-shot': 1 })
    expect(all!.over.infonce!.mean).toBeCloseTo(0.1 / 3, 9)
  })

  it('have the AUC of weights where there was something wrong, the effective share and the promoted ones', () => {
    expect([all!.auc, all!.effectiveShare, all!.promoted].map((value) => value!.toFixed(2))).toEqual([
      '0.90',
      '0.50',
      '1.00',
    ])
  })

  it('are also told apart by words, noise, size and trusted pairs; without damage no share is undone', () => {
    expect(groups.map(({ group, customers }) => [group, customers])).toEqual([
      ['words known', 2],
      ['words new', 1],
      ['noise 0', 1],
      ['noise 40', 2],
      ['size 100', 3],
      ['trusted 8', 3],
    ])
    expect(groups[2]!.undone).toEqual({ mama: null, 'plain rule': null })
  })

  it('say nothing of an arm that some were not tried with', () => {
    const [{ 'right pairs': _, ...arms }, other] = [records[0]!.arms, records[1]!]
    const [some] = summariseCustomers([{ ...records[0]!, arms }, other])
    expect(some!.score).not.toHaveProperty('right pairs')
    expect(some!.score).toHaveProperty('mama')
  })
})
