import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FrameFit } from '../../../main/base/index.ts'
import { fitPicture } from '../../../main/encoders/index.ts'
import { createMedia } from '../../../main/media/index.ts'
import { createMediaTools } from '../../../main/services/library/media-tools.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const [width, height, size] = [160, 90, 32]
let dir: string

/** A smooth picture with a few edges: what a camera gives, more than a test pattern. */
function scene(): Uint8Array {
  const rgb = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const inside = (x - 60) ** 2 + (y - 40) ** 2 < 900
      rgb.set(
        [inside ? 210 : x, inside ? 40 : y * 2, 128 + 100 * Math.sin(x / 9) * Math.cos(y / 7)],
        (y * width + x) * 3,
      )
    }
  }
  return rgb
}

beforeAll(() => {
  dir = temporaryFolder('frame-fit')
  const raw = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${width}x${height}`, '-r', '5', '-i', 'pipe:0']
  const input = Buffer.concat(Array.from({ length: 5 }, () => scene()))
  // Lossless, in RGB: only the scaling differs.
  execFileSync('ffmpeg', ['-v', 'error', ...raw, '-c:v', 'ffv1', '-pix_fmt', 'bgr0', join(dir, 'scene.mkv')], { input })
  execFileSync('ffmpeg', ['-v', 'error', ...raw, '-frames:v', '1', join(dir, 'scene.png')], { input })
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const fits: FrameFit[] = [
  { mode: 'squash', filter: 'bicubic' },
  { mode: 'squash', filter: 'bilinear' },
  { mode: 'centreCrop', shortEdge: size, filter: 'bicubic' },
  { mode: 'centreCrop', shortEdge: size, filter: 'lanczos' },
  { mode: 'centreCrop', shortEdge: 40, filter: 'bicubic' },
  { mode: 'centreCrop', shortEdge: 24, filter: 'bilinear' },
]

describe.each(fits)('a frame prepared as $mode $shortEdge $filter', (fit) => {
  it('is what the image processor makes, to about a level', async () => {
    const media = createMedia()
    const path = join(dir, 'scene.mkv')
    const probe = await media.probe(path)
    if ('refusal' in probe) throw new Error(probe.refusal.sentence)
    const expected = fitPicture(scene(), width, height, size, fit)
    let frames = 0
    for await (const shot of media.analyse(path, probe, { size, fit })) {
      if ('refusal' in shot) throw new Error(shot.refusal.sentence)
      for (const { rgb } of shot.frames) {
        frames += 1
        expect(rgb).toHaveLength(expected.length)
        const differences = rgb.map((value, i) => Math.abs(value - expected[i]!))
        const mean = differences.reduce((sum, value) => sum + value, 0) / rgb.length
        // The scaler of ffmpeg rounds its weights to 14 bits; at hard edges that shows.
        expect(mean).toBeLessThan(1)
        expect(Math.max(...differences)).toBeLessThanOrEqual(16)
      }
    }
    expect(frames).toBeGreaterThan(0)
  })

  it('is byte for byte what the image processor makes of a still picture', async () => {
    const tools = createMediaTools(createMedia())
    const frame = { imageSize: size, imageFit: fit }
    const pixels = await tools.picture(join(dir, 'scene.png'), frame, new AbortController().signal)
    expect(pixels).toEqual(fitPicture(scene(), width, height, size, fit))
  })
})
