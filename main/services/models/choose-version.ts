/**
 * Which version is in use: promoting one, and going back. A version that trained blocks of the encoder of pictures is used once
 * these have seen the catalogue; going back to one without finds everything in its place, and so does one that only reads
 * texts with blocks of its own.
 */
import {
  AppError,
  type CallContext,
  type ProcedureInput,
  type ProcedureOutput,
  type Promotion,
} from '../../contract/index.ts'
import type { Library, ModelVersion } from '../../storage/index.ts'
import { readingTime, secondsOf, type ReadParts } from '../library/index.ts'
import { featureBytes, freeBytesOf } from '../shared/disk-space.ts'
import type { FeatureEncoder } from '../shared/ports.ts'
import { featuresIdOf, isUnread, nameOf, resolveModel, seesWithOwnBlocks } from './model-versions.ts'
import { readForVersion, videosUnreadBy } from './version-encoders.ts'

export type PromoteParts = ReadParts & {
  /** Of the encoder in use. */
  readonly encoderId: string
  /** What a version sees with. */
  readonly encoderOf: (model: ModelVersion) => Promise<FeatureEncoder>
}

/**
 * Reads what the version's own blocks have not seen, and makes it the active one when nothing is left, or when that is
 * allowed. Run again, it goes on where it was.
 *
 * @throws AppError `model.missing`; the abort reason, with whole videos kept
 */
export async function promoteVersion(
  parts: PromoteParts,
  { model: choice, leaveOut }: ProcedureInput<'startPromotion'>,
  context: Pick<CallContext, 'signal' | 'onEvent'>,
): Promise<Promotion> {
  const { library, encoderId, encoderOf } = parts
  const model = resolveModel(library, encoderId, choice)
  const hasToRead = videosUnreadBy(library, model).length > 0
  const { videos, frames, failed } = hasToRead
    ? await readForVersion(parts, { model, encoder: await encoderOf(model) }, context)
    : { videos: 0, frames: 0, failed: [] }
  const previous = resolveModel(library, encoderId, 'active')
  const promoted = failed.length === 0 || leaveOut
  if (promoted) {
    // The version before the first promotion is the zero-shot one; it must be recorded to be gone back to.
    if (library.models.active(encoderId) === undefined) library.models.promote(previous.id)
    if (model.id !== previous.id) library.models.promote(model.id)
  }
  const active = nameOf(promoted ? model : previous)
  return { active, previous: nameOf(previous), promoted, videos, frames, failed }
}

/**
 * @throws AppError `model.missing`; `model.unread` when its blocks have not seen some videos and nothing is to be read;
 *   `media.unreadable` when some cannot be read; the abort reason, with whole videos kept
 */
export async function promoteModel(
  parts: PromoteParts,
  { model: choice, read, leaveOut }: ProcedureInput<'promote'>,
  context: Pick<CallContext, 'signal' | 'onEvent'>,
): Promise<ProcedureOutput<'promote'>> {
  const { library, encoderId } = parts
  const model = resolveModel(library, encoderId, choice)
  if (!read && videosUnreadBy(library, model).length > 0) throw unread(library, model)
  const { active, previous, promoted, failed } = await promoteVersion(parts, { model: choice, leaveOut }, context)
  const [first] = failed
  if (!promoted && first !== undefined) {
    throw new AppError(
      'media.unreadable',
      `${failed.length} videos could not be read with ${nameOf(model)}, so it is not in use: ${first.message} ` +
        'Bring them back and run the command again, or add --leave-out.',
      { path: first.file, reason: first.reason },
    )
  }
  return { active, previous }
}

/** @param picturesPerSecond of the encoder; null: not measured here @throws AppError `model.missing` */
export async function estimatePromotion(
  library: Library,
  encoder: { readonly id: string; readonly dim: number; readonly picturesPerSecond: number | null },
  choice: string,
): Promise<ProcedureOutput<'estimatePromotion'>> {
  const model = resolveModel(library, encoder.id, choice)
  const videos = videosUnreadBy(library, model)
  const ids = new Set(videos.map(({ id }) => id))
  const unseen = new Set(seesWithOwnBlocks(model) ? library.features.segmentsWithout(featuresIdOf(model)) : [])
  const segments = library.segments.all().filter(({ id, videoId }) => unseen.has(id) && ids.has(videoId))
  const frames = segments.reduce((sum, { frameCount }) => sum + frameCount, 0)
  const time = readingTime(library, { frames, videoSeconds: secondsOf(videos) }, encoder.picturesPerSecond)
  return {
    ...{ model: nameOf(model), videos: videos.length, frames },
    ...{ estimatedSeconds: time.seconds, estimatedFrom: time.from },
    diskBytes: featureBytes({ frames, segments: segments.length, dim: encoder.dim }),
    freeBytes: await freeBytesOf(library),
  }
}

/** @throws AppError `model.missing` when there is no earlier one; `model.unread` */
export function rollbackModel(library: Library, encoderId: string): ProcedureOutput<'rollback'> {
  return library.transaction(() => {
    const previous = resolveModel(library, encoderId, 'active')
    const active = library.models.rollback(encoderId)
    if (active === undefined) {
      throw new AppError('model.missing', 'No other model version was active before. Choose one with mama promote.')
    }
    if (videosUnreadBy(library, active).length > 0) throw unread(library, active) // which takes the step back again
    return { active: nameOf(active), previous: nameOf(previous) }
  })
}

/** For a version that is asked for by name, and whose blocks have seen nothing yet. @throws AppError `model.unread` */
export function refuseUnread(library: Library, model: ModelVersion): void {
  if (!model.active && isUnread(library, model)) throw unread(library, model)
}

function unread(library: Library, model: ModelVersion): AppError {
  const videos = videosUnreadBy(library, model).length
  return new AppError(
    'model.unread',
    `The blocks that ${nameOf(model)} trained have not seen ${videos === 1 ? 'one video' : `${videos} videos`} of the library. ` +
      `Use it in the window's Models, or close the window and run mama promote ${nameOf(model)}: both read them first.`,
    { model: nameOf(model), videos },
  )
}
