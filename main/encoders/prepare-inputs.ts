/** Pictures and texts as the graphs of a bundle take them. */
import { readFileSync } from 'node:fs'
import { assert, floatToHalf, tensor, type Tensor, type TensorMap } from '../base/index.ts'
import type { RowInput } from '../graph/index.ts'
import type { Bundle } from './bundle.ts'
import { createPixelConverter } from './pixels.ts'
import { loadTokenizer, type TextTokenizer } from './tokenizer.ts'

export type PictureInputs = {
  /** Feeds of the pictures from `start` to before `end`. @param rgb [N, S, S, 3] uint8, RGB */
  feeds(rgb: Uint8Array, start: number, end: number): TensorMap
  /** @throws AssertionError unless `rgb` is as long as so many pictures are */
  check(rgb: Uint8Array, count: number): void
}

export function pictureInputs({ recipe: { image } }: Bundle): PictureInputs {
  const toPixels = createPixelConverter(image.size, image.mean, image.deviation, image.scale)
  const bytes = image.size * image.size * 3
  return {
    check: (rgb, count) =>
      assert(rgb.length === count * bytes, `${count} pictures need ${count * bytes} bytes, got ${rgb.length}`),
    feeds(rgb, start, end) {
      const pixels = toPixels(rgb.subarray(start * bytes, end * bytes), end - start)
      const data = image.dtype === 'float16' ? Uint16Array.from(pixels, floatToHalf) : pixels
      return { [image.input]: tensor(image.dtype, [end - start, 3, image.size, image.size], data) }
    },
  }
}

export type TextInputs = {
  readonly tokenizer: TextTokenizer
  /** Names of what the graph is fed. */
  readonly names: readonly string[]
  /** Feeds of texts that are filled up to `length` tokens; default: as the bundle says. */
  feeds(texts: readonly string[], length?: number): TensorMap
  /** Tokens that every text fits into: the bundle's context, or less where texts need not be filled up to it. */
  lengthFor(texts: readonly string[]): number
  /** What one text of so many tokens is to the graph. */
  rows(length: number): Record<string, RowInput>
}

/** Reads the bundle's tokenizer. @throws AppError `encoder.invalid` */
export function textInputs({ manifest, recipe: { text }, paths }: Bundle): TextInputs {
  const tokenizer = loadTokenizer(readFileSync(paths.tokenizer, 'utf8'), {
    padId: text.padId,
    // Exports of SigLIP 2 from before huggingface/transformers 43101 do not say so in their tokenizer file.
    isLowerCase: manifest.kind === 'siglip2',
  })
  const names = [text.input, text.mask, text.tokenTypes].filter((name) => name !== null)
  return {
    ...{ tokenizer, names },
    feeds(texts, wanted) {
      const { inputIds, attentionMask, length } = tokenizer.encodeBatch(
        texts,
        wanted ?? text.contextLength,
        wanted === undefined ? text.padding : 'fixed',
      )
      const integers = (values: BigInt64Array): Tensor => {
        const data = text.dtype === 'int64' ? values : Int32Array.from(values, Number)
        return tensor(text.dtype, [texts.length, length], data)
      }
      const feeds: TensorMap = { [text.input]: integers(inputIds) }
      if (text.mask !== null) feeds[text.mask] = integers(attentionMask)
      if (text.tokenTypes !== null) feeds[text.tokenTypes] = integers(new BigInt64Array(inputIds.length))
      return feeds
    },
    lengthFor: (texts) =>
      text.padding === 'fixed' || texts.length === 0
        ? text.contextLength
        : tokenizer.encodeBatch(texts, text.contextLength, text.padding).length,
    rows: (length) => Object.fromEntries(names.map((name) => [name, { dtype: text.dtype, shape: [length] }])),
  }
}
