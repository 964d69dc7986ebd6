/** Why a run cannot start, in the user's language: what blocks of the encoder lack is said with the numbers that are known. */
import type { BlocksPreflight } from '../../../../main/contract/index.ts'
import type { Formats, Messages } from '../../i18n/index.ts'
import { halves } from './block-choices.ts'

export function sentenceOfProblem(
  problem: { readonly code: string; readonly message: string },
  blocks: BlocksPreflight | null,
  { t, formats }: { readonly t: Messages; readonly formats: Formats },
): string {
  const words = t.blocks
  if (blocks !== null && problem.code === 'usage') {
    const lacking = halves.find((half) => blocks.available[half] === 0)
    return lacking === undefined ? words.tooMany(blocks.available) : words.obstacles[lacking].noneFound
  }
  if (blocks !== null && problem.code === 'training.tooLarge') {
    return words.tooLarge(formats.bytes(blocks.memoryBytes ?? 0), formats.bytes(blocks.availableMemoryBytes))
  }
  if (blocks !== null && problem.code === 'disk.full') {
    return words.diskShort(formats.bytes(blocks.diskBytes), formats.bytes(blocks.freeBytes))
  }
  return t.errors.byCode?.[problem.code] ?? problem.message
}
