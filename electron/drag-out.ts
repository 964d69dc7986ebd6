/** Drags a moment out of the window as a clip: cut by the engine first, then handed to the system. Main process. */
import { nativeImage, type NativeImage, type WebContents } from 'electron'
import type { Client, DraggedMoment } from '../main/contract/index.ts'
import type { FindMedia } from '../main/files/index.ts'

const iconWidth = 128

export type DragOutParts = {
  readonly client: Client
  readonly findMedia: FindMedia
  /** Shown where the moment has no picture; the system refuses to drag without one. */
  readonly appIcon: () => NativeImage
}

/**
 * The clip is copied, not encoded anew: it has to be there while the button is still down. A clip that was cut before is
 * taken as it is. When cutting fails there is nothing to drag.
 */
export async function dragOut(page: WebContents, moment: DraggedMoment, parts: DragOutParts): Promise<void> {
  const { video, start, end, segment } = moment
  const none = new AbortController().signal
  const [{ clips }, poster] = await Promise.all([
    parts.client.cutClips({ moments: [{ video, start, end }], mode: 'fast' }),
    parts.findMedia('poster', segment, none),
  ])
  const file = clips[0]?.path
  if (file === undefined || page.isDestroyed()) return
  page.startDrag({ file, icon: iconOf(poster, parts) })
}

function iconOf(poster: Awaited<ReturnType<FindMedia>>, { appIcon }: DragOutParts): NativeImage {
  const picture = poster !== null && 'path' in poster ? nativeImage.createFromPath(poster.path) : null
  return picture === null || picture.isEmpty() ? appIcon() : picture.resize({ width: iconWidth })
}
