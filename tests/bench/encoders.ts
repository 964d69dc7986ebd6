/**
 * How fast an encoder of the size of CLIP ViT-B/32 (random weights) works here: pictures a second by batch size, as a share of
 * the rate at which the machine multiplies matrices; and whole videos, against what a script would do (ffmpeg into a pipe, one
 * frame at a time into the same model), interleaved in one run.
 * Run: npm run bench -- encoders [--rounds 3] [--threads 2] [--clips 4] [--provider cpu] [--batches 1,4,16,64]
 */
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createRandom, floatTensor, type TensorMap } from '../../main/base/index.ts'
import { createPixelConverter } from '../../main/encoders/index.ts'
import {
  add,
  gelu,
  Graph,
  layerNormalization,
  matMul,
  mul,
  reshape,
  slice,
  softmax,
  swapLastAxes,
  toModel,
  transpose,
} from '../../main/graph/index.ts'
import type { Value } from '../../main/graph/index.ts'
import { createMedia } from '../../main/media/index.ts'
import { createRuntime, type GraphSession, type Provider } from '../../main/runtime/index.ts'
import { indexVideos } from '../../main/services/index-videos.ts'
import { createMediaReader } from '../../main/services/media-reader.ts'
import type { FeatureEncoder } from '../../main/services/ports.ts'
import type { Library, Video } from '../../main/storage/index.ts'

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    rounds: { type: 'string', default: '3' },
    threads: { type: 'string', default: '2' },
    clips: { type: 'string', default: '4' },
    provider: { type: 'string', default: 'cpu' },
    batches: { type: 'string', default: '1,4,16,64' },
  },
})
const [rounds, threads, clipCount] = [values.rounds, values.threads, values.clips].map(Number) as [
  number,
  number,
  number,
]

/** CLIP ViT-B/32: 7 x 7 patches of 32 pixels, twelve blocks. The class token is left out: one place in fifty. */
const vit = { size: 224, patch: 32, width: 768, heads: 12, mlp: 3072, blocks: 12, dim: 512 }
const places = (vit.size / vit.patch) ** 2
/** Multiplications and additions a picture, in the matrix products alone. */
const flopAPicture =
  2 * places * 3 * vit.patch ** 2 * vit.width +
  vit.blocks * 2 * (places * (4 * vit.width ** 2 + 2 * vit.width * vit.mlp) + 2 * places ** 2 * vit.width) +
  2 * vit.width * vit.dim

function buildVit(): Uint8Array {
  const batch = 7919
  const graph = new Graph()
  const random = createRandom(1)
  const weight = (...shape: number[]): Value => {
    const size = shape.reduce((product, n) => product * n, 1)
    const scale = shape.length > 1 ? 2 / Math.sqrt(shape[0]!) : 0.02
    return graph.constant(
      floatTensor(
        shape,
        Float32Array.from({ length: size }, () => (random.uniform() - 0.5) * scale),
      ),
    )
  }
  const one = graph.constant(floatTensor([vit.width], new Float32Array(vit.width).fill(1)))
  const norm = (x: Value): Value => layerNormalization(x, one, weight(vit.width)).output
  const linear = (x: Value, from: number, to: number): Value => add(matMul(x, weight(from, to)), weight(to))
  const side = vit.size / vit.patch
  const pixels = graph.input('pixel_values', 'float32', [batch, 3, vit.size, vit.size])
  const cut = transpose(reshape(pixels, [batch, 3, side, vit.patch, side, vit.patch]), [0, 2, 4, 1, 3, 5])
  let x = linear(reshape(cut, [batch, places, 3 * vit.patch ** 2]), 3 * vit.patch ** 2, vit.width)
  const split = (y: Value): Value =>
    transpose(reshape(y, [batch, places, vit.heads, vit.width / vit.heads]), [0, 2, 1, 3])
  for (let block = 0; block < vit.blocks; block++) {
    const y = norm(x)
    const [q, k, v] = [0, 1, 2].map(() => split(linear(y, vit.width, vit.width))) as [Value, Value, Value]
    const scores = softmax(mul(matMul(q, swapLastAxes(k)), (vit.width / vit.heads) ** -0.5))
    const mixed = reshape(transpose(matMul(scores, v), [0, 2, 1, 3]), [batch, places, vit.width])
    x = add(x, linear(mixed, vit.width, vit.width))
    x = add(x, linear(gelu(linear(norm(x), vit.width, vit.mlp)), vit.mlp, vit.width))
  }
  const pooled = reshape(slice(norm(x), 1, 0, 1), [batch, vit.width])
  return toModel(
    { image_embeds: matMul(pooled, weight(vit.width, vit.dim)) },
    { dynamicAxis: { size: batch, name: 'N' } },
  )
}

function buildProduct(size: number): Uint8Array {
  const graph = new Graph()
  return toModel({ c: matMul(graph.input('a', 'float32', [size, size]), graph.input('b', 'float32', [size, size])) })
}

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
const session = await runtime.createSession(buildVit(), { label: 'ViT-B/32' })

