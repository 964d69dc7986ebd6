/** Why a run cannot start, in the user's language: what blocks of the encoder lack is said with the numbers that are known. */
import type { BlocksPreflight } from '../../../../main/contract/index.ts'
import type { Formats, Messages } from '../../i18n/index.ts'

export function sentenceOfProblem(
  problem: { readonly code: string; readonly message: string },
  blocks: BlocksPreflight | null,
  { t, formats }: { readonly t: Messages; readonly formats: Formats },
): string {
  const words = t.blocks
  if (blocks !== null && problem.code === 'usage') {
    const available = blocks.available.pictures ?? 0
    return available === 0 ? words.obstacles.noneFound : words.tooMany(available)
  }
  if (blocks !== null && problem.code === 'training.tooLarge') {
    return words.tooLarge(formats.bytes(blocks.memoryBytes ?? 0), formats.bytes(blocks.availableMemoryBytes))
  }
  if (blocks !== null && problem.code === 'disk.full') {
    return words.diskShort(formats.bytes(blocks.diskBytes), formats.bytes(blocks.freeBytes))
  }
  return t.errors.byCode?.[problem.code] ?? problem.message
}
