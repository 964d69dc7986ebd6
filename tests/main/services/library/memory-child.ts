/**
 * Indexes one video for a large encoder and prints the most memory that its processes held: run by memory.test.ts, and by
 * hand for a long one: `npx tsx tests/main/services/library/memory-child.ts VIDEO`. The encoder only looks like one.
 */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createMediaProcess } from '../../../../main/media/index.ts'
import { indexVideos } from '../../../../main/services/library/reading/index-videos.ts'
import { createMediaReader } from '../../../../main/services/library/reading/media-reader.ts'
import type { FeatureEncoder } from '../../../../main/services/shared/ports.ts'
import { createIndexWriter } from '../../../../main/services/library/reading/video-writers.ts'
import { openLibrary } from '../../../../main/storage/index.ts'

const path = process.argv[2]!
const [dim, imageSize] = [512, 224]
const encoder: FeatureEncoder = {
  ...{
    id: 'looks-like-one',
    dim,
    imageSize,
    imageFit: { mode: 'centreCrop', shortEdge: imageSize, filter: 'bicubic' },
  },
  encodeImages: async (_, count) => new Float32Array(count * dim).fill(0.1),
  encodeTexts: () => Promise.reject(new Error('no texts here')),
  knowsWord: () => true,
  tune: async () => {},
  dispose: async () => {},
}
let ids = 0
const libraryDir = join(dirname(path), `library-${process.pid}`)
const library = openLibrary(libraryDir, { create: true, now: Date.now, newId: () => `id-${++ids}` })
const { video } = library.videos.register({ path, contentHash: path, sizeBytes: 1, modifiedMs: 1 }, () => true)
const media = createMediaProcess()
const most = { engine: 0, media: 0 }
/** Resident bytes now, on Linux; the most that was ever held would count the start of the process too. */
const residentBytes = (pid: number): number => {
  try {
    return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024
  } catch {
    return 0 // it has ended
  }
}
const look = (): void => {
  const { pid } = process
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
  most.engine = Math.max(most.engine, residentBytes(pid))
  most.media = Math.max(most.media, ...children.map((child) => residentBytes(Number(child))))
}
const timer = setInterval(look, 20)
let parts = 0
const writer = createIndexWriter(library)
const startedMs = performance.now()
let firstPartSeconds: number | undefined
await indexVideos([video], {
  ...{ library, reader: createMediaReader(media), encoder, signal: new AbortController().signal },
  writer: {
    ...writer,
    savePart(...part) {
      writer.savePart(...part)
      parts += 1
      firstPartSeconds ??= (performance.now() - startedMs) / 1000
    },
  },
  onVideo: () => {},
})
look()
clearInterval(timer)
const { indexed, segments } = library.counts()
const seconds = (performance.now() - startedMs) / 1000
console.log(
  JSON.stringify({
    indexed,
    segments,
    parts,
    engineBytes: most.engine,
    mediaBytes: most.media,
    seconds,
    firstPartSeconds,
  }),
)
library.close()
media.close()
