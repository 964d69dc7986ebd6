/** What to label next and why, how balanced the exemplars are, and whether they are enough. */
import { basename } from 'node:path'
import { createRandom } from '../../base/index.ts'
import type { Candidate, LabelStand, ProcedureInput, ProcedureOutput } from '../../contract/index.ts'
import { metaSetBalance, proposeLabels, type Candidate as Proposable, type Proposal } from '../../labelling/index.ts'
import type { Exemplar, Library, SegmentWithPath } from '../../storage/index.ts'
import { conceptNames, toExemplar } from '../library/index.ts'
import type { ReadyModel } from '../search/index.ts'
import type { FeatureEncoder } from '../shared/ports.ts'
import { exemplarParts, leastExemplars, textsKeptAs, videoTexts } from '../training/index.ts'

/** Exemplars wanted of each concept. */
const goalPerConcept = 4
/** With fewer, the held-out part is too small to tell two models apart, however few concepts there are. */
const recommendedLeast = 40

/** How far the model agrees with each pair's text; kept between calls, since texts are slow to encode. */
export type Agreements = {
  of(
    parts: { readonly library: Library; readonly encoder: FeatureEncoder; readonly ready: ReadyModel },
    pairs: readonly { readonly segmentId: string; readonly text: string }[],
  ): Promise<(number | null)[]>
}

/** Texts encoded in one call: the others have no agreement yet, and get theirs with the next calls. */
const newTextsAtOnce = 512

export function createAgreements(): Agreements {
  let modelId = ''
  let known = new Map<string, number>()
  return {
    async of({ library, encoder, ready }, pairs) {
      if (ready.model.id !== modelId) {
        modelId = ready.model.id
        known = new Map()
      }
      const key = ({ segmentId, text }: { segmentId: string; text: string }): string => `${segmentId}\n${text}`
      const missing = pairs.filter((pair) => pair.text !== '' && !known.has(key(pair)))
      const texts = [...new Set(missing.map(({ text }) => text))]
      const keptAs = textsKeptAs(encoder)
      const unread = library.features.loadTexts(keptAs, texts).missing
      const toEncode = unread.slice(0, newTextsAtOnce).map((position) => texts[position]!)
      if (toEncode.length > 0 && !library.readOnly) {
        library.features.saveTexts(keptAs, toEncode, await encoder.encodeTexts(toEncode))
      }
      const loaded = library.features.loadTexts(keptAs, texts)
      const absent = new Set(loaded.missing.map((position) => texts[position]!))
      const readable = texts.filter((text) => !absent.has(text))
      if (readable.length > 0) {
        const { features, dim } = library.features.loadTexts(keptAs, readable)
        const embedded = await ready.tower.texts(features, readable)
        const rowOf = new Map(readable.map((text, row) => [text, row]))
        const { segmentIds, vectors } = library.embeddings.matrix(ready.model.id)
        const rowOfSegment = new Map(segmentIds.map((id, row) => [id, row]))
        for (const pair of missing) {
          const row = rowOf.get(pair.text)
          const segmentRow = rowOfSegment.get(pair.segmentId)
          if (row === undefined || segmentRow === undefined) continue
          let cosine = 0
          for (let d = 0; d < dim; d++) cosine += embedded[row * dim + d]! * vectors[segmentRow * dim + d]!
          known.set(key(pair), cosine)
        }
      }
      return pairs.map((pair) => known.get(key(pair)) ?? null)
    },
  }
}

type Clip = { readonly segment: SegmentWithPath; readonly text: string; readonly concept: string | null }

