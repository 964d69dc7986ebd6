import { describe, expect, it } from 'vitest'
import { rankMoments, type SearchableSegment } from '../../../main/search/index.ts'

// Video v has the segments v/0, v/1, v/2 of two seconds each
const segments: SearchableSegment[] = Array.from({ length: 10 }, (_, video) =>
  [0, 1, 2].map((part) => ({
    id: `${video}/${part}`,
    videoId: `${video}`,
    file: `${video}.mp4`,
    startSeconds: 2 * part,
    endSeconds: 2 * part + 2,
  })),
).flat()

/** Scores 0.20 to 0.229 in catalogue order, with some raised. */
function found(raised: Record<string, number>) {
  const hits = segments
    .map(({ id }, index) => ({ id, score: raised[id] ?? 0.2 + index / 1000 }))
    .sort((a, b) => b.score - a.score)
  return { hits, sample: Float32Array.from(hits, (hit) => hit.score).sort() }
}

describe('ranking moments', () => {
  it('touching strong shots become one moment, told apart from the rest of the file', () => {
    const [best, ...rest] = rankMoments({ vector: found({ '3/0': 0.4, '3/1': 0.38 }), words: [], segments })
    expect(best).toMatchObject({
      file: '3.mp4',
      startSeconds: 0,
      endSeconds: 4,
      strength: 'strong',
      foundBy: ['picture'],
    })
    expect(new Set(rest.map((moment) => moment.strength))).toEqual(new Set(['none']))
  })

  it('a query that nothing answers has moments of strength none only', () => {
    const moments = rankMoments({ vector: found({}), words: [], segments })
    expect(moments.every((moment) => moment.strength === 'none')).toBe(true)
  })

  it('words alone make a weak match, and picture with words comes before picture alone', () => {
    const words = [
      { videoId: '5', matchedTerms: 2, termCount: 2 },
      { videoId: '1', matchedTerms: 2, termCount: 2 },
    ]
    const moments = rankMoments({ vector: found({ '5/2': 0.4, '7/0': 0.405 }), words, segments })
    expect(moments[0]).toMatchObject({
      file: '5.mp4',
      startSeconds: 4,
      strength: 'strong',
      foundBy: ['picture', 'words'],
    })
    expect(moments[1]).toMatchObject({ file: '7.mp4', strength: 'strong', foundBy: ['picture'] })
    expect(moments.find((moment) => moment.file === '1.mp4')).toMatchObject({ strength: 'weak', foundBy: ['words'] })
  })

  it('words find what the vector search did not return', () => {
    const { hits, sample } = found({ '3/0': 0.4 })
    const moments = rankMoments({
      vector: { hits: hits.slice(0, 2), sample },
      words: [{ videoId: '0', matchedTerms: 1, termCount: 1 }],
      segments,
    })
    expect(moments.find((moment) => moment.file === '0.mp4')).toMatchObject({
      startSeconds: 0,
      endSeconds: 6,
      strength: 'weak',
      foundBy: ['words'],
    })
  })

  it('an empty catalogue has no moments', () => {
    expect(rankMoments({ vector: { hits: [], sample: new Float32Array(0) }, words: [], segments: [] })).toEqual([])
  })
})
