import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../../main/contract/index.ts'
import { curatedEncoders, loadTokenizer } from '../../../main/encoders/index.ts'

const special = (id: number, content: string): object => ({ id, content, special: true, normalized: false })

/** A tiny word tokenizer that frames every text in begin and end tokens, as CLIP's does. */
const framed = JSON.stringify({
  added_tokens: [special(0, '[PAD]'), special(1, '<begin>'), special(2, '<end>'), special(3, '[UNK]')],
  normalizer: { type: 'Lowercase' },
  pre_tokenizer: { type: 'Whitespace' },
  post_processor: {
    type: 'TemplateProcessing',
    single: [
      { SpecialToken: { id: '<begin>', type_id: 0 } },
      { Sequence: { id: 'A', type_id: 0 } },
      { SpecialToken: { id: '<end>', type_id: 0 } },
    ],
    pair: [],
    special_tokens: {},
  },
  decoder: null,
  model: {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
    vocab: { '[PAD]': 0, '<begin>': 1, '<end>': 2, '[UNK]': 3, red: 4, shirt: 5, big: 6 },
  },
})

const numbers = (values: BigInt64Array): number[] => Array.from(values, Number)

describe('encodeBatch', () => {
  const tokenizer = loadTokenizer(framed)

  it('pads every row to the length asked for and masks the padding', () => {
    const { inputIds, attentionMask } = tokenizer.encodeBatch(['red shirt', 'red'], 5)
    expect(numbers(inputIds)).toEqual([1, 4, 5, 2, 0, 1, 4, 2, 0, 0])
    expect(numbers(attentionMask)).toEqual([1, 1, 1, 1, 0, 1, 1, 1, 0, 0])
  })

  it('keeps the end token when a text is too long', () => {
    expect(numbers(tokenizer.encodeBatch(['big big red shirt'], 4).inputIds)).toEqual([1, 6, 6, 2])
  })

  it('counts special tokens in the vocabulary size', () => {
    expect(tokenizer.vocabularySize).toBe(7)
  })

  it('gives an empty text one unknown token where the tokenizer adds none', () => {
    const bare = loadTokenizer(JSON.stringify({ ...(JSON.parse(framed) as object), post_processor: null }))
    const { inputIds, attentionMask } = bare.encodeBatch([''], 3)
    expect(numbers(inputIds)).toEqual([3, 0, 0])
    expect(numbers(attentionMask)).toEqual([1, 0, 0])
  })
})

describe('knows', () => {
  it('tells words of the vocabulary from others, framed or not', () => {
    const bare = JSON.stringify({ ...(JSON.parse(framed) as object), post_processor: null })
    for (const json of [framed, bare]) {
      const { knows } = loadTokenizer(json)
      expect(['red', 'Shirt', 'plonk', ''].map(knows)).toEqual([true, true, false, false])
    }
  })

  it('takes a word that is pieced together for unknown: the built-in vocabulary is of the words it learned', () => {
    const folder = new URL('../../../resources/models/built-in/', import.meta.url)
    const { knows } = loadTokenizer(readFileSync(new URL('tokenizer.json', folder), 'utf8'))
    expect(['boots', 'umbrella', 'Sneakers'].every(knows)).toBe(true)
    expect(['qwzrtv', 'plonk', 'quarterly', 'submarine', 'velora'].some(knows)).toBe(false)
  })
})

describe('loadTokenizer', () => {
  it('refuses a file that is not a tokenizer', () => {
    for (const json of ['', '{}', '{"model":{"type":"Unheard"}}']) {
      expect(() => loadTokenizer(json)).toThrow(AppError)
    }
  })
})

describe('texts of a model that was trained on lower case', () => {
  /** Keeps capitals, as exports of SigLIP 2 did before their file said otherwise. */
  const keepsCapitals = JSON.stringify({ ...(JSON.parse(framed) as object), normalizer: null })

  it('are lower-cased where the tokenizer file does not', () => {
    const plain = loadTokenizer(keepsCapitals)
    const lower = loadTokenizer(keepsCapitals, { isLowerCase: true })
    expect(numbers(plain.encodeBatch(['Red SHIRT'], 4).inputIds)).toEqual([1, 3, 3, 2])
    expect(numbers(lower.encodeBatch(['Red SHIRT'], 4).inputIds)).toEqual([1, 4, 5, 2])
    expect(lower.tokenize('Red SHIRT')).toEqual(plain.tokenize('red shirt'))
    expect([plain.knows('Shirt'), lower.knows('Shirt')]).toEqual([false, true])
    expect([plain.isLowerCasedHere, lower.isLowerCasedHere]).toEqual([false, true])
  })

  it('are what they were where the file lower-cases by itself', () => {
    const lower = loadTokenizer(framed, { isLowerCase: true })
    expect(lower.isLowerCasedHere).toBe(false)
    expect(numbers(lower.encodeBatch(['Red SHIRT'], 4).inputIds)).toEqual([1, 4, 5, 2])
  })
})

describe('the short list', () => {
  it('says what may not be used at work, offers it last, and recommends for Japanese what is best at it', () => {
    const names = curatedEncoders.map(({ name }) => name)
    const forbidden = curatedEncoders.filter(({ notForWork }) => notForWork === true)
    expect(forbidden.map(({ name }) => name)).toEqual(names.filter((name) => /mobileclip/i.test(name)))
    expect(names.slice(-forbidden.length)).toEqual(forbidden.map(({ name }) => name))
    for (const { licence } of forbidden) expect(licence).toMatch(/^Not for commercial use/)
    const japanese = curatedEncoders.filter(({ goodFor }) => goodFor.includes('Japanese'))
    expect(japanese.map(({ name }) => name)).toEqual(['immich-app/XLM-Roberta-Base-ViT-B-32__laion5b_s13b_b90k'])
  })
})
