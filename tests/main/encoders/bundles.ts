/** Writes tiny but complete model bundles for the tests, whose embeddings can be computed by hand. */
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { TensorProto_DataType } from 'onnx-buf'
import type { BundleManifestInput } from '../../../main/encoders/index.ts'
import { modelOf, type ModelValue } from '../runtime/models.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

export const imageSize = 8
/** Embedding width, and tokens per text. */
export const width = 3

/** The embedding of a picture is the mean of each channel after normalisation. */
export function visionModel({ input = 'pixel_values', last = 'Identity' } = {}): Uint8Array {
  return modelOf(
    [
      { op: 'GlobalAveragePool', inputs: [input], outputs: ['pooled'] },
      { op: 'Flatten', inputs: ['pooled'], outputs: ['flat'] },
      { op: last, inputs: ['flat'], outputs: ['image_embeds'] },
    ],
    [{ name: input, shape: ['N', 3, imageSize, imageSize] }],
    [{ name: 'image_embeds', shape: ['N', 3] }],
  )
}

/** The embedding of a text is the list of its token ids, 0 where there is none. */
export function textModel(): Uint8Array {
  const ids = (name: string): ModelValue => ({ name, shape: ['N', width], type: 'INT64' })
  return modelOf(
    [
      { op: 'Mul', inputs: ['input_ids', 'attention_mask'], outputs: ['masked'] },
      { op: 'Cast', inputs: ['masked'], outputs: ['text_embeds'], integers: { to: TensorProto_DataType.FLOAT } },
    ],
    [ids('input_ids'), ids('attention_mask')],
    [{ name: 'text_embeds', shape: ['N', width] }],
  )
}

/** Knows the words "red" (2), "blue" (3) and "shirt" (4). */
export const tokenizerJson = JSON.stringify({
  added_tokens: [
    { id: 0, content: '[PAD]', special: true, normalized: false },
    { id: 1, content: '[UNK]', special: true, normalized: false },
  ],
  normalizer: { type: 'Lowercase' },
  pre_tokenizer: { type: 'WhitespaceSplit' },
  post_processor: null,
  decoder: null,
  model: {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    vocab: { '[PAD]': 0, '[UNK]': 1, red: 2, blue: 3, shirt: 4 },
  },
})

type BundleParts = {
  readonly vision?: Uint8Array
  readonly manifest?: Partial<BundleManifestInput>
}

/** Writes a bundle into a fresh folder and returns it. */
export function writeBundle({ vision = visionModel(), manifest = {} }: BundleParts = {}): string {
  const folder = join(temporaryFolder('bundle'), 'small')
  mkdirSync(folder)
  const contents: Record<string, Uint8Array> = {
    'vision.onnx': vision,
    'text.onnx': textModel(),
    'tokenizer.json': Buffer.from(tokenizerJson),
  }
  for (const [name, bytes] of Object.entries(contents)) writeFileSync(join(folder, name), bytes)
  const hashes = Object.entries(contents).map(([name, bytes]) => [
    name,
    createHash('sha256').update(bytes).digest('hex'),
  ])
  const full: BundleManifestInput = {
    format: 1,
    id: 'small',
    name: 'Small',
    kind: 'other',
    embeddingWidth: width,
    image: { size: imageSize, mean: [0, 0.5, 1], deviation: [1, 0.5, 0.25] },
    text: { contextLength: width },
    licence: 'MIT',
    files: Object.fromEntries(hashes) as Record<string, string>,
    ...manifest,
  }
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(full))
  return folder
}
