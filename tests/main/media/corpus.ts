/**
 * Small files of all kinds with what is right burnt into their pictures: three colours, 0.8 s each, and the number of each
 * frame as a row of black and white fields, in Gray code, so that from frame to frame one field changes. A picture so tells
 * which moment of which scene it is, whatever any clock says.
 */
import { execFileSync } from 'node:child_process'
import { appendFileSync, copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const sceneSeconds = 0.8
export const sceneColours = [
  [0xd0, 0x30, 0x30],
  [0x30, 0xb0, 0x40],
  [0x30, 0x40, 0xd0],
] as const
const [width, height] = [64, 48]
const bits = 7

export type Specimen = {
  readonly name: string
  /** Frames a second, exact. */
  readonly rate: number
  readonly frames: number
  /** Clockwise turn that players apply. */
  readonly rotation: 0 | 90 | 180 | 270
  /** Numbers of the frames that the file has, in order; a held picture leaves some out. */
  readonly shown: readonly number[]
  /** When the last picture ends. */
  readonly endSeconds: number
  /** Frames by which all comes later: old AVI files with pictures out of order have no times of their own. */
  readonly delay: number
  /** How often the three scenes come. */
  readonly rounds: number
  /** How far colours may be off; codecs for pictures of 1995 are coarse. */
  readonly tolerance: number
}

type Kind = {
  readonly ending: string
  readonly args: readonly string[]
  readonly tolerance?: number
  readonly only?: string
  readonly delay?: number
}

const x264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-qp', '12', '-pix_fmt', 'yuv420p']
const x265 = [
  '-c:v',
  'libx265',
  '-preset',
  'ultrafast',
  '-x265-params',
  'log-level=none:pools=1',
  '-pix_fmt',
  'yuv420p',
]
const q2 = ['-q:v', '2']

const kinds: readonly Kind[] = [
  { ending: 'h264.mp4', args: x264 },
  { ending: 'h264-fast.mp4', args: [...x264, '-movflags', '+faststart'] },
  { ending: 'h264-pieces.mp4', args: [...x264, '-g', '8', '-movflags', '+frag_keyframe+empty_moov'] },
  {
    ending: 'h264-b.mov',
    args: ['-c:v', 'libx264', '-preset', 'veryfast', '-bf', '3', '-qp', '12', '-pix_fmt', 'yuv420p'],
  },
  { ending: 'h264.mkv', args: x264 },
  { ending: 'h264.ts', args: [...x264, '-f', 'mpegts'] },
  { ending: 'h264.m2ts', args: [...x264, '-f', 'mpegts', '-mpegts_m2ts_mode', '1'] },
  { ending: 'h264.flv', args: x264 },
  { ending: 'h264.avi', args: x264 },
  { ending: 'h264-10.mkv', args: [...x264, '-pix_fmt', 'yuv420p10le'] },
  { ending: 'h264-444.mkv', args: [...x264, '-pix_fmt', 'yuv444p'] },
  { ending: 'h264-full.mp4', args: [...x264, '-vf', 'scale=out_range=pc', '-color_range', 'pc'] },
  { ending: 'h264-709.mp4', args: [...x264, '-vf', 'scale=out_color_matrix=bt709', '-colorspace', 'bt709'] },
  { ending: 'hevc.mp4', args: [...x265, '-tag:v', 'hvc1'] },
  { ending: 'hevc-12.mkv', args: [...x265, '-pix_fmt', 'yuv420p12le'] },
  { ending: 'mpeg4.avi', args: ['-c:v', 'mpeg4', ...q2, '-bf', '2'], delay: 1 },
  { ending: 'mpeg4.mp4', args: ['-c:v', 'mpeg4', ...q2] },
  { ending: 'mpeg2.mpg', args: ['-c:v', 'mpeg2video', ...q2], only: '25' },
  { ending: 'mpeg2.ts', args: ['-c:v', 'mpeg2video', ...q2, '-f', 'mpegts'], only: '25 29.97' },
  { ending: 'mpeg1.mpg', args: ['-c:v', 'mpeg1video', ...q2], only: '25' },
  {
    ending: 'vp8.webm',
    args: ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '2M', '-qmax', '15'],
    tolerance: 16,
  },
  { ending: 'mjpeg.avi', args: ['-c:v', 'mjpeg', ...q2, '-pix_fmt', 'yuvj420p'] },
  { ending: 'mjpeg.mov', args: ['-c:v', 'mjpeg', ...q2, '-pix_fmt', 'yuvj444p'] },
  { ending: 'prores.mov', args: ['-c:v', 'prores_ks', '-profile:v', '2'] },
  { ending: 'ffv1.mkv', args: ['-c:v', 'ffv1', '-pix_fmt', 'yuv422p'] },
  { ending: 'ffv1-rgb.mkv', args: ['-c:v', 'ffv1', '-pix_fmt', 'bgr0'] },
  { ending: 'huffyuv.avi', args: ['-c:v', 'huffyuv', '-pix_fmt', 'yuv422p'] },
  { ending: 'utvideo.avi', args: ['-c:v', 'utvideo', '-pix_fmt', 'gbrp'] },
  { ending: 'raw.avi', args: ['-c:v', 'rawvideo', '-pix_fmt', 'yuv420p'] },
  { ending: 'raw.mkv', args: ['-c:v', 'rawvideo', '-pix_fmt', 'uyvy422'] },
  { ending: 'qtrle.mov', args: ['-c:v', 'qtrle', '-pix_fmt', 'rgb24'] },
  { ending: 'qtrle-alpha.mov', args: ['-c:v', 'qtrle', '-pix_fmt', 'argb'] },
  { ending: 'png.mov', args: ['-c:v', 'png', '-pix_fmt', 'rgb24'] },
  { ending: 'theora.ogv', args: ['-c:v', 'libtheora', '-q:v', '10'] },
  { ending: 'wmv.wmv', args: ['-c:v', 'wmv2', ...q2] },
  { ending: 'msmpeg4.avi', args: ['-c:v', 'msmpeg4', '-q:v', '1'] },
  { ending: 'flv1.flv', args: ['-c:v', 'flv', ...q2] },
  {
    ending: 'gif.gif',
    args: ['-vf', 'split[a][b];[a]palettegen[p];[b][p]paletteuse=dither=none'],
    tolerance: 12,
    only: '10 25',
  },
]

