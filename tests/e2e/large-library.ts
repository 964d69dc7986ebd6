/**
 * A library of any size for measurements of the window: the sample catalogue is really imported, then its videos are
 * written again and again under other names, their first shot each, with its own slightly different features. The copies
 * have pictures and texts but no files.
 */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createRandom } from '../../main/base/index.ts'
import { createClient, createLocalTransport } from '../../main/contract/index.ts'
import { readEncoderId } from '../../main/encoders/index.ts'
import { createEngineServices } from '../../main/services.ts'
import { openLibrary, type IndexedSegment, type Library } from '../../main/storage/index.ts'
import { sampleFolder } from './window.ts'

const bundle = fileURLToPath(new URL('../../resources/models/built-in', import.meta.url))

/** @param videos how many there are in the end; each but the sample's own has one segment */
export async function fillLargeLibrary(libraryDir: string, videos: number): Promise<{ segments: number }> {
  const services = createEngineServices({ libraryDir, now: Date.now, newId: randomUUID })
  try {
    const client = createClient(createLocalTransport(services.handlers))
    await client.import({ paths: [join(sampleFolder, 'videos')], sidecars: true })
    await client.describe({ file: join(sampleFolder, 'catalogue.csv') })
    await client.label({ file: join(sampleFolder, 'exemplars.csv') })
  } finally {
    await services.close()
  }
  const library = openLibrary(libraryDir, { now: Date.now, newId: randomUUID })
  try {
    multiply(library, await readEncoderId(bundle), videos)
    return { segments: library.segments.count() }
  } finally {
    library.close()
  }
}

function multiply(library: Library, encoderId: string, videos: number): void {
  const random = createRandom(1)
  const originals = library.videos.list({ status: 'indexed' })
  const models = originals.map((video) => ({
    video,
    texts: library.descriptions.ofVideo(video.id).map(({ text }) => text),
    segments: library.segments
      .ofVideo(video.id)
      .slice(0, 1)
      .map((segment): IndexedSegment => {
        const poster = library.segments.posterFile(segment)
        const { features, frameCount, frameSeconds } = library.features.framesOf(segment.id, encoderId)!
        const { startSeconds, endSeconds } = segment
        return {
          ...{ startSeconds, endSeconds, poster: poster === null ? null : readFileSync(poster) },
          ...{ features, frameCount, frameSeconds },
        }
      }),
  }))
  for (let made = originals.length; made < videos;) {
    library.transaction(() => {
      for (const end = Math.min(videos, made + 200); made < end; made++) {
        const { video, texts, segments } = models[made % models.length]!
        const path = `/catalogue/copy-${String(made).padStart(5, '0')}.mp4`
        const file = { path, contentHash: `copy ${made}`, sizeBytes: 1, modifiedMs: 0 }
        const { video: copy } = library.videos.register(file, () => true)
        library.segments.saveIndexed(copy.id, {
          ...{ encoderId, probe: video.probe, durationSeconds: video.durationSeconds ?? 5 },
          segments: segments.map((segment) => ({
            ...segment,
            features: segment.features.map((value) => value * (1 + 0.05 * (random.uniform() - 0.5))),
          })),
        })
        library.descriptions.replace(copy.id, 'csv', texts)
      }
    })
  }
}
