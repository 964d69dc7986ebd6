import { readFileSync, writeFileSync, mkdirSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMedia, mediaRefusals, type AnalysedShot, type Probe, type Refusal } from '../../../main/media/index.ts'
import { createClipFolder, h264, source, type ClipFolder } from './clips.ts'

const size = 32
const media = createMedia({ timeoutMs: 20_000 })
let clips: ClipFolder

beforeAll(() => {
  clips = createClipFolder()
})
afterAll(() => clips.remove())

async function read(path: string): Promise<{ probe: Probe; shots: AnalysedShot[] } | { refusal: Refusal }> {
  const probe = await media.probe(path)
  if ('refusal' in probe) return probe
  const shots: AnalysedShot[] = []
  for await (const item of media.analyse(path, probe, { size })) {
    if ('refusal' in item) return item
    shots.push(item)
  }
  return { probe, shots }
}

async function works(path: string): Promise<{ probe: Probe; shots: AnalysedShot[] }> {
  const result = await read(path)
  if ('refusal' in result) throw new Error(JSON.stringify(result.refusal))
  expect(result.shots.length).toBeGreaterThan(0)
  for (const shot of result.shots) {
    expect(shot.frames.length).toBeGreaterThan(0)
    expect(shot.frames.length).toBeLessThanOrEqual(8)
    for (const frame of shot.frames) expect(frame.rgb.length).toBe(size * size * 3)
    expect(shot.endSeconds).toBeGreaterThan(shot.startSeconds)
    expect([...shot.poster!.subarray(0, 2)]).toEqual([0xff, 0xd8])
  }
  return result
}

async function reasonFor(path: string): Promise<string> {
  const result = await read(path)
  if (!('refusal' in result)) throw new Error(`${path} was accepted`)
  expect(Object.keys(mediaRefusals)).toContain(result.refusal.reason)
  expect(result.refusal.sentence).not.toContain('{name}')
  return result.refusal.reason
}

describe('files that work', () => {
  test('a turned clip is reported and decoded upright', async () => {
    const plain = clips.make(
      'plain.mp4',
      '-f',
      'lavfi',
      '-i',
      'color=red:s=160x80:d=1:r=10',
      '-f',
      'lavfi',
      '-i',
      'color=blue:s=160x80:d=1:r=10',
      '-filter_complex',
      '[0][1]hstack',
      ...h264,
    )
    const turned = clips.make('turned.mp4', '-i', plain, '-c', 'copy', '-metadata:s:v', 'rotate=90')
    const { probe, shots } = await works(turned)
    expect([probe.width, probe.height]).toEqual([80, 320])
    expect([90, 270]).toContain(probe.rotationDegrees)
    // Left and right halves have become top and bottom: each row is of one colour.
    const rgb = shots[0]!.frames[0]!.rgb
    const at = (x: number, y: number): number[] => [...rgb.subarray((y * size + x) * 3, (y * size + x) * 3 + 3)]
    expect(at(2, 3)[0]! > 128).toBe(at(29, 3)[0]! > 128)
    expect(at(2, 3)[0]! > 128).not.toBe(at(2, 28)[0]! > 128)
  })

  test('odd sizes, down to a single pixel column', async () => {
    await works(clips.make('odd.mkv', ...source(0.5, '33x17'), '-c:v', 'ffv1'))
    await works(clips.make('thin.mkv', ...source(0.5, '1x9'), '-c:v', 'ffv1', '-pix_fmt', 'bgr0'))
  })

  test('a changing frame rate keeps the decoded timestamps', async () => {
    const path = clips.make(
      'vfr.mkv',
      ...source(4, '160x120', 20),
      '-vf',
      "select='lt(t,1)+not(mod(n,10))'",
      '-fps_mode',
      'vfr',
      ...h264,
    )
    const { probe, shots } = await works(path)
    const times = shots.flatMap((shot) => shot.frames.map((frame) => frame.timeSeconds))
    expect(probe.durationSeconds).toBeGreaterThan(3)
    for (const time of times) {
      expect(
        time < 1 ? Math.abs(time * 20 - Math.round(time * 20)) : Math.abs(time * 2 - Math.round(time * 2)),
      ).toBeLessThan(0.05)
    }
    expect(times.some((time) => time > 2.9)).toBe(true)
  })

  test('no audio, and audio that is longer than the picture', async () => {
    expect((await works(clips.make('silent.mp4', ...source(1), ...h264))).probe.hasAudio).toBe(false)
    const path = clips.make('long-audio.mp4', ...source(1), '-f', 'lavfi', '-i', 'sine=d=3', ...h264)
    const { probe, shots } = await works(path)
    expect(probe.hasAudio).toBe(true)
    expect(shots.at(-1)!.endSeconds).toBeLessThan(1.6)
  })

  test('a file of one frame', async () => {
    const { shots } = await works(clips.make('one.mp4', ...source(1), '-frames:v', '1', ...h264))
    expect(shots.map((shot) => shot.frames.length)).toEqual([1])
  })

  test('ten bits a channel', async () => {
    await works(
      clips.make(
        'ten.mkv',
        ...source(1),
        '-c:v',
        'libx265',
        '-x265-params',
        'log-level=none',
        '-preset',
        'ultrafast',
        '-pix_fmt',
        'yuv420p10le',
      ),
    )
  })

  test('an interlaced clip', async () => {
    const { probe } = await works(
      clips.make(
        'interlaced.mp4',
        ...source(1, '160x128', 25),
        '-c:v',
        'mpeg2video',
        '-flags',
        '+ilme+ildct',
        '-top',
        '1',
        '-vf',
        'setfield=tff',
      ),
    )
    expect(probe.interlaced).toBe(true)
  })

  test('pixels that are not square', async () => {
    await works(clips.make('anamorphic.mp4', ...source(0.5, '180x144'), '-vf', 'setsar=16/11', ...h264))
  })

  test('a wrong extension', async () => {
    await works(clips.make('really-matroska.mp4', ...source(0.5), ...h264, '-f', 'matroska'))
    await works(clips.make('no-extension', ...source(0.5), ...h264, '-f', 'mp4'))
  })

  test('names that a shell or ffmpeg could misread', async () => {
    for (const name of [
      '-i dash.mp4',
      `it's "quoted".mp4`,
      'new\nline.mp4',
      'shoe 👟 靴.mp4',
      'http:colon.mp4',
      '100%03d.mp4',
      '[0:v];null.mp4',
    ]) {
      await works(clips.make(name, ...source(0.3), ...h264, '-f', 'mp4'))
    }
  })

  test('a file cut off in the middle gives what can be decoded', async () => {
    const whole = readFileSync(clips.make('whole.mkv', ...source(4, '320x240'), ...h264))
    writeFileSync(clips.path('half.mkv'), whole.subarray(0, whole.length / 2))
    const { shots } = await works(clips.path('half.mkv'))
    expect(shots.at(-1)!.endSeconds).toBeLessThan(3.5)
  })

  test('a long file is read in stretches with true times and no gap', async () => {
    const path = clips.make('long.mp4', ...source(30, '64x48', 10), ...h264, '-g', '50')
    const probe = (await media.probe(path)) as Probe
    const shots: AnalysedShot[] = []
    for await (const item of media.analyse(path, probe, { size, stretchSeconds: 8, maxShotSeconds: 5 }))
      shots.push(item as AnalysedShot)
    expect(shots[0]!.startSeconds).toBe(0)
    shots.slice(1).forEach((shot, i) => expect(shot.startSeconds).toBeCloseTo(shots[i]!.endSeconds, 6))
    expect(shots.at(-1)!.endSeconds).toBeCloseTo(30, 1)
    for (const shot of shots) {
      expect(shot.endSeconds - shot.startSeconds).toBeLessThanOrEqual(5 + 1e-6)
      for (const { timeSeconds } of shot.frames) {
        expect(timeSeconds).toBeGreaterThanOrEqual(shot.startSeconds - 0.01)
        expect(timeSeconds).toBeLessThan(shot.endSeconds)
        expect(Math.abs(timeSeconds * 10 - Math.round(timeSeconds * 10))).toBeLessThan(0.02)
      }
    }
  })
})

