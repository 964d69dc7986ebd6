/** Pictures and captions for pre-training, in memory, and the augmented batches that are drawn from them. */
import { readFileSync } from 'node:fs'
import { createMedia } from '../../main/media/index.ts'
import { resampleCrop } from '../../main/encoders/index.ts'
import type { Random } from '../../main/base/index.ts'

/** Side of the stored pictures; crops of them are resampled to the model's input. */
export const storedSize = 128

/** One picture with its captions; `colour` is null where the source has none. */
export type TrainingItem = {
  /** The data set that it comes from, or 'drawing'. */
  readonly source: string
  readonly concept: string
  readonly colour: string | null
  /** Caption texts with what each says: `colour` is null where the caption leaves it out. */
  readonly captions: readonly { readonly text: string; readonly colour: string | null }[]
}

export type TrainingImages = {
  readonly items: readonly TrainingItem[]
  /** [N, storedSize, storedSize, 3] uint8, RGB. */
  readonly pixels: Uint8Array
}

const pictureBytes = storedSize * storedSize * 3

/** Decodes photos (squashed to the stored square); a picture that cannot be read is left out and reported. */
export async function readPhotos(
  paths: readonly string[],
  report: (line: string) => void,
): Promise<{ pixels: Uint8Array; read: boolean[] }> {
  const media = createMedia({})
  const pixels = new Uint8Array(paths.length * pictureBytes)
  const read: boolean[] = []
  for await (const image of media.decodeImages(paths, { width: storedSize, height: storedSize })) {
    if ('refusal' in image) report(`left out ${image.path}: ${image.refusal.sentence}`)
    else pixels.set(image.rgb, read.length * pictureBytes)
    read.push(!('refusal' in image))
    if (read.length % 2000 === 0) report(`${read.length} of ${paths.length} photos decoded`)
  }
  return { pixels, read }
}

/** The pictures and captions that scripts/drawings wrote to `folder`. */
export function readDrawings(folder: string): TrainingImages {
  const rows = readFileSync(`${folder}/captions.jsonl`, 'utf8').trim().split('\n')
  const items = rows.map((row): TrainingItem => {
    const drawing = JSON.parse(row) as { concept: string; colour: string; texts: string[] }
    const captions = drawing.texts.map((text) => ({
      text,
      colour: text.toLowerCase().includes(drawing.colour) ? drawing.colour : null,
    }))
    return { source: 'drawing', concept: drawing.concept, colour: drawing.colour, captions }
  })
  return { items, pixels: new Uint8Array(readFileSync(`${folder}/images.rgb`)) }
}

/** Joins several sources. */
export function joinImages(sources: readonly TrainingImages[]): TrainingImages {
  const pixels = new Uint8Array(sources.reduce((sum, source) => sum + source.pixels.length, 0))
  let offset = 0
  for (const source of sources) {
    pixels.set(source.pixels, offset)
    offset += source.pixels.length
  }
  return { items: sources.flatMap((source) => source.items), pixels }
}

/** Channel statistics that pictures are normalised with; the bundle's manifest states them. */
export const pixelMean = [0.5, 0.5, 0.5] as const
export const pixelDeviation = [0.25, 0.25, 0.25] as const

/**
 * One augmented view: a random crop (area 35 to 100 %, aspect 3:4 to 4:3), mirrored half of the time, brightness,
 * contrast and saturation changed a little (colour words must stay true), sometimes a grey patch over a part.
 *
 * @param out receives [size, size, 3] normalised values from `offset` on
 */
export function augmentedView(
  images: TrainingImages,
  index: number,
  size: number,
  random: Random,
  out: Float32Array,
  offset: number,
): void {
  const between = (low: number, high: number): number => low + (high - low) * random.uniform()
  const area = between(0.35, 1)
  const aspect = Math.exp(between(Math.log(0.75), Math.log(4 / 3)))
  const width = Math.min(1, Math.sqrt(area * aspect)) * storedSize
  const height = Math.min(1, Math.sqrt(area / aspect)) * storedSize
  const box = { x: between(0, storedSize - width), y: between(0, storedSize - height), width, height }
  const source = images.pixels.subarray(index * pictureBytes, (index + 1) * pictureBytes)
  const view = new Float32Array(size * size * 3)
  resampleCrop(source, storedSize, storedSize, box, size, view, 0, { flip: random.uniform() < 0.5 })

  const brightness = between(0.8, 1.2)
  const contrast = between(0.8, 1.25)
  const saturation = between(0.75, 1.25)
  for (let i = 0; i < view.length; i += 3) {
    const grey = (view[i]! + view[i + 1]! + view[i + 2]!) / 3
    for (let c = 0; c < 3; c++) {
      const value = ((grey + (view[i + c]! - grey) * saturation) * brightness - 128) * contrast + 128
      out[offset + i + c] = (Math.min(255, Math.max(0, value)) / 255 - pixelMean[c]!) / pixelDeviation[c]!
    }
  }
  if (random.uniform() < 0.25) eraseRectangle(size, random, out, offset)
}

function eraseRectangle(size: number, random: Random, out: Float32Array, offset: number): void {
  const side = (): number => Math.floor(size * (0.1 + 0.25 * random.uniform()))
  const [width, height] = [side(), side()]
  const [left, top] = [random.integer(size - width), random.integer(size - height)]
  for (let y = top; y < top + height; y++)
    out.fill(0, offset + (y * size + left) * 3, offset + (y * size + left + width) * 3)
}
