import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../main/base/index.ts'
import { captionsFor, mentionsColour, productKey, type ProductRow } from '../../../scripts/built-in/captions.ts'
import { knownConcepts, namesOf, pluralOf } from '../../../scripts/built-in/synonyms.ts'

const shirt: ProductRow = {
  id: '1',
  dataset: 'fashion',
  image: 'images/1.jpg',
  title: 'Arrow Men Striped Navy Shirt',
  description: 'striped navy blue shirt for men',
  concept: 'Shirts',
  split: 'base',
  attributes: { audience: 'men', colour: 'navy blue', usage: 'Casual', pattern: 'striped', title_agrees: true },
}

const milk: ProductRow = {
  id: '2',
  dataset: 'grocery',
  image: 'images/2.jpg',
  title: 'Arla Standard Milk',
  description: 'Fresh milk. It is full of vitamins. Good in pancakes.',
  concept: 'Arla Standard Milk',
  attributes: { coarseClass: 'Milk', department: 'Packages' },
}

describe('captionsFor', () => {
  const captions = captionsFor(shirt, createRandom(1), 400)

  it('gives the same captions for the same seed', () => {
    expect(captionsFor(shirt, createRandom(1), 400)).toEqual(captions)
  })

  it('varies, from the bare article to the whole description', () => {
    const lower = new Set(captions.map((caption) => caption.toLowerCase()))
    expect(lower.size).toBeGreaterThan(150)
    for (const text of [
      'shirt',
      'navy blue shirts',
      'striped navy blue shirt for men',
      'arrow men striped navy shirt',
    ]) {
      expect(lower).toContain(text)
    }
  })

  it('leaves the colour out now and then, but not often', () => {
    const colourless = captions.filter((caption) => !mentionsColour(caption, 'navy blue')).length
    expect(colourless / captions.length).toBeGreaterThan(0.05)
    expect(colourless / captions.length).toBeLessThan(0.3)
  })

  it('writes no empty word', () => {
    for (const caption of [...captions, ...captionsFor(milk, createRandom(2), 200)]) {
      expect(caption).toMatch(/^\S+( \S+)*$/)
      expect(caption).not.toMatch(/undefined|null/)
    }
  })

  it('does not use a title that contradicts the attributes', () => {
    const doubtful = { ...shirt, title: 'Arrow Men Red Tie', attributes: { ...shirt.attributes, title_agrees: false } }
    expect(captionsFor(doubtful, createRandom(1), 300).join(' ')).not.toMatch(/Tie/)
  })
})

describe('productKey', () => {
  it('is the concept with the colour, or null where the row has no colour', () => {
    expect(productKey(shirt)).toEqual({ concept: 'shirts', colour: 'navy blue' })
    expect(productKey(milk)).toEqual({ concept: 'arla standard milk', colour: null })
  })
})

describe('mentionsColour', () => {
  it('knows synonyms and only whole words', () => {
    expect(mentionsColour('Gray tee', 'grey')).toBe(true)
    expect(mentionsColour('tailored shirt', 'red')).toBe(false)
  })
})

describe('names', () => {
  it('forms English plurals', () => {
    expect(['watch', 'scarf', 'body', 'pair of socks', 'mango', 'key'].map(pluralOf)).toEqual([
      'watches',
      'scarves',
      'bodies',
      'pairs of socks',
      'mangoes',
      'keys',
    ])
  })

  it('gives every known concept at least one name', () => {
    for (const concept of knownConcepts) expect(namesOf(concept).names.length, concept).toBeGreaterThan(0)
  })

  it('takes an unknown concept as its own name', () => {
    expect(namesOf('Zither').names).toEqual([{ singular: 'zither', plural: 'zithers' }])
  })
})