const rates = [
  ['10', 10],
  ['12.5', 12.5],
  ['25', 25],
  ['29.97', 30_000 / 1001],
] as const

const ffmpeg = (args: readonly string[]): void =>
  void execFileSync('ffmpeg', ['-y', '-v', 'error', '-nostdin', ...args], { stdio: ['ignore', 'ignore', 'inherit'] })

/** Draws the master of a rate, without loss. */
function drawMaster(path: string, rate: string, frames: number): void {
  const exact = rate === '29.97' ? '30000/1001' : rate
  const hex = (colour: readonly number[]): string => colour.map((part) => part.toString(16).padStart(2, '0')).join('')
  const scenes = sceneColours.map(
    (colour, i) => `drawbox=c=0x${hex(colour)}:t=fill:enable='eq(mod(floor((t+0.001)/${sceneSeconds}),3),${i})'`,
  )
  const field = (bit: number): string => `x=${4 + bit * 8}:y=40:w=8:h=8:t=fill`
  const counter = Array.from({ length: bits }, (_, bit) => [
    `drawbox=c=black:${field(bit)}`,
    `drawbox=c=white:${field(bit)}:enable='eq(mod(floor(n/${2 ** bit}),2)+mod(floor(n/${2 ** (bit + 1)}),2),1)'`,
  ]).flat()
  const source = `color=c=black:s=${width}x${height}:r=${exact},format=gbrp,${[...scenes, ...counter].join(',')}`
  ffmpeg(['-f', 'lavfi', '-i', source, '-frames:v', String(frames), '-c:v', 'ffv1', '-pix_fmt', 'gbrp', path])
}

/**
 * Makes the corpus in a folder.
 *
 * @param share of the plain kinds: every kind at every rate for 1; oddities are always made
 */
