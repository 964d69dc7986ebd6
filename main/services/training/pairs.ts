/**
 * Turns the catalogue into training data: every shot of a described video is paired with its video's texts, exemplars
 * are split into the meta-set and the held-out part. What is loaded here is features only.
 */
import { createHash } from 'node:crypto'
import { AppError } from '../../contract/index.ts'
import type { Exemplar, Library } from '../../storage/index.ts'
import { splitExemplars, type ExemplarPart } from '../../training/index.ts'
import type { FeatureEncoder } from '../shared/ports.ts'
import type { PairFeatures } from './ports.ts'

/** A pair before its features are loaded. `id` does not depend on when anything was added. */
export type Pair = { readonly id: string; readonly segmentId: string; readonly text: string; readonly concept: string }

export type TrainingPairs = {
  readonly pairs: Pair[]
  readonly metaSet: Pair[]
  readonly heldOut: Pair[]
  /** Pairs left out because an exemplar calls them wrong. */
  readonly leftOut: Pair[]
  /** Changes when anything that training sees changes. */
  readonly dataHash: string
}

/** Fewer than these teach nothing: a contrastive batch needs negatives, and a held-out part needs several exemplars. */
export const leastPairs = 8
export const leastExemplars = 8

/** The exemplar split must not change from run to run, or held-out ones would have trained an earlier model. */
const splitSeed = 20240707
const splitSetting = 'exemplarSplit'

/** @throws AppError `training.notEnough` */
export function collectPairs(library: Library, encoderId: string): TrainingPairs {
  const found = gatherPairs(library, encoderId, { keepSplit: true })
  const problem = whatIsMissing(library, encoderId, found)
  if (problem !== null) throw problem
  return found
}

/** The same without asking whether it is enough. @param keepSplit whether newly split exemplars keep their part for good */
export function gatherPairs(
  library: Library,
  encoderId: string,
  { keepSplit }: { readonly keepSplit: boolean },
): TrainingPairs {
  const unseen = new Set(library.features.segmentsWithout(encoderId))
  const segments = library.segments.all().filter(({ id }) => !unseen.has(id))
  const textsOf = videoTexts(library)
  const generatedOf = generatedTexts(library)
  const all = segments.flatMap((segment): Pair[] =>
    distinct([...(textsOf.get(segment.videoId) ?? []), ...(generatedOf.get(segment.id) ?? [])]).map((text) => ({
      id: `${segment.path}#${segment.position}#${text}`,
      segmentId: segment.id,
      text,
      concept: segment.videoId,
    })),
  )
  const labelled = library.exemplars.all()
  const wrong = new Set(
    labelled.filter(({ grade }) => grade === 'wrong').map(({ segmentId, text }) => pairKey(segmentId, text)),
  )
  const isWrong = ({ segmentId, text }: Pair): boolean => wrong.has(pairKey(segmentId, text))
  const pairs = all.filter((pair) => !isWrong(pair))
  const usable = new Set(segments.map(({ id }) => id))
  const exemplars = labelled.filter(
    ({ grade, segmentId }) => grade !== 'wrong' && segmentId !== null && usable.has(segmentId),
  )
  const parts = splitOf(library, exemplars, keepSplit)
  const part = (wanted: ExemplarPart): Pair[] =>
    exemplars.filter(({ id }) => parts.get(id) === wanted).map((exemplar) => exemplarPair(exemplar))
  const metaSet = part('meta')
  const heldOut = part('heldOut')
  return {
    ...{ pairs, metaSet, heldOut, leftOut: all.filter(isWrong) },
    dataHash: hashOf([encoderId, pairs, metaSet, heldOut].map(withoutRowIds)),
  }
}

/** Which part each usable exemplar has or would get, by its id. */
export function exemplarParts(library: Library): Map<string, ExemplarPart> {
  const exemplars = library.exemplars.all().filter(({ grade, segmentId }) => grade !== 'wrong' && segmentId !== null)
  return splitOf(library, exemplars, false)
}

/** Why training cannot start; null when it can. */
export function whatIsMissing(
  library: Library,
  encoderId: string,
  { pairs, metaSet, heldOut }: Pick<TrainingPairs, 'pairs' | 'metaSet' | 'heldOut'>,
): AppError | null {
  const segments = library.segments.count()
  if (segments > 0 && library.features.segmentsWithout(encoderId).length === segments) {
    const message = 'The videos were indexed with another model bundle. Run mama import on their folder again first.'
    return new AppError('training.notEnough', message)
  }
  if (pairs.length < leastPairs) {
    const message = `There are ${pairs.length} described shots; training needs at least ${leastPairs}. Import videos and descriptions first (mama import, mama describe).`
    return new AppError('training.notEnough', message, { pairs: pairs.length, needed: leastPairs })
  }
  const exemplars = metaSet.length + heldOut.length
  if (exemplars >= leastExemplars) return null
  const message = `There are ${exemplars} usable exemplars; training needs at least ${leastExemplars}. Label some pairs first (mama label).`
  return new AppError('training.notEnough', message, { exemplars, needed: leastExemplars })
}

