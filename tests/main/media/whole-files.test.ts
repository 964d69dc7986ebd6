/** Every second of a file belongs to a shot, at the time and in the colours that a player shows, or the file is refused. */
import { execFileSync } from 'node:child_process'
import { appendFileSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMedia, tilingFault, type AnalysedShot, type Probe } from '../../../main/media/index.ts'
import { lastKeyFrame, seekPlan } from '../../../main/media/cut-clip.ts'
import { windowEnd } from '../../../main/media/read-windows.ts'
import { createClipFolder, h264, type ClipFolder } from './clips.ts'

const size = 32
const media = createMedia({ timeoutMs: 60_000 })
let clips: ClipFolder
beforeAll(() => {
  clips = createClipFolder()
})
afterAll(() => clips.remove())

type Options = { stretchSeconds?: number; maxShotSeconds?: number }

async function read(
  path: string,
  options: Options = {},
  reader = media,
): Promise<{ probe: Probe; shots: AnalysedShot[] }> {
  const probe = await media.probe(path)
  if ('refusal' in probe) throw new Error(probe.refusal.reason)
  const shots: AnalysedShot[] = []
  for await (const item of reader.analyse(path, probe, { size, ...options })) {
    if ('refusal' in item) throw new Error(item.refusal.reason)
    shots.push(item)
  }
  return { probe, shots }
}

/** Reads a file of whose shots nothing is missing from `first` to `last`. */
async function readWhole(path: string, first: number, last: number, options: Options = {}): Promise<AnalysedShot[]> {
  const { shots } = await read(path, options)
  expect(tilingFault(shots, { firstSeconds: first, lastSeconds: last })).toBeNull()
  for (const shot of shots) expect([...shot.poster!.subarray(0, 2)]).toEqual([0xff, 0xd8])
  return shots
}

const middle = (rgb: Uint8Array): number[] => {
  const at = ((size / 2) * size + size / 2) * 3
  return [...rgb.subarray(at, at + 3)]
}
const near = (found: readonly number[], wanted: readonly number[], within: number): void => {
  for (const [channel, value] of wanted.entries()) {
    expect(Math.abs(found[channel]! - value), `${found.join(' ')} is not ${wanted.join(' ')}`).toBeLessThanOrEqual(
      within,
    )
  }
}
const colourOf = (rgb: Uint8Array): string => {
  const [r, g, b] = middle(rgb).map((value) => value > 128)
  return r ? 'red' : g ? 'lime' : b ? 'blue' : 'black'
}
const colourAt = (shots: readonly AnalysedShot[], time: number): string =>
  colourOf(shots.find(({ startSeconds, endSeconds }) => time >= startSeconds && time < endSeconds)!.frames[0]!.rgb)

/** Solid colours, one after the other, `seconds` each. */
const colours = (seconds: number, rate = 10, names = ['red', 'lime', 'blue']): string[] => [
  ...names.flatMap((name) => ['-f', 'lavfi', '-i', `color=c=${name}:s=64x48:r=${rate}:d=${seconds}`]),
  ...['-filter_complex', `${names.map((_, i) => `[${i}]`).join('')}concat=n=${names.length}`],
]
const baseline = [...h264, '-bf', '0', '-g', '20']

