/**
 * Text to token ids, from a tokenizer.json in the common format. Runs in the engine and in the training scripts; reads no
 * files itself.
 */
import { Tokenizer } from '@huggingface/tokenizers'
import { z } from 'zod'
import { AppError } from '../contract/index.ts'

/** Token ids of a batch, padded on the right; both arrays are [N, length], row-major. */
export type EncodedTexts = {
  readonly inputIds: BigInt64Array
  readonly attentionMask: BigInt64Array
  readonly length: number
}

export type TokenizerRules = {
  /** The content of tokenizer_config.json, for the few things that some vocabularies leave to it. */
  readonly config?: object
  /** Default: what the file says. */
  readonly padId?: number | undefined
  /** The model was trained on lower-case texts, whatever the file does. Default false. */
  readonly isLowerCase?: boolean | undefined
}

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
  readonly padId: number
  /** Whether `isLowerCase` changes anything: the file alone would keep capitals. */
  readonly isLowerCasedHere: boolean
  /** The id of a piece as the vocabulary writes it. */
  idOf(piece: string): number | undefined
  /**
   * Encodes texts to at most `maxLength` ids each: longer ones are cut (their end mark stays), shorter ones padded to
   * `maxLength` or, with `longest`, to the longest of the batch; every row has at least one token.
   */
  encodeBatch(texts: readonly string[], maxLength: number, padding?: 'fixed' | 'longest'): EncodedTexts
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
export function loadTokenizer(json: string, rules: TokenizerRules = {}): TextTokenizer {
  let tokenizer: Tokenizer
  let file: z.infer<typeof tokenizerFileSchema>
  try {
    const content = JSON.parse(json) as object
    file = tokenizerFileSchema.parse(content)
    tokenizer = new Tokenizer(content, rules.config ?? {})
    // Parts of a wrong type often show only now.
    for (const text of ['', 'a photo, 赤い 👟']) checkIds(tokenizer.encode(text).ids)
  } catch (cause) {
    throw new AppError(
      'encoder.invalid',
      'The file tokenizer.json is not a tokenizer that can be read. Get the model bundle again.',
      { file: 'tokenizer.json' },
      { cause },
    )
  }
  const padNames = ['[PAD]', '<pad>', '<|endoftext|>']
  const padId =
    rules.padId ?? file.padding?.pad_id ?? file.added_tokens.find((token) => padNames.includes(token.content))?.id ?? 0
  const unknownId = file.model.unk_token ? (tokenizer.token_to_id(file.model.unk_token) ?? padId) : padId
  // What the tokenizer puts around every text, [begin, end] for CLIP: the end must survive cutting.
  const around = tokenizer.encode('').ids
  const mark = around.at(-1)
  const endId = tokenizer.encode('a').ids.at(-1) === mark ? mark : undefined
  let vocabularySize = 0
  for (const id of tokenizer.get_vocab(true).values()) vocabularySize = Math.max(vocabularySize, id + 1)

  const cased = (text: string): string => (rules.isLowerCase === true ? text.toLowerCase() : text)
  const isLowerCasedHere =
    rules.isLowerCase === true &&
    tokenizer.encode('A Red Shoe').ids.join() !== tokenizer.encode('a red shoe').ids.join()

  function encodeOne(text: string, maxLength: number): number[] {
    const { ids } = tokenizer.encode(cased(text))
    if (ids.length === 0) return [unknownId]
    if (ids.length <= maxLength) return ids
    return endId === undefined ? ids.slice(0, maxLength) : [...ids.slice(0, maxLength - 1), endId]
  }

  return {
    vocabularySize,
    padId,
    isLowerCasedHere,
    idOf: (piece) => tokenizer.token_to_id(piece),
    tokenize: (text) => tokenizer.tokenize(cased(text)),
    knows(given) {
      const word = cased(given)
      const { ids } = tokenizer.encode(word)
      const pieces = ids.length - around.length
      if (pieces < 1 || (unknownId !== padId && ids.includes(unknownId))) return false
      if (pieces === 1) return true
      // A large vocabulary comes of much text: there two long pieces are a word that was seen, if not often.
      const isOfTwoParts = pieces === 2 && vocabularySize >= largeVocabulary
      return isOfTwoParts && tokenizer.tokenize(word).every((piece: string) => lettersOf(piece) >= 3)
    },
    encodeBatch: (texts, maxLength, padding = 'fixed') => {
      const rows = texts.map((text) => encodeOne(text, maxLength))
      const length = padding === 'fixed' ? maxLength : rows.reduce((most, ids) => Math.max(most, ids.length), 1)
      const inputIds = new BigInt64Array(texts.length * length).fill(BigInt(padId))
      const attentionMask = new BigInt64Array(texts.length * length)
      rows.forEach((ids, row) => {
        for (let i = 0; i < ids.length; i++) {
          inputIds[row * length + i] = BigInt(ids[i]!)
          attentionMask[row * length + i] = 1n
        }
      })
      return { inputIds, attentionMask, length }
    },
  }
}

function checkIds(ids: readonly unknown[]): void {
  if (ids.every((id) => typeof id === 'number' && Number.isInteger(id) && id >= 0)) return
  throw new TypeError('its tokens have no whole numbers as ids')
}
