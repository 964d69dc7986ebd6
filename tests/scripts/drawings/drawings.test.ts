/** The drawings and the training pictures: what a picture shows, how it is named, and that a seed decides it. */
import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createRandom } from '../../../main/base/random.ts'
import { phraseOf, withArticle } from '../../../scripts/drawings/captions.ts'
import { colourNames, contrast, createPaint } from '../../../scripts/drawings/colours.ts'
import { kindNamed, kinds } from '../../../scripts/drawings/kinds.ts'
import { planTrainingImage, trainingImageSize } from '../../../scripts/drawings/make-training-images.ts'
import { rasterise, rgbOf } from '../../../scripts/drawings/rasterise.ts'
import { createProduct, svgDocument } from '../../../scripts/drawings/scene.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const middle = { x: 50, y: 50, size: 90, rotation: 0, stretch: 1, mirrored: false }

test('there are at least 24 kinds with different names, each with synonyms', () => {
  expect(kinds.length).toBeGreaterThanOrEqual(24)
  expect(new Set(kinds.map((kind) => kind.name)).size).toBe(kinds.length)
  for (const kind of kinds) expect(kind.synonyms.length, kind.name).toBeGreaterThanOrEqual(1)
})

test('every kind in every one of its colours covers a good part of the picture', () => {
  for (const kind of kinds) {
    for (const colour of kind.colours ?? colourNames) {
      const look = { kind, colour, pattern: 'plain', second: 'white' } as const
      const markup = createProduct(look, createRandom(3)).at(middle)
      const { rgba } = rasterise(svgDocument([markup]), 48)
      let covered = 0
      for (let i = 3; i < rgba.length; i += 4) if (rgba[i]! > 128) covered++
      expect(covered / (48 * 48), `${colour} ${kind.name}`).toBeGreaterThan(0.1)
    }
  }
})

test('the asked colour is the colour of the paint, and a pattern shows two colours', () => {
  const red = createPaint('red', 'striped', 'white', createRandom(1))
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(red.base.slice(at, at + 2), 16))
  expect(r).toBeGreaterThan(2 * Math.max(g!, b!))
  expect(contrast(red.base, red.second)).toBeGreaterThan(100)
  expect(red.definitions).toContain(red.second)
})

test('captions name the colour and the kind, with the article that fits', () => {
  expect(withArticle('orange mug', kindNamed('mug'))).toBe('an orange mug')
  expect(withArticle('black trousers', kindNamed('trousers'))).toBe('black trousers')
  const look = { kind: kindNamed('mug'), colour: 'red', pattern: 'plain', second: 'white' } as const
  for (let seed = 0; seed < 30; seed++) expect(phraseOf(look, 'cup', createRandom(seed))).toMatch(/red.*cup|cup.*red/)
  for (let index = 0; index < 100; index++) {
    const { texts, colour, concept, pattern } = planTrainingImage(index, 1)
    expect(texts[0]).toBe([colour, pattern === 'plain' ? '' : pattern, concept].filter(Boolean).join(' '))
    expect(texts.length).toBeGreaterThanOrEqual(3)
    expect(texts.length).toBeLessThanOrEqual(5)
    expect(new Set(texts).size).toBe(texts.length)
  }
})

test('a picture depends on its number and the seed only', () => {
  expect(planTrainingImage(17, 4)).toEqual(planTrainingImage(17, 4))
  expect(planTrainingImage(17, 4).svg).not.toBe(planTrainingImage(17, 5).svg)
})

test('rgbOf keeps the three colours of each pixel', () => {
  expect([...rgbOf(new Uint8Array([1, 2, 3, 255, 4, 5, 6, 255]))]).toEqual([1, 2, 3, 4, 5, 6])
})

test('the command writes one raw picture and one caption line each', () => {
  const folder = temporaryFolder('drawings')
  try {
    const script = new URL('../../../scripts/drawings/make-training-images.ts', import.meta.url).pathname
    execFileSync(process.execPath, ['--import', 'tsx', script, '--out', folder, '--count', '5', '--seed', '2'], {
      stdio: 'pipe',
    })
    expect(statSync(join(folder, 'images.rgb')).size).toBe(5 * trainingImageSize * trainingImageSize * 3)
    const lines = readFileSync(join(folder, 'captions.jsonl'), 'utf8').trim().split('\n')
    expect(lines.map((line) => (JSON.parse(line) as { id: string }).id)).toEqual(
      [0, 1, 2, 3, 4].map((index) => planTrainingImage(index, 2).id),
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
})