export async function labelQueue(
  parts: {
    readonly library: Library
    readonly encoder: FeatureEncoder
    readonly ready: ReadyModel
    readonly agreements: Agreements
  },
  { count, seed, without, first }: ProcedureInput<'labelQueue'>,
): Promise<ProcedureOutput<'labelQueue'>> {
  const { library, agreements } = parts
  const exemplars = library.exemplars.all()
  const concepts = conceptNames(library)
  const kinds = new Map(library.videoList.kinds().map((video) => [video.id, video]))
  const texts = videoTexts(library)
  const clips = library.segments.all().map((segment): Clip => {
    const { videoId } = segment
    return { segment, text: texts.get(videoId)?.[0] ?? '', concept: kinds.get(videoId)?.category || null }
  })
  const skipped = library.edits.skipped()
  const labelled = new Set(exemplars.map(({ segmentId }) => segmentId))
  const taken = new Set(first === undefined ? without : [...without, first])
  const agreement = await agreements.of(
    parts,
    clips.map(({ segment, text }) => ({ segmentId: segment.id, text })),
  )
  const isDone = ({ id }: SegmentWithPath): boolean => labelled.has(id) || skipped.has(id)
  const candidates = clips.map(({ segment, concept }, i): Proposable => {
    const isLabelled = isDone(segment) || taken.has(segment.id)
    return { id: segment.id, videoId: segment.videoId, concept, agreement: agreement[i]!, isLabelled }
  })
  const conceptOf = (exemplar: Exemplar): string | null =>
    (exemplar.conceptId === null ? null : concepts.get(exemplar.conceptId)) ??
    (kinds.get(exemplar.videoId)?.category || null)
  const usable = exemplars.filter(({ grade }) => grade !== 'wrong')
  const exemplarCounts = countBy(usable.map(conceptOf))
  const clipCounts = countBy(clips.map(({ concept }) => concept))
  const proposals = proposeLabels(candidates, { count, random: createRandom(seed), exemplarCounts })
  const clipOf = new Map(clips.map((clip) => [clip.segment.id, clip]))
  const takenBack = first === undefined ? undefined : clipOf.get(first)
  const begin =
    takenBack === undefined || isDone(takenBack.segment)
      ? []
      : [{ ...plain(takenBack), reason: { kind: 'takenBack' as const } }]
  const balance = metaSetBalance(clipCounts, usable.map(conceptOf), goalPerConcept)
  return {
    candidates: [...begin, ...proposals.map((proposal) => describe(proposal, clipOf.get(proposal.id)!))].slice(
      0,
      count,
    ),
    remaining: clips.filter(({ segment }) => !isDone(segment)).length,
    skipped: skipped.size,
    stand: standOf(library, exemplars, clipCounts.size),
    balance: {
      concepts: balance.concepts.map(({ concept, catalogueCount, exemplarCount, missing }) => {
        return { concept, clips: catalogueCount, exemplars: exemplarCount, missing }
      }),
      covered: Number.isNaN(balance.coveredFraction) ? 0 : balance.coveredFraction,
      evenness: balance.evenness,
      missing: balance.missing,
    },
  }

  function plain({ segment, text, concept }: Clip): Omit<Candidate, 'reason'> {
    return {
      ...{ segment: segment.id, video: segment.videoId, fileName: basename(segment.path) },
      title: kinds.get(segment.videoId)?.title ?? null,
      ...{ start: segment.startSeconds, end: segment.endSeconds },
      durationSeconds: library.videos.get(segment.videoId)?.durationSeconds ?? null,
      ...{ text, concept, exemplar: null },
    }
  }

  function describe({ reason, urgency }: Proposal, clip: Clip): Candidate {
    const concept = clip.concept ?? ''
    const counts = { exemplars: exemplarCounts.get(concept) ?? 0, clips: clipCounts.get(concept) ?? 0 }
    return {
      ...plain(clip),
      reason:
        reason === 'rareConcept'
          ? { kind: reason, concept, ...counts }
          : reason === 'disagreement'
            ? { kind: reason, better: urgency }
            : { kind: reason },
    }
  }
}

export function labelsPage(
  library: Library,
  { grade, offset, limit }: ProcedureInput<'labels'>,
): ProcedureOutput<'labels'> {
  const { total, exemplars } = library.exemplars.page({ grade, offset, limit })
  const concepts = conceptNames(library)
  const parts = exemplarParts(library)
  return {
    total,
    labels: exemplars.map((exemplar) => ({
      ...toExemplar(exemplar, concepts),
      fileName: basename(exemplar.path),
      part: parts.get(exemplar.id) ?? null,
    })),
  }
}

function standOf(library: Library, exemplars: readonly Exemplar[], conceptCount: number): LabelStand {
  const count = (grade: Exemplar['grade']): number => exemplars.filter((exemplar) => exemplar.grade === grade).length
  const parts = [...exemplarParts(library).values()]
  const metaSet = parts.filter((part) => part === 'meta').length
  const usable = parts.length
  const recommended = Math.max(recommendedLeast, goalPerConcept * conceptCount)
  return {
    ...{ exact: count('exact'), partial: count('partial'), wrong: count('wrong') },
    ...{ usable, metaSet, heldOut: usable - metaSet, needed: leastExemplars, recommended },
    state: usable < leastExemplars ? 'tooFew' : usable < recommended ? 'canTrain' : 'enough',
  }
}

function countBy(values: readonly (string | null)[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const value of values) if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}
