import { describe, expect, it } from 'vitest'
import { normaliseText, wordsOf } from '../../../main/base/index.ts'
import { buildLexicon, createEntriesOf, knownShare } from '../../../main/training/index.ts'

const knowsWord = (word: string): boolean => ['red', 'blue', 'boots', 'for', 'women', 't', 'shirt'].includes(word)

describe('words', () => {
  it('are folded as the keyword index folds them, and cut by the rules of their language', () => {
    expect(wordsOf('Red T-shirts, ＦＵＬＬ width, 7!')).toEqual(['red', 't', 'shirts', 'full', 'width', '7'])
    expect(wordsOf('赤いブーツ').length).toBeGreaterThan(1)
    expect(wordsOf('赤いブーツ').join('')).toBe(normaliseText('赤いブーツ'))
    expect(wordsOf(' .,- ')).toEqual([])
  })
})

describe('the lexicon', () => {
  it('holds the words that the encoder does not know, those that were seen once left out', () => {
    const { words, seen } = buildLexicon(['Red Velora', 'blue velora', 'Velora boots', 'red Nimbo'], { knowsWord })
    expect(words).toEqual(['velora'])
    expect(seen).toEqual([3])
  })

  it('holds two neighbouring words where they say more than the unknown one of them', () => {
    const texts = ['velora slim', 'velora slim', 'velora slim', 'velora wide', 'velora wide', 'velora wide']
    const { words } = buildLexicon(texts, { knowsWord: (word) => word === 'slim' || word === 'wide' })
    expect(words).toEqual(['velora', 'velora slim', 'velora wide'])
    const together = buildLexicon(['sol mare', 'sol mare', 'sol mare'], { knowsWord })
    expect(together.words).toEqual(['mare', 'sol'])
  })

  it('is the same for the same texts in another order, and holds no numbers', () => {
    const texts = ['ab 42', 'cd 42', 'ab 42', 'cd', 'ef', 'ef']
    const lexicon = buildLexicon(texts, { knowsWord })
    expect(buildLexicon([...texts].reverse(), { knowsWord })).toEqual(lexicon)
    expect(lexicon.words).toEqual(['ab', 'cd', 'ef'])
  })

  it('names the entries of a text once each, and none of a text without', () => {
    const entriesOf = createEntriesOf({ words: ['velora', 'nimbo', 'velora slim'] })
    expect(entriesOf('Velora, velora SLIM and nimbo')).toEqual([0, 1, 2])
    expect(entriesOf('red boots')).toEqual([])
  })

  it('says how much of a text is known', () => {
    expect(knownShare('Red velora boots', knowsWord)).toBeCloseTo(2 / 3)
    expect(knownShare('red boots 42', knowsWord)).toBe(1)
    expect(knownShare('42', knowsWord)).toBe(0)
  })
})
