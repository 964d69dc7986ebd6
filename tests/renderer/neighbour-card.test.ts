import { describe, expect, it } from 'vitest'
import { neighbourCard } from '../../renderer/src/screens/search/neighbour-card.ts'

const row = (top: number, count: number) => Array.from({ length: count }, (_, i) => ({ left: 200 * i, top }))

describe('arrow keys over result cards', () => {
  // Three clear matches in rows of two, then a divider, then three weaker ones.
  const cards = [...row(0, 2), ...row(150, 1), ...row(400, 2), ...row(550, 1)]
  const from = (at: number, key: string) => neighbourCard(cards, at, key)

  it('left and right follow the order of reading', () => {
    expect([from(0, 'ArrowRight'), from(1, 'ArrowRight'), from(1, 'ArrowLeft')]).toEqual([1, 2, 0])
    expect([from(0, 'ArrowLeft'), from(5, 'ArrowRight')]).toEqual([null, null])
  })

  it('up and down go to the nearest card of the next row, over the divider too', () => {
    expect([from(0, 'ArrowDown'), from(1, 'ArrowDown'), from(2, 'ArrowDown'), from(4, 'ArrowDown')]).toEqual([
      2, 2, 3, 5,
    ])
    expect([from(4, 'ArrowUp'), from(3, 'ArrowUp'), from(2, 'ArrowUp')]).toEqual([2, 2, 0])
  })

  it('up from the first row leaves the results; down from the last stays', () => {
    expect([from(1, 'ArrowUp'), from(5, 'ArrowDown')]).toEqual([-1, null])
  })

  it('Home and End go to the ends, other keys nowhere', () => {
    expect([from(3, 'Home'), from(0, 'End'), from(0, 'a')]).toEqual([0, 5, null])
  })
})
