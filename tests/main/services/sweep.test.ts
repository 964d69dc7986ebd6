/** The sensitivity sweep of the study: its grid, going on after a stop, and its table. */
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../main/base/index.ts'
import { openStudyWorld, type StudyData } from '../../../main/services/study/study-world.ts'
import {
  configOfCell,
  readSweepRecords,
  runSweep,
  summariseSweep,
  sweepCells,
  sweepFingerprint,
  type SweepOptions,
  type SweepRecord,
} from '../../../main/services/study/sweep.ts'
import { emptyLexicon } from '../../../main/training/index.ts'
import { useRuntime } from '../graph/runtime-in-tests.ts'
import { drawPairs, tinyConfig, tinyTower } from '../training/training-world.ts'

const shared = useRuntime()
const record = (cell: SweepRecord['cell'], seed: number, precisionAt10: number[]): SweepRecord => ({
  ...{ cell, seed, precisionAt10, fingerprint: 'f', heldOutScore: 0.5, auc: 0.8, marginRadians: 0.01 },
})

/** 24 pairs, 12 exemplars, 6 queries over a gallery of 10. */
function tinyStudy(): StudyData {
  const random = createRandom(5)
  const { width, frames } = tinyTower
  const gallery = drawPairs(10, random.fork('gallery'))
  return {
    ...{ width, frameWidth: width, views: frames, pairs: drawPairs(24, random.fork('pairs')) },
    kinds: Array.from({ length: 24 }, (_, i) => (i % 5 === 4 ? 'wrong' : 'aligned')),
    exemplars: drawPairs(12, random.fork('exemplars'), tinyTower, 100),
    exemplarIds: Array.from({ length: 12 }, (_, i) => `e${i}`),
    exemplarConcepts: Array.from({ length: 12 }, (_, i) => `concept ${i % 6}`),
    gallery,
    queryTexts: gallery.texts.slice(0, 6 * width),
    queryEntries: Array.from({ length: 6 }, () => []),
    lexicon: emptyLexicon,
    queries: Array.from({ length: 6 }, (_, i) => ({ query: `query ${i}`, relevant: [`g${i}`] })),
    relevant: Array.from({ length: 6 }, (_, i) => [i]),
  }
}

describe('the grid of a sweep', () => {
  it('has every combination once; runs without weights have no meta-set and learn no margin', () => {
    expect(sweepCells([0, 'learned'], ['none', 'lagged'], [10, 20])).toEqual([
      { margin: 0, weighting: 'none', metaSize: null },
      { margin: 0, weighting: 'lagged', metaSize: 10 },
      { margin: 0, weighting: 'lagged', metaSize: 20 },
      { margin: 'learned', weighting: 'lagged', metaSize: 10 },
      { margin: 'learned', weighting: 'lagged', metaSize: 20 },
    ])
  })

  it.each([
    [0, 'none', 'infonce', 'exact', 1],
    [0.02, 'none', 'angular', 'exact', 1],
    [0, 'exact', 'reweight', 'exact', 1],
    [0.02, 'lagged', 'mama', 'lagged', 1],
    [0.02, 'fourth', 'mama', 'exact', 4],
    [0.02, 'lagged-fourth', 'mama', 'lagged', 4],
  ] as const)('margin %s with %s is %s', (margin, weighting, objective, weightUpdate, weightUpdateEvery) => {
    expect(configOfCell({ margin, weighting, metaSize: 5 }, { epochs: 7 })).toMatchObject({
      ...{ objective, weightUpdate, weightUpdateEvery, marginRadians: margin, marginLearningRate: 0, epochs: 7 },
    })
  })

  it('learns the margin only where that was asked for', () => {
    const { marginLearningRate, objective } = configOfCell({ margin: 'learned', weighting: 'exact', metaSize: 5 }, {})
    expect([objective, marginLearningRate > 0]).toEqual(['mama', true])
  })
})

describe('a sweep', () => {
  const cells = sweepCells([0.01], ['none', 'exact', 'lagged'], [4])
  const settings = { ...tinyConfig, epochs: 1 }

  it('that was stopped does what is missing, and comes to the same records', async () => {
    const data = tinyStudy()
    const world = openStudyWorld(shared.runtime, data)
    const run = async (options: Partial<SweepOptions>): Promise<{ all: SweepRecord[]; lines: string[] }> => {
      const lines: string[] = []
      const onRecord = (added: SweepRecord): void => void lines.push(JSON.stringify(added))
      const all = await runSweep(world, data, { cells, seeds: 2, config: settings, done: [], onRecord, ...options })
      return { all, lines }
    }
    const whole = await run({})
    expect(whole.lines).toHaveLength(6)
    const file = `${whole.lines.slice(0, 4).join('\n')}\n${whole.lines[4]!.slice(0, 50)}`
    const resumed = await run({ done: readSweepRecords(file) })
    expect(resumed.lines).toEqual(whole.lines.slice(4))
    expect(resumed.all).toEqual(whole.all)
    expect((await run({ done: whole.all })).lines).toEqual([])
    // Other settings are another sweep.
    expect((await run({ done: whole.all, config: { ...settings, learningRate: 1e-4 } })).lines).toHaveLength(6)
  })

  it('has a fingerprint of its data and settings', () => {
    const data = tinyStudy()
    const base = sweepFingerprint(data, settings)
    expect(sweepFingerprint(tinyStudy(), { ...settings })).toBe(base)
    expect(sweepFingerprint(data, { ...settings, batchSize: 9 })).not.toBe(base)
    const texts = data.pairs.texts.slice()
    texts[0]! += 1e-3
    expect(sweepFingerprint({ ...data, pairs: { ...data.pairs, texts } }, settings)).not.toBe(base)
  })

  it('comes to a table with intervals over queries, spread over seeds and the paired difference from exact', () => {
    const [none, exact, lagged] = cells as [SweepRecord['cell'], SweepRecord['cell'], SweepRecord['cell']]
    const rows = summariseSweep(
      [
        record(exact, 1, [0.5, 0.7, 0.9, 0.1]),
        record(exact, 2, [0.7, 0.7, 0.9, 0.3]),
        record(lagged, 1, [0.4, 0.6, 0.8, 0]),
        record(lagged, 2, [0.6, 0.6, 0.8, 0.2]),
        record(none, 1, [0, 0, 0, 0]),
      ],
      cells,
    )
    expect(rows.map(({ cell, seeds }) => [cell.weighting, seeds])).toEqual([
      ['none', 1],
      ['exact', 2],
      ['lagged', 2],
    ])
    expect(rows[1]!.precisionAt10.mean).toBeCloseTo(0.6, 10)
    expect(rows[1]!.spread).toBeCloseTo(Math.sqrt(2) * 0.05, 10)
    expect(rows[1]!.overExact).toBeNull()
    expect(rows[2]!.overExact!.mean).toBeCloseTo(-0.1, 10)
    expect(rows[2]!.overExact!.isClear).toBe(true) // every query lost as much
    expect(rows[1]!.overNone!.mean).toBeCloseTo(0.55, 10) // seed 1 only, which both have
    expect([rows[0]!.overNone, rows[0]!.overExact]).toEqual([null, null])
    expect(rows[0]!.auc).toBeNull()
  })
})
