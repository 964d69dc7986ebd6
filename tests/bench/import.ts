/**
 * The wall time of `import` against its two parts, in one run: (a) ffmpeg alone decoding the same files to the same
 * frames, one file after another with ffmpeg's own threads, as a script does; (a2) two files at a time, which no longer
 * leaves a core idle; (b) the encoder alone on the very frames that the import uses; (c) the import through the engine.
 * One JSON line a case, then the ratios of c. On Linux each case also has its CPU seconds (all processes, all threads),
 * which say more than wall time where others use the machine too.
 * Run: npm run bench -- import [--videos FOLDER] [--rounds 1]
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createClient, createLocalTransport } from '../../main/contract/index.ts'
import { createEncoder, loadBundle, type Encoder } from '../../main/encoders/index.ts'
import { analysisArgs, thinOut } from '../../main/media/analysis-args.ts'
import { fitFilter } from '../../main/media/frame-filter.ts'
import { scaleFlags } from '../../main/media/decode-images.ts'
import { createMedia, type Probe } from '../../main/media/index.ts'
import { createRuntime } from '../../main/runtime/index.ts'
import { createEngineServices } from '../../main/services.ts'

const path = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url))
const { values } = parseArgs({
  options: {
    videos: { type: 'string', default: path('../shared/datasets/catalogue/videos') },
    rounds: { type: 'string', default: '1' },
  },
})
/** As many as the import decodes at the same time. */
const decoders = 2
const framesPerShot = 8

type Clip = { readonly file: string; readonly probe: Probe }

/** Runs `work` on every clip, `atOnce` at a time. */
async function together(clips: readonly Clip[], work: (clip: Clip) => Promise<void>, atOnce = decoders): Promise<void> {
  const waiting = [...clips]
  const loop = async (): Promise<void> => {
    for (let clip = waiting.shift(); clip !== undefined; clip = waiting.shift()) await work(clip)
  }
  await Promise.all(Array.from({ length: atOnce }, loop))
}

/** Runs ffmpeg and throws its output away. */
function ffmpeg(args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('ffmpeg', args, { stdio: ['ignore', 'pipe', 'ignore', 'pipe', 'pipe'] })
    for (const stream of [child.stdout, child.stdio[3], child.stdio[4]]) {
      ;(stream as NodeJS.ReadableStream | null)?.resume()
    }
    child.on('error', reject)
    child.on('close', () => resolve())
  })
}

const rateOf = ({ durationSeconds }: Probe): number =>
  durationSeconds > 0 ? Math.min(30, Math.max(4, framesPerShot / durationSeconds)) : 4

/** One decode, only the frames for the model; without `threads` ffmpeg takes as many as it likes. */
function decodeFramesOnly({ file, probe }: Clip, size: number, threads: string[]): Promise<void> {
  const chain = `${thinOut(rateOf(probe))},${fitFilter},scale=${size}:${size}:flags=${scaleFlags},format=rgb24`
  return ffmpeg([
    ...['-v', 'error', '-nostdin', ...threads, '-i', file, '-map', `0:${probe.streamIndex}`],
    ...['-vf', chain, '-fps_mode', 'passthrough', '-f', 'rawvideo', 'pipe:1'],
  ])
}

/** One decode with everything the index needs: frames, small pictures for the shot borders, posters. */
function decodeForIndex({ file, probe }: Clip, size: number): Promise<void> {
  const stretch = { startSeconds: 0, lengthSeconds: 360 }
  return ffmpeg(analysisArgs([{ path: file, probe, size, samplesPerSecond: rateOf(probe), stretch, threads: 1 }]))
}

/** CPU seconds so far of this process and of its ended descendants; undefined where the system does not tell. */
function cpuSecondsSoFar(): number | undefined {
  if (!existsSync('/proc/self/stat')) return undefined
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ') ?? []
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0) // user and system, own and theirs
  return ticks / 100
}

