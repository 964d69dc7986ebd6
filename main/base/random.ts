/** Seeded random numbers. Instances are independent; the same seed gives the same numbers on every machine. */

export type Random = {
  /** Uniform in [0, 1). */
  uniform(): number
  /** Standard normal. */
  normal(): number
  /** Uniform integer in [0, bound). */
  integer(bound: number): number
  /** A shuffled copy (Fisher-Yates). */
  shuffled<T>(values: readonly T[]): T[]
  /** An independent generator derived from this one's seed and `label`; does not advance this one. */
  fork(label: string): Random
}

/** 32-bit FNV-1a hash of a string: stable across machines, good enough to derive seeds. */
export function hashString(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) {
    hash ^= text.charCodeAt(i)
    hash = Math.imul(hash, 0x01000193)
  }
  return hash >>> 0
}

/** A generator from a 32-bit seed (the splitmix32 sequence). */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const uniform = (): number => {
    state = (state + 0x9e3779b9) >>> 0
    let z = state
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
    return ((z ^ (z >>> 15)) >>> 0) / 0x1_0000_0000
  }
  const integer = (bound: number): number => Math.floor(uniform() * bound)
  return {
    uniform,
    integer,
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    shuffled: (values) => {
      const copy = [...values]
      for (let i = copy.length - 1; i > 0; i--) {
        const j = integer(i + 1)
        ;[copy[i], copy[j]] = [copy[j]!, copy[i]!]
      }
      return copy
    },
    fork: (label) => createRandom(hashString(`${seed >>> 0}/${label}`)),
  }
}