/** Names a pair of a shot and a text, whatever the letter case. */
export function pairKey(segmentId: string | null, text: string): string {
  return `${segmentId}\n${text.trim().toLowerCase()}`
}

/** Loads the features of pairs. Texts that were never encoded are encoded and kept. */
export async function loadPairs(
  library: Library,
  encoder: FeatureEncoder,
  pairs: readonly Pair[],
  frameCount: number,
): Promise<PairFeatures> {
  const { frames, mask } = library.features.loadFrames(
    encoder.id,
    pairs.map(({ segmentId }) => segmentId),
    frameCount,
  )
  return {
    ids: pairs.map(({ id }) => id),
    strings: pairs.map(({ text }) => text),
    frames,
    mask,
    texts: await textFeatures(
      library,
      encoder,
      pairs.map(({ text }) => text),
    ),
    concepts: pairs.map(({ concept }) => concept),
  }
}

/** Under what an encoder's features of texts are kept. */
export function textsKeptAs({ id, textsId = id }: Pick<FeatureEncoder, 'id' | 'textsId'>): string {
  return textsId
}

/** [N, D] for N texts, from the cache where it has them. */
export async function textFeatures(
  library: Library,
  encoder: FeatureEncoder,
  texts: readonly string[],
): Promise<Float32Array> {
  const keptAs = textsKeptAs(encoder)
  const unique = [...new Set(texts)]
  const { missing } = library.features.loadTexts(keptAs, unique)
  const wanted = missing.map((position) => unique[position]!)
  if (wanted.length > 0) {
    const encoded = await encoder.encodeTexts(wanted)
    if (library.readOnly) {
      // Nothing can be kept: encode all, which only a reader beside a writer ever does.
      return encoder.encodeTexts([...texts])
    }
    library.features.saveTexts(keptAs, wanted, encoded)
  }
  // Read back even what was encoded now, so that a first and a later run see the same rounding.
  return library.features.loadTexts(keptAs, texts).features
}

/** Texts that a model has written, by the shot that it was shown: they say nothing of the other shots of the video. */
export function generatedTexts(library: Library): Map<string, string[]> {
  const texts = new Map<string, string[]>()
  for (const { videoId, text, generated } of library.descriptions.inEffect()) {
    if (generated === null) continue
    const shot = library.segments.bestOverlap(videoId, generated.startSeconds, generated.endSeconds)
    if (shot !== undefined) texts.set(shot.id, [...(texts.get(shot.id) ?? []), text])
  }
  return texts
}

/** The first of texts that differ in letter case only. */
function distinct(texts: readonly string[]): string[] {
  const seen = new Set<string>()
  return texts.filter((text) => {
    const folded = text.toLowerCase()
    return seen.has(folded) ? false : seen.add(folded)
  })
}

/**
 * Texts by video: descriptions first, then the title where it says something else. Not those that a model has written:
 * nobody stands for them, and they are about single shots.
 */
export function videoTexts(library: Library): Map<string, string[]> {
  const texts = new Map<string, string[]>()
  const add = (videoId: string, text: string): void => {
    const known = texts.get(videoId) ?? []
    if (known.some((other) => other.toLowerCase() === text.toLowerCase())) return
    texts.set(videoId, [...known, text])
  }
  for (const { videoId, text, source } of library.descriptions.inEffect()) {
    if (source !== 'filename' && source !== 'generated') add(videoId, text)
  }
  for (const { id, title } of library.videoList.kinds()) if (title !== null) add(id, title)
  return texts
}

function splitOf(library: Library, exemplars: readonly Exemplar[], keep: boolean): Map<string, ExemplarPart> {
  const known = library.settings.get(splitSetting)
  const previous = new Map(Object.entries((known ?? {}) as Record<string, ExemplarPart>))
  const named = exemplars.map((exemplar) => ({
    // Not the row's id: labelling the same moments in another library must give the same split.
    id: `${exemplar.path.split(/[\\/]/).at(-1)}#${exemplar.startSeconds}#${exemplar.text}`,
    concept: exemplar.conceptId,
    group: exemplar.videoId,
  }))
  const byName = splitExemplars(named, { seed: splitSeed, previous })
  if (keep && !library.readOnly)
    library.settings.set(splitSetting, { ...Object.fromEntries(previous), ...Object.fromEntries(byName) })
  return new Map(exemplars.map(({ id }, i) => [id, byName.get(named[i]!.id)!]))
}

function exemplarPair(exemplar: Exemplar): Pair {
  const { path, startSeconds, endSeconds, text, conceptId } = exemplar
  return {
    id: `${path}#${startSeconds}-${endSeconds}#${text}`,
    segmentId: exemplar.segmentId!,
    text,
    concept: conceptId ?? text.toLowerCase(),
  }
}

function withoutRowIds(value: string | readonly Pair[]): unknown {
  return typeof value === 'string' ? value : value.map(({ id, text }) => [id, text])
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex')
}
