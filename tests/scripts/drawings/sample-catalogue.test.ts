/** The committed sample catalogue: its files agree with each other and with the script that wrote them. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { expect, test } from 'vitest'
import { createRandom } from '../../../main/base/random.ts'
import {
  frameCount,
  framesPerSecond,
  planClips,
  ranges,
  shotTimes,
  type Clip,
} from '../../../scripts/drawings/catalogue-plan.ts'
import { writeRows } from '../../../scripts/drawings/catalogue-texts.ts'
import { drawFrames } from '../../../scripts/drawings/clip-frames.ts'

const folder = new URL('../../../resources/sample-catalogue', import.meta.url).pathname
const megabyte = 1024 * 1024

type Moment = { file: string; start: number; end: number }
type Shot = { start: number; end: number; concept: string; inHouseName: string | null; colour: string }
type Truth = { file: string; sku: string; noise: string; duration: number; descriptions: string[]; shots: Shot[] }
type Query = {
  query: string
  relevant: Moment[]
  uncertain: Moment[]
  kind: string
  target: { concept: string[]; colour?: string }
}

const csv = (name: string): Record<string, string>[] => parse(readFileSync(join(folder, name)), { columns: true })
const jsonLines = <T>(name: string): T[] =>
  readFileSync(join(folder, name), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T)

const rows = csv('catalogue.csv')
const exemplars = csv('exemplars.csv')
const queries = jsonLines<Query>('queries.jsonl')
const truth = jsonLines<Truth>('truth.jsonl')
const truthOf = new Map(truth.map((clip) => [clip.file, clip]))

/** The shot of the truth that a moment names exactly. */
function shotAt({ file, start, end }: Moment): Shot | undefined {
  return truthOf.get(file)?.shots.find((shot) => shot.start === start && shot.end === end)
}

function planned(): Clip[] {
  return planClips(createRandom(7).fork('clips'))
}

test('every clip is there, is described once, and nothing else lies in the folder', () => {
  const files = readdirSync(join(folder, 'videos'))
    .sort()
    .map((name) => `videos/${name}`)
  expect(files.length).toBeGreaterThanOrEqual(48)
  expect(rows.map((row) => row.file)).toEqual(files)
  expect(truth.map((clip) => clip.file)).toEqual(files)
  expect(rows.map((row) => row.sku)).toEqual(truth.map((clip) => clip.sku))
  expect(new Set(rows.map((row) => row.sku)).size).toBe(files.length)
})

test('the whole folder is smaller than 5 MB', () => {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const bytes = paths.reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
  expect(bytes).toBeLessThan(5 * megabyte)
})

test('two fifths of the texts are vague or wrong, and wrong ones never name a product of the clip', () => {
  const share = (noise: string): number => truth.filter((clip) => clip.noise === noise).length / truth.length
  expect(share('partial')).toBeCloseTo(0.2, 2)
  expect(share('wrong')).toBeCloseTo(0.2, 2)
  for (const [i, clip] of truth.entries()) {
    const own = clip.shots.map((shot) => shot.inHouseName ?? shot.concept)
    const text = `${rows[i]!.title} ${rows[i]!.description}`.toLowerCase()
    const named = own.filter((word) => new RegExp(`\\b${word.toLowerCase()}\\b`).test(text))
    if (clip.noise === 'wrong') expect(named, clip.file).toEqual([])
    if (clip.noise === 'aligned') expect(new Set(named), clip.file).toEqual(new Set(own))
  }
})

test('frequencies are long-tailed over at least 16 kinds, and a third of the clips have in-house products', () => {
  const counts = new Map<string, number>()
  for (const { shots } of truth) for (const { concept } of shots) counts.set(concept, (counts.get(concept) ?? 0) + 1)
  expect(counts.size).toBe(ranges.length)
  expect(counts.size).toBeGreaterThanOrEqual(16)
  expect(Math.max(...counts.values())).toBeGreaterThan(10)
  expect([...counts.values()].filter((count) => count <= 2).length).toBeGreaterThanOrEqual(5)
  const inHouse = truth.filter((clip) => clip.shots.some((shot) => shot.inHouseName)).length / truth.length
  expect(inHouse).toBeGreaterThan(0.28)
  expect(inHouse).toBeLessThan(0.45)
})

