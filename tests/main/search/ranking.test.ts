import { describe, expect, it } from 'vitest'
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
