import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../main/base/index.ts'
import { calibrate } from '../../../main/search/calibration.ts'
import { fuseByRank, fuseByScore } from '../../../main/search/fuse.ts'
import { groupByFile, mergeMoments, type SegmentHit } from '../../../main/search/moments.ts'
import { overlapShare, segmentsIn } from '../../../main/search/relevance.ts'

describe('fusion', () => {
  it('by rank adds 1 / (60 + rank) of every list', () => {
    const fused = fuseByRank([
      { name: 'vector', hits: [{ id: 'a', score: 0.9 }, { id: 'b', score: 0.8 }] }, // prettier-ignore
      { name: 'keyword', hits: [{ id: 'b', score: 7 }, { id: 'c', score: 3 }], weight: 0.5 }, // prettier-ignore
    ])
    expect(fused.map((hit) => hit.id)).toEqual(['b', 'a', 'c'])
    expect(fused[0]!.score).toBeCloseTo(1 / 62 + 0.5 / 61, 12)
    expect(fused[0]!.ranks).toEqual({ vector: 2, keyword: 1 })
    expect(fused[2]!.score).toBeCloseTo(0.5 / 62, 12)
  })

  it('by rank gives equal scores the rank of the first and breaks ties by id', () => {
    const fused = fuseByRank([{ name: 'keyword', hits: ['z', 'y', 'x'].map((id) => ({ id, score: 1 })) }])
    expect(fused.map((hit) => hit.id)).toEqual(['x', 'y', 'z'])
    expect(new Set(fused.map((hit) => hit.ranks.keyword))).toEqual(new Set([1]))
  })

  it('by score: a keyword match lifts a near miss, not a clear mismatch', () => {
    const vector = [
      { id: 'clear', score: 6 },
      { id: 'near', score: 3.2 },
      { id: 'other', score: 3 },
    ]
    const fused = fuseByScore({ vector, keyword: [{ id: 'other', score: 1 }, { id: 'words', score: 0.5 }] }) // prettier-ignore
    expect(fused.map((hit) => [hit.id, hit.score])).toEqual([
      ['clear', 6],
      ['other', 4],
      ['words', 3.5],
      ['near', 3.2],
    ])
  })

  it('nothing found fuses to nothing', () => {
    expect(fuseByRank([])).toEqual([])
    expect(fuseByScore({ vector: [], keyword: [] })).toEqual([])
  })
})

describe('calibration', () => {
  it('measures in robust deviations', () => {
    // median 3, absolute distances 2 1 0 1 97 -> median 1
    const calibration = calibrate([1, 2, 3, 4, 100], 100)
    expect(calibration.median).toBe(3)
    expect(calibration.deviation).toBeCloseTo(1.4826, 12)
    expect(calibration.strengthOf(3 + 2 * 1.4826)).toBeCloseTo(2, 12)
  })

  const random = createRandom(4)
  const background = Array.from({ length: 1000 }, () => 0.2 + 0.02 * random.normal()).sort((a, b) => a - b)

  it('divides strong from weak matches, whatever the level of the scores', () => {
    for (const [scale, shift] of [
      [1, 0],
      [3, -0.4],
    ] as const) {
      const at = (score: number): number => scale * score + shift
      const calibration = calibrate(background.map(at), at(0.35))
      expect([0.35, 0.3, 0.265, 0.21, 0.1].map((score) => calibration.classify(at(score)))).toEqual([
        'strong',
        'strong',
        'weak',
        'none',
        'none',
      ])
    }
  })

  it('a query that tells nothing apart has an honest empty result', () => {
    const calibration = calibrate(background, 0.24)
    expect(calibration.classify(0.24)).toBe('none')
  })

  it('a tenth of the catalogue can match strongly', () => {
    const scores = [...background.slice(0, 900), ...Array.from({ length: 100 }, () => 0.4)].sort((a, b) => a - b)
    expect(calibrate(scores, 0.4).classify(0.4)).toBe('strong')
  })

  it('a small catalogue goes by the lead alone', () => {
    const calibration = calibrate([0.1, 0.12, 0.3], 0.3)
    expect([0.3, 0.15, 0.1].map((score) => calibration.classify(score))).toEqual(['strong', 'weak', 'weak'])
  })

  it('equal scores match nothing', () => {
    const calibration = calibrate(new Array<number>(50).fill(0.2), 0.2)
    expect(calibration.classify(0.2)).toBe('none')
    expect(calibration.strengthOf(0.2)).toBe(0)
  })
})

