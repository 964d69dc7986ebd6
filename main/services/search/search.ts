/** Search: a query's embedding against every shot, joined with the words of titles and descriptions, as moments. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  AppError,
  type CallContext,
  type FoundMoment,
  type Highlight,
  type ProcedureInput,
  type ProcedureOutput,
} from '../../contract/index.ts'
import {
  calibratePicture,
  calibrateText,
  rankMoments,
  type RankedMoment,
  type VectorHit,
  type VectorResult,
} from '../../search/index.ts'
import { highlight, type Library, type SegmentWithPath } from '../../storage/index.ts'
import type { MediaTools } from '../library/index.ts'
import { framesPerShot, nameOf } from '../models/index.ts'
import type { FeatureEncoder } from '../shared/ports.ts'
import type { ReadyModel } from './search-index.ts'
import { understandingOf } from './understanding.ts'

export type SearchParts = {
  readonly library: Library
  readonly encoder: FeatureEncoder
  readonly ready: ReadyModel
  /** Milliseconds. */
  readonly now: () => number
}

type Found = ProcedureOutput<'search'>
type Options = Pick<ProcedureInput<'search'>, 'k' | 'filter' | 'includeUnmatched'>
type Signal = Pick<CallContext, 'signal'>

export async function searchMoments(
  parts: SearchParts,
  input: ProcedureInput<'search'>,
  { signal }: Signal,
): Promise<Found> {
  const { library, encoder, ready, now } = parts
  const { text } = input
  const startedMs = now()
  const query = await ready.tower.texts(await encoder.encodeTexts([text]), [text])
  const found = await find(parts, { query, text, exclude: null }, input, startedMs, signal)
  if (input.remember && !library.readOnly) {
    const { moments, tookMs } = found
    library.searchLog.add({ query: text, modelId: ready.model.id, hitCount: moments.length, tookMs })
  }
  return found
}

/** @throws AppError `input.missing` for a shot that is gone, `input.invalid` for a picture that cannot be read */
export async function similarMoments(
  parts: SearchParts,
  mediaTools: MediaTools,
  input: ProcedureInput<'similar'>,
  { signal }: Signal,
): Promise<Found> {
  const { library, encoder, ready, now } = parts
  const startedMs = now()
  const { to } = input
  if ('segment' in to) {
    if (library.segments.get(to.segment) === undefined) {
      throw new AppError('input.missing', 'This moment is not in the library any more. Search again.', {
        segment: to.segment,
      })
    }
    const { frames, mask } = library.features.loadFrames(encoder.id, [to.segment], framesPerShot)
    const query = await ready.tower.videos(frames, mask, 1)
    return find(parts, { query, text: null, exclude: to.segment }, input, startedMs, signal)
  }
  const trunk = await encoder.encodeImages(await pixelsOf(to.image, encoder, mediaTools, signal), 1)
  // A picture is a shot of one frame.
  const frames = new Float32Array(framesPerShot * encoder.dim)
  frames.set(trunk)
  const mask = new Float32Array(framesPerShot)
  mask[0] = 1
  const query = await ready.tower.videos(frames, mask, 1)
  return find(parts, { query, text: null, exclude: null }, input, startedMs, signal)
}

type Query = {
  /** [D] */
  readonly query: Float32Array
  /** The words, for the keyword part; null when the query is a picture. */
  readonly text: string | null
  /** A segment that is no answer: the one that was asked with. */
  readonly exclude: string | null
}

const strengthOrder = { strong: 0, weak: 1, none: 2 } as const

