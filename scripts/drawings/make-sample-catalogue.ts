/**
 * Draws the sample catalogue that the demo imports: clips, the customer's descriptions, exemplars, queries, truth.
 * npx tsx scripts/drawings/make-sample-catalogue.ts [--out resources/sample-catalogue] [--seed 7]
 * Needs ffmpeg with libx264. The texts depend on the seed only; the bytes of the clips also on the ffmpeg version.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createRandom, type Random } from '../../main/base/random.ts'
import {
  frameCount,
  framesPerSecond,
  hasInHouseName,
  houseWordOf,
  planClips,
  shotTimes,
  type Clip,
} from './catalogue-plan.ts'
import { writeExemplars, writeQueries } from './catalogue-questions.ts'
import { describe, productsOf, writeRows, type CatalogueRow } from './catalogue-texts.ts'
import { drawFrames } from './clip-frames.ts'

/** ffmpeg arguments that read raw RGBA from stdin and write a small, reproducible H.264 file. */
export function encoderArguments(clip: Pick<Clip, 'width' | 'height'>, path: string): string[] {
  return [
    ...[
      '-v',
      'error',
      '-nostdin',
      '-y',
      '-f',
      'rawvideo',
      '-pix_fmt',
      'rgba',
      '-s',
      `${clip.width}x${clip.height}`,
      '-r',
      String(framesPerSecond),
      '-i',
      'pipe:0',
    ],
    ...[
      '-c:v',
      'libx264',
      '-preset',
      'slow',
      '-tune',
      'animation',
      '-crf',
      '27',
      '-g',
      '45',
      '-pix_fmt',
      'yuv420p',
      '-threads',
      '1',
    ],
    ...['-fflags', '+bitexact', '-flags:v', '+bitexact', '-map_metadata', '-1', '-movflags', '+faststart', path],
  ]
}

async function encodeClip(clip: Clip, path: string, random: Random): Promise<void> {
  const ffmpeg = spawn('ffmpeg', encoderArguments(clip, path), { stdio: ['pipe', 'ignore', 'inherit'] })
  const closed = once(ffmpeg, 'close')
  for (const frame of drawFrames(clip, random)) {
    if (!ffmpeg.stdin.write(frame)) await once(ffmpeg.stdin, 'drain')
  }
  ffmpeg.stdin.end()
  const [code] = (await closed) as [number]
  if (code !== 0) throw new Error(`ffmpeg ended with code ${code} at ${path}`)
}

/** One CSV record; quotes where needed. */
function csvLine(values: readonly (string | number)[]): string {
  return values
    .map((value) => (/[",\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value)))
    .join(',')
}

function truthOf(clip: Clip, row: CatalogueRow, random: Random): object {
  const times = shotTimes(clip)
  return {
    file: clip.file,
    sku: productsOf(clip)[0]!.sku,
    type: clip.type,
    noise: row.noise,
    how: row.how,
    descriptions: productsOf(clip).map((product) => describe(product, random)),
    duration: Math.round((frameCount(clip) / framesPerSecond) * 1000) / 1000,
    fps: framesPerSecond,
    transition: clip.transition,
    shots: clip.shots.map(({ product: { sku, look }, motion, closeUp }, i) => ({
      ...times[i]!,
      product: sku,
      concept: look.kind.name,
      inHouseName: hasInHouseName(look.kind.name) ? houseWordOf(look.kind.name) : null,
      colour: look.colour,
      pattern: look.pattern,
      secondColour: look.pattern === 'plain' ? null : look.second,
      view: closeUp ? 'close-up' : 'full',
      motion,
    })),
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { out: { type: 'string', default: 'resources/sample-catalogue' }, seed: { type: 'string', default: '7' } },
  })
  const random = createRandom(Number(values.seed))
  const clips = planClips(random.fork('clips'))
  const rows = writeRows(clips, random.fork('texts'))
  const exemplars = writeExemplars(clips, random.fork('exemplars'))
  const queries = writeQueries(clips, random.fork('queries'))
  const truth = clips.map((clip, i) => truthOf(clip, rows[i]!, random.fork(`truth ${i}`)))

  rmSync(join(values.out, 'videos'), { recursive: true, force: true })
  mkdirSync(join(values.out, 'videos'), { recursive: true })
  const write = (name: string, lines: readonly string[]): void =>
    writeFileSync(join(values.out, name), lines.join('\n') + '\n')
  write('catalogue.csv', [
    'file,sku,title,description,category',
    ...clips.map((clip, i) =>
      csvLine([clip.file, productsOf(clip)[0]!.sku, rows[i]!.title, rows[i]!.description, rows[i]!.category]),
    ),
  ])
  write('exemplars.csv', [
    'file,start,end,description,grade',
    ...exemplars.map((e) => csvLine([e.file, e.start, e.end, e.description, e.grade])),
  ])
  write(
    'queries.jsonl',
    queries.map((query) => JSON.stringify(query)),
  )
  write(
    'truth.jsonl',
    truth.map((line) => JSON.stringify(line)),
  )
  for (const [i, clip] of clips.entries()) {
    await encodeClip(clip, join(values.out, clip.file), random.fork(`pictures ${i}`))
    process.stderr.write(`\r${i + 1}/${clips.length} clips`)
  }
  process.stderr.write('\n')
}

if (process.argv[1]?.endsWith('make-sample-catalogue.ts')) await main()
