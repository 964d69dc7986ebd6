/**
 * Which version is in use: promoting one, and going back. A version that trained blocks of the encoder of pictures is used once
 * these have seen the catalogue; going back to one without finds everything in its place, and so does one that only reads
 * texts with blocks of its own.
 */
import { AppError, type CallContext, type ProcedureInput, type ProcedureOutput } from '../contract/index.ts'
import type { Library, ModelVersion } from '../storage/index.ts'
import { featuresIdOf, nameOf, resolveModel, seesWithOwnBlocks } from './model-versions.ts'
import type { FeatureEncoder } from './ports.ts'
import type { ReadParts } from './read-catalogue.ts'
import { readForVersion, videosUnreadBy } from './version-encoders.ts'

/**
 * @param encoder the one in use
 * @param encoderOf what a version sees with
 * @throws AppError `model.missing`; `model.unread` when its blocks have not seen some videos; the abort reason, with
 *   whole videos kept
 */
export async function promoteModel(
  parts: ReadParts & {
    readonly encoderId: string
    readonly encoderOf: (model: ModelVersion) => Promise<FeatureEncoder>
  },
  { model: choice, read, leaveOut }: ProcedureInput<'promote'>,
  context: Pick<CallContext, 'signal' | 'onEvent'>,
): Promise<ProcedureOutput<'promote'>> {
  const { library, encoderId, encoderOf } = parts
  const model = resolveModel(library, encoderId, choice)
  if (videosUnreadBy(library, model).length > 0) {
    if (!read) throw unread(library, model)
    const { failed } = await readForVersion(parts, { model, encoder: await encoderOf(model) }, context)
    const [first] = failed
    if (first !== undefined && !leaveOut) {
      throw new AppError(
        'media.unreadable',
        `${failed.length} videos could not be read with ${nameOf(model)}, so it is not in use: ${first.message} ` +
          'Bring them back and run the command again, or add --leave-out.',
        { path: first.file, reason: first.reason },
      )
    }
  }
  const previous = resolveModel(library, encoderId, 'active')
  // The version before the first promotion is the zero-shot one; it must be recorded to be gone back to.
  if (library.models.active(encoderId) === undefined) library.models.promote(previous.id)
  if (model.id !== previous.id) library.models.promote(model.id)
  return { active: nameOf(model), previous: nameOf(previous) }
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
  if (model.active || !seesWithOwnBlocks(model)) return
  const segments = library.segments.count()
  if (segments > 0 && library.features.segmentsWithout(featuresIdOf(model)).length === segments) {
    throw unread(library, model)
  }
}

function unread(library: Library, model: ModelVersion): AppError {
  const videos = videosUnreadBy(library, model).length
  return new AppError(
    'model.unread',
    `The blocks that ${nameOf(model)} trained have not seen ${videos === 1 ? 'one video' : `${videos} videos`} of the library. ` +
      `Close the window, if it is open, and run mama promote ${nameOf(model)}: it reads them first.`,
    { model: nameOf(model), videos },
  )
}