describe('files that are refused', () => {
  test('a file that is gone, a folder, and an empty file', async () => {
    mkdirSync(clips.path('folder.mp4'))
    writeFileSync(clips.path('zero.mp4'), '')
    expect(await reasonFor(clips.path('gone.mp4'))).toBe('missing')
    expect(await reasonFor(clips.path('folder.mp4'))).toBe('notAFile')
    expect(await reasonFor(clips.path('zero.mp4'))).toBe('empty')
  })

  test('text under a video name, and a list that names other files', async () => {
    writeFileSync(clips.path('text.mp4'), 'This is a letter to a customer.\n'.repeat(40))
    writeFileSync(clips.path('list.mp4'), 'ffconcat version 1.0\nfile other.mp4\n')
    writeFileSync(
      clips.path('play.mp4'),
      '#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n',
    )
    expect(await reasonFor(clips.path('text.mp4'))).toBe('notMedia')
    expect(await reasonFor(clips.path('list.mp4'))).toBe('notMedia')
    expect(await reasonFor(clips.path('play.mp4'))).toBe('notMedia')
  })

  test('sound alone, with and without a cover picture', async () => {
    clips.make('sound.m4a', '-f', 'lavfi', '-i', 'sine=d=1')
    const cover = clips.make('cover.png', ...source(1), '-frames:v', '1')
    clips.make(
      'cover.mp3',
      '-f',
      'lavfi',
      '-i',
      'sine=d=1',
      '-i',
      cover,
      '-map',
      '0',
      '-map',
      '1',
      '-c:v',
      'copy',
      '-disposition:v',
      'attached_pic',
    )
    expect(await reasonFor(clips.path('sound.m4a'))).toBe('noVideo')
    expect(await reasonFor(clips.path('cover.mp3'))).toBe('noVideo')
  })

  test('an MP4 whose end, and with it the index, is missing', async () => {
    const whole = readFileSync(clips.make('index-last.mp4', ...source(2, '320x240'), ...h264))
    writeFileSync(clips.path('cut-off.mp4'), whole.subarray(0, whole.length / 2))
    expect(await reasonFor(clips.path('cut-off.mp4'))).toBe('incomplete')
  })

  test('a video whose picture data is gone', async () => {
    const bytes = Buffer.from(
      readFileSync(clips.make('index-first.mp4', ...source(1, '320x240'), ...h264, '-movflags', '+faststart')),
    )
    bytes.fill(0, bytes.indexOf('mdat') + 4)
    writeFileSync(clips.path('hollow.mp4'), bytes)
    expect(await reasonFor(clips.path('hollow.mp4'))).toBe('noFrames')
  })
})

test('a thumbnail is a JPEG of the asked width', async () => {
  const path = clips.make('thumb.mp4', ...source(1), ...h264)
  const jpeg = await media.thumbnail(path, 0.5, { width: 80 })
  expect([...jpeg!.subarray(0, 2)]).toEqual([0xff, 0xd8])
  expect(await media.thumbnail(path, 99)).toBeNull()
})
