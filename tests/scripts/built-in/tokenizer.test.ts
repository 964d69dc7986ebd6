import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { loadTokenizer } from '../../../main/encoders/index.ts'
import { joinPair, learnMerges } from '../../../scripts/built-in/tokenizer-bpe.ts'
import { byteCharacters, countWords, tokenizerFile } from '../../../scripts/built-in/tokenizer.ts'

const builtIn = loadTokenizer(readFileSync('resources/models/built-in/tokenizer.json', 'utf8'))

describe('byte-pair encoding', () => {
  it('joins the most frequent pair first', () => {
    const counts = new Map([
      ['abab', 3],
      ['abc', 2],
      ['bc', 1],
    ])
    expect(learnMerges(counts, 3, 2)).toEqual([
      ['a', 'b'],
      ['ab', 'ab'],
      ['ab', 'c'],
    ])
  })

  it('stops at the smallest count that is worth a merge', () => {
    expect(learnMerges(new Map([['xy', 2]]), 10, 3)).toEqual([])
  })

  it('joins neighbours from left to right', () => {
    expect(joinPair(['a', 'a', 'a'], 'a', 'a')).toEqual(['aa', 'a'])
  })

  it('gives 256 different printable characters to the bytes', () => {
    expect(new Set(byteCharacters()).size).toBe(256)
    expect(byteCharacters()[0x20]).toBe('Ġ')
  })

  it('learns a tokenizer file that encodes its own words as one token each', () => {
    const counts = countWords([['Red shirt, red tie', 5]])
    const tokenizer = loadTokenizer(JSON.stringify(tokenizerFile(learnMerges(counts, 100, 1))))
    expect(tokenizer.tokenize('RED Tie shirt')).toEqual(['red', 'tie', 'shirt'])
  })
})

describe('the built-in tokenizer', () => {
  it('keeps common product words whole', () => {
    expect(builtIn.tokenize("Men's T-Shirt, navy blue")).toEqual(['men', 't-shirt', ',', 'navy', 'blue'])
  })

  it('cuts an invented name into several pieces', () => {
    const pieces = builtIn.tokenize('kastasta')
    expect(pieces.length).toBeGreaterThan(1)
    expect(pieces.length).toBeLessThan(8)
    expect(pieces.join('')).toBe('kastasta')
  })

  it('never meets an unknown piece, whatever the script', () => {
    for (const text of ['赤いシャツ', '👕 🇯🇵', 'قميص أحمر', '\u0000\uFFFF', 'ﬁne ½', '\ud800']) {
      expect(builtIn.tokenize(text)).not.toContain('[UNK]')
      expect(builtIn.tokenize(text).length).toBeGreaterThan(0)
    }
  })
})
