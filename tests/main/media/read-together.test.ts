/** Short clips that share a process come out as each of them does alone, and one that is odd spoils nothing. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createMedia, createMediaProcess, type Media, type Probe, type WholeVideo } from '../../../main/media/index.ts'
import { createClipFolder, h264, source, type ClipFolder } from './clips.ts'

const size = 32
const media = createMedia({ timeoutMs: 20_000 })
const reordered = ['-c:v', 'libx264', '-bf', '2', '-pix_fmt', 'yuv420p']
let clips: ClipFolder
let plain: string[]

beforeAll(() => {
  clips = createClipFolder()
  const upright = clips.make('upright.mp4', ...source(1.2, '96x48'), ...h264)
  plain = [
    clips.make('a.mp4', ...source(2.4, '160x120', 15), ...reordered),
    clips.make('turned.mp4', '-i', upright, '-c', 'copy', '-metadata:s:v', 'rotate=90'),
    clips.make('vfr.mp4', ...source(3, '64x48', 25), '-vf', "select='not(mod(n,7))'", '-vsync', 'vfr', ...h264),
    clips.make(
      ...(['cut.mp4', '-f', 'lavfi', '-i', 'color=red:s=64x64:d=1.5:r=10'] as const),
      ...['-f', 'lavfi', '-i', 'color=blue:s=64x64:d=1.5:r=10', '-filter_complex', '[0][1]concat', ...h264],
    ),
    clips.make('ten.mp4', ...source(1, '98x66'), '-c:v', 'libx264', '-pix_fmt', 'yuv420p10le'),
    clips.make('sound.mp4', '-f', 'lavfi', '-i', 'sine=d=1', ...source(1), ...h264, '-c:a', 'aac'),
    clips.make('wide.mp4', ...source(1, '256x32'), '-vf', 'setsar=2', ...h264),
    clips.make('one.mp4', ...source(0.1), ...h264),
    clips.make('short.mp4', ...source(0.5, '64x64', 25), ...h264),
  ]
})
afterAll(() => clips.remove())

async function alone(path: string, index: number): Promise<WholeVideo> {
  const probe = (await media.probe(path)) as Probe
  const shots: WholeVideo['shots'] = []
  for await (const shot of media.analyse(path, probe, { size })) if (!('refusal' in shot)) shots.push(shot)
  return { index, probe, shots }
}

async function together(paths: string[], of: Pick<Media, 'readTogether'> = media): Promise<WholeVideo[]> {
  const videos: WholeVideo[] = []
  for await (const video of of.readTogether(paths, { size })) videos.push(video)
  return videos
}

test('probes, shots, frames, times and posters are those of each clip alone, in order', async () => {
  const expected = await Promise.all(plain.map(alone))
  expect(expected.map(({ shots }) => shots.length)).toContain(2)
  const read = await together(plain)
  expect(read.map(({ index }) => index)).toEqual(plain.map((_, i) => i))
  expect(read).toEqual(expected)
})

test('the media process gives the same', async () => {
  const process = createMediaProcess()
  expect(await together(plain.slice(0, 3), process)).toEqual(await together(plain.slice(0, 3)))
  process.close()
})

test('files that are not short and plain are left out', async () => {
  const long = clips.make('long.mp4', ...source(61, '16x16', 2), ...h264)
  const heavy = clips.make('heavy.mp4', ...source(3, '1280x720', 30), ...h264)
  const other = clips.make('other.webm', ...source(1), '-c:v', 'libvpx')
  writeFileSync(clips.path('text.mp4'), 'no video')
  const paths = [long, plain[0]!, heavy, other, clips.path('text.mp4'), clips.path('missing.mp4'), plain[1]!]
  expect((await together(paths)).map(({ index }) => index)).toEqual([1, 6])
})

test('pictures that turn out to be interlaced leave their process unused', async () => {
  const fields = ['-vf', 'tinterlace=interleave_top', '-c:v', 'libx264', '-flags', '+ilme+ildct', '-x264opts', 'tff=1']
  const interlaced = clips.make('interlaced.mp4', ...source(1, '160x120', 50), ...fields)
  expect(await media.probe(interlaced)).toMatchObject({ interlaced: true })
  expect(await together([plain[0]!, interlaced])).toEqual([])
})

test('a size that is not the decoded one leaves its process unused', async () => {
  const bytes = readFileSync(plain[0]!)
  bytes.writeUInt16BE(200, bytes.indexOf('avc1', bytes.indexOf('stsd', 0, 'latin1'), 'latin1') + 4 + 24)
  writeFileSync(clips.path('resized.mp4'), bytes)
  expect(await together([clips.path('resized.mp4')])).toEqual([])
})

test('a damaged clip leaves its process unused, and the next ones are read', async () => {
  const bytes = readFileSync(clips.make('damaged.mp4', ...source(2), ...reordered))
  const data = bytes.indexOf('mdat', 0, 'latin1') + 4
  bytes.fill(0x55, data + 1500, data + 4000)
  writeFileSync(clips.path('damaged.mp4'), bytes)
  const paths = [clips.path('damaged.mp4'), ...plain.slice(0, 7), ...plain.slice(0, 2)]
  expect((await together(paths)).map(({ index }) => index)).toEqual([8, 9])
})

test('a decoder that hangs is given up, and after a few of those nothing is tried', async () => {
  const tool = clips.path('hangs.sh')
  writeFileSync(tool, `#!/bin/sh\necho . >> '${clips.path('starts')}'\nexec sleep 1000\n`)
  chmodSync(tool, 0o700)
  const hanging = createMedia({ ffmpegPath: tool, timeoutMs: 300 })
  for (let i = 0; i < 5; i++) expect(await together([plain[0]!], hanging)).toEqual([])
  expect(readFileSync(clips.path('starts'), 'utf8')).toBe('.\n'.repeat(3))
})

test('an abort ends it with its reason', async () => {
  const stop = new AbortController()
  stop.abort(new Error('enough'))
  await expect(media.readTogether(plain, { size, signal: stop.signal }).next()).rejects.toThrow('enough')
  const later = new AbortController()
  const reading = media.readTogether(plain, { size, signal: later.signal })
  const first = reading.next()
  setTimeout(() => later.abort(new Error('enough')), 20)
  await expect(first).rejects.toThrow('enough')
})

test('a missing ffmpeg is an error, not a refusal', async () => {
  const without = createMedia({ ffmpegPath: 'no-such-ffmpeg' })
  await expect(together(plain, without)).rejects.toMatchObject({ code: 'media.toolMissing' })
})