describe('no second is lost', () => {
  test('pictures that are held over the end of a stretch, and over several', async () => {
    // Frames at 0, 5, 14 and 15 s only, read in stretches of 3 s.
    const held = ['-vf', "select='eq(n,0)+eq(n,5)+eq(n,14)+eq(n,15)',setpts=PTS", '-fps_mode', 'vfr', ...h264]
    const slides = clips.make('slides.mp4', '-f', 'lavfi', '-i', 'testsrc=s=64x48:r=1:d=16', ...held)
    const shots = await readWhole(slides, 0, 16, { stretchSeconds: 3 })
    expect(shots.map(({ startSeconds }) => startSeconds)).toContain(5)
    // What is held is what stands for the shot.
    for (const { startSeconds, frames } of shots) {
      expect(frames[0]!.timeSeconds).toBe([0, 5, 14, 15].findLast((time) => time <= startSeconds))
    }
  })

  test('whatever the order in which the pictures arrive', async () => {
    const slides = clips.make('late.mp4', ...colours(3, 2), ...h264)
    // As a busy machine may have it: the small pictures first, the log and the rest only after them.
    const kept = (name: string): string => `"${clips.path(name)}"`
    const late = createMedia({ ffmpegPath: clips.path('late-ffmpeg'), timeoutMs: 60_000 })
    const script = [
      `#!/bin/sh`,
      `ffmpeg "$@" >${kept('out1')} 2>${kept('out2')} 3>${kept('out3')} 4>${kept('out4')}`,
      `code=$?`,
      `cat ${kept('out1')}; exec >&-; sleep 0.3; cat ${kept('out2')} >&2; cat ${kept('out3')} >&3; cat ${kept('out4')} >&4`,
      `exit $code`,
    ]
    writeFileSync(clips.path('late-ffmpeg'), script.join('\n'), { mode: 0o755 })
    const options = { stretchSeconds: 3 }
    const { shots } = await read(slides, options)
    expect(shots.map(({ startSeconds }) => startSeconds)).toEqual([0, 3, 6])
    expect((await read(slides, options, late)).shots).toEqual(shots)
  })

  test('slides of one frame each are a shot each, the last one too', async () => {
    const path = clips.make('one-each.mp4', ...colours(3, 1 / 3), ...h264)
    const shots = await readWhole(path, 0, 9)
    expect(shots.map(({ startSeconds, endSeconds }) => [startSeconds, endSeconds])).toEqual([
      [0, 3],
      [3, 6],
      [6, 9],
    ])
    expect(shots.map(({ frames }) => colourOf(frames[0]!.rgb))).toEqual(['red', 'lime', 'blue'])
  })

  test('files that cannot be sought begin at their beginning', async () => {
    const raw = clips.make('raw.h264', ...colours(1), ...baseline)
    expect((await readWhole(raw, 0, 3)).map(({ startSeconds }) => startSeconds)).toEqual([0, 1, 2])
    const flv = clips.make('live.flv', ...colours(1), ...baseline, '-flvflags', 'no_duration_filesize')
    expect((await readWhole(flv, 0, 3)).map(({ frames }) => colourOf(frames[0]!.rgb))).toEqual(['red', 'lime', 'blue'])
  })

  test('recordings one behind the other in a transport stream play on', async () => {
    const first = clips.make('first.ts', ...colours(2, 10, ['red', 'lime']), ...baseline, '-f', 'mpegts')
    const second = clips.make('second.ts', ...colours(2, 10, ['blue', 'red']), ...baseline, '-f', 'mpegts')
    copyFileSync(first, clips.path('both.ts'))
    appendFileSync(clips.path('both.ts'), readFileSync(second))
    const shots = await readWhole(clips.path('both.ts'), 0, 8, { stretchSeconds: 3 })
    expect([1, 3, 5, 7].map((time) => colourAt(shots, time))).toEqual(['red', 'lime', 'blue', 'red'])
  })

  test('a late first picture is where the shots begin', async () => {
    const sound = ['-f', 'lavfi', '-i', 'sine=d=4']
    const late = ['-itsoffset', '1.5', '-f', 'lavfi', '-i', 'color=c=red:s=64x48:r=10:d=2']
    const path = clips.make('late.mkv', ...late, ...sound, '-map', '0', '-map', '1', ...h264)
    const shots = await readWhole(path, 1.5, 3.5)
    expect(shots[0]!.startSeconds).toBeCloseTo(1.5, 2)
  })
})

describe('times are true', () => {
  test('a file that is cut off ends where its pictures do, and says so', async () => {
    const whole = readFileSync(clips.make('whole.mkv', ...colours(2, 25), '-c:v', 'mpeg4', '-g', '5'))
    writeFileSync(clips.path('cut.mkv'), whole.subarray(0, whole.length * 0.6))
    const { shots } = await read(clips.path('cut.mkv'))
    const { ending } = shots.at(-1)!
    expect(ending!.shownToSeconds).toBeLessThan(5)
    expect(ending!.cutOffFromSeconds).toBeCloseTo(6, 1)
  })

  test('a container that claims an hour has the seconds that can be seen', async () => {
    const bytes = readFileSync(clips.make('true.mp4', ...colours(1), ...h264))
    for (const box of ['mvhd', 'tkhd', 'mdhd']) {
      const at = bytes.indexOf(box) + 4
      const places = { mvhd: 16, tkhd: 20, mdhd: 16 } as const
      const place = at + places[box as 'mvhd']
      bytes.writeUInt32BE(bytes.readUInt32BE(place) * 500, place)
    }
    writeFileSync(clips.path('lies.mp4'), bytes)
    await readWhole(clips.path('lies.mp4'), 0, 3)
  })

  test('times are exact after hours, too', async () => {
    const path = clips.make('hours.mkv', '-itsoffset', '20000', ...colours(1, 50), ...h264, '-copyts')
    const { shots } = await read(path)
    for (const { frames } of shots) {
      for (const { timeSeconds } of frames)
        expect(Math.abs(timeSeconds * 50 - Math.round(timeSeconds * 50))).toBeLessThan(0.06)
    }
  })
})

