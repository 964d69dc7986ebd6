/** How a product moves through a shot: pure functions of the fraction of the shot that has passed. */
import type { Random } from '../../main/base/random.ts'
import type { Placement } from './scene.ts'

export const motionNames = ['slide', 'zoom', 'rotate', 'bounce', 'still'] as const
export type MotionName = (typeof motionNames)[number]

export type Motion = (fraction: number) => Placement

/** Slow at both ends. */
function ease(fraction: number): number {
  return fraction * fraction * (3 - 2 * fraction)
}

/**
 * A motion with its random direction and extent.
 * @param closeUp the product fills the picture and more
 */
export function createMotion(name: MotionName, closeUp: boolean, random: Random): Motion {
  const direction = random.uniform() < 0.5 ? 1 : -1
  const size = closeUp ? 104 + random.uniform() * 14 : 62 + random.uniform() * 14
  const rest: Placement = {
    x: 50 + random.normal() * 2,
    y: 50 + random.normal() * 2,
    size,
    rotation: random.normal() * 5,
    stretch: Math.exp(random.normal() * 0.06),
    mirrored: random.uniform() < 0.5,
  }
  const reach = closeUp ? 8 : 16
  switch (name) {
    case 'slide':
      return (fraction) => ({ ...rest, x: rest.x + direction * reach * (2 * ease(fraction) - 1) })
    case 'zoom':
      return (fraction) => ({ ...rest, size: size * (1 + direction * 0.22 * (ease(fraction) - 0.5)) })
    case 'rotate':
      return (fraction) => ({ ...rest, rotation: rest.rotation + direction * 26 * Math.sin(2 * Math.PI * fraction) })
    case 'bounce':
      return (fraction) => ({ ...rest, y: rest.y + 8 - 16 * Math.abs(Math.sin(3 * Math.PI * fraction)) })
    case 'still':
      return () => rest
  }
}
