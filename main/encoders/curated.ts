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
  /** Its licence forbids work with it. */
  readonly notForWork?: true
}

/** By purpose: the first is the one to begin with, and what may not be used at work comes last. */
export const curatedEncoders: readonly CuratedEncoder[] = [
  {
    ...{
      name: 'onnx-community/siglip2-base-patch16-224-ONNX',
      languages: 'more than 100',
      licence: 'Apache-2.0 for the original; not verified for this export',
    },
    ...{
      sizeBytes: 375e6 * 4,
      goodFor: 'the one to begin with: products and scenes, in English and most other languages',
    },
  },
  {
    ...{
      name: 'immich-app/XLM-Roberta-Base-ViT-B-32__laion5b_s13b_b90k',
      languages: 'about 100',
      licence: 'MIT for the original; not verified for this export',
    },
    ...{ sizeBytes: 366e6 * 4, goodFor: 'descriptions and searches in Japanese' },
  },
  {
    ...{
      name: 'onnx-community/PE-Core-B16-224-ONNX',
      languages: 'English',
      licence: 'Apache-2.0 for the original; not verified for this export',
    },
    ...{ sizeBytes: 448e6 * 4, goodFor: 'what happens in videos, described in English' },
  },
  {
    ...{ name: 'Xenova/siglip-base-patch16-224', languages: 'English', licence: 'Apache-2.0, not verified' },
    ...{ sizeBytes: 203e6 * 4, goodFor: 'finer differences between products; about four times the work of CLIP B/32' },
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
    ...{
      name: 'Xenova/mobileclip_s0',
      languages: 'English',
      licence: 'Not for commercial use (apple/ml-mobileclip, LICENSE_MODELS)',
    },
    ...{
      sizeBytes: 54e6 * 4,
      goodFor: 'research only: fast without a GPU; use fp32 or fp16, not 8 bits',
      notForWork: true,
    },
  },
]
