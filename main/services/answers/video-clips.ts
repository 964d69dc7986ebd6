/** Shots of videos as clips for the answer head: one frame a shot, the mean of what was kept of it. */
import type { Library } from '../../storage/index.ts'
import { defaultFusion } from '../../training/index.ts'
import { framesPerShot } from '../models/index.ts'
import type { Clips } from './answer-data.ts'

/** @param scopes shots of each clip, in the order of time; of many, some at even distances are taken */
export function clipsOf(
  library: Library,
  encoder: { readonly id: string; readonly dim: number },
  scopes: readonly (readonly string[])[],
): Clips {
  const perClip = defaultFusion.frames
  const { dim } = encoder
  const frames = new Float32Array(scopes.length * perClip * dim)
  const mask = new Float32Array(scopes.length * perClip)
  scopes.forEach((scope, clip) => {
    const shots = thinned(scope, perClip)
    if (shots.length === 0) return
    const loaded = library.features.loadFrames(encoder.id, shots, framesPerShot)
    shots.forEach((_, shot) => {
      const mean = frames.subarray((clip * perClip + shot) * dim, (clip * perClip + shot + 1) * dim)
      for (let frame = shot * framesPerShot; frame < (shot + 1) * framesPerShot; frame++) {
        if (loaded.mask[frame] === 1) mean.forEach((_, i) => (mean[i]! += loaded.frames[frame * dim + i]!))
      }
      const length = Math.hypot(...mean) || 1
      mean.forEach((value, i) => (mean[i] = value / length))
      mask[clip * perClip + shot] = 1
    })
  })
  return { frames, mask, perClip }
}

function thinned<T>(values: readonly T[], most: number): T[] {
  if (values.length <= most) return [...values]
  return Array.from({ length: most }, (_, i) => values[Math.round((i * (values.length - 1)) / (most - 1))]!)
}