const hit = (id: string, file: string, startSeconds: number, endSeconds: number, score: number): SegmentHit => ({
  id,
  file,
  startSeconds,
  endSeconds,
  score,
})

describe('moments', () => {
  const hits = [
    hit('a2', 'a.mp4', 2, 4, 0.9),
    hit('b1', 'b.mp4', 0, 3, 0.8),
    hit('a1', 'a.mp4', 0, 2, 0.5),
    hit('a9', 'a.mp4', 9, 12, 0.7),
    hit('a10', 'a.mp4', 10, 11, 0.6),
  ]

  it('touching and overlapping segments of one file become one moment with the best score', () => {
    const moments = mergeMoments(hits)
    expect(moments.map(({ file, startSeconds, endSeconds, score }) => [file, startSeconds, endSeconds, score])).toEqual(
      [
        ['a.mp4', 0, 4, 0.9],
        ['b.mp4', 0, 3, 0.8],
        ['a.mp4', 9, 12, 0.7],
      ],
    )
    expect(moments[0]!.best.id).toBe('a2')
    expect(moments[0]!.segmentIds).toEqual(['a1', 'a2'])
  })

  it('a contained segment does not shorten the moment that holds it', () => {
    const inside = [hit('x', 'f', 0, 10, 1), hit('y', 'f', 2, 3, 1), hit('z', 'f', 9.5, 12, 1)]
    expect(mergeMoments(inside)).toMatchObject([{ startSeconds: 0, endSeconds: 12 }])
  })

  it('a weak neighbour stays apart when a score drop is set', () => {
    expect(mergeMoments(hits, { scoreDrop: 0.2 }).map((moment) => moment.segmentIds)).toEqual([
      ['a2'],
      ['b1'],
      ['a9', 'a10'],
      ['a1'],
    ])
  })

  it('segments further apart than the gap stay apart', () => {
    const apart = [hit('x', 'f', 0, 1, 1), hit('y', 'f', 1.05, 2, 1), hit('z', 'f', 2.3, 3, 1)]
    expect(mergeMoments(apart).map((moment) => moment.segmentIds)).toEqual([['x', 'y'], ['z']])
  })

  it('are grouped by file, the best file first', () => {
    const groups = groupByFile(mergeMoments(hits))
    expect(groups.map((group) => [group.file, group.score, group.moments.length])).toEqual([
      ['a.mp4', 0.9, 2],
      ['b.mp4', 0.8, 1],
    ])
  })
})

describe('relevance', () => {
  const span = (file: string, startSeconds: number, endSeconds: number) => ({ file, startSeconds, endSeconds })

  it('a segment counts when it overlaps a span by half of the shorter', () => {
    const segments = [span('a', 0, 2), span('a', 2, 6), span('b', 0, 2), span('a', 5, 20)]
    expect(segmentsIn(segments, [span('a', 1, 2.9)])).toEqual([0])
    expect(segmentsIn(segments, [span('a', 2.2, 6)])).toEqual([1])
    expect(segmentsIn(segments, [span('a', 8, 9)])).toEqual([3])
  })

  it('an instant is inside where it lies', () => {
    expect(overlapShare(span('a', 1, 1), span('a', 0, 2))).toBe(1)
    expect(overlapShare(span('a', 3, 3), span('a', 0, 2))).toBe(0)
  })
})
