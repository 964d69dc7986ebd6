import { describe, expect, it } from 'vitest'
import { queryTerms } from '../../../main/storage/keyword-text.ts'
import type { Library } from '../../../main/storage/index.ts'
import { addVideo, indexVideo, tempLibrary } from './temp-library.ts'

function addProduct(
  library: Library,
  name: string,
  texts: { title?: string; sku?: string; category?: string; descriptions?: string[] },
): void {
  const video = addVideo(library, `/${name}.mp4`)
  indexVideo(library, video, 1)
  library.videos.setMetadata(video.id, texts)
  library.descriptions.replace(video.id, 'csv', texts.descriptions ?? [])
}

function found(library: Library, query: string): string[] {
  return library.keywords.search(query).map(({ videoId }) => library.videos.get(videoId)!.fileName.replace('.mp4', ''))
}

function shop(): Library {
  const library = tempLibrary()
  addProduct(library, 'sneaker', {
    title: 'Runner 5',
    sku: 'SKU-277 001',
    descriptions: ['red sneaker with white sole', 'light running shoe'],
  })
  addProduct(library, 'jacket', { title: 'Tailored jacket', category: 'Outerwear', descriptions: ['a blue jacket'] })
  addProduct(library, 'kutsu', { title: '赤いスニーカー', descriptions: ['軽量の革靴、防水'] })
  addProduct(library, 'sofa', { title: 'Crème Sofa 100%', descriptions: ['Damenschuhe neben dem Sofa'] })
  return library
}

describe('keyword search', () => {
  it('ranks videos with more and rarer of the words first', () => {
    const library = shop()
    expect(found(library, 'looking for a red running shoe')[0]).toBe('sneaker')
    expect(library.keywords.search('red zebra')).toMatchObject([{ matchedTerms: 1, termCount: 2 }])
  })

  it('matches from the start of a word, and inside one only when nothing begins so', () => {
    const library = shop()
    expect(found(library, 'red')).toEqual(['sneaker']) // not Tailored
    expect(found(library, 'snea')).toEqual(['sneaker'])
    expect(found(library, 'schuhe')).toEqual(['sofa'])
  })

  it('finds Japanese words of any length in running text', () => {
    const library = shop()
    expect(found(library, 'スニーカー')).toEqual(['kutsu'])
    expect(found(library, 'ｽﾆｰｶｰ')).toEqual(['kutsu']) // half-width
    expect(found(library, '革靴')).toEqual(['kutsu'])
    expect(found(library, '靴')).toEqual(['kutsu'])
    expect(found(library, '赤いスニーカーを探して')).toEqual(['kutsu'])
  })

  it('finds SKUs with or without separators, and parts of them', () => {
    const library = shop()
    for (const sku of ['SKU-277001', 'sku277001', '277001', 'SKU277']) expect(found(library, sku)).toEqual(['sneaker'])
  })

  it('ignores letter case, accents and full-width forms', () => {
    const library = shop()
    for (const query of ['CRÈME', 'creme', 'ＳＯＦＡ']) expect(found(library, query)).toEqual(['sofa'])
  })

  it('takes any text as text', () => {
    const library = shop()
    const hostile = [
      '"',
      `'; DROP TABLE videos; --`,
      'title:red',
      'NEAR(a b)',
      'a* OR b',
      '100%',
      '_',
      '\\',
      '🙂',
      '-',
      '^',
      '(',
    ]
    for (const query of [...hostile, '', '   ', 'x'.repeat(5000), 'a"b'.repeat(100)]) {
      expect(() => library.keywords.search(query)).not.toThrow()
    }
    expect(found(library, '100%')).toEqual(['sofa'])
    expect(library.counts().eligible).toBe(4)
  })

  it('follows edits, and shows indexed videos only', () => {
    const library = shop()
    const video = library.videos.byFileName('jacket.mp4')[0]!
    library.descriptions.replace(video.id, 'csv', ['a purple coat'])
    expect([found(library, 'purple'), found(library, 'blue')]).toEqual([['jacket'], []])
    library.videos.markFailed(video.id, { code: 'x', sentence: 'Gone.' })
    expect(found(library, 'purple')).toEqual([])
    library.videos.remove(video.id)
    expect(library.integrityCheck()).toEqual([])
  })

  it('looks for what is asked for, not for the way of asking', () => {
    const termsOf = (query: string): string[] => queryTerms(query).map(({ text }) => text)
    expect(termsOf('Could you show me a clip of a hair clip?')).toEqual(['hair', 'clip'])
    expect(termsOf('where can I see something like boots')).toEqual(['boots'])
    expect(termsOf('close-ups of red shoes')).toEqual(['red', 'shoes'])
    expect(termsOf('find video camera')).toEqual(['video', 'camera'])
    expect(termsOf('show me')).toEqual(['show', 'me'])
  })

  it('tells which words are in any text of the library', () => {
    const { words, hits } = shop().keywords.look('red zebra')
    expect(words).toEqual([
      { text: 'red', isInTexts: true },
      { text: 'zebra', isInTexts: false },
    ])
    expect(hits).toHaveLength(1)
  })

  it('keeps short words of a query only when it has no others', () => {
    expect(queryTerms('a tv of it').map(({ text }) => text)).toEqual(['tv'])
    expect(queryTerms('the').map(({ text }) => text)).toEqual(['the'])
    expect(queryTerms('SKU-12, red').map(({ text, compact }) => [text, compact])).toEqual([
      ['sku 12', 'sku12'],
      ['red', 'red'],
    ])
  })
})
