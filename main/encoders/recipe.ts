/** One form for what the manifests of both forms say: how to prepare pictures and texts, and what to ask the graphs for. Pure. */
import type { FrameFit } from '../base/index.ts'
import type { AnyManifest } from './manifest.ts'

export type Recipe = {
  /** Length of an embedding, D. */
  readonly dim: number
  readonly image: {
    /** Side of the square input, S. */
    readonly size: number
    /** How pictures become square; null: as the built-in bundle was trained, see `main/media`. */
    readonly fit: FrameFit | null
    /** What a byte is multiplied by; undefined: divided by 255. */
    readonly scale: number | undefined
    readonly mean: readonly [number, number, number]
    readonly deviation: readonly [number, number, number]
    readonly input: string
    readonly dtype: 'float32' | 'float16'
    readonly output: string
    readonly maxBatch: number
  }
  readonly text: {
    /** Number of token ids per text, L. */
    readonly contextLength: number
    readonly padding: 'fixed' | 'longest'
    /** Undefined: as the tokenizer's file says. */
    readonly padId: number | undefined
    readonly input: string
    readonly mask: string | null
    readonly tokenTypes: string | null
    readonly dtype: 'int64' | 'int32'
    readonly output: string
    readonly maxBatch: number
  }
}

/** At most this many pictures or texts go into one run: more gains no speed and costs memory. */
export const batchSize = 64

export function recipeOf(manifest: AnyManifest): Recipe {
  const { embeddingWidth: dim } = manifest
  if (manifest.format === 1) {
    return {
      dim,
      image: { ...manifest.image, fit: null, scale: undefined, dtype: 'float32', maxBatch: batchSize },
      text: {
        ...manifest.text,
        ...{ padding: 'fixed', padId: undefined, tokenTypes: null, dtype: 'int64', maxBatch: batchSize },
      },
    }
  }
  const { image, text } = manifest
  const most = (maxBatch: number | null): number => Math.min(batchSize, maxBatch ?? batchSize)
  return {
    dim,
    image: { ...image, scale: image.scale ?? undefined, maxBatch: most(image.maxBatch) },
    text: { ...text, maxBatch: most(text.maxBatch) },
  }
}
