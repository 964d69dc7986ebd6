/**
 * A short list of published exports to begin with. Sizes follow from the number of weights; the hub tells the exact ones. Licences
 * are those that are said of the original models; what nobody could look up is called so (docs/ENCODERS.md says what was).
 */

export type CuratedEncoder = {
  readonly name: string
  readonly languages: string
  readonly licence: string
  /** About, in full precision (4 bytes a weight). */
  readonly sizeBytes: number
  readonly goodFor: string
}

export const curatedEncoders: readonly CuratedEncoder[] = [
  {
    ...{
      name: 'Xenova/mobileclip_s0',
      languages: 'English',
      licence: 'Apple’s own (apple-amlr), not verified for this export: read it before work use',
    },
    ...{ sizeBytes: 54e6 * 4, goodFor: 'laptops without a GPU: the fastest of the list; use fp32 or fp16, not 8 bits' },
  },
  {
    ...{
      name: 'Xenova/clip-vit-base-patch32',
      languages: 'English',
      licence: 'MIT for the code; for the weights not verified',
    },
    ...{ sizeBytes: 151e6 * 4, goodFor: 'a well-known all-rounder; short descriptions of things, colours and scenes' },
  },
  {
    ...{ name: 'Xenova/siglip-base-patch16-224', languages: 'English', licence: 'Apache-2.0, not verified' },
    ...{ sizeBytes: 203e6 * 4, goodFor: 'finer differences between products; about four times the work of CLIP B/32' },
  },
  {
    ...{
      name: 'onnx-community/siglip2-base-patch16-224-ONNX',
      languages: 'more than 100',
      licence: 'Apache-2.0 for the original; not verified for this export',
    },
    ...{ sizeBytes: 375e6 * 4, goodFor: 'descriptions in Japanese, German and other languages' },
  },
]
