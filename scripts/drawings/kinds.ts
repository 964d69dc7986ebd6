/** All kinds of products that we can draw. */
import { clothingKinds } from './kinds-clothing.ts'
import { foodKinds } from './kinds-food.ts'
import { homeKinds } from './kinds-home.ts'
import { leisureKinds } from './kinds-leisure.ts'
import type { Kind } from './kind.ts'

export const kinds: readonly Kind[] = [...clothingKinds, ...homeKinds, ...foodKinds, ...leisureKinds]

/** The kind of that name; throws when there is none (a mistake in a script). */
export function kindNamed(name: string): Kind {
  const kind = kinds.find((candidate) => candidate.name === name)
  if (!kind) throw new Error(`internal: no drawing of kind ${name}`)
  return kind
}
