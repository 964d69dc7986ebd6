/**
 * The whole way from what the vectors and the words found to moments: calibrate, fuse, merge. Pure; the caller fetches the
 * hits and decides how many moments to show, and whether to show those that match nothing.
 */
import { calibrate, type CalibrationOptions, type MatchStrength } from './calibration.ts'
import { fuseByScore, type RankedHit } from './fuse.ts'
import { mergeMoments, type Moment, type SegmentHit } from './moments.ts'
import type { VectorResult } from './vector-index.ts'

export type SearchableSegment = {
  readonly id: string
  readonly videoId: string
  readonly file: string
  readonly startSeconds: number
  readonly endSeconds: number
}

/** A video whose texts hold some of the query's words. */
export type WordHit = { readonly videoId: string; readonly matchedTerms: number; readonly termCount: number }

export type RankMomentsOptions = {
  readonly vector: VectorResult
  readonly words: readonly WordHit[]
  readonly segments: readonly SearchableSegment[]
  readonly calibration?: CalibrationOptions
  /** How many deviations a video that has all words of the query gains. Default 1: descriptions are often wrong. */
  readonly keywordWeight?: number
}

export type RankedMoment = Moment & {
  readonly strength: MatchStrength
  /** What found it. */
  readonly foundBy: readonly ('picture' | 'words')[]
}

const order: readonly MatchStrength[] = ['none', 'weak', 'strong']

/**
 * Moments, best first. Scores are in deviations of the query's scores over the catalogue, plus what the words add.
 * A video with all words of the query is a weak match at least; one with some of them is told by its picture.
 */
export function rankMoments(options: RankMomentsOptions): RankedMoment[] {
  const { vector, words, segments, keywordWeight = 1 } = options
  const calibration = calibrate(vector.sample, vector.hits[0]?.score ?? 0, options.calibration)
  const cosineOf = new Map(vector.hits.map(({ id, score }) => [id, score]))
  const wordShareOf = new Map(words.map((hit) => [hit.videoId, hit.matchedTerms / hit.termCount]))
  const segmentOf = new Map(segments.map((segment) => [segment.id, segment]))

  // A catalogue of equal scores has no deviation to measure in; then the plain differences have to do.
  const unit = calibration.deviation > 0 ? calibration.deviation : 1
  const fused = fuseByScore({
    vector: vector.hits.map(({ id, score }) => ({ id, score: (score - calibration.median) / unit })),
    keyword: segments
      .flatMap(({ id, videoId }): RankedHit[] => {
        const share = wordShareOf.get(videoId)
        return share === undefined ? [] : [{ id, score: share }]
      })
      .sort((a, b) => b.score - a.score),
    keywordWeight,
  })

  const strengthOf = (segment: SearchableSegment): MatchStrength => {
    const cosine = cosineOf.get(segment.id)
    const byPicture = cosine === undefined ? 'none' : calibration.classify(cosine)
    return byPicture === 'none' && (wordShareOf.get(segment.videoId) ?? 0) >= 1 ? 'weak' : byPicture
  }
  const byStrength = new Map<MatchStrength, SegmentHit[]>(order.map((strength) => [strength, []]))
  for (const { id, score } of fused) {
    const segment = segmentOf.get(id)
    // The index may still hold a segment whose video was removed a moment ago
    if (segment === undefined) continue
    const { file, startSeconds, endSeconds } = segment
    byStrength.get(strengthOf(segment))!.push({ id, file, startSeconds, endSeconds, score })
  }
  // Merged within one strength only, so that a weak shot does not blur the borders of a strong moment.
  const moments = order.flatMap((strength) =>
    mergeMoments(byStrength.get(strength)!).map((moment): RankedMoment => {
      const foundBy: ('picture' | 'words')[] = []
      const seen = moment.segmentIds.some((id) => {
        const cosine = cosineOf.get(id)
        return cosine !== undefined && calibration.classify(cosine) !== 'none'
      })
      const told = moment.segmentIds.some((id) => wordShareOf.has(segmentOf.get(id)!.videoId))
      if (seen || !told) foundBy.push('picture')
      if (told) foundBy.push('words')
      return { ...moment, strength, foundBy }
    }),
  )
  return moments.sort((a, b) => b.score - a.score)
}
