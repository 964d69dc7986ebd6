/**
 * Texts that mean nothing, to measure search against: whatever score they reach in a catalogue, chance alone reaches. Each
 * is one to three invented words of letters as they follow each other in no language. Always the same ones. Pure.
 */
import { createRandom, type Random } from '../base/index.ts'

/** Enough that the share of them above a score is known to within 0.04 (one standard error at 0.7). */
const usualCount = 128

const heads = [
  'bl',
  'dr',
  'f',
  'gl',
  'h',
  'j',
  'kr',
  'm',
  'n',
  'pl',
  'qu',
  'sk',
  'sn',
  't',
  'v',
  'w',
  'y',
  'z',
  'zh',
  '',
]
const middles = ['a', 'ae', 'e', 'ee', 'i', 'o', 'oi', 'oo', 'u', 'y', 'x', 'r']
const tails = ['b', 'ck', 'd', 'ft', 'g', 'lm', 'm', 'nk', 'p', 'rg', 'sht', 't', 'vv', 'x', 'zz', '']

export function meaninglessTexts(count = usualCount): string[] {
  const random = createRandom(20_011)
  return Array.from({ length: count }, (_, index) =>
    Array.from({ length: 1 + (index % 3) }, () => inventedWord(random)).join(' '),
  )
}

function inventedWord(random: Random): string {
  const pick = (parts: readonly string[]): string => parts[random.integer(parts.length)]!
  const syllables = 2 + random.integer(2)
  return Array.from({ length: syllables }, () => pick(heads) + pick(middles) + pick(tails)).join('')
}
