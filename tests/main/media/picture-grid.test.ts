/** Frames of a stretch as one picture, and single frames within a square: real ffmpeg on clips whose colours say the time. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createMedia, type Media } from '../../../main/media/index.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

let dir: string
let media: Media

/** Grey grows by 16 every half second; 320 by 180 pixels, 24 frames a second, 6 seconds. */
beforeAll(() => {
  dir = mkdtempSync(join(temporaryFolder('grid'), 'clips-'))
  media = createMedia()
  const make = (name: string, size: string, seconds: number): void => {
    const source = `color=black:s=${size}:r=24:d=${seconds},geq=lum='min(235,32+16*floor(T*2))':cb=128:cr=128`
    execFileSync('ffmpeg', [
      '-v',
      'error',
      '-f',
      'lavfi',
      '-i',
      source,
      '-pix_fmt',
      'yuv420p',
      '-c:v',
      'mpeg4',
      '-q:v',
      '2',
      join(dir, name),
    ])
  }
  make('wide.mp4', '320x180', 6)
  make('tall.mp4', '180x640', 2)
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** Width, height, and the grey in the middle of each cell, row by row. */
async function look(
  jpeg: Uint8Array | null,
  rows = 1,
  columns = 1,
): Promise<{ size: [number, number]; greys: number[] }> {
  expect([...jpeg!.subarray(0, 2)]).toEqual([0xff, 0xd8])
  const file = join(dir, 'picture.jpg')
  writeFileSync(file, jpeg!)
  for await (const image of media.decodeImages([file], { isWhole: true })) {
    if ('refusal' in image) throw new Error(image.refusal.sentence)
    const { width, height, rgb } = image
    const greys = Array.from({ length: rows * columns }, (_, i) => {
      const [x, y] = [
        Math.floor((((i % columns) + 0.5) * width) / columns),
        Math.floor(((Math.floor(i / columns) + 0.5) * height) / rows),
      ]
      return rgb[(y * width + x) * 3]!
    })
    return { size: [width, height], greys }
  }
  throw new Error('no picture')
}

/** What `make` draws at a time, as the full range of a JPEG has it. */
const greyAt = (seconds: number): number => ((16 + 16 * Math.floor(seconds * 2)) * 255) / 219

test('twelve frames in three rows of four go from the beginning to the end', async () => {
  const jpeg = await media.pictureGrid(join(dir, 'wide.mp4'), { start: 0, end: 6, rows: 3, columns: 4, longSide: 160 })
  const { size, greys } = await look(jpeg, 3, 4)
  expect(size).toEqual([4 * 160, 3 * 90])
  greys.forEach((grey, i) => expect(Math.abs(grey - greyAt(0.25 + i / 2)), `frame ${i}`).toBeLessThan(8))
})

test('a part of a video is shown as that part, and never enlarged', async () => {
  const jpeg = await media.pictureGrid(join(dir, 'wide.mp4'), { start: 2, end: 4, rows: 2, columns: 2, longSide: 2000 })
  const { size, greys } = await look(jpeg, 2, 2)
  expect(size).toEqual([640, 360])
  greys.forEach((grey, i) => expect(Math.abs(grey - greyAt(2.25 + i / 2)), `frame ${i}`).toBeLessThan(8))
})

test('a stretch with fewer frames than places, also at the very end, fills them with what it has', async () => {
  for (const [start, end] of [
    [3, 3],
    [5.9, 6],
    [5.95, 6],
  ] as const) {
    const jpeg = await media.pictureGrid(join(dir, 'wide.mp4'), { start, end, rows: 3, columns: 4, longSide: 64 })
    const { greys } = await look(jpeg, 3, 4)
    greys.forEach((grey) => expect(Math.abs(grey - greyAt(start)), `${start}`).toBeLessThan(8))
  }
})

test('a frame fits into its square, whatever its shape', async () => {
  const tall = await look(await media.thumbnail(join(dir, 'tall.mp4'), 1, { longSide: 448 }))
  expect(tall.size).toEqual([126, 448])
  const wide = await look(await media.thumbnail(join(dir, 'wide.mp4'), 1, { longSide: 448 }))
  expect(wide.size).toEqual([320, 180])
})

test('what is no video gives no picture', async () => {
  writeFileSync(join(dir, 'text.mp4'), 'no video')
  const grid = { start: 0, end: 1, rows: 1, columns: 1, longSide: 64 }
  expect(await media.pictureGrid(join(dir, 'text.mp4'), grid)).toBeNull()
  expect(await media.pictureGrid(join(dir, 'gone.mp4'), grid)).toBeNull()
})
