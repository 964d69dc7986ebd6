/**
 * The encoder of pictures and that of texts, split below their last blocks for training them: to the activations at the cut,
 * which can be kept, and the blocks above as a graph with weights.
 */
import { sizeOf, type FrameFit } from '../base/index.ts'
import type { EncodeOptions } from './encoder.ts'
import { pictureInputs, textInputs } from './prepare-inputs.ts'
import { openHalf, type UpperBlocksOptions, type UpperHalf } from './split-half.ts'

export type UpperBlocks = UpperHalf & {
  readonly imageSize: number
  /** As that of the encoder. */
  readonly imageFit: FrameFit | null
  /** @param rgb [count, S, S, 3] uint8, RGB  @returns [count, ...cut] */
  encodeImages(rgb: Uint8Array, count: number, options?: EncodeOptions): Promise<Float32Array>
}

/** @throws AppError `encoder.invalid` when the graph cannot be imported; `usage` when it has fewer blocks */
export async function openUpperBlocks(options: UpperBlocksOptions): Promise<UpperBlocks> {
  const { image } = options.bundle.recipe
  const inputs = pictureInputs(options.bundle)
  const { below, ...half } = await openHalf(options, 'vision', {
    [image.input]: { dtype: 'float32', shape: [3, image.size, image.size] },
  })
  return {
    ...{ ...half, imageSize: image.size, imageFit: image.fit },
    encodeImages(rgb, count, encodeOptions = {}) {
      inputs.check(rgb, count)
      return below(count, encodeOptions, (start, end) => inputs.feeds(rgb, start, end))
    },
  }
}

/** Texts below the blocks, with what is needed above them too. */
export type TextActivations = {
  /** [N, ...cut] */
  readonly activations: Float32Array
  /** Token ids or masks that the blocks above read, [N, L] each, by name. */
  readonly side: Readonly<Record<string, Float32Array>>
}

export type UpperTextBlocks = UpperHalf & {
  encodeTexts(texts: readonly string[], options?: EncodeOptions): Promise<TextActivations>
}

/**
 * @param options.texts all that will be encoded: an encoder that need not fill texts up to its whole context takes them as long
 *   as the longest of these; default: the whole context
 * @throws AppError `encoder.invalid` when the graph cannot be imported; `usage` when it has fewer blocks
 */
export async function openUpperTextBlocks(
  options: UpperBlocksOptions & { readonly texts?: readonly string[] | undefined },
): Promise<UpperTextBlocks> {
  const inputs = textInputs(options.bundle)
  const length = inputs.lengthFor(options.texts ?? [])
  const { below, ...half } = await openHalf(options, 'text', inputs.rows(length))
  return {
    ...half,
    async encodeTexts(texts, encodeOptions = {}) {
      const side = Object.entries(half.model.sideInputs).map(
        ([name, { shape }]) => [name, new Float32Array(texts.length * sizeOf(shape))] as const,
      )
      const activations = await below(texts.length, encodeOptions, (start, end) => {
        const feeds = inputs.feeds(texts.slice(start, end), length)
        for (const [name, rows] of side) rows.set(numbersOf(feeds[name]!.data), start * length)
        return feeds
      })
      return { activations, side: Object.fromEntries(side) }
    },
  }
}

/** Token ids are far below 2 ** 24, so that float32 holds them exactly. */
function numbersOf(values: ArrayLike<number | bigint>): Float32Array {
  return Float32Array.from({ length: values.length }, (_, i) => Number(values[i]))
}