async function encode(graph: GraphSession, rgb: Uint8Array, count: number): Promise<Float32Array> {
  const feeds: TensorMap = { pixel_values: floatTensor([count, 3, vit.size, vit.size], convert(rgb, count)) }
  return (await graph.run(feeds, { transfer: true }))['image_embeds']!.data as Float32Array
}

const product = await runtime.createSession(buildProduct(768), { label: 'product' })
const square = floatTensor([768, 768], new Float32Array(768 * 768).fill(0.5))
const gemm = (2 * 768 ** 3) / (await bestSeconds(20, () => product.run({ a: square, b: square })))
console.log(`${cpus()[0]?.model}, ${threads} threads, ${values.provider}`)
console.log(
  `768 x 768 x 768: ${(gemm / 1e9).toFixed(0)} GFLOP/s; the model has ${(flopAPicture / 1e9).toFixed(2)} GFLOP a picture`,
)
for (const count of values.batches.split(',').map(Number)) {
  const rgb = new Uint8Array(count * vit.size ** 2 * 3).fill(120)
  const rate = count / (await bestSeconds(3, () => encode(session, rgb, count)))
  const share = (rate * flopAPicture) / gemm
  console.log(
    `batch ${String(count).padStart(2)}: ${rate.toFixed(1)} pictures/s, ${(100 * share).toFixed(0)} % of the product's rate`,
  )
}

const dir = mkdtempSync(join(tmpdir(), 'bench-encoders-'))
const clips = Array.from({ length: clipCount }, (_, i) => {
  const sources = ['testsrc2', 'mandelbrot', 'smptehdbars', 'testsrc'].map((name) => [
    '-f',
    'lavfi',
    '-t',
    '5',
    '-i',
    `${name}=s=1280x720:r=25`,
  ])
  const path = join(dir, `${i}.mp4`)
  const join4 = '[0][1][2][3]concat=n=4,format=yuv420p'
  execFileSync('ffmpeg', [
    '-v',
    'error',
    ...sources.flat(),
    '-filter_complex',
    join4,
    '-c:v',
    'libx264',
    '-preset',
    'veryfast',
    path,
  ])
  return path
})

/** As the app does it: several decoders, frames chosen, batches across videos. @returns frames and seconds */
async function ours(): Promise<{ frames: number; seconds: number }> {
  const encoder: FeatureEncoder = {
    ...{ id: 'bench', dim: vit.dim, imageSize: vit.size },
    imageFit: { mode: 'centreCrop', shortEdge: vit.size, filter: 'bicubic' },
    encodeImages: (rgb, count) => encode(session, rgb, count),
    encodeTexts: () => Promise.reject(new Error('no texts here')),
    knowsWord: () => true,
    dispose: async () => {},
  }
  const videos = clips.map((path) => ({ id: path, path }) as Video)
  const library = { videos: { get: () => videos[0] } } as unknown as Library
  let frames = 0
  const startedMs = performance.now()
  await indexVideos(videos, {
    ...{ library, encoder, reader: createMediaReader(createMedia()), signal: new AbortController().signal },
    writer: { save: () => {}, refuse: (_, { sentence }) => console.log(sentence) },
    onVideo: (_, outcome) => void (frames += outcome.kind === 'indexed' ? outcome.frames : 0),
  })
  return { frames, seconds: (performance.now() - startedMs) / 1000 }
}

/** As a script would: one video after the other, one frame after the other. The same number of frames. */
async function script(framesAClip: number): Promise<number> {
  const bytes = vit.size ** 2 * 3
  const startedMs = performance.now()
  for (const path of clips) {
    const filter = `fps=${framesAClip}/20,scale=-2:${vit.size}:flags=bicubic,crop=${vit.size}:${vit.size}`
    const ffmpeg = spawn('ffmpeg', [
      '-v',
      'error',
      '-i',
      path,
      '-vf',
      filter,
      '-f',
      'rawvideo',
      '-pix_fmt',
      'rgb24',
      '-',
    ])
    let rest = Buffer.alloc(0)
    for await (const piece of ffmpeg.stdout) {
      rest = Buffer.concat([rest, piece as Buffer])
      for (; rest.length >= bytes; rest = rest.subarray(bytes))
        await encode(session, new Uint8Array(rest.subarray(0, bytes)), 1)
    }
  }
  return (performance.now() - startedMs) / 1000
}

const { frames } = await ours()
const ratios: number[] = []
for (let round = 0; round < rounds; round++) {
  const mine = (await ours()).seconds
  const theirs = await script(Math.round(frames / clips.length))
  ratios.push(theirs / mine)
  console.log(
    `${frames} frames of ${clips.length} clips: ${mine.toFixed(1)} s, as a script ${theirs.toFixed(1)} s, ${(theirs / mine).toFixed(2)} x`,
  )
}
console.log(`median ${ratios.sort((a, b) => a - b)[ratios.length >> 1]!.toFixed(2)} x`)
rmSync(dir, { recursive: true })
await runtime.dispose()
