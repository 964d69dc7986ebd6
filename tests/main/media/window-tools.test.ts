/** What a window asks of real files: can it be played, a preview when not, the times of its frames, clips cut from it. */
import { existsSync, statSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createMediaProcess, obstacleToPlaying, type PlaybackFacts } from '../../../main/media/index.ts'
import { createClipFolder, h264, source, type ClipFolder } from './clips.ts'

const media = createMediaProcess({ timeoutMs: 30_000 })
let clips: ClipFolder
beforeAll(() => {
  clips = createClipFolder()
})
afterAll(() => {
  media.close()
  clips.remove()
})

/** The fractions of a preview, and its failure. */
async function preview(
  path: string,
  target: string,
  facts: PlaybackFacts,
): Promise<{ fractions: number[]; failure: string | null }> {
  const fractions: number[] = []
  for await (const step of media.makePreview(path, target, facts)) {
    if (typeof step !== 'number') return { fractions, failure: step.failure }
    fractions.push(step)
  }
  return { fractions, failure: null }
}

async function factsOf(path: string): Promise<PlaybackFacts> {
  const facts = await media.playbackFacts(path)
  if (facts === null) throw new Error(`${path} has no facts`)
  return facts
}

test.each<[string, string[], string | null]>([
  ['h264.mp4', h264, null],
  ['vp8.webm', ['-c:v', 'libvpx', '-pix_fmt', 'yuv420p'], null],
  ['prores.mov', ['-c:v', 'prores_ks'], 'ProRes video'],
  ['mpeg2.mpg', ['-c:v', 'mpeg2video'], 'MPEG-2 video'],
  ['old.avi', ['-c:v', 'msmpeg4'], 'DivX 3 video'],
  ['deep.mp4', ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p10le'], '10-bit or deeper video'],
  ['box.avi', h264, 'the avi container'],
])('%s: the obstacle to playing it is known', async (name, args, obstacle) => {
  expect(obstacleToPlaying(await factsOf(clips.make(name, ...source(0.5), ...args)))).toBe(obstacle)
})

test('a file that is no video has no facts', async () => {
  writeFileSync(clips.path('text.mp4'), 'not a video')
  expect(await media.playbackFacts(clips.path('text.mp4'))).toBeNull()
})

test('a preview plays, keeps the times of the frames, and tells how far it is', async () => {
  const path = clips.make('long.mov', ...source(2, '320x240', 10), '-c:v', 'prores_ks')
  const facts = await factsOf(path)
  const target = clips.path('preview.webm')
  const { fractions, failure } = await preview(path, target, facts)
  expect(failure).toBeNull()
  const made = await factsOf(target)
  expect(obstacleToPlaying(made)).toBeNull()
  expect(fractions.at(-1)).toBeGreaterThan(0.8)
  const stretch = { start: 0, end: 3 }
  const times = await media.frameTimes(target, made, stretch)
  expect(times).toHaveLength(20)
  const original = await media.frameTimes(path, facts, stretch)
  times.forEach((time, i) => expect(time).toBeCloseTo(original[i]!, 2))
})

test('a preview that cannot be made says why and leaves nothing', async () => {
  const path = clips.make('short.mp4', ...source(0.5), ...h264)
  const facts = { ...(await factsOf(path)), videoStream: 7 }
  const target = clips.path('none.webm')
  expect((await preview(path, target, facts)).failure).toContain('0:7')
  expect([existsSync(target), existsSync(`${target}.partial`)]).toEqual([false, false])
})

test('an abandoned preview leaves nothing', async () => {
  const path = clips.make('slow.mov', ...source(4, '640x480', 25), '-c:v', 'prores_ks')
  const facts = await factsOf(path)
  const stop = new AbortController()
  const target = clips.path('stopped.webm')
  const work = (async () => {
    for await (const _ of media.makePreview(path, target, facts, { signal: stop.signal })) stop.abort()
  })()
  await expect(work).rejects.toMatchObject({ name: 'AbortError' })
  // The process that writes hears of it a moment later.
  await expect.poll(() => existsSync(`${target}.partial`), { timeout: 20_000 }).toBe(false)
  expect(existsSync(target)).toBe(false)
})

test('times of frames are those of the file where the rate changes, within the stretch asked for', async () => {
  // Frames 0..9 at 10 a second, then every second one is dropped.
  const path = clips.make(
    'variable.mp4',
    ...source(2, '160x120', 10),
    ...['-vf', "select='lt(n,10)+not(mod(n,2))'", '-fps_mode', 'vfr'],
    ...h264,
  )
  const facts = await factsOf(path)
  const all = await media.frameTimes(path, facts, { start: 0, end: 2 })
  expect(all.map((time) => time.toFixed(1))).toEqual(
    '0.0 0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9 1.0 1.2 1.4 1.6 1.8'.split(' '),
  )
  const part = await media.frameTimes(path, facts, { start: 0.85, end: 1.3 })
  expect(part.map((time) => time.toFixed(1))).toEqual(['0.9', '1.0', '1.2'])
})

test('an AVI without times of presentation is decoded for them', async () => {
  const path = clips.make('plain.avi', ...source(1, '160x120', 5), '-c:v', 'mpeg4', '-bf', '2')
  const times = await media.frameTimes(path, await factsOf(path), { start: 0, end: 1 })
  expect(times).toEqual([0.2, 0.4, 0.6, 0.8]) // the decoder gives the first frame no time
})

test.each(['exact', 'fast'] as const)(
  'a clip cut in the %s way has about its length and its own file',
  async (mode) => {
    const path = clips.make('whole.mp4', ...source(4, '160x120', 10), ...h264, '-g', '10')
    const size = statSync(path).size
    const target = clips.path(`clip-${mode}.mp4`)
    expect(await media.cutClip(path, target, { start: 1, end: 2.5, mode })).toBeNull()
    const { durationSeconds } = await factsOf(target)
    expect(durationSeconds).toBeGreaterThan(1.3)
    expect(durationSeconds).toBeLessThan(mode === 'exact' ? 1.65 : 2.6)
    expect(statSync(path).size).toBe(size)
  },
)