describe('what is no footage is refused', () => {
  test('an encrypted track, by name', async () => {
    const key = ['-encryption_scheme', 'cenc-aes-ctr', '-encryption_key', '00112233445566778899aabbccddeeff']
    const path = clips.make(
      'secret.mp4',
      ...colours(1),
      ...h264,
      ...key,
      '-encryption_kid',
      '112233445566778899aabbccddeeff00',
    )
    await expect(read(path)).rejects.toThrow('encrypted')
  })

  test('a stretch that is mostly damage', async () => {
    const path = clips.make(
      'noise.ts',
      '-f',
      'lavfi',
      '-i',
      'testsrc2=s=160x120:r=10:d=4',
      ...h264,
      '-bsf:v',
      'noise=amount=20',
      '-f',
      'mpegts',
    )
    await expect(read(path)).rejects.toThrow(/damaged|noFrames/)
  })
})

describe('one track', () => {
  test('the default one, in the index, the poster, the clip and the player', async () => {
    const [red, blue] = ['red', 'blue'].map((name) => [
      '-f',
      'lavfi',
      '-i',
      `color=c=${name}:s=${name === 'red' ? '128x96' : '64x48'}:r=10:d=2`,
    ])
    const marks = ['-disposition:v:0', '0', '-disposition:v:1', 'default']
    const path = clips.make('two.mkv', ...red!, ...blue!, '-map', '0', '-map', '1', ...h264, ...marks)
    const { shots } = await read(path)
    expect(colourOf(shots[0]!.frames[0]!.rgb)).toBe('blue')
    near(await pictureOf(shots[0]!.poster!), [0, 0, 255], 12)
    near(await pictureOf((await media.thumbnail(path, 1))!), [0, 0, 255], 12)
    expect(await media.cutClip(path, clips.path('two-clip.mp4'), { start: 0.5, end: 1.5, mode: 'exact' })).toBeNull()
    expect(colourOf((await read(clips.path('two-clip.mp4'))).shots[0]!.frames[0]!.rgb)).toBe('blue')
    expect((await media.playbackFacts(path))!).toMatchObject({ videoStream: 1, isNotFirstTrack: true })
  })
})

async function pictureOf(jpeg: Uint8Array): Promise<number[]> {
  const path = clips.path('picture.jpg')
  writeFileSync(path, jpeg)
  for await (const image of media.decodeImages([path], { width: size, height: size })) {
    if ('refusal' in image) throw new Error(image.refusal.reason)
    return middle(image.rgb)
  }
  throw new Error('no picture')
}

