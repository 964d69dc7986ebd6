/**
 * How fast an encoder of the size of CLIP ViT-B/32 (random weights) works here: pictures a second by precision, threads and
 * batch, as a share of the rate at which the machine multiplies matrices; and whole videos, against what a script would do
 * with the same model (ffmpeg into a pipe, one frame at a time), interleaved in one run.
 * Run: npm run bench -- encoders [--rounds 3] [--threads 2] [--clips 4] [--provider cpu] [--batches 1,4,16]
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { floatTensor, type TensorMap } from '../../main/base/index.ts'
import { createPixelConverter } from '../../main/encoders/index.ts'
import { createMediaProcess } from '../../main/media/index.ts'
import { createRuntime, type GraphSession, type Provider } from '../../main/runtime/index.ts'
import { indexVideos } from '../../main/services/library/reading/index-videos.ts'
import { createMediaReader } from '../../main/services/library/reading/media-reader.ts'
import type { FeatureEncoder } from '../../main/services/shared/ports.ts'
import type { Library, Video } from '../../main/storage/index.ts'
import { runScript } from './encoders/script.ts'
import { usedTime } from './encoders/used-time.ts'
import { buildProduct, buildVit, flopAPicture, quantised, vit } from './encoders/vit.ts'

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    rounds: { type: 'string', default: '3' },
    threads: { type: 'string', default: String(cpus().length) },
    clips: { type: 'string', default: '4' },
    provider: { type: 'string', default: 'cpu' },
    batches: { type: 'string', default: '1,4,16' },
  },
})
const [rounds, threads, clipCount] = [values.rounds, values.threads, values.clips].map(Number) as [
  number,
  number,
  number,
]
/** Seconds of each clip, in four shots. */
const clipSeconds = 20
/** Pictures in one run of the app: as the measurement at first use chooses them here. */
const batchImages = 4

async function bestSeconds(times: number, work: () => Promise<unknown>): Promise<number> {
  await work()
  let best = Infinity
  for (let i = 0; i < times; i++) {
    const startedMs = performance.now()
    await work()
    best = Math.min(best, (performance.now() - startedMs) / 1000)
  }
  return best
}

const convert = createPixelConverter(vit.size, [0.48, 0.46, 0.41], [0.27, 0.26, 0.28])
const runtime = await createRuntime({ provider: values.provider as Provider, threads })
const media = createMediaProcess()
const models = { fp32: buildVit(), int8: quantised(buildVit()) }
const sessions = {
  fp32: await runtime.createSession(models.fp32, { label: 'ViT-B/32' }),
  int8: await runtime.createSession(models.int8, { label: 'ViT-B/32 int8' }),
}

async function encode(graph: GraphSession, rgb: Uint8Array, count: number): Promise<Float32Array> {
  const feeds: TensorMap = { pixel_values: floatTensor([count, 3, vit.size, vit.size], convert(rgb, count)) }
  return (await graph.run(feeds, { transfer: true }))['image_embeds']!.data as Float32Array
}

const product = await runtime.createSession(buildProduct(768), { label: 'product' })
const square = floatTensor([768, 768], new Float32Array(768 * 768).fill(0.5))
const gemm = (2 * 768 ** 3) / (await bestSeconds(20, () => product.run({ a: square, b: square })))
console.log(
  `${cpus()[0]?.model}, ${threads} threads, ${values.provider}; load average ${loadavg()[0]!.toFixed(1)} at the start`,
)
console.log(
  `768 x 768 x 768: ${(gemm / 1e9).toFixed(0)} GFLOP/s; the model has ${(flopAPicture / 1e9).toFixed(2)} GFLOP a picture`,
)
for (const used of [...new Set([threads, 1])]) {
  for (const precision of ['fp32', 'int8'] as const) {
    const session = await runtime.createSession(models[precision], { label: precision, threads: used })
    for (const count of values.batches.split(',').map(Number)) {
      const rgb = new Uint8Array(count * vit.size ** 2 * 3).map((_, i) => (i * 31) & 255)
      const rate = count / (await bestSeconds(3, () => encode(session, rgb, count)))
      const share = `, ${((100 * rate * flopAPicture) / gemm).toFixed(0)} % of the product's rate`
      console.log(
        `${precision}, ${used} threads, batch ${String(count).padStart(2)}: ${rate.toFixed(1)} pictures/s${precision === 'fp32' && used === threads ? share : ''}`,
      )
    }
    await session.dispose()
  }
}

