import { describe, expect, it } from 'vitest'
import { understandingOf } from '../../../../main/services/search/understanding.ts'

const known = new Set(['red', 'boots', 'shirt', '靴'])
const knows = (word: string): boolean => known.has(word)
const words = (...all: [string, boolean][]) => all.map(([text, isInTexts]) => ({ text, isInTexts }))

describe('what a model understands of a query', () => {
  it('is the share of its words that it was trained on', () => {
    const { share, unknownWords } = understandingOf(words(['red', false], ['qwzrtv', false]), knows, false)
    expect(share).toBe(0.5)
    expect(unknownWords).toEqual(['qwzrtv'])
  })

  it('includes the words of the library once it was trained with them', () => {
    const query = words(['velora', true])
    expect(understandingOf(query, knows, true)).toEqual({ share: 1, unknownWords: [] })
    // The text search knows the word even where the pictures say nothing.
    expect(understandingOf(query, knows, false)).toEqual({ share: 0, unknownWords: [] })
  })

  it('goes by the parts of a word with a hyphen', () => {
    expect(understandingOf(words(['t shirt', false], ['red boots', false]), knows, false).share).toBe(1)
    expect(understandingOf(words(['red plonk', false]), knows, false).unknownWords).toEqual(['red plonk'])
  })

  it('leaves numbers and single letters out, but not words of one character in other scripts', () => {
    expect(understandingOf(words(['42', false], ['x', false], ['red', false]), knows, false).share).toBe(1)
    expect(understandingOf(words(['靴', false], ['車', false]), knows, false)).toEqual({
      share: 0.5,
      unknownWords: ['車'],
    })
    expect(understandingOf(words(['7', false]), knows, false)).toEqual({ share: 1, unknownWords: [] })
  })
})
