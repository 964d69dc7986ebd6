/** Makes small real clips with ffmpeg for the tests of this folder. */
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '../../temporary-folder.ts'

export type ClipFolder = { path(name: string): string; make(name: string, ...args: string[]): string; remove(): void }

/** A temporary folder; `make` runs ffmpeg with `args` before the output name. */
export function createClipFolder(): ClipFolder {
  const folder = temporaryFolder('media')
  const path = (name: string): string => join(folder, name)
  return {
    path,
    make: (name, ...args) => {
      execFileSync('ffmpeg', ['-y', '-v', 'error', '-nostdin', ...args, `file:${path(name)}`])
      return path(name)
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** A moving test picture of `seconds`. */
export const source = (seconds: number, size = '160x120', rate = 10): string[] => [
  ...['-f', 'lavfi', '-i', `testsrc=s=${size}:r=${rate}:d=${seconds}`],
]
export const h264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p']

/** Red, green and blue, a second and a half each. */
export const threeShots = [
  ...['red', 'lime', 'blue'].flatMap((colour) => ['-f', 'lavfi', '-i', `color=c=${colour}:s=160x120:r=10:d=1.5`]),
  ...['-filter_complex', '[0][1][2]concat=n=3:v=1', ...h264],
]