const dir = mkdtempSync(join(tmpdir(), 'mama-bench-encoders-'))
const clips = Array.from({ length: clipCount }, (_, i) => {
  const sources = ['testsrc2', 'mandelbrot', 'smptehdbars', 'testsrc'].flatMap((name) => [
    ...['-f', 'lavfi', '-t', String(clipSeconds / 4), '-i', `${name}=s=1280x720:r=25`],
  ])
  const path = join(dir, `${i}.mp4`)
  const join4 = ['-filter_complex', '[0][1][2][3]concat=n=4,format=yuv420p']
  execFileSync('ffmpeg', ['-v', 'error', ...sources, ...join4, '-c:v', 'libx264', '-preset', 'veryfast', path])
  return path
})

/** As the app does it: several decoders, frames chosen by what they show, the encoder beside them. @returns frames */
async function app(session: GraphSession): Promise<number> {
  const encoder: FeatureEncoder = {
    ...{ id: 'bench', dim: vit.dim, imageSize: vit.size },
    imageFit: { mode: 'centreCrop', shortEdge: vit.size, filter: 'bicubic' },
    encodeImages: (rgb, count) => encode(session, rgb, count),
    encodeTexts: () => Promise.reject(new Error('no texts here')),
    knowsWord: () => true,
    tune: async () => {},
    dispose: async () => {},
  }
  const videos = clips.map((path) => ({ id: path, path }) as Video)
  const library = { videos: { get: () => videos[0] } } as unknown as Library
  let frames = 0
  await indexVideos(videos, {
    ...{ library, encoder, reader: createMediaReader(media), signal: new AbortController().signal, batchImages },
    writer: {
      resumeAt: () => 0,
      savePart: () => {},
      save: () => {},
      refuse: (_, { sentence }) => console.log(sentence),
    },
    onVideo: (_, outcome) => void (frames += outcome.kind === 'indexed' ? outcome.frames : 0),
  })
  return frames
}

const frames = await app(sessions.fp32)
const script = (session: GraphSession): Promise<number> =>
  runScript(clips, (rgb) => encode(session, rgb, 1), {
    ...{ size: vit.size, framesAClip: Math.round(frames / clips.length), clipSeconds },
  })
const ways = {
  'script fp32': () => script(sessions.fp32),
  'app fp32': () => app(sessions.fp32),
  'script int8': () => script(sessions.int8),
  'app int8': () => app(sessions.int8),
}
type Way = keyof typeof ways
const seconds = new Map<Way, number[]>()
for (let round = 0; round < rounds; round++) {
  for (const [way, work] of Object.entries(ways) as [Way, () => Promise<number>][]) {
    const used = await usedTime(work)
    seconds.set(way, [...(seconds.get(way) ?? []), used.seconds])
    // What the media process uses is counted when it ends, so that the app's own figure lacks it.
    const cpu =
      way.startsWith('script') && used.cpuSeconds !== null ? `, ${used.cpuSeconds.toFixed(1)} s of processor` : ''
    console.log(`${way}: ${used.result} frames of ${clips.length} clips, ${used.seconds.toFixed(1)} s${cpu}`)
  }
}
/** Of neighbouring runs, because other work on the machine comes and goes. */
const medianRatio = (slow: Way, fast: Way): string => {
  const ratios = seconds.get(slow)!.map((value, round) => value / seconds.get(fast)![round]!)
  return ratios.sort((a, b) => a - b)[ratios.length >> 1]!.toFixed(2)
}
console.log(`script / app, fp32: ${medianRatio('script fp32', 'app fp32')}`)
console.log(`script / app, int8: ${medianRatio('script int8', 'app int8')}`)
console.log(`script fp32 / app int8: ${medianRatio('script fp32', 'app int8')}`)
rmSync(dir, { recursive: true })
media.close()
await runtime.dispose()
