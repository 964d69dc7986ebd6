/** Libraries in temporary folders, with a clock and ids that tests can predict. */
import { rmSync } from 'node:fs'
import { afterEach } from 'vitest'
import { openLibrary, type Library, type LibraryOptions, type Video } from '../../../main/storage/index.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const cleanUps: (() => void | Promise<void>)[] = []

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

/** After the test, before whatever was set up earlier is taken down. */
export function onCleanUp(cleanUp: () => void | Promise<void>): void {
  cleanUps.push(cleanUp)
}

export function tempFolder(): string {
  const folder = temporaryFolder('storage')
  cleanUps.push(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

let serial = 0

export const plainOptions: LibraryOptions = { now: () => 1_700_000_000_000, newId: () => `id-${++serial}` }

export function tempLibrary(dir = tempFolder(), options: Partial<LibraryOptions> = {}): Library {
  const library = openLibrary(dir, { ...plainOptions, ...options })
  cleanUps.push(() => library.close())
  return library
}

export function addVideo(library: Library, path: string, contentHash = `hash of ${path}`): Video {
  return library.videos.register({ path, contentHash, sizeBytes: 10, modifiedMs: 1 }, () => true).video
}

/** Indexes a video with segments of 2 seconds, 3 frames and features that are exact in half precision. */
export function indexVideo(library: Library, video: Video, segmentCount = 2, dim = 4) {
  return library.segments.saveIndexed(video.id, {
    encoderId: 'encoder',
    probe: { codec: 'h264' },
    durationSeconds: 2 * segmentCount,
    segments: Array.from({ length: segmentCount }, (_, position) => ({
      startSeconds: 2 * position,
      endSeconds: 2 * position + 2,
      poster: Uint8Array.of(0xff, 0xd8, position),
      features: Float32Array.from({ length: 3 * dim }, (_, index) => position + index / 8),
      frameCount: 3,
      frameSeconds: [0, 0.5, 1].map((offset) => 2 * position + offset),
    })),
  })
}
