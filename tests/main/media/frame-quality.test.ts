import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chooseByQuality, frameQuality } from '../../../main/media/frame-quality.ts'
import { createMedia } from '../../../main/media/index.ts'
import { createClipFolder, h264, source, type ClipFolder } from './clips.ts'

const size = 16

/** [size, size, 3] from one level a pixel. */
function frame(level: (x: number, y: number) => number): Uint8Array {
  return Uint8Array.from({ length: size * size * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3)
    return level(pixel % size, Math.floor(pixel / size))
  })
}

const sharp = frame((x, y) => (((x >> 1) + (y >> 1)) % 2 === 0 ? 60 : 200))
const soft = frame((x) => 60 + 9 * x)
const black = frame((x) => x % 3)
const white = frame(() => 255)

describe('frameQuality', () => {
  it('is higher the sharper a frame is, and below 0 for one that is black or blank', () => {
    expect(frameQuality(sharp, size)).toBeGreaterThan(100 * frameQuality(soft, size))
    expect(frameQuality(soft, size)).toBeGreaterThanOrEqual(0)
    expect(frameQuality(black, size)).toBeLessThan(0)
    expect(frameQuality(white, size)).toBeLessThan(0)
  })
})

describe('chooseByQuality', () => {
  const choose = (frames: readonly Uint8Array[], count: number): number[] =>
    chooseByQuality(
      frames.map((_, i) => i),
      count,
      (i) => frameQuality(frames[i]!, size),
    )

  it('takes the sharpest frame of each part', () => {
    expect(choose([soft, sharp, soft, soft, soft, sharp], 2)).toEqual([1, 5])
  })

  it('leaves out parts that show nothing, while another shows something', () => {
    expect(choose([black, black, soft, white], 4)).toEqual([2])
    expect(choose([black, black], 2)).toEqual([0, 1])
  })

  it('takes the first of equals, and never more than there are', () => {
    expect(choose([sharp, sharp, sharp, sharp], 2)).toEqual([0, 2])
    expect(choose([sharp], 8)).toEqual([0])
  })
})

describe('a clip that is sharp only in the last quarter of each second', () => {
  let clips: ClipFolder
  beforeAll(() => {
    clips = createClipFolder()
  })
  afterAll(() => clips.remove())

  it('gives the frames of those quarters when they are chosen by content, and others by the clock', async () => {
    const blur = ['-vf', "gblur=sigma=3:enable='lt(mod(t,1),0.74)'"]
    const path = clips.make('blinking.mp4', ...source(8, '160x120', 20), ...blur, ...h264)
    const media = createMedia()
    const probe = await media.probe(path)
    if ('refusal' in probe) throw new Error(probe.refusal.sentence)
    const phases = async (byContent: boolean): Promise<number[]> => {
      const found: number[] = []
      for await (const shot of media.analyse(path, probe, { size: 64, byContent })) {
        if ('refusal' in shot) throw new Error(shot.refusal.sentence)
        found.push(...shot.frames.map(({ timeSeconds }) => timeSeconds % 1))
      }
      return found
    }
    const chosen = await phases(true)
    expect(chosen.length).toBeGreaterThanOrEqual(6)
    expect(chosen.filter((phase) => phase > 0.73)).toHaveLength(chosen.length)
    expect((await phases(false)).some((phase) => phase < 0.73)).toBe(true)
  })
})
