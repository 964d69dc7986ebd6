/** How many last blocks the training screen offers. Pure. */

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
