/**
 * What a run that trains blocks of the encoder learns from: the same pairs as ever, with what their frames or texts are below
 * the blocks in place of features. For frames the videos are read once more; a stop loses no video that was read.
 */
import { AppError, type CallContext } from '../../../contract/index.ts'
import type { Library, Video } from '../../../storage/index.ts'
import type { UpperModels } from '../../../training/index.ts'
import { createFeatureWriter, readVideosFor, type ReadParts } from '../../library/index.ts'
import { freeBytesOf } from '../../shared/disk-space.ts'
import type { CutEncoder, CutTexts } from '../../shared/ports.ts'
import type { TrainingPairs } from '../pairs.ts'
import type { PairFeatures } from '../ports.ts'
import { activationBytes, openActivations, type ActivationStore } from './activation-store.ts'
import { encodeBelow } from './text-activations.ts'

export type TrainingFeatures = {
  readonly pairs: PairFeatures
  readonly metaSet: PairFeatures
  readonly heldOut: PairFeatures
}

/** Left free on the disk for everything else. */
const spareBytes = 500e6

/** The encoder below its blocks, for each half whose blocks are trained. */
export type Cuts = { readonly vision?: CutEncoder | undefined; readonly text?: CutTexts | undefined }

export type TrainedData = Pick<TrainingPairs, 'pairs' | 'metaSet' | 'heldOut'>

/** What lies above the cuts. */
export function upperOf({ vision, text }: Cuts): UpperModels {
  return { vision: vision?.model, text: text?.model }
}

/** Every text of a run. */
export function textsOf({ pairs, metaSet, heldOut }: TrainedData): string[] {
  return [...new Set([...pairs, ...metaSet, ...heldOut].map(({ text }) => text))]
}

/** Bytes of texts below the blocks that a run holds in memory: each text once, those of exemplars in full precision twice. */
export function heldBytes(
  text: { readonly stored: number; readonly decoded: number } | null,
  data: TrainedData,
): number {
  if (text === null) return 0
  const { stored, decoded } = text
  return textsOf(data).length * stored + 2 * (data.metaSet.length + data.heldOut.length) * decoded
}

/** What has to be read before a run with blocks of pictures can train. */
export type MissingActivations = {
  readonly videos: readonly Video[]
  readonly frames: number
  /** On the disk, until the run is finished. */
  readonly bytes: number
}

/** @param store of the cut, of numbers of `dim` a frame */
export function missingActivations(
  library: Library,
  store: Pick<ActivationStore, 'has' | 'dim'>,
  data: TrainedData,
): MissingActivations {
  const wanted = segmentsOf(data)
  const missing = library.segments.all().filter(({ id }) => wanted.has(id) && !store.has(id))
  const ids = new Set(missing.map(({ videoId }) => videoId))
  const frames = missing.reduce((sum, { frameCount }) => sum + frameCount, 0)
  const videos = library.videos.list().filter(({ id }) => ids.has(id))
  return { videos, frames, bytes: frames * activationBytes(store.dim) }
}

function segmentsOf({ pairs, metaSet, heldOut }: TrainedData): Set<string> {
  return new Set([...pairs, ...metaSet, ...heldOut].map(({ segmentId }) => segmentId))
}

type Context = Pick<CallContext, 'signal' | 'onEvent'>

/**
 * @param parts.plain the same pairs with the encoder's own features, which stay where blocks are not trained
 * @param parts.frameCount frames of a shot that the tower sees
 * @throws AppError `disk.full` with both numbers, `media.unreadable`; the abort reason
 */
export async function loadBlockData(
  parts: ReadParts & { readonly plain: TrainingFeatures; readonly cuts: Cuts; readonly frameCount: number },
  data: TrainedData,
  context: Context,
): Promise<TrainingFeatures> {
  const { plain, cuts, frameCount, now } = parts
  const below = cuts.vision && (await readFrames({ ...parts, cut: cuts.vision }, data, context))
  const texts = cuts.text && (await encodeBelow(cuts.text, textsOf(data), { ...context, now }))
  /** Exemplars are judged with again and again, so they lie in memory; pairs are fetched batch by batch. */
  const features = (part: keyof TrainedData, where: 'fetched' | 'inMemory'): PairFeatures => {
    const segments = data[part].map(({ segmentId }) => segmentId)
    const words = data[part].map(({ text }) => text)
    const at = <T>(values: readonly T[], rows: readonly number[]): T[] => rows.map((row) => values[row]!)
    const none = new Float32Array(0)
    return {
      ...plain[part],
      ...(below && { mask: below.mask(segments, frameCount), frames: none }),
      ...(texts && { texts: none }),
      ...(where === 'fetched'
        ? {
            ...(below && { framesOf: (rows: readonly number[]) => below.load(at(segments, rows), frameCount) }),
            ...(texts && { textsOf: (rows: readonly number[]) => texts.rows(at(words, rows)) }),
          }
        : {
            ...(below && { frames: below.load(segments, frameCount) }),
            ...(texts && texts.rows(words)),
          }),
    }
  }
  return {
    pairs: features('pairs', 'fetched'),
    metaSet: features('metaSet', 'inMemory'),
    heldOut: features('heldOut', 'inMemory'),
  }
}

/** Reads what is missing of the frames below the blocks. */
async function readFrames(
  parts: ReadParts & { readonly cut: CutEncoder },
  data: TrainedData,
  context: Context,
): Promise<ActivationStore> {
  const { library, cut } = parts
  const store = openActivations(library.dir, cut.id, cut.dim)
  await readMissing()
  return store

  async function readMissing(): Promise<void> {
    const { videos, frames, bytes: neededBytes } = missingActivations(library, store, data)
    if (videos.length === 0) return
    const problem = spaceProblem(neededBytes, await freeBytesOf(library))
    if (problem !== null) throw problem
    const wanted = segmentsOf(data)
    context.onEvent({
      kind: 'note',
      message:
        `Reading ${videos.length} videos to keep what their ${frames} frames are below the blocks: ` +
        `${(neededBytes / 1e6).toFixed(0)} MB in the library until the run is finished.`,
    })
    const writer = createFeatureWriter(library, {
      has: (segmentId) => !wanted.has(segmentId) || store.has(segmentId),
      save: (segmentId, _, rows, count) => store.save(segmentId, rows, count),
    })
    const { failed } = await readVideosFor(parts, { encoder: cut, videos, stage: 'reading pictures', writer }, context)
    const [first] = failed
    if (first !== undefined) {
      throw new AppError(
        'media.unreadable',
        `${failed.length} of the described videos cannot be read now, and training blocks needs their pictures: ${first.message} ` +
          'Bring them back or remove them from the library, then train again; what was read is kept.',
        { path: first.file, reason: first.reason },
      )
    }
  }
}

/** `disk.full` with both numbers; null where there is room. */
export function spaceProblem(neededBytes: number, freeBytes: number): AppError | null {
  if (neededBytes === 0 || freeBytes >= neededBytes + spareBytes) return null
  const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(1)
  return new AppError(
    'disk.full',
    `Training these blocks keeps ${gigabytes(neededBytes)} GB in the library until it is finished, and ` +
      `${gigabytes(freeBytes)} GB are free. Make room, or train fewer blocks.`,
    { neededBytes: Math.round(neededBytes), freeBytes },
  )
}
