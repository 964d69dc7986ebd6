/**
 * Makes the built-in model's tokenizer.json from the captions it will be trained on and from ordinary words:
 * `npx tsx scripts/built-in/tokenizer.ts --products FILE --out FILE`. Deterministic.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Tokenizer } from '@huggingface/tokenizers'
import { createRandom, defined } from '../../main/base/index.ts'
import { captionsFor, productRowSchema } from './captions.ts'
import { attributeWords, audienceWords, knownColours, knownConcepts, namesOf } from './synonyms.ts'
import { learnMerges, type Merge } from './tokenizer-bpe.ts'
import { catalogueWords } from './tokenizer-words.ts'

const specialTokens = ['[PAD]', '[UNK]'] as const

/**
 * [Note: How the built-in tokenizer cuts text] Text is folded (NFKC, lower case, possessive 's dropped: "Men's" is "men"),
 * cut at white space and into words, numbers and runs of other signs, and each of these into its UTF-8 bytes, which
 * byte-pair encoding joins again. A word carries no mark of its place, so that "shirt" is one token wherever it stands. Words
 * joined by hyphens stay whole: the text trunk ignores order, and "t-shirt" must not read as a kind of "shirt". Bytes are all
 * in the vocabulary, so that every text has tokens.
 */
const normalizer = {
  type: 'Sequence',
  normalizers: [
    { type: 'NFKC' },
    { type: 'Lowercase' },
    { type: 'Replace', pattern: { Regex: "(?<=\\p{L})['\\u2019]s(?!\\p{L})" }, content: '' },
    { type: 'Replace', pattern: { Regex: "(?<=s)['\\u2019](?!\\p{L})" }, content: '' },
  ],
}

const preTokenizer = {
  type: 'Sequence',
  pretokenizers: [
    { type: 'WhitespaceSplit' },
    {
      type: 'Split',
      pattern: { Regex: '[\\p{L}\\p{M}]+(?:-[\\p{L}\\p{M}]+)*|\\p{N}+' },
      behavior: 'Isolated',
      invert: false,
    },
    { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
  ],
}

/**
 * The printable character that stands for each byte in the ByteLevel scheme: printable ASCII and Latin-1 for themselves,
 * the others moved to U+0100 and up.
 */
export function byteCharacters(): string[] {
  const printable = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff)
  let moved = 0
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(printable(byte) ? byte : 0x100 + moved++))
}

/** The content of tokenizer.json for these merges: special tokens, then bytes, then merged pieces. */
export function tokenizerFile(merges: readonly Merge[]): object {
  const pieces = [...specialTokens, ...byteCharacters(), ...merges.map(([left, right]) => left + right)]
  // Two merges can build the same piece in different ways; it is one entry.
  const vocab = Object.fromEntries([...new Set(pieces)].map((piece, id) => [piece, id]))
  const added = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true }
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: specialTokens.map((content, id) => ({ id, content, ...added })),
    normalizer,
    pre_tokenizer: preTokenizer,
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: '[UNK]',
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab,
      merges: merges.map((merge) => merge.join(' ')),
    },
  }
}

/** Counts the words of texts, cut exactly as the finished tokenizer will cut them. */
export function countWords(texts: Iterable<readonly [text: string, weight: number]>): Map<string, number> {
  const cutter = new Tokenizer(tokenizerFile([]), {})
  const normalise = defined(cutter.normalizer, 'normalizer')
  const cut = defined(cutter.pre_tokenizer, 'pre-tokenizer')
  const counts = new Map<string, number>()
  for (const [text, weight] of texts) {
    for (const word of cut.pre_tokenize([normalise.normalize(text)])) counts.set(word, (counts.get(word) ?? 0) + weight)
  }
  return counts
}

/** Captions and titles of the products, and the vocabulary lists often enough that each of their words becomes a token. */
export function* trainingTexts(productLines: readonly string[]): Generator<readonly [string, number]> {
  const random = createRandom(1)
  for (const line of productLines) {
    const product = productRowSchema.parse(JSON.parse(line))
    if (product.split !== 'base') continue
    for (const caption of captionsFor(product, random, 8)) yield [caption, 1]
    yield [product.title, 1]
  }
  for (const word of catalogueWords) yield [word, 100]
  for (const concept of knownConcepts) {
    const { names, wider } = namesOf(concept)
    for (const noun of [...names, ...wider]) {
      yield [noun.singular, 50]
      yield [noun.plural, 50]
    }
  }
  for (const word of [
    ...knownColours,
    ...Object.values(attributeWords).flat(),
    ...Object.values(audienceWords).flat(),
  ]) {
    yield [word, 50]
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values: options } = parseArgs({
    options: {
      products: { type: 'string' },
      out: { type: 'string', default: 'resources/models/built-in/tokenizer.json' },
      size: { type: 'string', default: '6000' },
    },
  })
  if (options.products === undefined) {
    console.error('Usage: npx tsx scripts/built-in/tokenizer.ts --products products.jsonl [--out FILE] [--size 6000]')
    process.exit(2)
  }
  const counts = countWords(trainingTexts(readFileSync(options.products, 'utf8').trim().split('\n')))
  const merges = learnMerges(counts, Number(options.size) - specialTokens.length - 256, 3)
  mkdirSync(dirname(options.out), { recursive: true })
  writeFileSync(options.out, `${JSON.stringify(tokenizerFile(merges))}\n`)
  console.error(`${counts.size} different words, ${merges.length} merges written to ${options.out}`)
}
