/**
 * What a run that trains blocks of the encoder learns from: the same pairs as ever, with what their frames are below the
 * blocks in place of features. The videos are read once more for it; a stop loses no video that was read.
 */
import { statfs } from 'node:fs/promises'
import { AppError, type CallContext } from '../contract/index.ts'
import type { Library } from '../storage/index.ts'
import { openActivations } from './activation-store.ts'
import { textFeatures, type Pair, type TrainingPairs } from './pairs.ts'
import type { CutEncoder, FeatureEncoder, PairFeatures } from './ports.ts'
import { readVideosFor, type ReadParts } from './read-catalogue.ts'
import { createFeatureWriter } from './video-writers.ts'

export type TrainingFeatures = {
  readonly pairs: PairFeatures
  readonly metaSet: PairFeatures
  readonly heldOut: PairFeatures
}

/** Left free on the disk for everything else. */
const spareBytes = 500e6

/**
 * @param parts.encoder the encoder as it is, for the texts
 * @param parts.frameCount frames of a shot that the tower sees
 * @throws AppError `disk.full` with both numbers, `media.unreadable`; the abort reason
 */
export async function loadBlockData(
  parts: ReadParts & { readonly encoder: FeatureEncoder; readonly cut: CutEncoder; readonly frameCount: number },
  data: Pick<TrainingPairs, 'pairs' | 'metaSet' | 'heldOut'>,
  context: Pick<CallContext, 'signal' | 'onEvent'>,
): Promise<TrainingFeatures> {
  const { library, encoder, cut, frameCount } = parts
  const store = openActivations(library.dir, cut.id, cut.dim)
  const wanted = new Set([...data.pairs, ...data.metaSet, ...data.heldOut].map(({ segmentId }) => segmentId))
  await readMissing()
  return {
    pairs: await features(data.pairs, 'onDisk'),
    metaSet: await features(data.metaSet, 'inMemory'),
    heldOut: await features(data.heldOut, 'inMemory'),
  }

  async function readMissing(): Promise<void> {
    const missing = library.segments.all().filter(({ id }) => wanted.has(id) && !store.has(id))
    if (missing.length === 0) return
    const frames = missing.reduce((sum, { frameCount: count }) => sum + count, 0)
    const neededBytes = 2 * cut.dim * frames
    await checkSpace(library, neededBytes)
    const ids = new Set(missing.map(({ videoId }) => videoId))
    const videos = library.videos.list().filter(({ id }) => ids.has(id))
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
          'Bring them back or remove them from the library, then run the command again; what was read is kept.',
        { path: first.file, reason: first.reason },
      )
    }
  }

  /** Frames of exemplars are judged with again and again; those of pairs are fetched batch by batch. */
  async function features(pairs: readonly Pair[], where: 'onDisk' | 'inMemory'): Promise<PairFeatures> {
    const segments = pairs.map(({ segmentId }) => segmentId)
    const texts = await textFeatures(
      library,
      encoder,
      pairs.map(({ text }) => text),
    )
    return {
      ids: pairs.map(({ id }) => id),
      frames: where === 'inMemory' ? store.load(segments, frameCount) : new Float32Array(0),
      ...(where === 'onDisk' && {
        framesOf: (rows: readonly number[]) =>
          store.load(
            rows.map((row) => segments[row]!),
            frameCount,
          ),
      }),
      ...{ mask: store.mask(segments, frameCount), texts, concepts: pairs.map(({ concept }) => concept) },
    }
  }
}

/** @throws AppError `disk.full` with both numbers */
async function checkSpace({ dir }: Library, neededBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(dir)
  const freeBytes = bavail * bsize
  if (freeBytes >= neededBytes + spareBytes) return
  const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(1)
  throw new AppError(
    'disk.full',
    `Training these blocks keeps ${gigabytes(neededBytes)} GB in the library until it is finished, and ` +
      `${gigabytes(freeBytes)} GB are free. Make room, or train fewer blocks.`,
    { neededBytes: Math.round(neededBytes), freeBytes },
  )
}
