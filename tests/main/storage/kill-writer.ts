/** Child process of kill.test.ts: registers and indexes videos without end until it is killed. Argument: the folder. */
import { openLibrary } from '../../../main/storage/index.ts'

const [dir] = process.argv.slice(2)
let serial = Date.now() * 1000
const library = openLibrary(dir!, { now: Date.now, newId: () => `id-${++serial}` })
const { id: modelId } = library.models.ensureZeroShot('encoder')
const dim = 256
const features = new Float32Array(8 * dim).fill(0.5)
process.stdout.write('ready\n')
for (let round = 0; ; round++) {
  const video = library.videos.register(
    { path: `/videos/${serial}.mp4`, contentHash: `${serial}`, sizeBytes: 1, modifiedMs: 1 },
    () => true,
  ).video
  library.descriptions.replace(video.id, 'csv', [`a red shoe, number ${round}`])
  if (round % 7 === 0) {
    library.videos.markFailed(video.id, { code: 'truncated', sentence: 'The file ends too early.' })
    continue
  }
  const segments = library.segments.saveIndexed(video.id, {
    encoderId: 'encoder',
    probe: {},
    durationSeconds: 20,
    segments: Array.from({ length: 10 }, (_, position) => ({
      startSeconds: 2 * position,
      endSeconds: 2 * position + 2,
      poster: new Uint8Array(2000),
      features,
      frameCount: 8,
      frameSeconds: [],
    })),
  })
  library.embeddings.save(
    modelId,
    segments.map(({ id }) => id),
    new Float32Array(segments.length * dim).fill(0.25),
  )
}
