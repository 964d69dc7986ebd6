/** Whatever a file is made of, no second of it is lost: random cuts, held pictures, offsets, edit lists and concatenations. */
import { appendFileSync, copyFileSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRandom } from '../../../main/base/index.ts'
import { createMedia, tilingFault, type AnalysedShot } from '../../../main/media/index.ts'
import { createClipFolder, type ClipFolder } from './clips.ts'

const media = createMedia({ timeoutMs: 60_000 })
const rate = 10
let clips: ClipFolder
beforeAll(() => {
  clips = createClipFolder()
})
afterAll(() => clips.remove())

const colours = ['red', 'lime', 'blue', 'white', 'black', 'yellow', 'cyan', 'magenta']

type Made = { path: string; seconds: number; what: string }

/** A file of random scenes, of which each may be one held picture. */
function make(name: string, next: (below: number) => number): Made {
  const scenes = Array.from({ length: 1 + next(5) }, (_, i) => ({
    colour: colours[(i * 3 + next(3)) % colours.length]!,
    frames: 3 + next(60),
    isHeld: next(3) === 0,
  }))
  const inputs = scenes.flatMap(({ colour, frames }) => [
    '-f',
    'lavfi',
    '-i',
    `color=c=${colour}:s=48x32:r=${rate}:d=${frames / rate}`,
  ])
  // Of a held scene only the first frame is written.
  let from = 0
  const left = scenes.flatMap(({ frames, isHeld }) => {
    from += frames
    return isHeld ? [`between(n,${from - frames + 1},${from - 1})`] : []
  })
  const graph = `${scenes.map((_, i) => `[${i}]`).join('')}concat=n=${scenes.length},select='not(${left.join('+') || '0'})'`
  const container = ['mp4', 'mkv', 'mov', 'ts', 'flv'][next(5)]!
  const isTransport = container === 'ts'
  const path = clips.make(
    `${name}.${container}`,
    ...inputs,
    ...['-filter_complex', graph, '-fps_mode', 'vfr', '-c:v', 'libx264', '-preset', 'ultrafast'],
    ...['-bf', String(next(3)), '-g', String(5 + next(40)), '-pix_fmt', 'yuv420p'],
    ...(next(3) === 0 && container !== 'flv' ? ['-output_ts_offset', String(next(5000))] : []),
    ...(isTransport ? ['-f', 'mpegts'] : []),
  )
  const what = `${container}: ${scenes.map(({ frames, isHeld }) => `${frames}${isHeld ? ' held' : ''}`).join(', ')}`
  const last = scenes.at(-1)!
  // Transport streams and FLV do not say how long the last picture is held.
  const total = from / rate
  const lastSeconds = last.isHeld ? (last.frames - 1) / rate : 0
  return { path, seconds: total - lastSeconds, what }
}

test.each(Array.from({ length: 14 }, (_, i) => i + 1))('random file %d', async (seed) => {
  const random = createRandom(seed)
  const next = (below: number): number => random.integer(below)
  let { path, seconds, what } = make(`random-${seed}`, next)
  if (path.endsWith('.ts') && next(2) === 0) {
    const other = make(`other-${seed}`, next)
    if (other.path.endsWith('.ts')) {
      const joined = clips.path(`joined-${seed}.ts`)
      copyFileSync(path, joined)
      appendFileSync(joined, readFileSync(other.path))
      ;[path, seconds, what] = [joined, seconds + other.seconds, `${what} and ${other.what}`]
    }
  } else if (path.endsWith('.mp4') && next(2) === 0) {
    const cut = clips.make(`cut-${seed}.mp4`, '-ss', '0.35', '-i', path, '-c', 'copy')
    ;[path, seconds, what] = [cut, seconds - 0.35, `${what}, cut by an edit list`]
  }
  const probe = await media.probe(path)
  if ('refusal' in probe) throw new Error(`${what}: ${probe.refusal.reason}`)
  const shots: AnalysedShot[] = []
  for await (const item of media.analyse(path, probe, {
    size: 16,
    stretchSeconds: 2 + next(4),
    maxShotSeconds: 1 + next(4),
  })) {
    if ('refusal' in item) throw new Error(`${what}: ${item.refusal.reason}`)
    shots.push(item)
  }
  const { shownToSeconds } = shots.at(-1)!.ending!
  expect(
    tilingFault(shots, { firstSeconds: shots[0]!.shownFromSeconds!, lastSeconds: shownToSeconds }),
    what,
  ).toBeNull()
  // An edit list may begin up to a key frame earlier where it is not kept to, and joined streams close up.
  expect(shownToSeconds, what).toBeGreaterThan(seconds - 0.45)
  for (const { frames, poster } of shots) expect([frames.length > 0, poster !== null], what).toEqual([true, true])
})
