/**
 * Text to token ids, from a tokenizer.json in the common format. Runs in the engine and in the training scripts; reads no
 * files itself.
 */
import { Tokenizer } from '@huggingface/tokenizers'
import { z } from 'zod'
import { AppError } from '../contract/index.ts'

/** Token ids of a batch, padded on the right; both arrays are [N, L], row-major. */
export type EncodedTexts = { readonly inputIds: BigInt64Array; readonly attentionMask: BigInt64Array }

export type TextTokenizer = {
  /** Number of ids, special tokens included: ids are in [0, vocabularySize). */
  readonly vocabularySize: number
  /** The pieces of one text, as the vocabulary writes them; for messages and tests. */
  tokenize(text: string): string[]
  /**
   * Whether the vocabulary holds a word as such. Vocabularies are made from what a model was trained on, so a word that
   * has to be pieced together was rare there or absent, and what the pieces add up to is chance.
   */
  knows(word: string): boolean
  /** Encodes texts to exactly `maxLength` ids each: longer ones are cut, shorter ones padded; every row has at least one token. */
  encodeBatch(texts: readonly string[], maxLength: number): EncodedTexts
}

/** From here on a vocabulary is one of general language; the built-in one has 4,435 entries, CLIP's 49,408. */
const largeVocabulary = 16_000

/** Letters of a piece without the marks that tokenizers add to the start or end of words. */
function lettersOf(piece: string): number {
  return piece.replace(/<\/w>|##|[^\p{L}\p{M}]/gu, '').length
}

/** The parts of tokenizer.json that we read ourselves; the library reads the rest. */
const tokenizerFileSchema = z.looseObject({
  padding: z.looseObject({ pad_id: z.number().int() }).nullish(),
  added_tokens: z.array(z.looseObject({ id: z.number().int(), content: z.string() })).default([]),
  model: z.looseObject({ unk_token: z.string().nullish() }),
})

/**
 * Reads the text of a tokenizer.json.
 * @throws AppError `encoder.invalid` when it is not one
 */
export function loadTokenizer(json: string): TextTokenizer {
  let tokenizer: Tokenizer
  let file: z.infer<typeof tokenizerFileSchema>
  try {
    const content: unknown = JSON.parse(json)
    file = tokenizerFileSchema.parse(content)
    tokenizer = new Tokenizer(content, {})
  } catch (cause) {
    throw new AppError(
      'encoder.invalid',
      'The file tokenizer.json is not a tokenizer that can be read. Get the model bundle again.',
      { file: 'tokenizer.json' },
      { cause },
    )
  }
  const padNames = ['[PAD]', '<pad>', '<|endoftext|>']
  const padId = file.padding?.pad_id ?? file.added_tokens.find((token) => padNames.includes(token.content))?.id ?? 0
  const unknownId = file.model.unk_token ? (tokenizer.token_to_id(file.model.unk_token) ?? padId) : padId
  // What the tokenizer puts around every text, [begin, end] for CLIP: the end must survive cutting.
  const around = tokenizer.encode('').ids
  const endId = around[around.length - 1]
  let vocabularySize = 0
  for (const id of tokenizer.get_vocab(true).values()) vocabularySize = Math.max(vocabularySize, id + 1)

  function encodeOne(text: string, maxLength: number): number[] {
    const { ids } = tokenizer.encode(text)
    if (ids.length === 0) return [unknownId]
    if (ids.length <= maxLength) return ids
    return endId === undefined ? ids.slice(0, maxLength) : [...ids.slice(0, maxLength - 1), endId]
  }

  return {
    vocabularySize,
    tokenize: (text) => tokenizer.tokenize(text),
    knows(word) {
      const { ids } = tokenizer.encode(word)
      const pieces = ids.length - around.length
      if (pieces < 1 || (unknownId !== padId && ids.includes(unknownId))) return false
      if (pieces === 1) return true
      // A large vocabulary comes of much text: there two long pieces are a word that was seen, if not often.
      const isOfTwoParts = pieces === 2 && vocabularySize >= largeVocabulary
      return isOfTwoParts && tokenizer.tokenize(word).every((piece: string) => lettersOf(piece) >= 3)
    },
    encodeBatch: (texts, maxLength) => {
      const inputIds = new BigInt64Array(texts.length * maxLength).fill(BigInt(padId))
      const attentionMask = new BigInt64Array(texts.length * maxLength)
      texts.forEach((text, row) => {
        const ids = encodeOne(text, maxLength)
        for (let i = 0; i < ids.length; i++) {
          inputIds[row * maxLength + i] = BigInt(ids[i]!)
          attentionMask[row * maxLength + i] = 1n
        }
      })
      return { inputIds, attentionMask }
    },
  }
}
