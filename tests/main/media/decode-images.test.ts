import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createMedia } from '../../../main/media/index.ts'
import { createClipFolder, source, type ClipFolder } from './clips.ts'

const media = createMedia()
let clips: ClipFolder

beforeAll(() => {
  clips = createClipFolder()
})
afterAll(() => clips.remove())

test('one broken picture among many fails alone, and the order is kept', async () => {
  const photo = readFileSync(clips.make('photo.jpg', ...source(1, '60x80'), '-frames:v', '1'))
  const red = readFileSync(clips.make('red.jpg', '-f', 'lavfi', '-i', 'color=red:s=40x40', '-frames:v', '1'))
  const broken = Buffer.from(photo).fill(0x55, 20, photo.length - 40)
  const paths = Array.from({ length: 40 }, (_, i) => clips.path(`-${i} "é".jpg`))
  paths.forEach((path, i) => writeFileSync(path, i === 17 ? broken : i % 2 === 0 ? red : photo))
  paths.push(clips.path('none.jpg'))
  const results = []
  for await (const image of media.decodeImages(paths, { width: 16, height: 16 })) results.push(image)
  expect(results.map((result) => result.path)).toEqual(paths)
  results.forEach((result, i) => {
    if (i === 17) expect(result).toMatchObject({ refusal: { reason: 'notAPicture' } })
    else if (i === 40) expect(result).toMatchObject({ refusal: { reason: 'missing' } })
    else if ('refusal' in result) throw new Error(result.refusal.sentence)
    else {
      expect(result.rgb.length).toBe(16 * 16 * 3)
      if (i % 2 === 0) {
        expect(result.rgb[0]).toBeGreaterThan(240)
        expect(result.rgb[1]).toBeLessThan(15)
      }
    }
  })
})

test('a transparent picture is put on white, and a wrong extension does not matter', async () => {
  const clear = clips.make('clear.png', '-f', 'lavfi', '-i', 'color=red@0:s=20x20,format=rgba', '-frames:v', '1')
  writeFileSync(clips.path('clear.jpg'), readFileSync(clear))
  for await (const image of media.decodeImages([clear, clips.path('clear.jpg')], { width: 4, height: 4 })) {
    expect('rgb' in image && [...new Set(image.rgb)]).toEqual([255])
  }
})

test('with a short side the shape of the picture is kept', async () => {
  const path = clips.make('wide.jpg', ...source(1, '200x100'), '-frames:v', '1')
  for await (const image of media.decodeImages([path], { shortSide: 20 })) {
    expect(image).toMatchObject({ width: 40, height: 20 })
  }
})
