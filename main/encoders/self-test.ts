/**
 * The test that a bundle must pass before it is used: two drawn pictures must be matched by the texts that describe them,
 * and a batch must give what single runs give. It catches what no file can tell: wrong colours, wrong padding, weights of
 * two models mixed up, a quantisation that went wrong.
 */
import { assert } from '../base/index.ts'
import type { EncodeOptions, Encoder } from './encoder.ts'

/** The same two pictures in the languages that an encoder may understand. */
export const selfTestTexts: Readonly<Record<string, readonly [string, string]>> = {
  en: ['a red circle on a white background', 'a black and white checkerboard'],
  ja: ['白い背景に赤い円', '白黒のチェッカーボード'],
}

export type SelfTest = {
  readonly passed: boolean
  /** One sentence: what was found. */
  readonly sentence: string
  /** The language in which texts and pictures met; null when in none. */
  readonly language: string | null
  /** Cosines in that language (or in English): [text][picture]. */
  readonly cosines: readonly [readonly [number, number], readonly [number, number]]
  /** Largest distance (1 - cosine) between a row of a batch and the same thing alone. */
  readonly batchDistance: number
}

/** Quantised graphs choose the scale of their activations by the batch, so that its other members change a row a little. */
export const mostBatchDistance = { exact: 1e-4, quantised: 2e-2 } as const

/** @throws AppError `encoder.invalid`, `runtime.failed` when a graph does not run at all */
export async function selfTest(
  encoder: Encoder,
  options: EncodeOptions & { readonly isQuantised: boolean },
): Promise<SelfTest> {
  const { dim, imageSize } = encoder
  const pictures = drawSelfTestPictures(imageSize)
  const bytes = imageSize * imageSize * 3
  const images = await encoder.encodeImages(pictures, 2, options)
  const results = []
  for (const [language, texts] of Object.entries(selfTestTexts)) {
    const rows = await encoder.encodeTexts(texts, options)
    const cosine = (text: 0 | 1, image: 0 | 1): number => dot(rows, text * dim, images, image * dim, dim)
    const cosines = [
      [cosine(0, 0), cosine(0, 1)],
      [cosine(1, 0), cosine(1, 1)],
    ] as const
    results.push({ language, cosines, ranks: ranksRight(cosines) })
  }
  const alone = [
    await encoder.encodeImages(pictures.slice(0, bytes), 1, options),
    await encoder.encodeImages(pictures.slice(bytes), 1, options),
  ]
  const texts = selfTestTexts['en']!
  const fresh = { ...options, isFresh: true }
  // A long text beside a short one: padding must not reach into the embedding.
  const short = 'a board'
  const together = await encoder.encodeTexts([short, ...texts], fresh)
  const single = await encoder.encodeTexts([short], fresh)
  const batchDistance = Math.max(
    1 - dot(images, 0, alone[0]!, 0, dim),
    1 - dot(images, dim, alone[1]!, 0, dim),
    1 - dot(together, 0, single, 0, dim),
  )
  const found = results.find(({ ranks }) => ranks)
  const { cosines, language } = found ?? { ...results[0]!, language: null }
  const isSteady = batchDistance <= (options.isQuantised ? mostBatchDistance.quantised : mostBatchDistance.exact)
  return { passed: isSteady && language !== null, sentence: sentenceOf(), language, cosines, batchDistance }

  function sentenceOf(): string {
    if (!isSteady)
      return `it gives another embedding in a batch than alone (they differ by ${batchDistance.toFixed(4)})`
    if (language !== null) return `it tells a red circle from a checkerboard (in ${language})`
    const row = (values: readonly number[]): string => values.map((value) => value.toFixed(3)).join(' and ')
    return `it does not tell a red circle from a checkerboard: "${texts[0]}" fits the two pictures by ${row(cosines[0])}, "${texts[1]}" by ${row(cosines[1])}`
  }
}

/** Each text fits its own picture better than the other, and each picture its own text. Pure. */
export function ranksRight([[a, b], [c, d]]: SelfTest['cosines']): boolean {
  return a > b && d > c && a > c && d > b
}

/** A red disc on white, and a board of 8 x 8 black and white squares. @returns [2, size, size, 3] uint8, RGB */
export function drawSelfTestPictures(size: number): Uint8Array {
  const result = new Uint8Array(2 * size * size * 3).fill(255)
  const square = Math.max(1, Math.floor(size / 8))
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const at = (y * size + x) * 3
      const inside = (2 * x + 1 - size) ** 2 + (2 * y + 1 - size) ** 2 <= (0.7 * size) ** 2
      if (inside) result.set([220, 30, 30], at)
      const isBlack = (Math.floor(x / square) + Math.floor(y / square)) % 2 === 0
      if (isBlack) result.fill(0, size * size * 3 + at, size * size * 3 + at + 3)
    }
  }
  return result
}

function dot(a: Float32Array, fromA: number, b: Float32Array, fromB: number, dim: number): number {
  assert(a.length >= fromA + dim && b.length >= fromB + dim, 'the rows are whole')
  let sum = 0
  for (let i = 0; i < dim; i++) sum += a[fromA + i]! * b[fromB + i]!
  return sum
}
