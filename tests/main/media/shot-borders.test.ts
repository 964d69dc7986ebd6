import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMedia, type AnalysedShot, type Probe } from '../../../main/media/index.ts'
import { planFrames, planShots } from '../../../main/media/plan-shots.ts'
import { findShotBorders, tinySide, type TinyFrame } from '../../../main/media/shot-borders.ts'
import { createClipFolder, h264, type ClipFolder } from './clips.ts'

const media = createMedia()
let clips: ClipFolder
beforeAll(() => {
  clips = createClipFolder()
})
afterAll(() => clips.remove())

/** Drawn still pictures that the camera moves over. */
const stills = [
  'gradients=s=400x400:c0=white:c1=0xc8a070:x0=0:y0=0:x1=400:y1=300:nb_colors=2:speed=0.00001',
  'mandelbrot=s=400x400',
  'testsrc2=s=400x400',
  'color=0xe8e8e8:s=400x400,drawbox=x=120:y=80:w=160:h=260:c=0x2040a0:t=fill',
]
const moves = [
  "zoompan=z='1+0.004*on':x='iw/2-iw/zoom/2':y='ih/2-ih/zoom/2'",
  "zoompan=z=1.3:x='on*1.2':y='20'",
  "zoompan=z=1.2:x='30+4*sin(on*1.7)':y='30+4*cos(on*2.3)'",
  "zoompan=z='1.4-0.004*on':x='iw/2-iw/zoom/2':y='ih/2-ih/zoom/2'",
]
/** A moving shot of 2.2 s at 20 frames a second. */
const shot = (still: number, move: number): string =>
  `${stills[still]!},trim=end_frame=1,${moves[move]!}:d=44:fps=20:s=160x160,setsar=1,format=yuv420p`

/** Two shots joined; a transition starts at 1.8 s and takes 0.4 s. */
function joined(transition: string, a: [number, number], b: [number, number]): string {
  const join =
    transition === 'cut' ? '[a][b]concat=n=2' : `[a][b]xfade=transition=${transition}:duration=0.4:offset=1.8`
  return clips.make(
    `${transition}-${a.join('')}-${b.join('')}.mp4`,
    '-filter_complex',
    `${shot(...a)}[a];${shot(...b)}[b];${join}`,
    ...h264,
    '-crf',
    '28',
  )
}

async function shotsOf(path: string): Promise<AnalysedShot[]> {
  const shots: AnalysedShot[] = []
  const probe = (await media.probe(path)) as Probe
  for await (const item of media.analyse(path, probe, { size: 16 })) shots.push(item as AnalysedShot)
  return shots
}

describe('borders in real clips', () => {
  test.each(['cut', 'fade', 'wipeleft', 'wipeup', 'slideright', 'fadeblack', 'dissolve'])(
    'one %s is one border, where it is',
    async (transition) => {
      for (const [a, b] of [
        [
          [0, 0],
          [2, 1],
        ],
        [
          [3, 2],
          [1, 3],
        ],
        [
          [2, 3],
          [3, 0],
        ],
      ] as [[number, number], [number, number]][]) {
        const shots = await shotsOf(joined(transition, a, b))
        expect(
          shots.map((found) => found.startSeconds.toFixed(2)),
          `${transition} ${a} ${b}`,
        ).toHaveLength(2)
        expect(Math.abs(shots[1]!.startSeconds - (transition === 'cut' ? 2.2 : 2))).toBeLessThan(
          transition === 'cut' ? 0.01 : 0.25,
        )
      }
    },
  )

  test('a camera that moves over one picture makes no border', async () => {
    for (let still = 0; still < stills.length; still++) {
      for (const move of [still, (still + 1) % moves.length]) {
        const path = clips.make(`one-${still}${move}.mp4`, '-filter_complex', shot(still, move), ...h264)
        expect(await shotsOf(path), `picture ${still}, move ${move}`).toHaveLength(1)
      }
    }
  })
})

describe('findShotBorders', () => {
  const grey = (timeSeconds: number, level: number): TinyFrame => ({
    timeSeconds,
    rgb: new Uint8Array(tinySide * tinySide * 3).fill(level),
  })

  test('a flash is no border', () => {
    expect(findShotBorders(Array.from({ length: 60 }, (_, i) => grey(i / 20, i === 30 ? 250 : 60)))).toEqual([])
  })
  test('a cut lies at the timestamp of its first frame, whatever the rate before it', () => {
    const times = [0, 0.1, 0.2, 0.9, 1.0, 1.7, 1.75, 1.8, 2.4, 3]
    expect(findShotBorders(times.map((time) => grey(time, time < 1.7 ? 40 : 200)))).toEqual([
      { timeSeconds: 1.7, kind: 'cut' },
    ])
  })
  test('no frames and one frame have no borders', () => {
    expect(findShotBorders([])).toEqual([])
    expect(findShotBorders([grey(0, 1)])).toEqual([])
  })
})

describe('plans', () => {
  test('long shots are cut evenly and cover the whole', () => {
    const shots = planShots([{ timeSeconds: 5, kind: 'cut' }], 0, 50, 20)
    expect(shots.map((plan) => [plan.startSeconds, plan.endSeconds])).toEqual([
      [0, 5],
      [5, 20],
      [20, 35],
      [35, 50],
    ])
  })
  test('frames are spread over a shot, at most eight, at least one', () => {
    const times = Array.from({ length: 40 }, (_, i) => i / 4)
    const [plan] = planShots([], 0, 10, 20)
    const chosen = planFrames(times, plan!, 8)
    expect(chosen).toHaveLength(8)
    expect(new Set(chosen.slice(1).map((value, i) => value - chosen[i]!))).toEqual(new Set([5]))
    expect(planFrames([3], { ...plan!, startSeconds: 8 }, 8)).toEqual([0])
  })
})