export function makeCorpus(folder: string, rounds = 1): Specimen[] {
  const specimens: Specimen[] = []
  const path = (name: string): string => join(folder, name)
  const add = (name: string, rate: number, frames: number, changes: Partial<Specimen> = {}): void => {
    const shown = Array.from({ length: frames }, (_, n) => n)
    specimens.push({
      ...{ name, rate, frames, rotation: 0, shown, rounds, tolerance: 8, delay: 0, endSeconds: frames / rate },
      ...changes,
    })
  }
  const framesOf = (rate: number): number => Math.min(2 ** bits, Math.ceil(rate * sceneSeconds * 3 * rounds - 1e-6))
  for (const [label, rate] of rates) {
    const frames = framesOf(rate)
    const master = path(`master-${label}.mkv`)
    drawMaster(master, label, frames)
    const chosen = kinds.filter(({ only }) => only === undefined || only.split(' ').includes(label))
    // One process writes all files of a rate.
    const outputs = chosen.flatMap(({ ending, args }) => [
      '-map',
      '0:v',
      ...args,
      '-fps_mode',
      'passthrough',
      path(`${label}-${ending}`),
    ])
    ffmpeg(['-i', master, ...outputs])
    for (const { ending, tolerance = 8, delay = 0 } of chosen) {
      const endSeconds = (frames + delay) / rate
      add(`${label}-${ending}`, rate, frames, { tolerance, delay, endSeconds })
    }
  }

  const frames = framesOf(25)
  const master = path('master-25.mkv')
  const plain = path('25-h264.mp4')
  for (const rotation of [90, 180, 270] as const) {
    for (const ending of ['mp4', 'mov']) {
      const name = `turned-${rotation}.${ending}`
      // The tag is anti-clockwise since it became a matrix.
      ffmpeg(['-i', plain, '-c', 'copy', '-metadata:s:v', `rotate=${360 - rotation}`, path(name)])
      add(name, 25, frames, { rotation })
    }
  }
  const sound = ['-f', 'lavfi', '-i', 'sine=d=5']
  ffmpeg(['-i', master, ...sound, ...x264, '-map', '0', '-map', '1', path('long-sound.mp4')])
  add('long-sound.mp4', 25, frames)
  ffmpeg(['-i', master, ...sound, ...x264, '-map', '1', '-map', '0', '-shortest', path('sound-first.mkv')])
  add('sound-first.mkv', 25, frames)
  ffmpeg([
    '-i',
    master,
    '-f',
    'lavfi',
    '-i',
    'color=c=white:s=200x200:d=0.04',
    '-map',
    '1',
    '-map',
    '0',
    '-c:v:0',
    'mjpeg',
    '-c:v:1',
    'libx264',
    '-qp:v:1',
    '12',
    '-pix_fmt:v:1',
    'yuv420p',
    '-disposition:v:0',
    'attached_pic',
    '-disposition:v:1',
    'default',
    path('cover.mp4'),
  ])
  add('cover.mp4', 25, frames)
  // Pictures that are held: every fifth frame only.
  const held = Array.from({ length: frames }, (_, n) => n).filter((n) => n % 5 === 0)
  for (const ending of ['mp4', 'mkv', 'mov']) {
    ffmpeg(['-i', master, '-vf', "select='not(mod(n,5))'", '-fps_mode', 'vfr', ...x264, path(`held.${ending}`)])
    add(`held.${ending}`, 25, frames, { shown: held, endSeconds: (held.at(-1)! + 1) / 25 })
  }
  for (const [name, args] of [
    ['gop.ts', [...x264, '-g', '60', '-bf', '2', '-f', 'mpegts']],
    ['open.ts', ['-c:v', 'mpeg2video', '-q:v', '2', '-bf', '2', '-g', '12', '-f', 'mpegts']],
    ['raw.h264', ['-c:v', 'libx264', '-qp', '12', '-bf', '0', '-pix_fmt', 'yuv420p', '-f', 'h264']],
    ['raw.h265', [...x265, '-f', 'hevc']],
    ['raw.m4v', ['-c:v', 'mpeg4', '-q:v', '2', '-f', 'm4v']],
    ['raw.mjpeg', ['-c:v', 'mjpeg', '-q:v', '2', '-f', 'mjpeg']],
    ['late.ts', [...x264, '-output_ts_offset', '4000', '-f', 'mpegts']],
    ['late.mkv', [...x264, '-output_ts_offset', '4000']],
    ['unfinished.mkv', [...x264, '-f', 'matroska', '-live', '1']],
    [
      'interlaced.mpg',
      ['-c:v', 'mpeg2video', '-q:v', '2', '-flags', '+ilme+ildct', '-top', '1', '-vf', 'setfield=tff'],
    ],
    [
      'hd709.mkv',
      ['-c:v', 'ffv1', '-pix_fmt', 'yuv420p', '-vf', 'scale=960:720:flags=neighbor:out_color_matrix=bt709'],
    ],
  ] as const) {
    ffmpeg(['-i', master, ...args, path(name)])
    add(name, 25, frames)
  }
  for (const ending of ['ts', 'mpg']) {
    const one = path(ending === 'ts' ? '25-h264.ts' : '25-mpeg2.mpg')
    copyFileSync(one, path(`twice.${ending}`))
    appendFileSync(path(`twice.${ending}`), readFileSync(one))
    add(`twice.${ending}`, 25, frames * 2, {
      shown: [...Array(frames * 2).keys()].map((n) => n % frames),
      rounds: rounds * 2,
    })
  }
  return specimens
}

/** The number that is burnt into a picture; null when a field is neither black nor white. */
export function numberIn(rgb: Uint8Array, size: number, rotation: Specimen['rotation']): number | null {
  const gray: number[] = []
  for (let bit = 0; bit < bits; bit++) {
    const [x, y] = turned((4 + bit * 8 + 4) / width, 44 / height, rotation)
    const value = pixel(rgb, size, x, y)[1]!
    if (value > 110 && value < 145) return null
    gray.push(value >= 145 ? 1 : 0)
  }
  let number = 0
  for (let bit = bits - 1, above = 0; bit >= 0; bit--) {
    above ^= gray[bit]!
    number = number * 2 + above
  }
  return number
}

/** The colour above the fields. */
export function colourIn(rgb: Uint8Array, size: number, rotation: Specimen['rotation']): number[] {
  return pixel(rgb, size, ...turned(0.5, 0.3, rotation))
}

function turned(x: number, y: number, rotation: Specimen['rotation']): [number, number] {
  if (rotation === 90) return [1 - y, x]
  if (rotation === 180) return [1 - x, 1 - y]
  return rotation === 270 ? [y, 1 - x] : [x, y]
}

/** The mean of three by three pixels. */
function pixel(rgb: Uint8Array, size: number, x: number, y: number): number[] {
  const sums = [0, 0, 0]
  for (let row = -1; row <= 1; row++) {
    for (let column = -1; column <= 1; column++) {
      const at = ((Math.floor(y * size) + row) * size + Math.floor(x * size) + column) * 3
      for (let channel = 0; channel < 3; channel++) sums[channel]! += rgb[at + channel]! / 9
    }
  }
  return sums.map(Math.round)
}