async function find(
  { library, encoder, ready, now }: SearchParts,
  { query, text, exclude }: Query,
  { k, filter, includeUnmatched }: Options,
  startedMs: number,
  signal: AbortSignal,
): Promise<Found> {
  const { index, model } = ready
  const allowed = Object.values(filter).some((value) => value !== undefined) ? library.videoList.matching(filter) : null
  const wanted = Math.max(100, 10 * k)
  // Few of the best may pass a filter, and which share does is no promise: the first try may have to be all there is.
  const ask = async (count: number): Promise<VectorResult | undefined> =>
    (await index.search(query, Math.max(1, count), { signal }))[0]
  let result = await ask(allowed === null ? wanted : 4 * wanted)
  const isAllowed = ({ id }: VectorHit): boolean => {
    const segment = ready.segments.get(id)
    return segment !== undefined && id !== exclude && (allowed === null || allowed.has(segment.videoId))
  }
  let hits = (result?.hits ?? []).filter(isAllowed)
  if (allowed !== null && hits.length < Math.min(wanted, allowed.size) && (result?.hits.length ?? 0) < index.size) {
    result = await ask(index.size)
    hits = (result?.hits ?? []).filter(isAllowed).slice(0, wanted)
  }
  const sample = result?.sample ?? new Float32Array(0)
  const best = hits[0]?.score ?? 0
  const looked = text === null ? { hits: [], words: [] } : library.keywords.look(text, { limit: wanted })
  const words = looked.hits.filter(({ videoId }) => allowed?.has(videoId) ?? true)
  const understanding = understandingOf(looked.words, encoder.knowsWord, model.hasWeights)
  const calibration =
    text === null
      ? calibratePicture(sample, best)
      : calibrateText({ sample, best, background: ready.background, understood: understanding.share })
  // Of the videos that only the words found, no more than could be shown: a letter or two is in thousands of texts.
  const segments = candidates(ready, hits, words.slice(0, Math.max(50, 2 * k)))
  const found = new Set(hits.map(({ id }) => id))
  const otherScores = index.scores(
    query,
    segments.flatMap(({ id }) => (found.has(id) ? [] : [id])),
  )
  const ranked = rankMoments({ hits, words, segments, calibration, otherScores })
  const shown = ranked
    .filter(({ strength }) => includeUnmatched || strength !== 'none')
    .sort((a, b) => strengthOrder[a.strength] - strengthOrder[b.strength] || b.score - a.score)
    .slice(0, k)
  const moments = shown.flatMap((moment) => describe(library, ready, moment, text))
  const firstWeak = moments.findIndex(({ match }) => match === 'weak')
  return {
    ...{ query: text ?? '', model: nameOf(model), segmentsSearched: index.size, moments },
    unknownWords: [...understanding.unknownWords],
    weakFrom: firstWeak < 0 ? moments.length : firstWeak,
    unmatched: includeUnmatched ? 0 : ranked.filter(({ strength }) => strength === 'none').length,
    pendingVideos: library.videoList.pending(),
    tookMs: now() - startedMs,
  }
}

/** The segments that ranking will speak of: those that were hit, and all of the videos that have the words. */
function candidates(
  ready: ReadyModel,
  hits: readonly VectorHit[],
  words: readonly { readonly videoId: string }[],
): SearchableSegments {
  const chosen = new Map<string, SegmentWithPath>()
  for (const { id } of hits) chosen.set(id, ready.segments.get(id)!)
  for (const { videoId } of words) {
    for (const segment of ready.segmentsOfVideo.get(videoId) ?? []) chosen.set(segment.id, segment)
  }
  return [...chosen.values()].map(({ id, videoId, path, startSeconds, endSeconds }) => {
    return { id, videoId, file: path, startSeconds, endSeconds }
  })
}
type SearchableSegments = Parameters<typeof rankMoments>[0]['segments']

/** Strong matches fill the upper half of the scale, weak ones the lower; words alone reach a quarter. Pure. */
export function strengthOf({ strength, level, foundBy }: Pick<RankedMoment, 'strength' | 'level' | 'foundBy'>): number {
  if (strength === 'strong') return Math.max(0.5, level)
  return Math.min(0.5, strength === 'weak' && foundBy.includes('words') ? Math.max(0.25, level) : level)
}

/** With what the catalogue says of it now; nothing for a video that has left since. */
function describe(library: Library, ready: ReadyModel, moment: RankedMoment, text: string | null): FoundMoment[] {
  const { videoId } = ready.segments.get(moment.best.id)!
  const video = library.videos.get(videoId)
  if (video === undefined) return []
  const { score, strength, foundBy, segmentIds, startSeconds, endSeconds } = moment
  const highlights: Highlight[] = []
  if (text !== null && foundBy.includes('words')) {
    const add = (field: Highlight['field'], value: string | null): void => {
      const ranges = value === null ? [] : highlight(value, text, field === 'sku')
      if (value !== null && ranges.length > 0) {
        highlights.push({ field, text: value, ranges: ranges.map(([start, end]) => [start, end]) })
      }
    }
    add('title', video.title)
    for (const { text: described, generated } of library.descriptions.ofVideo(videoId)) {
      if (generated === null) add('description', described)
      // What a model has written of another shot says nothing of this one.
      else if (generated.startSeconds < endSeconds && startSeconds < generated.endSeconds) add('generated', described)
    }
    add('category', video.category)
    add('sku', video.sku)
  }
  return [
    {
      ...{ file: video.path, start: startSeconds, end: endSeconds, score },
      match: strength === 'strong' ? 'strong' : 'weak',
      foundBy: [...foundBy],
      ...{ video: videoId, segment: moment.best.id, segments: [...segmentIds], fileName: video.fileName },
      ...{ title: video.title, category: video.category, durationSeconds: video.durationSeconds },
      ...{ strength: strengthOf(moment), highlights },
    },
  ]
}

/** Decodes a dropped picture. ffmpeg reads files, so it lies on disk for a moment. */
async function pixelsOf(
  base64: string,
  encoder: FeatureEncoder,
  mediaTools: MediaTools,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'mama-picture-'))
  try {
    const file = join(folder, 'picture')
    await writeFile(file, Buffer.from(base64, 'base64'))
    const pixels = await mediaTools.picture(file, encoder, signal)
    if (pixels instanceof Uint8Array) return pixels
    throw new AppError('input.invalid', 'This picture cannot be read. Use a JPEG, PNG or WebP file.', {
      reason: pixels.refusal.reason,
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
