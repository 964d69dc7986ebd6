/** The window over a library of one clip with three shots, imported and indexed. */
import { vi } from 'vitest'
import { createClipFolder, threeShots, type ClipFolder } from '../main/media/clips.ts'
import { call, openWindow, type OpenWindow } from './window.ts'

export type SmallLibrary = OpenWindow & {
  /** Where its clip lies, and others can be made. */
  readonly clips: ClipFolder
}

/** @param timeout milliseconds for the import */
export async function openSmallLibrary(timeout: number): Promise<SmallLibrary> {
  const clips = createClipFolder()
  clips.make('three-shots.mp4', ...threeShots)
  const opened = await openWindow()
  const { page } = opened
  page.setDefaultTimeout(30_000)
  await call(page, 'startImport', { paths: [clips.path('.')] })
  const isIndexed = async (): Promise<boolean> => (await call<{ indexed: number }>(page, 'counts', {})).indexed === 1
  await vi.waitUntil(isIndexed, { timeout, interval: 300 })
  return {
    ...opened,
    clips,
    async close() {
      await opened.close()
      clips.remove()
    },
  }
}
