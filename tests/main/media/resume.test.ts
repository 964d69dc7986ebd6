/** Reading that begins anew at a resume point gives the same as reading that was never stopped. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createMedia, type AnalysedShot } from '../../../main/media/index.ts'
import { createClipFolder, h264, type ClipFolder } from './clips.ts'

let clips: ClipFolder
let path: string
const media = createMedia()

beforeAll(() => {
  clips = createClipFolder()
  const sources = ['testsrc', 'smptebars', 'color=red', 'testsrc2', 'color=blue', 'mandelbrot'].flatMap((name) => [
    ...['-f', 'lavfi', '-t', '3.5', '-i', `${name}${name.includes('=') ? ':' : '='}s=160x120:r=10`],
  ])
  const join = Array.from({ length: 6 }, (_, i) => `[${i}]`).join('')
  path = clips.make('long.mp4', ...sources, '-filter_complex', `${join}concat=n=6,format=yuv420p`, ...h264)
})
afterAll(() => clips.remove())

async function shotsFrom(fromSeconds?: number): Promise<AnalysedShot[]> {
  const probe = await media.probe(path)
  if ('refusal' in probe) throw new Error(probe.refusal.sentence)
  const shots: AnalysedShot[] = []
  for await (const shot of media.analyse(path, probe, { size: 32, stretchSeconds: 6, fromSeconds })) {
    if ('refusal' in shot) throw new Error(shot.refusal.sentence)
    shots.push(shot)
  }
  return shots
}

test('at each resume point', async () => {
  const all = await shotsFrom()
  const points = all.filter(({ isResumePoint }) => isResumePoint === true).map(({ endSeconds }) => endSeconds)
  expect(points.length).toBeGreaterThanOrEqual(2)
  expect(all.at(-1)!.isResumePoint).toBeUndefined()
  for (const point of points) {
    expect(await shotsFrom(point)).toEqual(all.filter(({ startSeconds }) => startSeconds >= point))
  }
})

test('and nothing after the end, without a refusal', async () => {
  expect(await shotsFrom(21)).toEqual([])
})
