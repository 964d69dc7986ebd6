/** Draws the frames of one clip of the sample catalogue, one after another. */
import type { Random } from '../../main/base/random.ts'
import { fadeFrames, type Clip, type Shot } from './catalogue-plan.ts'
import { createMotion } from './motions.ts'
import { rasterise } from './rasterise.ts'
import { createBackdrop, createDistractors, createLight, createProduct, svgDocument } from './scene.ts'

type View = readonly [x: number, y: number, width: number, height: number]

/** Frame `index` of a shot as [H, W, 4] u8. */
function shotRenderer(
  shot: Shot,
  productRandom: Random,
  random: Random,
  view: View,
  width: number,
): (index: number) => Uint8Array {
  const product = createProduct(shot.product.look, productRandom)
  const backdrop = createBackdrop(random, product.base)
  const distractors = random.uniform() < 0.4 ? createDistractors(random, backdrop, 1 + random.integer(3)) : ''
  const light = createLight(random)
  const motion = createMotion(shot.motion, shot.closeUp, random)
  return (index) => {
    const placed = product.at(motion(index / Math.max(1, shot.frames - 1)))
    return rasterise(svgDocument([backdrop.markup, distractors, placed, light], view), width).rgba
  }
}

function blend(from: Uint8Array, to: Uint8Array, fraction: number): Uint8Array {
  return from.map((value, i) => Math.round(value + (to[i]! - value) * fraction))
}

/** All frames of a clip, [H, W, 4] u8 RGBA each; shots are joined by cuts or by fades that overlap them. */
export function* drawFrames(clip: Clip, random: Random): Generator<Uint8Array> {
  const sceneWidth = (100 * clip.width) / clip.height
  const view: View = [50 - sceneWidth / 2, 0, sceneWidth, 100]
  // Two views of one product share its shade and pattern; everything else is drawn anew for each shot.
  const renderers = clip.shots.map((shot, i) =>
    shotRenderer(shot, random.fork(shot.product.sku), random.fork(`shot ${i}`), view, clip.width),
  )
  const overlap = clip.transition === 'fade' ? fadeFrames : 0
  for (let i = 0; i < clip.shots.length; i++) {
    const { frames } = clip.shots[i]!
    const next = renderers[i + 1]
    for (let index = i === 0 ? 0 : overlap; index < frames; index++) {
      const picture = renderers[i]!(index)
      const intoFade = index - (frames - overlap)
      yield next && intoFade >= 0 ? blend(picture, next(intoFade), (intoFade + 1) / (overlap + 1)) : picture
    }
  }
}
