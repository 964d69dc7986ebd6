/**
 * Writes drawn product pictures with captions, as training data for the built-in model.
 * npx tsx scripts/drawings/make-training-images.ts --out DIR --count 3000 --seed 1
 * DIR/images.rgb: [N, 128, 128, 3] u8, RGB, one picture after another.
 * DIR/captions.jsonl: line i describes picture i: {id, concept, colour, pattern, texts}.
 */
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createRandom, type Random } from '../../main/base/random.ts'
import { captionsOf } from './captions.ts'
import { kinds } from './kinds.ts'
import { randomLook } from './look.ts'
import { rasterise, rgbOf } from './rasterise.ts'
import { drawStill } from './scene.ts'

/** Side of a training picture, pixels. */
export const trainingImageSize = 128

export type TrainingImage = {
  id: string
  concept: string
  colour: string
  pattern: string
  texts: string[]
  svg: string
}

/** Picture `index` of a seed: the same whatever the count. The kinds take turns. */
export function planTrainingImage(index: number, seed: number): TrainingImage {
  const random = createRandom(seed).fork(`picture ${index}`)
  const look = randomLook(kinds[index % kinds.length]!, random)
  const texts = captionsOf(look, random)
  const id = `drawing-${seed}-${String(index).padStart(6, '0')}`
  return {
    id,
    concept: look.kind.name,
    colour: look.colour,
    pattern: look.pattern,
    texts,
    svg: drawStill(look, random),
  }
}

/** Camera noise, up to a few grey levels; a third of the pictures stay clean. Changes `rgb`. */
function addNoise(rgb: Uint8Array, random: Random): void {
  const strength = Math.max(0, random.uniform() * 15 - 5)
  if (strength === 0) return
  for (let i = 0; i < rgb.length; i++) {
    rgb[i] = Math.max(
      0,
      Math.min(255, Math.round(rgb[i]! + (random.uniform() + random.uniform() - 1) * strength * 1.5)),
    )
  }
}

function main(): void {
  const { values } = parseArgs({
    options: {
      out: { type: 'string' },
      count: { type: 'string', default: '3000' },
      seed: { type: 'string', default: '1' },
    },
  })
  if (!values.out) throw new Error('Say where to write: --out DIR')
  const count = Number(values.count)
  const seed = Number(values.seed)
  mkdirSync(values.out, { recursive: true })
  const file = openSync(join(values.out, 'images.rgb'), 'w')
  const lines: string[] = []
  try {
    for (let index = 0; index < count; index++) {
      const { svg, ...caption } = planTrainingImage(index, seed)
      const rgb = rgbOf(rasterise(svg, trainingImageSize).rgba)
      addNoise(rgb, createRandom(seed).fork(`noise ${index}`))
      writeSync(file, rgb)
      lines.push(JSON.stringify(caption))
    }
  } finally {
    closeSync(file)
  }
  writeFileSync(join(values.out, 'captions.jsonl'), lines.join('\n') + '\n')
  process.stderr.write(`${count} pictures of ${kinds.length} kinds in ${values.out}\n`)
}

if (process.argv[1]?.endsWith('make-training-images.ts')) main()