/** Runs a case, prints it and returns its wall time. */
async function measure(name: string, work: () => Promise<unknown>, more: object = {}): Promise<number> {
  const cpuBefore = cpuSecondsSoFar()
  const start = performance.now()
  await work()
  const wallSeconds = (performance.now() - start) / 1000
  await setTimeout(500) // the media process ends after the engine; only then its time counts here
  const cpuAfter = cpuSecondsSoFar()
  const cpu = cpuBefore === undefined || cpuAfter === undefined ? {} : { cpuSeconds: rounded(cpuAfter - cpuBefore) }
  console.log(JSON.stringify({ case: name, wallSeconds: rounded(wallSeconds), ...cpu, clips: clips.length, ...more }))
  return wallSeconds
}

const rounded = (value: number): number => Number(value.toFixed(2))

async function encodeAlone(encoder: Encoder, pictures: Uint8Array, count: number): Promise<void> {
  const bytes = pictures.length / count
  for (let from = 0; from < count; from += 64) {
    const rows = Math.min(64, count - from)
    await encoder.encodeImages(pictures.subarray(from * bytes, (from + rows) * bytes), rows)
  }
}

async function importAll(): Promise<number> {
  const libraryDir = mkdtempSync(join(tmpdir(), 'mama-bench-'))
  const services = createEngineServices({ libraryDir, now: Date.now, newId: () => crypto.randomUUID() })
  try {
    const client = createClient(createLocalTransport(services.handlers))
    const { imported } = await client.import({ paths: [values.videos], sidecars: true })
    if (imported !== clips.length) throw new Error(`${imported} of ${clips.length} clips were imported`)
    return imported
  } finally {
    await services.close()
    rmSync(libraryDir, { recursive: true, force: true })
  }
}

const clips: Clip[] = []
if (!existsSync(values.videos)) {
  console.log(`The bench "import" is skipped: ${values.videos} is not there.`)
} else {
  const media = createMedia()
  const runtime = await createRuntime()
  const encoder = createEncoder({ bundle: await loadBundle(path('resources/models/built-in')), runtime })
  const size = encoder.imageSize
  for (const name of readdirSync(values.videos).sort()) {
    const file = join(values.videos, name)
    const probe = await media.probe(file)
    if (!('refusal' in probe)) clips.push({ file, probe })
  }
  const frames: Uint8Array[] = []
  await together(clips, async ({ file, probe }) => {
    for await (const shot of media.analyse(file, probe, { size })) {
      if (!('refusal' in shot)) frames.push(...shot.frames.map(({ rgb }) => rgb))
    }
  })
  const pictures = Buffer.concat(frames)

  for (let round = 1; round <= Number(values.rounds); round++) {
    const a = await measure(
      'a: ffmpeg to the same frames, file after file',
      () => together(clips, (clip) => decodeFramesOnly(clip, size, []), 1),
      { round },
    )
    const a2 = await measure(
      'a2: ffmpeg to the same frames, two files at a time',
      () => together(clips, (clip) => decodeFramesOnly(clip, size, ['-threads', '1'])),
      { round },
    )
    const full = await measure(
      'a2+: ffmpeg to frames, small pictures and posters, two at a time',
      () => together(clips, (clip) => decodeForIndex(clip, size)),
      { round },
    )
    const b = await measure('b: encoder alone', () => encodeAlone(encoder, pictures, frames.length), {
      ...{ round, frames: frames.length },
    })
    const c = await measure('c: import', importAll, { round })
    const ratio = (below: number): number => rounded(c / below)
    console.log(
      JSON.stringify({
        ...{ bench: 'import', round, 'c / max(a, b)': ratio(Math.max(a, b)), limit: 1.25 },
        ...{
          'c / max(a2, b)': ratio(Math.max(a2, b)),
          'c / (a2 + b)': ratio(a2 + b),
          'c / (a2+ + b)': ratio(full + b),
        },
      }),
    )
  }
  await encoder.dispose()
  await runtime.dispose()
}
