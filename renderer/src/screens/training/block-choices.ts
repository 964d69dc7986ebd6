/** Which last blocks of the encoder the training screen offers, and what it asks for. Pure. */
import type { TrainRequest } from '../../../../main/contract/index.ts'

export const halves = ['pictures', 'texts'] as const
/** An encoder of pictures and one of texts make one encoder. */
export type Half = (typeof halves)[number]

/** How many last blocks of each half; 0: none. */
export type BlockCounts = Readonly<Record<Half, number>>

/** The last 1, 2, 4, 8, … of those that there are, and all of them. */
export function blockChoices(available: number): number[] {
  const doubled = Array.from({ length: 8 }, (_, i) => 2 ** i).filter((count) => count < available)
  return available < 1 ? [] : [...doubled, available]
}

/** As the engine takes it. */
const mostRank = 1024
export const usualRank = 8

/** What a field for numbers holds may be empty or out of bounds. */
export function rankOf(value: number | null | undefined): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 1) return usualRank
  return Math.min(mostRank, Math.round(value))
}

/** @param rank of low-rank updates, for both halves; null: all weights  @returns undefined where no blocks are trained */
export function blocksAsked({ pictures, texts }: BlockCounts, rank: number | null): TrainRequest['blocks'] {
  if (pictures + texts === 0) return undefined
  return { count: pictures, ...(texts > 0 && { texts }), ...(rank !== null && { rank }) }
}

/** What is still chosen where another encoder may have fewer. */
export function keptCounts(chosen: BlockCounts, available: BlockCounts): Record<Half, number> {
  const kept = (half: Half): number => (chosen[half] > available[half] ? 0 : chosen[half])
  return { pictures: kept('pictures'), texts: kept('texts') }
}
