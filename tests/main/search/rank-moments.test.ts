import { describe, expect, it } from 'vitest'
import { calibratePicture, rankMoments, type SearchableSegment, type VectorResult } from '../../../main/search/index.ts'

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

/** As the search service does it for a picture. */
function rank(vector: VectorResult, words: Parameters<typeof rankMoments>[0]['words'] = [], all = segments) {
  const calibration = calibratePicture(vector.sample, vector.hits[0]?.score ?? 0)
  return rankMoments({ hits: vector.hits, words, segments: all, calibration })
}

/** Scores 0.20 to 0.229 in catalogue order, with some raised. */
function found(raised: Record<string, number>) {
  const hits = segments
    .map(({ id }, index) => ({ id, score: raised[id] ?? 0.2 + index / 1000 }))
    .sort((a, b) => b.score - a.score)
  return { hits, sample: Float32Array.from(hits, (hit) => hit.score).sort() }
}

describe('ranking moments', () => {
  it('touching strong shots become one moment, told apart from the rest of the file', () => {
    const [best, ...rest] = rank(found({ '3/0': 0.4, '3/1': 0.38 }))
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
    const moments = rank(found({}))
    expect(moments.every((moment) => moment.strength === 'none')).toBe(true)
  })

  it('words that the picture speaks against make a weak match, and picture with words comes before picture alone', () => {
    const words = [
      { videoId: '5', matchedTerms: 2, termCount: 2 },
      { videoId: '1', matchedTerms: 2, termCount: 2 },
    ]
    const moments = rank(found({ '5/2': 0.4, '7/0': 0.405 }), words)
    expect(moments[0]).toMatchObject({
      file: '5.mp4',
      startSeconds: 4,
      strength: 'strong',
      foundBy: ['picture', 'words'],
    })
    expect(moments[1]).toMatchObject({ file: '7.mp4', strength: 'strong', foundBy: ['picture'] })
    expect(moments.find((moment) => moment.file === '1.mp4')).toMatchObject({ strength: 'weak', foundBy: ['words'] })
  })

  it('all words of the query make a strong match where the picture does not speak against it', () => {
    const words = [
      { videoId: '8', matchedTerms: 2, termCount: 2 },
      { videoId: '9', matchedTerms: 1, termCount: 2 },
    ]
    // The shots of video 8 lie in the upper half of the scores, but far from standing out.
    const moments = rank(found({ '3/0': 0.4 }), words)
    expect(moments.find(({ file }) => file === '8.mp4')).toMatchObject({ strength: 'strong', foundBy: ['words'] })
    expect(moments.find(({ file }) => file === '9.mp4')).toMatchObject({ strength: 'none' })
  })

  it('words do not blur which shot of a video it is, once its pictures have told', () => {
    const words = [{ videoId: '8', matchedTerms: 2, termCount: 2 }]
    const own = rank(found({ '8/1': 0.4 }), words).filter(({ file }) => file === '8.mp4')
    expect(own.map(({ strength, startSeconds, endSeconds }) => [strength, startSeconds, endSeconds])).toEqual([
      ['strong', 2, 4],
      ['weak', 4, 6],
      ['weak', 0, 2],
    ])
  })

  it('a segment that only the words found is told by its own score, where that is known', () => {
    const { hits, sample } = found({ '3/0': 0.4 })
    const calibration = calibratePicture(sample, 0.4)
    const words = [{ videoId: '0', matchedTerms: 1, termCount: 1 }]
    const strengthAt = (score: number) => {
      const otherScores = new Map(['0/0', '0/1', '0/2'].map((id) => [id, score]))
      const options = { hits: hits.slice(0, 2), words, segments, calibration, otherScores }
      return rankMoments(options).find(({ file }) => file === '0.mp4')!.strength
    }
    expect([strengthAt(calibration.median), strengthAt(calibration.median - 0.001)]).toEqual(['strong', 'weak'])
  })

  it('words find what the vector search did not return', () => {
    const { hits, sample } = found({ '3/0': 0.4 })
    const moments = rank({ hits: hits.slice(0, 2), sample }, [{ videoId: '0', matchedTerms: 1, termCount: 1 }])
    expect(moments.find((moment) => moment.file === '0.mp4')).toMatchObject({
      startSeconds: 0,
      endSeconds: 6,
      strength: 'weak',
      foundBy: ['words'],
    })
  })

  it('an empty catalogue has no moments', () => {
    expect(rank({ hits: [], sample: new Float32Array(0) }, [], [])).toEqual([])
  })
})