test('the in-house products are never called by their English word', () => {
  const words = ranges.filter((range) => range.inHouseName).map((range) => range.kind)
  const texts = [
    ...rows.map((row) => `${row.title} ${row.description}`),
    ...exemplars.map((row) => row.description!),
    ...queries.map((query) => query.query),
    ...truth.flatMap((clip) => clip.descriptions),
  ]
  for (const word of words) {
    expect(
      texts.filter((text) => new RegExp(`\\b${word}s?\\b`, 'i').test(text)),
      word,
    ).toEqual([])
  }
})

test('the 48 exemplars label real shots truly', () => {
  expect(exemplars).toHaveLength(48)
  for (const { file, start, end, description, grade } of exemplars) {
    const shot = shotAt({ file: file!, start: Number(start), end: Number(end) })
    expect(shot, `${file} ${start}`).toBeDefined()
    expect(description).toContain(shot!.inHouseName ?? shot!.concept)
    if (grade === 'exact') expect(description).toContain(shot!.colour)
    expect(['exact', 'partial']).toContain(grade)
  }
})

test('the 100 queries name every right shot and nothing else', () => {
  expect(queries).toHaveLength(100)
  expect(queries.filter((query) => query.kind === 'in-house').length).toBeGreaterThanOrEqual(36)
  for (const { query, relevant, uncertain, target } of queries) {
    const all = truth.flatMap(({ file, shots }) =>
      shots
        .filter((shot) => target.concept.includes(shot.concept) && (!target.colour || shot.colour === target.colour))
        .map(({ start, end }) => ({ file, start, end })),
    )
    expect(relevant, query).toEqual(all)
    expect(relevant.length, query).toBeGreaterThan(0)
    for (const moment of uncertain) {
      expect(shotAt(moment), query).toBeDefined()
      expect(relevant).not.toContainEqual(moment)
    }
  }
})

test('shots follow each other from zero to the end of the clip', () => {
  for (const { file, shots, duration } of truth) {
    expect(shots[0]!.start, file).toBe(0)
    expect(shots.at(-1)!.end, file).toBeCloseTo(duration, 2)
    for (let i = 1; i < shots.length; i++) expect(shots[i]!.start, file).toBe(shots[i - 1]!.end)
    expect(duration).toBeGreaterThanOrEqual(3)
    expect(duration).toBeLessThanOrEqual(6)
  }
})

test('the clips are as long and as large as the truth says', ({ skip }) => {
  const probe = (file: string): string =>
    execFileSync(
      'ffprobe',
      [
        ...['-v', 'error', '-select_streams', 'v', '-of', 'csv=p=0'],
        ...['-show_entries', 'stream=codec_name,pix_fmt,width,height,nb_frames,r_frame_rate', join(folder, file)],
      ],
      { encoding: 'utf8' },
    ).trim()
  try {
    execFileSync('ffprobe', ['-version'], { stdio: 'ignore' })
  } catch {
    skip('ffprobe is not installed')
  }
  // Every sixth clip: enough to notice a stale folder, quick enough for every run.
  for (const clip of planned().filter((_, i) => i % 6 === 0)) {
    expect(probe(clip.file)).toBe(`h264,${clip.width},${clip.height},yuv420p,${framesPerSecond}/1,${frameCount(clip)}`)
  }
})

test('the committed texts are what the script writes with the documented seed', () => {
  const clips = planned()
  const written = writeRows(clips, createRandom(7).fork('texts'))
  expect(written.map((row) => row.description)).toEqual(rows.map((row) => row.description))
  expect(clips.map(shotTimes)).toEqual(truth.map(({ shots }) => shots.map(({ start, end }) => ({ start, end }))))
})

test('a clip has as many drawn frames as planned, and a fade passes smoothly from one shot to the next', () => {
  const clip = planned().find((candidate) => candidate.type === 'reel' && candidate.transition === 'fade')!
  const small = { ...clip, width: 32, height: 32 }
  const frames = [...drawFrames(small, createRandom(1))]
  expect(frames).toHaveLength(frameCount(clip))
  const distance = (a: Uint8Array, b: Uint8Array): number =>
    a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length
  const border = Math.round(shotTimes(clip)[0]!.end * framesPerSecond)
  const acrossFade = distance(frames[border - 4]!, frames[border + 4]!)
  expect(distance(frames[border - 1]!, frames[border]!)).toBeLessThan(acrossFade / 2)
  expect(existsSync(join(folder, 'README.md'))).toBe(true)
})
