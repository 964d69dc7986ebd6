/**
 * From what the vectors and the words found to moments: fuse, tell strengths apart, merge. Pure; the caller fetches the
 * hits, calibrates, and decides how many moments to show, and whether to show those that match nothing.
 */
import type { Calibration, MatchStrength } from './calibration.ts'
import { fuseByScore, type RankedHit } from './fuse.ts'
import { mergeMoments, type Moment, type SegmentHit } from './moments.ts'
import type { VectorHit } from './vector-index.ts'

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
  /** What the picture side found, best first. */
  readonly hits: readonly VectorHit[]
  readonly words: readonly WordHit[]
  readonly segments: readonly SearchableSegment[]
  readonly calibration: Calibration
  /** Scores of segments that only the words found, as far as known. */
  readonly otherScores?: ReadonlyMap<string, number>
  /** How many deviations a video that has all words of the query gains. Default 1: descriptions are often wrong. */
  readonly keywordWeight?: number
}

export type RankedMoment = Moment & {
  readonly strength: MatchStrength
  /** How far it stands out, 0..1: the best of its segments on the calibration's scale. */
  readonly level: number
  /** What found it. */
  readonly foundBy: readonly ('picture' | 'words')[]
}

const order: readonly MatchStrength[] = ['none', 'weak', 'strong']

/**
 * Moments, best first. Scores are in deviations of the query's scores over the catalogue, plus what the words add.
 *
 * A video whose texts hold all words of the query is a weak match at least. Where its pictures name no shot as a strong
 * match, those that the picture does not speak against are strong: in a customer's own words, texts say more than a model
 * that has never seen them. A video with some of the words is told by its pictures.
 */
export function rankMoments(options: RankMomentsOptions): RankedMoment[] {
  const { hits, words, segments, calibration, otherScores = new Map<string, number>(), keywordWeight = 1 } = options
  const scoreOf = new Map([...otherScores, ...hits.map(({ id, score }) => [id, score] as const)])
  const wordShareOf = new Map(words.map((hit) => [hit.videoId, hit.matchedTerms / hit.termCount]))
  const segmentOf = new Map(segments.map((segment) => [segment.id, segment]))

  // A catalogue of equal scores has no deviation to measure in; then the plain differences have to do.
  const unit = calibration.deviation > 0 ? calibration.deviation : 1
  const fused = fuseByScore({
    vector: hits.map(({ id, score }) => ({ id, score: (score - calibration.median) / unit })),
    keyword: segments
      .flatMap(({ id, videoId }): RankedHit[] => {
        const share = wordShareOf.get(videoId)
        return share === undefined ? [] : [{ id, score: share }]
      })
      .sort((a, b) => b.score - a.score),
    keywordWeight,
  })

  const byPicture = new Map([...scoreOf].map(([id, score]) => [id, calibration.classify(score)] as const))
  const seenVideos = new Set<string>()
  for (const { id, videoId } of segments) if (byPicture.get(id) === 'strong') seenVideos.add(videoId)
  const strengthOf = ({ id, videoId }: SearchableSegment): MatchStrength => {
    const seen = byPicture.get(id) ?? 'none'
    if (seen === 'strong' || (wordShareOf.get(videoId) ?? 0) < 1) return seen
    return !seenVideos.has(videoId) && (scoreOf.get(id) ?? -Infinity) >= calibration.median ? 'strong' : 'weak'
  }
  const levelOf = (id: string): number => {
    const score = scoreOf.get(id)
    return score === undefined ? 0 : calibration.levelOf(score)
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
      const seen = moment.segmentIds.some((id) => (byPicture.get(id) ?? 'none') !== 'none')
      const told = moment.segmentIds.some((id) => wordShareOf.has(segmentOf.get(id)!.videoId))
      if (seen || !told) foundBy.push('picture')
      if (told) foundBy.push('words')
      const level = moment.segmentIds.reduce((most, id) => Math.max(most, levelOf(id)), 0)
      return { ...moment, strength, level, foundBy }
    }),
  )
  return moments.sort((a, b) => b.score - a.score)
}
