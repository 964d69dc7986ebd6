/** Arrow keys over a grid of cards whose columns follow the width of the window. Pure. */

type Box = { readonly left: number; readonly top: number }

/**
 * @param boxes of the cards in reading order; sections may follow each other, each beginning a row of its own
 * @returns the position of the card that the key leads to, -1 above the first row, null for other keys and at the end
 */
export function neighbourCard(boxes: readonly Box[], at: number, key: string): number | null {
  const last = boxes.length - 1
  if (key === 'Home') return 0
  if (key === 'End') return last
  if (key === 'ArrowRight') return at < last ? at + 1 : null
  if (key === 'ArrowLeft') return at > 0 ? at - 1 : null
  if (key !== 'ArrowDown' && key !== 'ArrowUp') return null
  const here = boxes[at]!
  const isBeyond = ({ top }: Box): boolean => (key === 'ArrowDown' ? top > here.top + 4 : top < here.top - 4)
  const beyond = boxes.flatMap((box, index) => (isBeyond(box) ? [{ box, index }] : []))
  if (beyond.length === 0) return key === 'ArrowUp' ? -1 : null
  // The nearest row, and in it the card that lies nearest below or above.
  const rowTop = (key === 'ArrowDown' ? beyond[0]! : beyond.at(-1)!).box.top
  const row = beyond.filter(({ box }) => Math.abs(box.top - rowTop) < 4)
  const distance = ({ box }: { box: Box }): number => Math.abs(box.left - here.left)
  return row.reduce((best, card) => (distance(card) < distance(best) ? card : best)).index
}
