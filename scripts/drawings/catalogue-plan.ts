/** Decides what the sample catalogue shows: which product in which clip, in which colour, how it moves. Pure and seeded. */
import type { Random } from '../../main/base/random.ts'
import { colourNames, type ColourName } from './colours.ts'
import { kindNamed } from './kinds.ts'
import { randomLook } from './look.ts'
import { motionNames, type MotionName } from './motions.ts'
import type { Look } from './scene.ts'

/** Frames per second of every clip. */
export const framesPerSecond = 15
/** Length of a fade between two shots, frames. */
export const fadeFrames = 6

export type Product = { sku: string; look: Look }
export type Shot = { product: Product; frames: number; motion: MotionName; closeUp: boolean }
export type Clip = {
  file: string
  type: 'single' | 'reel'
  width: number
  height: number
  transition: 'cut' | 'fade'
  shots: Shot[]
}

/** A kind in the catalogue: how many clips of its own, and the customer's own name for it, if the customer has one. */
type Range = { kind: string; clips: number; inHouseName?: string }

/** Long-tailed on purpose; the in-house names are invented, so that no pretrained model can know them. */
export const ranges: readonly Range[] = [
  { kind: 'mug', clips: 10 },
  { kind: 't-shirt', clips: 7 },
  { kind: 'teapot', clips: 8, inHouseName: 'Velora' },
  { kind: 'sneaker', clips: 6 },
  { kind: 'backpack', clips: 6, inHouseName: 'Zunari' },
  { kind: 'lamp', clips: 5, inHouseName: 'Ombrix' },
  { kind: 'dress', clips: 4 },
  { kind: 'headphones', clips: 3 },
  { kind: 'bottle', clips: 3 },
  { kind: 'chair', clips: 3, inHouseName: 'Sintave' },
  { kind: 'watch', clips: 2 },
  { kind: 'guitar', clips: 1, inHouseName: 'Quorda' },
  { kind: 'book', clips: 1, inHouseName: 'Tembrik' },
  { kind: 'umbrella', clips: 1 },
  { kind: 'hat', clips: 1 },
  { kind: 'sock', clips: 1 },
  { kind: 'apple', clips: 1 },
  { kind: 'banana', clips: 1 },
  { kind: 'carrot', clips: 1 },
  { kind: 'camera', clips: 1 },
  { kind: 'bicycle', clips: 1 },
  { kind: 'clock', clips: 1 },
  { kind: 'suitcase', clips: 0 },
  { kind: 'sunglasses', clips: 0 },
  { kind: 'vase', clips: 0 },
]

const reelCount = 22

/** The word that the customer uses for a kind: the in-house name where there is one. */
export function houseWordOf(kindName: string): string {
  return ranges.find((range) => range.kind === kindName)?.inHouseName ?? kindName
}

export function hasInHouseName(kindName: string): boolean {
  return ranges.some((range) => range.kind === kindName && range.inHouseName !== undefined)
}

/** Colours of a kind in shuffled order, again and again, so that clips of one kind differ. */
function colourCycle(kindName: string, random: Random): () => ColourName {
  const order = random.shuffled(kindNamed(kindName).colours ?? colourNames)
  let next = 0
  return () => order[next++ % order.length]!
}

/** All clips, in file order. */
export function planClips(random: Random): Clip[] {
  const colours = new Map(ranges.map(({ kind }) => [kind, colourCycle(kind, random.fork(kind))]))
  let products = 0
  const newProduct = (kindName: string): Product => {
    products++
    const look = randomLook(kindNamed(kindName), random)
    return { sku: `SKU-${String(1000 + products)}`, look: { ...look, ...recoloured(look, colours.get(kindName)!()) } }
  }
  const newShot = (product: Product, seconds: number, closeUp: boolean): Shot => ({
    product,
    frames: Math.round(seconds * framesPerSecond),
    motion: motionNames[random.integer(motionNames.length)]!,
    closeUp,
  })
  const singles = ranges.flatMap(({ kind, clips }) => Array.from({ length: clips }, () => kind))
  const plans = [
    ...singles.map((kind) => {
      const product = newProduct(kind)
      const twoViews = random.uniform() < 0.4
      const shots = twoViews
        ? [newShot(product, 2 + random.uniform(), false), newShot(product, 1.6 + random.uniform(), true)]
        : [newShot(product, 3 + random.uniform() * 1.6, false)]
      return { type: 'single' as const, shots }
    }),
    ...planReels(random).map((kinds) => ({
      type: 'reel' as const,
      shots: kinds.map((kind) => newShot(newProduct(kind), 1.7 + random.uniform() * 0.3, false)),
    })),
  ]
  return random.shuffled(plans).map((plan, i) => ({
    ...plan,
    file: `videos/clip-${String(i + 1).padStart(3, '0')}.mp4`,
    width: 320,
    height: random.uniform() < 0.5 ? 240 : 320,
    transition: random.uniform() < 0.5 ? 'cut' : 'fade',
  }))
}

function recoloured(look: Look, colour: ColourName): Pick<Look, 'colour' | 'second'> {
  const second = look.second === colour ? (colour === 'white' ? 'black' : 'white') : look.second
  return { colour, second }
}

/** Kinds per reel, two or three different ones: every rare kind appears once, frequent kinds fill the rest. */
function planReels(random: Random): string[][] {
  const rare = random.shuffled(ranges.filter((range) => range.clips <= 1).map((range) => range.kind))
  const frequent = ranges
    .filter((range) => range.clips > 1)
    .flatMap((range) => Array.from({ length: range.clips }, () => range.kind))
  return Array.from({ length: reelCount }, (_, i) => {
    const wanted = 2 + (i % 2)
    const kinds = new Set(rare.slice(i, i + 1))
    while (kinds.size < wanted) kinds.add(frequent[random.integer(frequent.length)]!)
    return random.shuffled([...kinds])
  })
}

/** Borders of the shots of a clip, seconds. A fade overlaps two shots; the border is its middle. */
export function shotTimes(clip: Clip): { start: number; end: number }[] {
  const overlap = clip.transition === 'fade' ? fadeFrames : 0
  const seconds = (frames: number): number => Math.round((frames / framesPerSecond) * 1000) / 1000
  let begun = 0
  return clip.shots.map((shot, i) => {
    const first = i === 0
    const last = i === clip.shots.length - 1
    const start = begun + (first ? 0 : overlap / 2)
    const end = begun + shot.frames - (last ? 0 : overlap / 2)
    begun += shot.frames - (last ? 0 : overlap)
    return { start: seconds(start), end: seconds(end) }
  })
}

/** Length of a clip in frames. */
export function frameCount(clip: Clip): number {
  const overlap = clip.transition === 'fade' ? fadeFrames : 0
  return clip.shots.reduce((sum, shot) => sum + shot.frames, 0) - overlap * (clip.shots.length - 1)
}