describe('colours are true', () => {
  const wanted = [0xc0, 0x20, 0x20]
  /** The luma and chroma of `wanted`, worked out by hand rather than by what is tested. */
  const yuv = (matrix: '601' | '709', isFull: boolean): number[] => {
    const [kr, kb] = matrix === '709' ? [0.2126, 0.0722] : [0.299, 0.114]
    const [r, g, b] = wanted.map((value) => value / 255) as [number, number, number]
    const y = kr * r + (1 - kr - kb) * g + kb * b
    const [u, v] = [(b - y) / (2 * (1 - kb)), (r - y) / (2 * (1 - kr))]
    const parts = isFull ? [255 * y, 128 + 255 * u, 128 + 255 * v] : [16 + 219 * y, 128 + 224 * u, 128 + 224 * v]
    return parts.map(Math.round)
  }
  const patch = (
    name: string,
    [y, u, v]: readonly number[],
    bits: 8 | 10,
    shape: string,
    ...tags: string[]
  ): string => {
    const format = bits === 10 ? 'yuv420p10le' : 'yuv420p'
    const set = `format=yuv420p,geq=lum=${y}:cb=${u}:cr=${v},format=${format}`
    return clips.make(
      name,
      '-f',
      'lavfi',
      '-i',
      `color=s=${shape}:r=4:d=0.5`,
      '-vf',
      set,
      '-c:v',
      'libx264',
      '-qp',
      '2',
      '-pix_fmt',
      format,
      ...tags,
    )
  }
  const tagged = (space: string): string[] => ['-colorspace', space, '-color_primaries', space, '-color_trc', space]

  test.each([
    ['BT.709', '709', false, 8, '96x64', tagged('bt709')],
    ['BT.601', '601', false, 8, '96x64', tagged('smpte170m')],
    ['full range of BT.709', '709', true, 8, '96x64', [...tagged('bt709'), '-color_range', 'pc']],
    ['full range of BT.601', '601', true, 8, '96x64', [...tagged('smpte170m'), '-color_range', 'pc']],
    ['BT.709 of ten bits', '709', false, 10, '96x64', tagged('bt709')],
    ['nothing said, small: BT.601', '601', false, 8, '96x64', []],
    ['nothing said, 720 lines: BT.709', '709', false, 8, '64x720', []],
  ] as const)('%s: the frame and the poster are within 3 of 255', async (name, matrix, isFull, bits, shape, tags) => {
    const path = patch(`${name.replace(/\W+/g, '')}.mp4`, yuv(matrix, isFull), bits, shape, ...tags)
    const { shots } = await read(path)
    near(middle(shots[0]!.frames[0]!.rgb), wanted, 3)
    near(await pictureOf(shots[0]!.poster!), wanted, 3)
    near(await pictureOf((await media.thumbnail(path, 0.25))!), wanted, 3)
    expect(await media.cutClip(path, clips.path('patch-clip.mp4'), { start: 0, end: 0.5, mode: 'exact' })).toBeNull()
    near(middle((await read(clips.path('patch-clip.mp4'))).shots[0]!.frames[0]!.rgb), wanted, 4)
  })

  test.each([
    ['PQ', 'smpte2084'],
    ['HLG', 'arib-std-b67'],
  ])('%s looks as the same picture does in SDR', async (_, transfer) => {
    const sdr = ['-f', 'lavfi', '-i', 'color=c=0xc02020:s=96x64:r=4:d=0.5']
    const toHdr = `format=gbrp,setparams=color_primaries=bt709:color_trc=bt709:colorspace=gbr,zscale=t=linear:npl=203,format=gbrpf32le,zscale=p=bt2020:t=${transfer}:m=bt2020nc:r=tv:npl=203,format=yuv420p10le`
    const path = clips.make(
      `${transfer}.mkv`,
      ...sdr,
      '-vf',
      toHdr,
      '-c:v',
      'ffv1',
      '-color_primaries',
      'bt2020',
      '-color_trc',
      transfer,
      '-colorspace',
      'bt2020nc',
    )
    const { probe, shots } = await read(path)
    expect(probe.picture).toBe('hdr')
    near(middle(shots[0]!.frames[0]!.rgb), wanted, 6)
    near(await pictureOf(shots[0]!.poster!), wanted, 8)
    expect(await media.cutClip(path, clips.path('hdr-clip.mp4'), { start: 0, end: 0.5, mode: 'exact' })).toBeNull()
    near(middle((await read(clips.path('hdr-clip.mp4'))).shots[0]!.frames[0]!.rgb), wanted, 8)
  })

  test('what is transparent lies on white', async () => {
    const clear = ['-f', 'lavfi', '-i', 'color=c=red:s=64x48:r=4:d=1,format=rgba,colorchannelmixer=aa=0.5']
    const path = clips.make('clear.mov', ...clear, '-c:v', 'qtrle')
    const { shots } = await read(path)
    near(middle(shots[0]!.frames[0]!.rgb), [255, 127, 127], 3)
    near(await pictureOf(shots[0]!.poster!), [255, 127, 127], 4)
  })

  test('a change of size in the middle loses nothing', async () => {
    const small = clips.make('small.h264', ...colours(1, 10, ['red', 'lime']), ...baseline)
    const large = clips.make('large.h264', '-f', 'lavfi', '-i', 'color=c=blue:s=128x64:r=10:d=2', ...baseline)
    copyFileSync(small, clips.path('sizes.h264'))
    appendFileSync(clips.path('sizes.h264'), readFileSync(large))
    const shots = await readWhole(clips.path('sizes.h264'), 0, 4)
    expect([0.5, 1.5, 3].map((time) => colourAt(shots, time))).toEqual(['red', 'lime', 'blue'])
  })
})

describe('clips', () => {
  test.each(['exact', 'fast'] as const)('of a transport stream show the asked seconds (%s)', async (mode) => {
    const path = clips.make(
      'gops.ts',
      ...colours(2, 25),
      '-c:v',
      'libx264',
      '-pix_fmt',
      'yuv420p',
      '-g',
      '50',
      '-bf',
      '2',
      '-f',
      'mpegts',
    )
    const target = clips.path(`gops-${mode}.${mode === 'exact' ? 'mp4' : 'mkv'}`)
    expect(await media.cutClip(path, target, { start: 3, end: 3.8, mode, durationSeconds: 6 })).toBeNull()
    const { shots } = await read(target)
    expect(colourOf(shots[0]!.frames[0]!.rgb)).toBe('lime')
  })

  test('a stretch without a picture is a failure and leaves nothing', async () => {
    const sound = ['-f', 'lavfi', '-i', 'sine=d=6']
    const both = clips.make('end.mkv', '-f', 'lavfi', '-i', 'color=c=red:s=64x48:r=10:d=1', ...sound, ...h264)
    expect(await media.cutClip(both, clips.path('none.mp4'), { start: 4, end: 5, mode: 'exact' })).not.toBeNull()
    expect(() => readFileSync(clips.path('none.mp4'))).toThrow()
  })

  test('are sought by time only where the clock is one', () => {
    const facts = { containers: ['mpegts'], durationSeconds: 200, startSeconds: 1.4 } as never
    const cut = { start: 100, end: 101, mode: 'exact' } as const
    expect(seekPlan(facts, { ...cut, durationSeconds: 200.1 })).toEqual({ jump: 85, leaveOut: 15 })
    expect(seekPlan(facts, { ...cut, durationSeconds: 400 })).toEqual({ jump: 0, leaveOut: 100 })
    expect(seekPlan({ ...(facts as object), containers: ['mov', 'mp4'] } as never, cut)).toEqual({
      jump: 100,
      leaveOut: 0,
    })
  })

  test('copying begins where the key frame before is decoded', () => {
    const lines = '1.480,1.400,K_\n1.600,1.440,__\n3.480,3.400,K_\n5.480,5.400,K_\n'
    expect(lastKeyFrame(lines, 1.4, 3)).toBeCloseTo(2, 6)
    expect(lastKeyFrame('N/A,N/A,K_\n', 0, 3)).toBeNull()
  })
})

describe('windows', () => {
  test('end at a multiple of their length, two seconds behind their beginning at least', () => {
    expect([0, 119.5, 118, 120, 239.9].map((start) => windowEnd(start, 120))).toEqual([120, 240, 120, 240, 360])
  })

  test('shots that leave something out, or show it twice, are found out', () => {
    const shown = { firstSeconds: 0, lastSeconds: 10 }
    const shots = (...ends: [number, number][]) =>
      ends.map(([startSeconds, endSeconds]) => ({ startSeconds, endSeconds }))
    expect(tilingFault(shots([0, 4], [4, 10]), shown)).toBeNull()
    expect(tilingFault(shots([0, 4], [5, 10]), shown)).toMatchObject({ kind: 'gap', atSeconds: 4, lengthSeconds: 1 })
    expect(tilingFault(shots([0, 6], [5, 10]), shown)).toMatchObject({ kind: 'overlap' })
    expect(tilingFault(shots([1, 10]), shown)).toMatchObject({ kind: 'start' })
    expect(tilingFault(shots([0, 4]), shown)).toMatchObject({ kind: 'end', lengthSeconds: 6 })
    expect(tilingFault([], shown)).toMatchObject({ kind: 'none' })
  })
})

test('ffmpeg here can do what the colours need', () => {
  const filters = execFileSync('ffmpeg', ['-hide_banner', '-filters'], { encoding: 'utf8' })
  for (const name of ['zscale', 'tonemap', 'overlay']) expect(filters).toMatch(new RegExp(`\\b${name}\\b`))
})
